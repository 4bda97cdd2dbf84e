"""The places that cells can name: states and provinces (`regions.toml`), cities (`cities.tsv`), countries."""

import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from dialer.schedule.places.tz_database import country_names, is_same_zone, zones_of_country


class Spot(NamedTuple):
    """One place: its *region* (ISO 3166, a state or a country) and every zone (IANA) that it keeps."""

    region: str
    zones: tuple[str, ...]


class Cities(NamedTuple):
    """The places that bear one name: those of 100,000 people or more, and all of them."""

    large: frozenset[Spot]
    every: frozenset[Spot]


def country_spot(country: str) -> Spot:
    """Return a whole country as one place."""
    return Spot(country, zones_of_country(country))


def plain(text: str) -> str:
    """Reduce a name to its letters: no accents, dots, dashes or case."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters.casefold() if letter.isalpha())


@cache
def names_in(country: str) -> Mapping[str, frozenset[Spot]]:
    """Map every way to write a state of *country*, reduced to letters, to the states it may mean."""
    found: dict[str, frozenset[Spot]] = {}
    for code, place in _places().items():
        if code[:2] == country:
            for text in (code, code.partition("-")[2], place.name, *place.also):
                key = plain(text)
                found[key] = found.get(key, frozenset()) | {Spot(code, place.zones)}
    return {key: spots for key, spots in found.items() if key}


@cache
def state_names() -> Mapping[str, str]:
    """Return the name of every state by its code, such as `US-FL`."""
    return {code: place.name for code, place in _places().items() if "-" in code}


@cache
def countries_with_states() -> tuple[str, ...]:
    """Return the countries of whose states something is known."""
    return tuple(sorted({code[:2] for code in _places()}))


@cache
def by_postal_code(country: str) -> Mapping[str, frozenset[Spot]]:
    """Map the beginnings of the postal codes of *country*, and codes written in full, to the states they lie in.

    A code written in full counts as the places it stands for, whatever its beginning says.
    """
    found: dict[str, frozenset[Spot]] = defaultdict(frozenset)
    for code, place in _places().items():
        if place.postal_country == country:
            for prefix in place.postal:
                found[prefix] |= {Spot(code, place.zones)}
    return found


@cache
def by_area_code(countries: tuple[str, ...], area: str) -> frozenset[Spot]:
    """Return the states of *countries* that an area code (digits, without the country's) serves."""
    return frozenset(
        Spot(code, place.zones)
        for code, place in _places().items()
        if code[:2] in countries and area in place.area_codes
    )


@cache
def states_in_zone(zone: str) -> frozenset[Spot]:
    """Return the states some place of which keeps *zone*, under any of its names."""
    return frozenset(
        Spot(code, place.zones)
        for code, place in _places().items()
        if "-" in code and any(is_same_zone(zone, each) for each in place.zones)
    )


@lru_cache(maxsize=4096)
def cities_named(key: str) -> Cities:
    """Return the places of the name *key*, reduced to letters; empty where no large city bears it."""
    found = _cities().get(key, "").split()
    large = frozenset(_spot(text.rstrip("!")) for text in found if text.endswith("!"))
    return Cities(large, frozenset(_spot(text.rstrip("!")) for text in found))


def countries_named(key: str) -> frozenset[str]:
    """Return the countries of the English name *key*, reduced to letters."""
    return _countries_by_name().get(key, frozenset())


@cache
def _countries_by_name() -> dict[str, frozenset[str]]:
    return {plain(name): frozenset({code}) for code, name in country_names().items()}


def _spot(text: str) -> Spot:
    region, _, zone = text.partition(":")
    return Spot(region, (zone,) if zone else _places()[region].zones)


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    also: tuple[str, ...]
    zones: tuple[str, ...]
    area_codes: frozenset[str]
    postal: tuple[str, ...]
    postal_country: str


@cache
def _places() -> dict[str, _Place]:
    content = tomllib.loads(files(__package__).joinpath("regions.toml").read_text("utf-8"))
    return {
        row["code"]: _Place(
            row["name"],
            tuple(row.get("also", ())),
            tuple(row["zones"]),
            frozenset(row.get("area_codes", "").split()),
            tuple(_prefixes([*row.get("postal", "").split(), *row.get("shared", "").split()])),
            row.get("postal_country", row["code"][:2]),
        )
        for row in content["places"]
    }


def _prefixes(ranges: Iterable[str]) -> Iterator[str]:
    for text in ranges:
        first, _, last = text.partition("-")
        if not last:
            yield first
        else:
            yield from (str(number).zfill(len(first)) for number in range(int(first), int(last) + 1))


@cache
def _cities() -> dict[str, str]:
    lines = files(__package__).joinpath("cities.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if not line.startswith("#"))
