"""Which states and provinces a person could be in, by the sheet's cells and by the number; every one of them counts."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

UNKNOWN = "ZZ"
"""Stands for the state where none is known: `US-ZZ`. CLDR's code for an unknown region."""

_NEIGHBOURS = {"US": ("US", "CA"), "CA": ("US", "CA"), "AU": ("AU",)}
"""By the number's country: the countries whose states a cell may name. People move, and take their number along."""

_BY_STATE = frozenset({"US"})
"""Countries whose states have rules of their own, so that an unknown state is a doubt about the hours."""

_US_POSTAL = re.compile(r"(\d{3,5})(?:\.0+)?(?:[- ]?\d{4})?")
_CA_POSTAL = re.compile(r"([A-Z])\d[A-Z] ?-?(?:\d[A-Z]\d)?")
_ZIP_DIGITS, _ZIP_PREFIX = 5, 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person may be: `regions` decide which rules count, `zones` are those that the sheet's place keeps.

    `regions` hold the number's country first, then, sorted, every other country and state that counts, by ISO 3166:
    `("US", "US-FL")`. `US-ZZ` says that no state is known. `zones` is empty where the sheet names no place.
    """

    regions: tuple[str, ...]
    zones: frozenset[str]


def place_of(phone: str, region: str, *, state: str | None = None, postal_code: str | None = None) -> Place:
    """Tell every place that the person behind *phone* (E.164, of the country *region*) could be in.

    - *state* is a code or a name (`FL`, `US-FL`, `Florida`), *postal_code* a ZIP code, also one that a spreadsheet
      program took the zeros from, or a Canadian one. They are read for numbers of the United States and Canada, *state*
      for Australian ones too; elsewhere they tell nothing.
    - Of two sources the more precise counts when the other allows it; where they disagree, both count. The number's own
      area code always counts unless the sheet is more precise: Florida presumes that whoever has a Florida area code is
      there (Fla. Stat. 501.616), and the tightest reading treats every state so.
    - A cell that cannot be read makes the state unknown: then the strictest hours apply besides.
    """
    # Of the number only the area code is looked at, so that the people of one answer alike.
    return _place_in(phone[1:5] if phone.startswith("+1") else "", region, state, postal_code)


@lru_cache(maxsize=4096)
def _place_in(area: str, region: str, state: str | None, postal_code: str | None) -> Place:
    if region not in _NEIGHBOURS:
        return Place((region,), frozenset())
    by_state, by_postal = _by_state(state, region), _by_postal(postal_code, region)
    by_sheet = _agreed(by_state, by_postal)
    codes = narrowed(by_sheet, _by_area(area)) if area else by_sheet
    unread = (state and not by_state) or (postal_code and region in {"US", "CA"} and not by_postal)
    known = any(code.startswith(f"{region}-") for code in codes)
    if region in _BY_STATE and (unread or not known):
        codes |= {f"{region}-{UNKNOWN}"}
    countries = {code[:2] for code in codes} - {region}
    zones = frozenset(zone for code in by_sheet for zone in _places()[code].zones)
    return Place((region, *sorted(countries | codes)), zones)


def narrowed(precise: frozenset[str], coarse: frozenset[str]) -> frozenset[str]:
    """Give *precise* where *coarse* allows all of it, and otherwise both: where sources disagree, all are satisfied."""
    return precise if precise and precise <= coarse else precise | coarse


def name_of(code: str) -> str | None:
    """Give the name of a state such as `US-FL`; None where it is not known."""
    place = _places().get(code)
    return None if place is None else place.name


def _agreed(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    return other if other and other <= one else narrowed(one, other)


def _by_state(state: str | None, region: str) -> frozenset[str]:
    return _names(region).get(_plain(state), frozenset()) if state else frozenset()


def _by_postal(postal_code: str | None, region: str) -> frozenset[str]:
    text = (postal_code or "").strip().upper()
    if not text or "US" not in _NEIGHBOURS[region]:
        return frozenset()
    if match := _US_POSTAL.fullmatch(text):
        digits = match[1].zfill(_ZIP_DIGITS)
        return _postal().get(digits) or _postal().get(digits[:_ZIP_PREFIX], frozenset())
    match = _CA_POSTAL.fullmatch(text)
    return _postal().get(match[1], frozenset()) if match else frozenset()


@cache
def _by_area(area: str) -> frozenset[str]:
    return frozenset(code for code, place in _places().items() if area[1:] in place.area_codes)


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    also: tuple[str, ...]
    zones: tuple[str, ...]
    area_codes: frozenset[str]
    postal: tuple[str, ...]


@cache
def _places() -> dict[str, _Place]:
    content = tomllib.loads(files(__package__).joinpath("regions.toml").read_text("utf-8"))
    return {
        row["code"]: _Place(
            row["name"],
            tuple(row.get("also", ())),
            tuple(row["zones"]),
            frozenset(row.get("area_codes", "").split()),
            tuple(_prefixes(row.get("postal", "").split())),
        )
        for row in content["places"]
    }


def _prefixes(ranges: Iterable[str]) -> Iterable[str]:
    for text in ranges:
        first, _, last = text.partition("-")
        if not last:
            yield first
        else:
            yield from (str(number).zfill(len(first)) for number in range(int(first), int(last) + 1))


@cache
def _names(region: str) -> dict[str, frozenset[str]]:
    """Map every way to write a state that a number of *region* may come with to its code."""
    found: dict[str, frozenset[str]] = {}
    for code, place in _places().items():
        country, _, short = code.partition("-")
        if country in _NEIGHBOURS[region]:
            for text in (code, short, place.name, *place.also):
                found[_plain(text)] = found.get(_plain(text), frozenset()) | {code}
    return found


@cache
def _postal() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for code, place in _places().items():
        for prefix in place.postal:
            found[prefix] = found.get(prefix, frozenset()) | {code}
    return found


def _plain(text: str) -> str:
    """Reduce a name to its letters: no accents, dots, dashes or case."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters.casefold() if letter.isalpha())
