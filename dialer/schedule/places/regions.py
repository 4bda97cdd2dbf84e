"""Which states and countries a person could be in, by the sheet's cells and by the number; every one of them counts."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from dialer.schedule.places.gazetteer import Spot, by_area_code, country_spot, state_names, states_in_zone
from dialer.schedule.places.place_cells import NANP, Reading, read_postal_code, read_state
from dialer.schedule.places.tz_database import countries_of_zone, zones_of_country

UNKNOWN = "ZZ"
"""Stands for the state where none is known, `US-ZZ`, and for a country that nobody knows. CLDR's code for that."""

_BY_STATE = frozenset({"BR", "CA", "US"})
"""Countries whose states have rules of their own, so that an unknown state is a doubt about the hours."""

_TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})
"""Parts of the United States with an ISO code of their own: its rules hold there too."""

_FEW_STATES = 5
"""How many states of a zone count one by one; in a zone of more, the state is unknown."""


Field = Literal["country", "postal_code", "state", "timezone"]


class CellNote(NamedTuple):
    """What a person should be told of a cell of the sheet.

    `unread`: nobody knows what it means. `elsewhere`: it names a place that is not where the number is from. `value` is
    what it says, without a whole number.
    """

    field: Field
    kind: Literal["elsewhere", "unread"]
    value: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person may be: `regions` decide which rules count, `zones` are those that the sheet's place keeps.

    `regions` hold the number's country first, then, sorted, every other country and state that counts, by ISO 3166:
    `("US", "US-FL")`. `US-ZZ` says that no state is known. `zones` is empty where the sheet names no place. `notes`
    tell which cells could not be read, or contradict the number.
    """

    regions: tuple[str, ...]
    zones: frozenset[str]
    notes: tuple[CellNote, ...] = ()


_UNSAID = Reading()


def place_of(
    phone: str, region: str, *, state: str | None = None, postal_code: str | None = None, country: str | None = None
) -> Place:
    """Return every place that the person behind *phone* (E.164, of the country *region*) could be in.

    - *state* is a code, a name or a city, *postal_code* as `place_cells` reads them, *country* an ISO
      code. They count for the numbers of every country: people move, and take their number along.
    - Of two sources the more precise counts when the other allows it; where they disagree, both count. The number's own
      area code always counts unless the sheet is more precise: Florida presumes that whoever has a Florida area code is
      there (Fla. Stat. 501.616), and the tightest reading treats every state so.
    - A cell that cannot be read makes the state unknown, so that the strictest hours apply besides, and adds every zone
      of the countries that the number and the sheet name.
    """
    if state is None and postal_code is None and country is None:
        return _place_in(_area_of(phone, region), region, _UNSAID, _UNSAID, None)
    by_state = read_state(state, _where_to_look(region, country), is_told=country is not None)
    hinted = () if country else tuple(sorted({spot.region[:2] for spot in by_state.spots} - {region}))
    by_postal = read_postal_code(postal_code, (country or region, *hinted))
    # Of the number only the area code is looked at, so that the people of one answer alike.
    return _place_in(_area_of(phone, region), region, by_state, by_postal, country)


def regions_of_zone(zone: str) -> frozenset[str]:
    """Return every country and state whose rules hold for somebody in *zone* (IANA), and `ZZ` for a zone of no place.

    The states count where the zone lies in few; in a zone of many the state is unknown, `US-ZZ`.
    """
    countries = countries_of_zone(zone)
    found = {*countries} or {UNKNOWN}
    for country in countries:
        states = {spot.region for spot in states_in_zone(zone) if spot.region.startswith(f"{country}-")}
        if len(states) <= _FEW_STATES:
            found |= states
        elif country in _BY_STATE:
            found.add(f"{country}-{UNKNOWN}")
    return frozenset(found)


def narrowed(precise: frozenset[Spot], coarse: frozenset[Spot]) -> frozenset[Spot]:
    """Return *precise* where *coarse* allows all of it, and otherwise both: where sources disagree, all count."""
    if precise and all(any(_lies_in(spot, wider) for wider in coarse) for spot in precise):
        return precise
    return precise | coarse


def _lies_in(spot: Spot, wider: Spot) -> bool:
    return spot == wider or (wider.region == spot.region[:2] and set(spot.zones) <= set(wider.zones))


def name_of(code: str) -> str | None:
    """Return the name of a state such as `US-FL`; None where it is not known."""
    return state_names().get(code)


@lru_cache(maxsize=16384)
def _place_in(area: str, region: str, by_state: Reading, by_postal: Reading, country: str | None) -> Place:
    named = (region,) if country is None else (region, country)
    by_sheet = _agreed(by_state.spots, by_postal.spots)
    if country and not _is_part(region, country) and not any(_is_part(spot.region[:2], country) for spot in by_sheet):
        by_sheet |= {country_spot(country)}
    zones = {zone for spot in by_sheet for zone in spot.zones}
    is_unread = not (by_state.is_read and by_postal.is_read)
    if is_unread:
        zones |= {zone for each in named for zone in zones_of_country(each)}
    by_area = _by_area(region, area)
    spots = narrowed(by_sheet, by_area) if by_area else by_sheet
    regions = _with_countries({spot.region for spot in spots} | set(named), region, is_unread=is_unread)
    notes = (
        _note("state", by_state, region),
        _note("postal_code", by_postal, region),
        CellNote("country", "elsewhere") if country and not _is_part(region, country) else None,
    )
    return Place(regions, frozenset(zones), tuple(filter(None, notes)))


def _with_countries(regions: set[str], region: str, *, is_unread: bool) -> tuple[str, ...]:
    """Return *regions* with their countries, and with `US-ZZ` where no state is known; that of the number first."""
    found = regions | {each[:2] for each in regions}
    if found & _TERRITORIES:
        found |= {"US", *(f"US-{each}" for each in found & _TERRITORIES)}
    for country in found & _BY_STATE:
        if is_unread or not any(each.startswith(f"{country}-") for each in found):
            found |= {f"{country}-{UNKNOWN}"}
    return (region, *sorted(found - {region}))


@cache
def _where_to_look(region: str, country: str | None) -> tuple[str, ...]:
    """Return the countries whose states a cell means first: Canadians and Americans write no country."""
    named = (region,) if country is None else (country, region)
    neighbours = ("US", "CA") if set(named) & NANP else ()
    return tuple(dict.fromkeys((*named, *neighbours)))


def _note(field: Field, cell: Reading, region: str) -> CellNote | None:
    if not cell.is_read:
        return CellNote(field, "unread")
    is_here = not cell.spots or any(_is_part(region, spot.region[:2]) for spot in cell.spots)
    return None if is_here or _is_territory(cell, region) else CellNote(field, "elsewhere")


def _is_territory(cell: Reading, region: str) -> bool:
    return any(spot.region == f"US-{region}" for spot in cell.spots)


def _is_part(region: str, country: str) -> bool:
    """Return whether a *region* is a *country* or lies in it: Puerto Rico in the United States."""
    return region == country or (country == "US" and region in _TERRITORIES)


def _agreed(one: frozenset[Spot], other: frozenset[Spot]) -> frozenset[Spot]:
    return other if other and narrowed(other, one) == other else narrowed(one, other)


def _area_of(phone: str, region: str) -> str:
    if phone.startswith("+1"):
        return phone[2:5]
    return phone[3:5] if region == "BR" else ""


@cache
def _by_area(region: str, area: str) -> frozenset[Spot]:
    return by_area_code((region,) if region == "BR" else ("CA", "US"), area) if area else frozenset()
