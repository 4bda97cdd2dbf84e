"""Reads a state or a postal code as people write them, into every place that the cell may mean."""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from dialer.schedule.places.gazetteer import (
    Spot,
    by_postal_code,
    cities_named,
    countries_named,
    countries_with_states,
    country_spot,
    names_in,
    plain,
)

ZIP_COUNTRIES = frozenset({"US", "PR", "VI", "GU", "AS", "MP", "FM", "MH", "PW"})
"""Countries whose postal codes are those of the United States Postal Service."""

NANP = frozenset(
    "AG AI AS BB BM BS CA DM DO GD GU JM KN KY LC MP MS PR SX TC TT US VC VG VI".split()  # noqa: SIM905 - a list of codes
)
"""Countries of North America's numbering plan, among which people move and keep their number."""

_SHORT_CODES_ABROAD = ("US", "CA", "AU")
"""Countries whose two or three letters are read for a number of elsewhere: `CA` for a British number is California."""

_CODE, _CODE_LETTERS = 2, 3
_BLANK = frozenset({"", "na", "nil", "none", "null", "unknown", "tbd", "notavailable", "notprovided"})
_SEPARATORS = re.compile(r"[,;|()\[\]/\n]|\s[-\u2013\u2014]\s|\s?[\u2013\u2014]\s?")
_ZIP_AT_END = re.compile(r"\s+\d{5}(?:-\d{4})?$")
_COMPASS = re.compile(
    r"^\s*(?:(?:north|south|east|west)(?:ern)?|no|so|central|upstate|greater|metro)\b[.\s]+", re.IGNORECASE
)
_AROUND = re.compile(r"^(?:the)?(?:stateof|provinceof|commonwealthof|territoryof|cityof)|(?:state|province)$")
_COUNTRY_WORDS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("us", "usa", "unitedstatesofamerica", "america", "eeuu"), "US")
    | dict.fromkeys(("uk", "unitedkingdom", "greatbritain", "england", "scotland", "wales"), "GB")
    | {"can": "CA", "aus": "AU", "brasil": "BR", "bra": "BR", "mex": "MX", "espana": "ES", "deutschland": "DE"}
)

_ZIP = re.compile(r"(\d{3,5})(?:\.0+)?(?:[- ]?\d{4})?")
_WHOLE_ZIP = re.compile(r"\d{5}(-\d{4})?")
_CANADIAN = re.compile(r"([A-Z])\d[A-Z] ?-?(?:\d[A-Z]\d)?")
_WHOLE_CANADIAN = re.compile(r"([A-Z])\d[A-Z] ?-?\d[A-Z]\d")
_DIGITS = {"AU": 4, "BR": 8, "MX": 5, "ES": 5, "PT": 4}
"""How long the postal codes are of which `regions.toml` knows the beginnings, besides ZIP codes and Canada's."""

_ZIP_DIGITS = 5
_FIVE_DIGITS = frozenset(
    """
    BT CR CU CZ DE DO DZ EE EG ES FI FR GF GP GR GT HN HR ID IQ IT JO KE KH KR KW LA LB LK LT MA MC ME MM MN MQ MX MY NP
    PE PF PK PM RE RS SA SE SK SM SN SO TH TR TW TZ UA UY VA VN WF XK YT ZM AX BL MF NC""".split()  # noqa: SIM905 - a list of codes
)
"""Countries with postal codes of five digits (Universal Postal Union, as commonly listed; read on 2026-11-26)."""


class Reading(NamedTuple):
    """Every place that a cell may mean, and whether it could be read; nothing, and read, for an empty cell."""

    spots: frozenset[Spot] = frozenset()
    is_read: bool = True


UNREAD = Reading(is_read=False)


def is_blank(cell: str | None) -> bool:
    """Return whether a cell says nothing: empty, a dash, `N/A`."""
    return cell is None or (plain(cell) in _BLANK and not any(letter.isdigit() for letter in cell))


@lru_cache(maxsize=16384)
def read_state(cell: str | None, countries: tuple[str, ...], *, is_told: bool = False) -> Reading:
    """Read a state, a city, or both, for a number and a sheet of *countries*, the most telling first.

    `FL`, `Fla.`, `US-FL`, `Florida`, `State of Florida`, `FL - Florida`, `Miami, FL 33101, USA`, `Miami`. Where one
    name means several places, all count; one in *countries* comes before one elsewhere. Where the sheet tells the
    country (*is_told*), a name of elsewhere is only read if it is a state's in full.
    """
    if cell is None or is_blank(cell):
        return Reading()
    if whole := _named(plain(cell), countries, is_told):
        return Reading(whole)
    if not plain(cell):
        return read_postal_code(cell, countries)
    parts = [part for text in _SEPARATORS.split(cell) if (part := plain(_ZIP_AT_END.sub("", text.strip())))]
    named = parts[:1] + [part for part in parts[1:] if not _is_country(part, countries)]
    within = tuple(sorted({country for part in parts[1:] if part not in named for country in _countries_called(part)}))
    found = [spots for part in named if (spots := _named(part, within or countries, is_told))]
    if not found:
        return _read_loosely(cell, countries, is_told=is_told)
    # "Ontario, CA" is a city of California and a province of Canada.
    abroad = (names_in(part.upper()).get(parts[0], frozenset()) for part in parts[1:] if len(part) == _CODE)
    return Reading(_agreed(found).union(*abroad))


@lru_cache(maxsize=16384)
def read_postal_code(cell: str | None, countries: tuple[str, ...]) -> Reading:
    """Read a postal code of one of *countries*, also a ZIP code that a spreadsheet program took the zeros from.

    A code that cannot be of theirs is read as a ZIP code or a Canadian one. A country whose codes tell nothing counts
    as a whole.
    """
    if cell is None or is_blank(cell):
        return Reading()
    text = cell.strip().upper()
    found = [reading for country in countries if (reading := _postal_in(text, country)).is_read]
    if not found:
        return _postal_abroad(text, countries)
    return found[0] if len(found) == 1 else Reading(frozenset().union(*(reading.spots for reading in found)))


def _read_loosely(cell: str, countries: tuple[str, ...], *, is_told: bool) -> Reading:
    """Read `Southern California` as its state, and `Los Angeles CA` as the state whose code stands last."""
    nearer = _COMPASS.sub("", cell)
    if nearer != cell:
        return read_state(nearer, countries, is_told=is_told)
    *before, last = _ZIP_AT_END.sub("", cell.strip()).split() or [""]
    if not before or len(plain(last)) > _CODE_LETTERS:
        return UNREAD
    spots: frozenset[Spot] = frozenset().union(*(names_in(each).get(plain(last), frozenset()) for each in countries))
    return Reading(spots, is_read=bool(spots))


def _is_country(key: str, countries: tuple[str, ...]) -> bool:
    return bool(_countries_called(key)) and not any(key in names_in(country) for country in countries)


def _countries_called(key: str) -> frozenset[str]:
    word = _COUNTRY_WORDS.get(key)
    return countries_named(key) | (frozenset() if word is None else {word})


@lru_cache(maxsize=16384)
def _named(key: str, countries: tuple[str, ...], is_told: bool) -> frozenset[Spot]:  # noqa: FBT001 - the key of a cache
    for name in dict.fromkeys((key, _AROUND.sub("", key))):
        if spots := _named_within(name, countries) or _named_elsewhere(name, countries, is_told=is_told):
            return spots
    return frozenset()


def _named_within(key: str, countries: tuple[str, ...]) -> frozenset[Spot]:
    """Return what a name means in the first of *countries*, or else in all of them together."""
    own = names_in(countries[0]).get(key, frozenset())
    if own or not key:
        return own
    states: frozenset[Spot] = frozenset().union(*(names_in(country).get(key, frozenset()) for country in countries))
    if not states and (divided := [country for country in countries if key in _parts_of(country)]):
        return frozenset(map(country_spot, divided))
    cities, home = cities_named(key), countries[:1] if states else countries
    return states | (_within(cities.every, home) if _within(cities.large, home) else frozenset())


def _named_elsewhere(key: str, countries: tuple[str, ...], *, is_told: bool) -> frozenset[Spot]:
    abroad = _SHORT_CODES_ABROAD if len(key) <= _CODE_LETTERS else countries_with_states()
    states: frozenset[Spot] = frozenset().union(*(names_in(country).get(key, frozenset()) for country in abroad))
    if is_told:
        return states if len(key) > _CODE_LETTERS else frozenset()
    nations = frozenset(map(country_spot, _countries_called(key)))
    cities = cities_named(key)
    return states | nations | _within(cities.every, countries) | (frozenset() if states else cities.large)


def _within(spots: Iterable[Spot], countries: tuple[str, ...]) -> frozenset[Spot]:
    return frozenset(spot for spot in spots if spot.region[:2] in countries)


@cache
def _parts_of(country: str) -> frozenset[str]:
    """Return codes and names of the parts of a country whose zones we do not know: Italy's `CA` is Cagliari."""
    import holidays  # noqa: PLC0415 - 40 ms that most sheets spare

    if country not in holidays.list_supported_countries(include_aliases=False):
        return frozenset()
    entity = getattr(holidays, country)
    return frozenset(filter(None, map(plain, (*entity.subdivisions, *entity.subdivisions_aliases))))


def _agreed(found: list[frozenset[Spot]]) -> frozenset[Spot]:
    """Return what all of them mean; where two have nothing in common, both."""
    spots = found[0]
    for other in found[1:]:
        spots = spots & other or spots | other
    return spots


def _postal_in(text: str, country: str) -> Reading:
    if country in NANP or country in ZIP_COUNTRIES:
        return _zip(text) or _canadian(_CANADIAN.fullmatch(text)) or UNREAD
    length = _DIGITS.get(country)
    if length is None:
        is_foreign = _WHOLE_CANADIAN.fullmatch(text) or _is_zip(text, (country,))
        return UNREAD if is_foreign else Reading(frozenset({country_spot(country)}))
    digits = "".join(letter for letter in text if letter.isdigit())
    if not re.fullmatch(r"\d[\d. -]*", text) or not length - 1 <= len(digits) <= max(
        length, 7 if country == "PT" else 0
    ):
        return UNREAD
    spots = _longest(digits.zfill(length), country)
    return Reading(spots) if spots else Reading(frozenset({country_spot(country)}))


def _postal_abroad(text: str, countries: tuple[str, ...]) -> Reading:
    read = _zip(text) if _is_zip(text, countries) else _canadian(_WHOLE_CANADIAN.fullmatch(text))
    return read or UNREAD


def _is_zip(text: str, countries: tuple[str, ...]) -> bool:
    """Return whether digits can only be a ZIP code: five where *countries* have no such codes, or five and four."""
    match = _WHOLE_ZIP.fullmatch(text)
    if match is None or "SA" in countries:  # Saudi codes have five and four digits too
        return False
    return match[1] is not None or not any(country in _FIVE_DIGITS for country in countries)


def _zip(text: str) -> Reading | None:
    match = _ZIP.fullmatch(text)
    spots = _longest(match[1].zfill(_ZIP_DIGITS), "US") if match else frozenset()
    return Reading(spots) if spots else None


def _canadian(match: re.Match[str] | None) -> Reading | None:
    spots = by_postal_code("CA").get(match[1], frozenset()) if match else frozenset()
    return Reading(spots) if spots else None


def _longest(digits: str, country: str) -> frozenset[Spot]:
    known = by_postal_code(country)
    found = (known.get(digits[:length]) for length in range(len(digits), 0, -1))
    return next((spots for spots in found if spots), frozenset())
