"""Chooses the number that each person is called from: near them, the same each time, and not too often a day. Pure."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dialer.schedule.places.regions import UNKNOWN, place_of
from dialer.schedule.slot_spacing import DAY_MS

_NANP_AREA = len("+1212")


class Near(NamedTuple):
    """What tells who is near whom: an *area* code with its country's, or "", and *regions*: countries and states."""

    area: str
    regions: tuple[str, ...]


NOWHERE = Near("", ())


def area_of(phone: str) -> str:
    """Return a number's area code with its country code, such as `+1212` or `+4930`; "" for a number without one.

    In most countries mobile numbers have none. A toll-free number of North America has one that nobody else has.
    """
    if phone.startswith("+1"):
        return phone[:_NANP_AREA]
    import phonenumbers  # noqa: PLC0415 - 40 ms that campaigns without a pool spare

    number = phonenumbers.parse(phone)
    digits = phonenumbers.length_of_geographical_area_code(number)
    return f"+{number.country_code}{phonenumbers.national_significant_number(number)[:digits]}" if digits else ""


def near_number(phone: str) -> Near:
    """Return where a number (E.164) is."""
    import phonenumbers  # noqa: PLC0415 - as above

    region = phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    return Near(area_of(phone), () if region is None else place_of(phone, region).regions)


@dataclass(frozen=True, slots=True)
class PoolNumber:
    """A number to call from, by its *name* (itself or its id), where it is, and its calls in any 24 hours at most."""

    name: str
    near: Near
    calls_per_day: int | None = None


class NumberPool:
    """Chooses one of *numbers* for each slot. *used_ms* are the slots that each has already, by its name.

    Nearest are numbers of the same area code, then those of a same state, then of a same country, then all; of equally
    near ones each has its turn. One that has `calls_per_day` slots within 24 hours on either side of a slot is passed
    over: so no stretch of 24 hours holds more, whoever's day it is.
    """

    def __init__(self, numbers: Sequence[PoolNumber], used_ms: Mapping[str, Iterable[int]]) -> None:
        self._numbers = {number.name: number for number in numbers}
        self._used_ms = {name: sorted(used_ms.get(name, ())) for name in self._numbers}
        self._tiers: dict[Near, list[tuple[str, ...]]] = {}
        self._turns: dict[tuple[str, ...], int] = {}

    def take(self, slot_ms: int, near: Near, *, kept: str | None = None) -> str | None:
        """Return the number of a call at *slot_ms* to somebody *near*; None where none is free.

        Who was called before has *kept* a number, and is called from no other.
        """
        if kept is not None:
            return self._taken(kept, slot_ms)
        for tier in self._tiers_of(near):
            first = self._turns.get(tier, 0)
            for step in range(len(tier)):
                at = (first + step) % len(tier)
                if self._taken(tier[at], slot_ms) is not None:
                    self._turns[tier] = at + 1
                    return tier[at]
        return None

    def _taken(self, name: str, slot_ms: int) -> str | None:
        used, limit = self._used_ms[name], self._numbers[name].calls_per_day
        if limit is not None:
            if bisect_left(used, slot_ms + DAY_MS) - bisect_right(used, slot_ms - DAY_MS) >= limit:
                return None
            insort(used, slot_ms)
        return name

    def _tiers_of(self, near: Near) -> list[tuple[str, ...]]:
        if near not in self._tiers:
            ways = (self._of_area(near.area), self._of_regions(_states(near)), self._of_regions(_countries(near)))
            self._tiers[near] = [tier for tier in (*map(tuple, ways), tuple(self._numbers)) if tier]
        return self._tiers[near]

    def _of_area(self, area: str) -> list[str]:
        return [name for name, number in self._numbers.items() if area and number.near.area == area]

    def _of_regions(self, regions: set[str]) -> list[str]:
        return [name for name, number in self._numbers.items() if not regions.isdisjoint(number.near.regions)]


def _states(near: Near) -> set[str]:
    return {region for region in near.regions if "-" in region and not region.endswith(UNKNOWN)}


def _countries(near: Near) -> set[str]:
    return {region for region in near.regions if "-" not in region and region != UNKNOWN}
