"""Decides whether the person of a row agreed to be called, by what the sheet says of it. Pure.

What cannot be read goes against the call: an unclear word is no consent, and an unclear revocation is one.
"""

import calendar
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields

from dialer.reasons import Reason
from dialer.sheets.header_names import normalise

_YES_WORDS = """
    yes, y, true, 1, x, on, ok, given, granted, agreed, opted in, opt in, consented, checked, wahr, ja, j, vrai, oui,
    o, verdadero, sí, s, vero, verdadeiro, sim, waar, はい, 是
"""
_NO_WORDS = """
    no, n, false, 0, off, none, never, not given, not revoked, n/a, na, nil, null, nein, falsch, non, faux, falso, não,
    nee, onwaar, いいえ, 否
"""
_YES = {normalise(word) for word in _YES_WORDS.split(",")} | {"\u2713", "\u2714", "\u2611"}
_NO = {normalise(word) for word in _NO_WORDS.split(",")} - {""}
_ERROR = "#"
"""Begins `#N/A`: a look-up that failed, which says neither yes nor no."""

_LAST_DAY, _MONTHS = 31, 12
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?:[ ,].*)?")


@dataclass(frozen=True, slots=True)
class ConsentColumns:
    """The 0-based columns that tell of consent, each where the sheet has it.

    `consent` holds yes, no or the date it was given; `at` when, `by` who recorded it, `wording` what was agreed to;
    `revoked` holds yes or the date it was taken back.
    """

    consent: int | None = None
    at: int | None = None
    by: int | None = None
    wording: int | None = None
    revoked: int | None = None

    def mapped(self) -> dict[str, int]:
        """Give the columns that the sheet has, by the names of the campaign file."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name if name == "consent" else f"consent_{name}": index
            for name, index in found.items()
            if index is not None
        }


def judge_consent(
    cells: Sequence[str], header: Sequence[str], columns: ConsentColumns, *, required: bool
) -> tuple[Reason, str] | None:
    """Give the reason and the sentence that hold a row back, or `None` where nothing does.

    A revoked consent holds the row back always, a missing one only where it is *required*. Consent is recorded by a
    yes or a date in the consent column, or, where that says nothing, by a date in the column of when it was given;
    the other two are evidence: where their columns exist and consent is required, they must be filled.
    """
    if columns.revoked is not None and not _says_no(cells[columns.revoked]):
        return Reason.CONSENT_REVOKED, f'Column "{header[columns.revoked]}" says that the person is not to be called.'
    if not required:
        return None
    if not _is_recorded(cells, columns):
        index = columns.consent if columns.consent is not None else columns.at
        where = "No column records" if index is None else f'Column "{header[index]}" does not record'
        mend = "Write yes, or the date it was given such as 2026-11-24; or leave the person out."
        return Reason.CONSENT_MISSING, f"{where} that the person agreed to be called. {mend}"
    for index in (columns.at, columns.by, columns.wording):
        if index is not None and not cells[index].strip():
            return (
                Reason.CONSENT_MISSING,
                f'Column "{header[index]}" is empty, and it is part of the consent\'s record. Fill it in.',
            )
    return None


def _is_recorded(cells: Sequence[str], columns: ConsentColumns) -> bool:
    said = cells[columns.consent].strip() if columns.consent is not None else ""
    if said:
        return said in _YES or normalise(said) in _YES or _is_date(said)
    return columns.at is not None and _is_date(cells[columns.at].strip())


def _is_date(text: str) -> bool:
    """Tell whether *text* begins with a day that the calendar has, day or month first."""
    if not _DATE.fullmatch(text):
        return False
    first, second, third = (int(part) for part in re.findall(r"\d+", text)[:3])
    year = first if first > _LAST_DAY else third % 100 + 2000
    pairs = [(second, third)] if first > _LAST_DAY else [(first, second), (second, first)]
    return any(1 <= month <= _MONTHS and 1 <= day <= calendar.monthrange(year, month)[1] for month, day in pairs)


def _says_no(text: str) -> bool:
    """Tell whether a cell about revoking says that nothing was revoked: a no, nothing, or dashes alone.

    Any other mark may be a tick, so it is not a no: an unclear revocation is one.
    """
    stripped = text.strip()
    is_empty = all(unicodedata.category(character) == "Pd" for character in stripped)
    return is_empty or (normalise(stripped) in _NO and not stripped.startswith(_ERROR))
