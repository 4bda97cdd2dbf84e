"""Where the rules of a zone come from: the `tzdata` package, not the machine.

`zoneinfo` alone prefers the machine's own files. Those of a long-lived server can be years old: a set from
2025 puts British Columbia, Alberta and Manitoba an hour off from the end of 2026 on.
"""

from collections import defaultdict
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_PACKAGE = files("tzdata")

_WITHOUT_LINE = {"AC": ("Atlantic/St_Helena",), "TA": ("Atlantic/St_Helena",), "XK": ("Europe/Belgrade",)}
"""Countries of the phone library that `zone.tab` has under another (Saint Helena) or not at all (Kosovo)."""


@cache
def load_zone(name: str) -> ZoneInfo:
    """Return the zone with the IANA *name*, such as `America/Chicago`, from the installed `tzdata` package.

    A name that only the machine knows is taken from the machine. Raises `zoneinfo.ZoneInfoNotFoundError` (a
    `KeyError`) for one that neither knows.
    """
    if name not in _packaged_names():
        return _machine_zone(name)
    with _PACKAGE.joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


@cache
def is_same_zone(name: str, other: str) -> bool:
    """Return whether two names mean one zone, as `US/Central` and `America/Chicago` do."""
    # An alias is a copy of the same file; zones that merely keep the same time today differ in their past.
    return name == other or ({name, other} <= _packaged_names() and _rules_of(name) == _rules_of(other))


def zones_of_country(country: str) -> tuple[str, ...]:
    """Return the sorted names of every zone of a country (ISO 3166), also those that keep the same time today.

    They come from `zone.tab`; `zone1970.tab` leaves out zones that agree since 1970, of other countries too. `()` for a
    code that it does not list.
    """
    return _zones_by_country().get(country, _WITHOUT_LINE.get(country, ()))


@cache
def country_names() -> dict[str, str]:
    """Return the English name of every country by its code, as `iso3166.tab` has it."""
    lines = _PACKAGE.joinpath("zoneinfo", "iso3166.tab").read_text("utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if not line.startswith("#"))


@cache
def countries_of_zone(name: str) -> frozenset[str]:
    """Return the countries of a zone: those that `zone.tab` names it for, or else those of the zones it is an alias of.

    Empty for a zone of no country, such as `Etc/UTC`.
    """
    by_country = _zones_by_country().items()
    exact = frozenset(country for country, zones in by_country if name in zones)
    return exact or frozenset(
        country for country, zones in by_country if any(is_same_zone(name, zone) for zone in zones)
    )


@cache
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in _PACKAGE.joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country].append(zone)
    return {country: tuple(sorted(zones)) for country, zones in found.items()}


def _machine_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError) as error:
        # zoneinfo lets a path, or the name of a folder such as "America", fail in ways of their own.
        raise ZoneInfoNotFoundError(f"{name!r} is no time zone") from error


@cache
def _packaged_names() -> frozenset[str]:
    return frozenset(_PACKAGE.joinpath("zones").read_text("utf-8").split())


@cache
def _rules_of(name: str) -> bytes:
    return _PACKAGE.joinpath("zoneinfo", *name.split("/")).read_bytes()
