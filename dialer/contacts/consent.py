"""Decides whether the person of a row agreed to be called, by what the sheet says of it. Pure.

What cannot be read goes against the call: an unclear word is no consent, and an unclear revocation is one.
"""

import calendar
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dialer.reasons import Reason
from dialer.sheets.header_names import normalise
from dialer.sheets.opt_out_words import says_not_to_call

_YES_WORDS = """
    yes, y, true, 1, x, on, ok, given, granted, agreed, opted in, opt in, consented, checked, wahr, ja, j, vrai, oui,
    o, verdadero, sí, s, vero, verdadeiro, sim, waar, はい, 是
"""
_NO_WORDS = """
    no, n, false, 0, off, none, never, not given, nein, falsch, non, faux, falso, não, nee, onwaar, nej, nei, nie, ei,
    hayir, нет, いいえ, 否
"""
_NOTHING_WORDS = (
    "not revoked, n/a, na, nil, null, clear, clean, not listed, not on list, may be called, ok to call, can call"
)
"""Besides a no, what says of a person that they are on no list."""
_REFUSAL_WORDS = """
    denied, declined, refused, withdrawn, revoked, withheld, rejected, no consent, not consented, abgelehnt, verweigert,
    widerrufen, refusé, retiré, rechazado, revocado, rifiutato, revocato, negado, recusado, retirado, geweigerd,
    ingetrokken, odmowa, nekad, avslått, отказ, 拒否, 拒绝
"""
_YES = {normalise(word) for word in _YES_WORDS.split(",")} | {"\u2713", "\u2714", "\u2611"}
_NO = {normalise(word) for word in _NO_WORDS.split(",")} - {""}
_REVOKES_NOTHING = _NO | {normalise(word) for word in _NOTHING_WORDS.split(",")}
_REFUSES = _NO | {normalise(word) for word in _REFUSAL_WORDS.split(",")}
_NO_MARKS = {"\u2717", "\u2718", "\u274c", "\u274e", "\u2610", "\U0001f6ab"}
"""Crosses and an empty box: below "Consent" they can mean but one thing."""
_ERROR = "#"
"""Begins `#N/A`: a look-up that failed, which says neither yes nor no."""

_LAST_DAY, _MONTHS = 31, 12
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?:[ ,].*)?")


@dataclass(frozen=True, slots=True)
class ConsentColumns:
    """The 0-based columns that tell of consent, each where the sheet has it.

    `consent` holds yes, no or the date it was given; `at` when, `by` who recorded it, `wording` what was agreed to;
    each column of `revoked` holds yes or the date it was taken back.
    """

    consent: int | None = None
    at: int | None = None
    by: int | None = None
    wording: int | None = None
    revoked: tuple[int, ...] = ()

    def mapped(self) -> dict[str, tuple[int, ...]]:
        """Return the columns that the sheet has, by the names of the campaign file."""
        single = {
            "consent": self.consent,
            "consent_at": self.at,
            "consent_by": self.by,
            "consent_wording": self.wording,
        }
        found = {name: (index,) for name, index in single.items() if index is not None}
        return found | ({"consent_revoked": self.revoked} if self.revoked else {})


class ConsentProblem(NamedTuple):
    """Why a row is excluded, and the 0-based column that says so, where there is one."""

    reason: Reason
    message: str
    column: int | None


def judge_consent(
    cells: Sequence[str], header: Sequence[str], columns: ConsentColumns, *, required: bool
) -> ConsentProblem | None:
    """Return what holds a row back, or `None` where nothing does.

    A revoked consent and a clear no hold the row back always, a missing one only where it is *required*. Consent is
    recorded by a yes or a date in the consent column, or, where that says nothing, by a date in the column of when it
    was given; the other two are evidence: where their columns exist and consent is required, they must be filled.
    """
    for index in columns.revoked:
        if not _revokes_nothing(cells[index]):
            message = f'Column "{header[index]}" says that the person is not to be called, or does not clearly say no.'
            return ConsentProblem(Reason.CONSENT_REVOKED, message, index)
    if required:
        return _hole(cells, header, columns)
    if columns.consent is not None and _refuses(cells[columns.consent].strip()):
        message = f'Column "{header[columns.consent]}" says that the person did not agree to be called.'
        return ConsentProblem(Reason.CONSENT_REVOKED, message, columns.consent)
    return None


def _hole(cells: Sequence[str], header: Sequence[str], columns: ConsentColumns) -> ConsentProblem | None:
    """Return what is missing in the record of a consent that is required."""
    if not _is_recorded(cells, columns):
        index = columns.consent if columns.consent is not None else columns.at
        where = "No column records" if index is None else f'Column "{header[index]}" does not record'
        mend = "Write yes, or the date it was given such as 2026-11-24; or leave the person out."
        return ConsentProblem(
            Reason.CONSENT_MISSING, f"{where} that the person agreed to be called. {mend}", columns.consent
        )
    for index in (columns.at, columns.by, columns.wording):
        if index is not None and not cells[index].strip():
            message = f'Column "{header[index]}" is empty, and it is part of the consent\'s record. Fill it in.'
            return ConsentProblem(Reason.CONSENT_MISSING, message, columns.consent)
    return None


def _refuses(said: str) -> bool:
    return said in _NO_MARKS or normalise(said) in _REFUSES or says_not_to_call(said)


def _is_recorded(cells: Sequence[str], columns: ConsentColumns) -> bool:
    said = cells[columns.consent].strip() if columns.consent is not None else ""
    if said:
        return said in _YES or normalise(said) in _YES or _is_date(said)
    return columns.at is not None and _is_date(cells[columns.at].strip())


def _is_date(text: str) -> bool:
    """Return whether *text* begins with a day that the calendar has, day or month first."""
    if not _DATE.fullmatch(text):
        return False
    first, second, third = (int(part) for part in re.findall(r"\d+", text)[:3])
    year = first if first > _LAST_DAY else third % 100 + 2000
    pairs = [(second, third)] if first > _LAST_DAY else [(first, second), (second, first)]
    return any(1 <= month <= _MONTHS and 1 <= day <= calendar.monthrange(year, month)[1] for month, day in pairs)


def _revokes_nothing(text: str) -> bool:
    """Return whether a cell about revoking says that nothing was revoked: a no, nothing, or dashes alone.

    Any other mark may be a tick, so it is not a no: an unclear revocation is one.
    """
    stripped = text.strip()
    is_empty = all(unicodedata.category(character) == "Pd" for character in stripped)
    return is_empty or (normalise(stripped) in _REVOKES_NOTHING and not stripped.startswith(_ERROR))
