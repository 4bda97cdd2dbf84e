"""What `check` tells of the values that calls will speak: their kinds, the longest, and what stands for nothing."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from typing_extensions import TypedDict

from dialer.contacts.mapping import Mapping, VariableColumn
from dialer.sheets.sheet import SheetRow
from dialer.words import counted

_SHOWN = 10

_PLACEHOLDER_WORDS = """
    tbd, tba, tbc, todo, nat, <na>, \\n, invalid date, [object object],
    n/a, n.a., na, #n/a, none, null, nil, nan, undefined, unknown, missing, not available,
    not provided, not set, no data, (blank), (none), (null), x, xx, xxx, k.a., k. a., keine angabe, unbekannt,
    n.n., s/o, sans objet, n.c., non renseigné, non disponible, inconnu, à définir, nd, n.d., n/d, s/d, sin datos,
    no disponible, desconocido, por definir, não informado, não disponível, desconhecido, a definir, da definire,
    non disponibile, sconosciuto, n.v.t., nvt, onbekend, n.b., brak, brak danych, nie dotyczy, nieznane,
    bilinmiyor, belirsiz, yok, н/д, нет данных, не указано, неизвестно, 未定, 不明, 未設定, なし, 該当なし, 無, 无,
    未知, 待定, 暂无, 暫無, 없음, 미정, 모름, غير متوفر, غير معروف, لا يوجد
"""
_PLACEHOLDERS = frozenset(word.strip() for word in _PLACEHOLDER_WORDS.split(","))
"""What people and exports write where they know nothing, in lower case."""

_MARKS_ALONE = re.compile(r"[?._*/\-\u2013\u2014\u2026]+")
_NO_DATE = re.compile(r"0{1,4}([-./])0{1,2}\1\d{1,4}(?:[ t]0.*)?|1[-./]0[-./](?:19)?00|1900-01-00|1899-12-3[01]")
"""A day that databases (0000-00-00) and spreadsheet programs (1/0/1900) make of none."""

_CURRENCY = r"(?:[$€£¥₹₽₩₺]|[A-Z]{3}|kr|zł|Kč|CHF|R\$)"
_NUMBER = r"[-+(]?\d[\d.,'\u00a0\u202f ]*\)?"
_KIND = re.compile(
    rf"""(?P<empty>\s*)
    |(?P<dates>\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}(?:[ T]\d.*)?
        |\d{{1,2}}\.?\s\w+\.?,?\s\d{{4}}|\w{{3,}}\.?\s\d{{1,2}},?\s\d{{4}})
    |(?P<times>\d{{1,2}}:\d\d(?::\d\d)?(?:\s?[AaPp]\.?[Mm]\.?)?)
    |(?P<amounts>[-+(]?\s?{_CURRENCY}\s?{_NUMBER}|{_NUMBER}\s?{_CURRENCY})
    |(?P<percentages>{_NUMBER}\s?%)
    |(?P<numbers>{_NUMBER})
    |(?P<links>(?:https?://|www\.)\S+)
    |(?P<templates>(?=[^{{<%\[]*+[{{<%\[]).*(?:\{{\{{.*\}}\}}|<<.*>>|%[A-Za-z_]+%|\[[A-Za-z_]+\]|\{{[A-Za-z_]+\}}).*)""",
    re.VERBOSE | re.DOTALL,
)

_DOUBTFUL = frozenset({"placeholders", "templates"})

_WORDS = re.compile(r"[^\d:.{<%\[]*").fullmatch

_ONE = {"dates": "date", "times": "time", "amounts": "amount", "percentages": "percentage", "numbers": "number"}
_ONE |= {"links": "link", "texts": "text", "templates": "template", "placeholders": "placeholder"}


class SpokenJson(TypedDict):
    """The values of a variable: how many of each kind, and the characters of the longest."""

    kinds: dict[str, int]
    longest: int


class SpokenValues:
    """The cells behind each prompt variable, seen chunk by chunk, rows that are not called among them."""

    def __init__(self, mapping: Mapping) -> None:
        self._variables = mapping.variables
        self._kinds: dict[str, Counter[str]] = {variable.key: Counter() for variable in mapping.variables}
        self._longest = dict.fromkeys(self._kinds, 0)
        self._placeholders: dict[str, list[tuple[int, str]]] = {key: [] for key in self._kinds}

    def look(self, rows: Sequence[SheetRow]) -> None:
        """Look through *rows*, in the sheet's order."""
        for variable in self._variables:
            at, key = variable.index, variable.key
            values = [row.cells[at] if at < len(row.cells) else "" for row in rows]
            times = Counter(values)
            kinds = {value: _kind_of(value) for value in times}
            for value, kind in kinds.items():
                self._kinds[key][kind] += times[value]
            self._longest[key] = max(self._longest[key], max(map(len, times), default=0))
            if len(self._placeholders[key]) < _SHOWN and not _DOUBTFUL.isdisjoint(kinds.values()):
                pairs = zip(rows, values, strict=True)
                found = ((row.number, value) for row, value in pairs if kinds[value] in _DOUBTFUL)
                left = _SHOWN - len(self._placeholders[key])
                self._placeholders[key] += islice(found, left)

    def as_json(self) -> dict[str, SpokenJson]:
        """Return, by variable, the counts of each kind and the length of the longest value."""
        return {key: {"kinds": dict(kinds), "longest": self._longest[key]} for key, kinds in self._kinds.items()}

    def described(self) -> dict[str, str]:
        """Word what each variable holds: `{"balance": "58 amounts, 1 empty; longest 9 characters"}`."""
        return {
            key: f"{_counts(kinds)}; longest {self._longest[key]:,} characters" for key, kinds in self._kinds.items()
        }

    def notes(self) -> Iterator[str]:
        """Word, by variable, what a call would speak though it stands for nothing."""
        for variable in self._variables:
            found = self._placeholders[variable.key]
            if found:
                yield self._note(variable, found)

    def _note(self, variable: VariableColumn, found: Sequence[tuple[int, str]]) -> str:
        count = self._kinds[variable.key]["placeholders"] + self._kinds[variable.key]["templates"]
        shown = ", ".join(f'row {row}: "{value.strip()[:20]}"' for row, value in found)
        more = ", …" if count > len(found) else ""
        rows = counted(count, "row")
        return (
            f'Column "{variable.header}" holds what seems to stand for nothing in {rows} ({shown}{more}), and a call'
            f" would speak it as {variable.key}. Empty such cells, or fill them in."
        )


def _kind_of(value: str) -> str:
    if value[:1].isalpha() and _WORDS(value):  # most cells: none of the patterns needs to look at them
        return "placeholders" if value.strip().casefold() in _PLACEHOLDERS else "texts"
    found = _KIND.fullmatch(value)
    kind = "texts" if found is None else found.lastgroup or "texts"
    stripped = value.strip().casefold()
    stands_for_nothing = stripped in _PLACEHOLDERS or _MARKS_ALONE.fullmatch(stripped)
    is_no_date = kind == "dates" and _NO_DATE.fullmatch(stripped)
    return "placeholders" if is_no_date or (kind in {"texts", "empty"} and stands_for_nothing) else kind


def _counts(kinds: Counter[str]) -> str:
    parts = (f"{count:,} {_ONE.get(kind, kind) if count == 1 else kind}" for kind, count in kinds.most_common())
    return ", ".join(parts) or "no row"
