"""What other sources than the product say about zones: `zone.tab`, and the lists in `outside/`."""

import csv
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

OUTSIDE = Path(__file__).parent / "outside"
START, DAYS = datetime(2026, 1, 1, tzinfo=UTC), 3 * 365 + 1
"""2026 to 2028."""


@cache
def clock_of(zone: str) -> str:
    """Return a digest of the distance from UTC over 2026-2028, read from `tzdata` without the product's code.

    Every three hours of the days in which it changes, once in the others: no zone changes its clock twice in a day.
    """
    with files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as rules:
        clock = ZoneInfo.from_file(rules)

    def offset(day: int, hour: int = 0) -> timedelta | None:
        return (START + timedelta(days=day, hours=hour)).astimezone(clock).utcoffset()

    daily = [offset(day) for day in range(DAYS + 1)]
    changing = [day for day in range(DAYS) if daily[day] != daily[day + 1]]
    offsets = (daily, changing, [offset(day, hour) for day in changing for hour in range(0, 24, 3)])
    return sha256(repr(offsets).encode()).hexdigest()


def clocks(zones: Iterable[str]) -> set[str]:
    """Return the distinct clocks of *zones*: two names for one time are one clock."""
    return {clock_of(zone) for zone in zones}


@cache
def zone_tab() -> dict[str, set[str]]:
    """Return every zone of every country as `zone.tab` lists them."""
    found: dict[str, set[str]] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _place, zone, *_comment = line.split("\t")
            found.setdefault(country, set()).add(zone)
    return found


def table(name: str) -> list[dict[str, str]]:
    """Read one of the lists in `outside/`."""
    lines = (OUTSIDE / name).read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@cache
def listed_prefixes() -> dict[str, set[str]]:
    """Return the zones of every prefix that is meant to differ from its country, with the reasons in the files."""
    found = {row["prefix"]: set(row["zones"].split("|")) for row in table("russia_codes.csv")}
    found |= {row["prefix"]: set(row["zones"].split("|")) for row in table("brazil_ddd.csv")}
    rows: list[dict[str, Any]] = tomllib.loads((OUTSIDE / "prefix_zones.toml").read_text("utf-8"))["differ"]
    return found | {prefix: set(row["zones"]) for row in rows for prefix in row["prefixes"].split()}


def expected(digits: str, country: str) -> set[str]:
    """Return the zones that a number (digits only) of *country* should count as being in."""
    listed = listed_prefixes()
    prefix = next((digits[:n] for n in range(len(digits), 0, -1) if digits[:n] in listed), None)
    return zone_tab().get(country, set()) if prefix is None else listed[prefix]
