"""What does not fit before a campaign's end, and the pace or the end that would make it fit. Pure."""

from bisect import bisect_left
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

_HOUR_MS = 3_600_000

Misfits = Callable[[float, int], int]
"""Plans with a pace (calls a minute) and an end (UTC ms), and gives how many rows find no slot."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would make everybody fit: a pace with the end as it is, or an end with the pace as it is; None: nothing."""

    calls_per_minute: float | None
    end_ms: int | None


@dataclass(frozen=True, slots=True)
class Misfit:
    """Rows of some *zones* that find no slot: *missing* of *total*."""

    zones: tuple[str, ...]
    missing: int
    total: int


def misfits_by_zones(rows_by_zones: Mapping[tuple[str, ...], Sequence[int]], missing: Container[int]) -> list[Misfit]:
    """Count the *missing* rows by their zones, most first; zones of which all fit are left out."""
    counts = (Misfit(zones, sum(row in missing for row in rows), len(rows)) for zones, rows in rows_by_zones.items())
    return sorted((item for item in counts if item.missing), key=lambda item: (-item.missing, item.zones))


def remedy(misfits: Misfits, *, pace: float, fastest: float, end_ms: int, last_end_ms: int) -> Remedy:
    """Find the slowest round pace up to *fastest*, and the first full hour up to *last_end_ms*, with which all fit.

    Whatever is given has been planned with: *misfits* gave none for it. What lies between is searched by halving, as if
    a faster pace or a later end never made less fit.
    """
    paces = [each for each in _round_paces() if pace < each < fastest] + [fastest]
    index = bisect_left(paces, x=True, key=lambda each: not misfits(each, end_ms)) if pace < fastest else len(paces)
    first_hour = end_ms // _HOUR_MS + 1
    hours = range(first_hour, last_end_ms // _HOUR_MS + 1)
    later = bisect_left(hours, x=True, key=lambda hour: not misfits(pace, hour * _HOUR_MS))
    return Remedy(
        calls_per_minute=paces[index] if index < len(paces) else None,
        end_ms=hours[later] * _HOUR_MS if later < len(hours) else None,
    )


def _round_paces() -> list[float]:
    """List paces as people write them, of two figures: 0.1, 0.11, … 9.9, 10, 11, … 990, 1000, …"""
    return [figures * 10**power / 100 for power in range(6) for figures in range(10, 100)]
