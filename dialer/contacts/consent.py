"""Decides whether the person of a row agreed to be called, by what the sheet says of it. Pure.

What cannot be read goes against the call: an unclear word is no consent, and an unclear revocation is one.
"""

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from dialer.reasons import Reason
from dialer.sheets.header_names import normalise
from dialer.sheets.opt_out_words import says_not_to_call

_YES_WORDS = """
     yes, y, true, 1, x, on, ok, given, granted, agreed, opted in, opt in, consented, checked, wahr, ja,
    j, vrai, oui, o, verdadero, sí, s, vero, verdadeiro, sim, waar, tak, ano, áno, igen, jah, jā, taip,
    kyllä, evet, hə, ya, da, accepted, accepts, approved, allowed, permitted, signed, erteilt,
    zugestimmt, einverstanden, accordé, accepté, accepte, daccord, otorgado, concedido, aceptado,
    acepta, acepto, autorizado, autoriza, aceito, aceita, aceitou, accordato, accettato, acconsente,
    acconsento, prestato, gegeven, verleend, akkoord, udzielona, wyrażona, verildi, onayland\u0131,
    onayl\u0131, kabul, согласен, согласна, дано, получено, 同意, 同意する, 同意済み, 已同意, 承諾, 동의, 동의함, موافق,
    موافقة, có, ndiyo, да, д, так, иә, \u03bd\u03b1\u03b9, այո, კი, כן, نعم, بله, ہاں, हाँ, हां, হ্যাঁ,
    ਹਾਂ, હા, ஆம், అవును, ಹೌದು, ഉവ്വ്, होय, ใช่, はい, 是, 确定, 確定, 예, 네
"""
_NO_WORDS = """
     no, n, false, 0, off, none, never, not given, nein, falsch, non, faux, falso, não, nee, onwaar, nej,
    nei, nie, ei, ne, nem, nē, nu, hayir, hay\u0131r, yox, tidak, bukan, không, hapana, нет, не, ні, н,
    жоқ, όχι, ոչ, არა, לא, لا, نه, خیر, نہیں, नहीं, না, ਨਹੀਂ, નહીં, இல்லை, వద్దు, కాదు, ಇಲ್ಲ, അല്ല,
    नाही, ไม่ใช่, ไม่, いいえ, 否, 不, 不是, 否定, 아니요, 아니오, nope, keine, kein, aucun, aucune, ninguno, ninguna,
    nenhum, nessuno, nessuna, geen, brak, yok, нету, なし, 無, 无, 没有, 없음
"""
_NOTHING_WORDS = (
    "not revoked, n/a, na, nil, null, clear, clean, not listed, not on list, may be called, ok to call, can call"
)
"""Besides a no, what says of a person that they are on no list. The words of yes and no of other languages than English
are those of Unicode's CLDR 48 (`posix/messages`), but for letters that say yes in one language and no in another."""
_REFUSAL_WORDS = """
    denied, declined, refused, withdrawn, revoked, withheld, rejected, no consent, not consented, abgelehnt, verweigert,
    widerrufen, refusé, retiré, rechazado, revocado, rifiutato, revocato, negado, recusado, retirado, geweigerd,
    ingetrokken, odmowa, nekad, avslått, отказ, 拒否, 拒绝, expired, lapsed, cancelled, canceled, ended, invalid,
    no longer valid, abgelaufen, erloschen, ungültig, expiré, révoqué, caducado, vencido, expirado, cancelado, scaduto,
    verlopen, vervallen, wygasła, wycofana, cofnięta, återkallat, ret, trukket tilbage, отозвано, истекло, 撤回, 取消,
    已撤回, 已过期, 期限切れ, 철회, 만료
"""
_REFUSAL_STEMS = """
     denie, deny, declin, refus, withdr, revok, reject, disagre, expire, lapse, cancel, abgelehnt,
    abgemeldet, verweig, widerr, widerspr, erlosch, retire, expir, revoq, desaccord, rechaz, deneg,
    revoc, recus, negad, nega, rifiut, ritirat, scadut, weiger, ingetrok, verlop, odmo, wycof, cofni,
    redde, iptal, onaylama, vermedi, etmedi, nekad, avsla, отказ, отозв, отклон, истек, unsub, stop, block, remov,
    suppress
"""
"""How words begin that say no, or take back a yes, among others: `Withdrawn 2024-01-01`."""

_UNPARTED_REFUSALS = re.compile(
    "不同意|未同意|非同意|不承諾|しない|していない|拒|撤回|取消|미동의|비동의|안함|않음|거부|철회|رفض|مرفوض|غير"
)
_YES = {normalise(word) for word in _YES_WORDS.split(",")} | {"\u2713", "\u2714", "\u2611", "\u2705"}
_NO = {normalise(word) for word in _NO_WORDS.split(",")} - {""}
_NO_BEFORE_OTHERS = {word for word in _NO if len(word) > 1 and word != "off"}
_NO_BEHIND_OTHERS = {normalise("yok"), normalise("없음")}
_NO_AMONG_OTHERS = {"not", "dont", "didnt", "doesnt", "cant", "cannot", "wont", "nicht", "niet", "pas"}
_BEGINS_REFUSAL = tuple(normalise(word) for word in _REFUSAL_STEMS.split(","))
_REVOKES_NOTHING = _NO | {normalise(word) for word in _NOTHING_WORDS.split(",")}
_REFUSES = _NO | {normalise(word) for word in _REFUSAL_WORDS.split(",")}
_NO_MARKS = {"\u2717", "\u2718", "\u274c", "\u274e", "\u2610", "\U0001f6ab"}
"""Crosses and an empty box: below "Consent" they can mean but one thing."""
_ERROR = "#"
"""Begins `#N/A`: a look-up that failed, which says neither yes nor no."""

_WHOLE = re.compile(r"([01])[.,]0+")
"""What a spreadsheet program leaves of a 0 or 1 in a column of numbers."""

_LAST_DAY = 31
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
    cells: Sequence[str], header: Sequence[str], columns: ConsentColumns, *, required: bool, today: date
) -> ConsentProblem | None:
    """Return what holds a row back, or `None` where nothing does; *today* is the latest day of anywhere.

    A revoked consent and a clear no hold the row back always, a missing one only where it is *required*. Consent is
    recorded by a yes or a date in the consent column, or, where that says nothing, by a date in the column of when it
    was given; a date to come records none. The other two are evidence: where their columns exist and consent is
    required, they must be filled.
    """
    for index in columns.revoked:
        if not _revokes_nothing(cells[index]):
            message = f'Column "{header[index]}" says that the person is not to be called, or does not clearly say no.'
            return ConsentProblem(Reason.CONSENT_REVOKED, message, index)
    if required:
        return _hole(cells, header, columns, today)
    if columns.consent is not None and _refuses(cells[columns.consent].strip()):
        message = f'Column "{header[columns.consent]}" says that the person did not agree to be called.'
        return ConsentProblem(Reason.CONSENT_REVOKED, message, columns.consent)
    return None


def _hole(cells: Sequence[str], header: Sequence[str], columns: ConsentColumns, today: date) -> ConsentProblem | None:
    """Return what is missing in the record of a consent that is required."""
    if not _is_recorded(cells, columns, today):
        index = columns.consent if columns.consent is not None else columns.at
        where = "No column records" if index is None else f'Column "{header[index]}" does not record'
        mend = "Write yes, or the date it was given such as 2026-11-24, not one to come; or leave the person out."
        return ConsentProblem(
            Reason.CONSENT_MISSING, f"{where} that the person agreed to be called. {mend}", columns.consent
        )
    for index in (columns.at, columns.by, columns.wording):
        if index is not None and not cells[index].strip():
            message = f'Column "{header[index]}" is empty, and it is part of the consent\'s record. Fill it in.'
            return ConsentProblem(Reason.CONSENT_MISSING, message, columns.consent)
    return None


@lru_cache(maxsize=1024)
def _refuses(said: str) -> bool:
    """Return whether what stands below "Consent" is a no: as a whole, by its first word, or by any that takes back."""
    whole = _word(said)
    if said in _NO_MARKS or whole in _REFUSES:
        return True
    if whole in _YES or whole in _REVOKES_NOTHING:
        return False
    words = [normalise(word) for word in re.findall(r"[^\W_]+", said.replace("'", ""))]
    is_refusal = bool(words) and (words[0] in _NO_BEFORE_OTHERS or words[-1] in _NO_BEHIND_OTHERS)
    is_refusal |= any(word in _NO_AMONG_OTHERS or word.startswith(_BEGINS_REFUSAL) for word in words)
    return is_refusal or _UNPARTED_REFUSALS.search(said) is not None or says_not_to_call(said)


def _word(text: str) -> str:
    whole = _WHOLE.fullmatch(text)
    return normalise(text) if whole is None else whole[1]


def _is_recorded(cells: Sequence[str], columns: ConsentColumns, today: date) -> bool:
    said = cells[columns.consent].strip() if columns.consent is not None else ""
    at = cells[columns.at].strip() if columns.at is not None else ""
    if said:
        is_yes = said in _YES or _word(said) in _YES
        return not _is_to_come(at, today) if is_yes else _was(said, today)
    return _was(at, today)


def _was(text: str, today: date) -> bool:
    return any(day <= today for day in _days(text))


def _is_to_come(text: str, today: date) -> bool:
    days = _days(text)
    return bool(days) and min(days) > today


def _days(text: str) -> list[date]:
    """Return the days that the calendar has of those that *text* may begin with, day or month first."""
    if not _DATE.fullmatch(text):
        return []
    first, second, third = (int(part) for part in re.findall(r"\d+", text)[:3])
    year = first if first > _LAST_DAY else third % 100 + 2000
    pairs = [(second, third)] if first > _LAST_DAY else [(first, second), (second, first)]
    days = []
    for month, day in pairs:
        with suppress(ValueError):  # a day that no calendar has
            days.append(date(year, month, day))
    return days


def _revokes_nothing(text: str) -> bool:
    """Return whether a cell about revoking says that nothing was revoked: a no, nothing, or dashes alone.

    Any other mark may be a tick, so it is not a no: an unclear revocation is one.
    """
    stripped = text.strip()
    is_empty = all(unicodedata.category(character) == "Pd" for character in stripped)
    return is_empty or (_word(stripped) in _REVOKES_NOTHING and not stripped.startswith(_ERROR))
