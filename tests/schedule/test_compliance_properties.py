"""Whatever the zone, the rule and the date: no slot outside the hours that a person with the table would allow."""

import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import holidays
import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.campaign.file import parse_campaign
from dialer.clock import from_ms, to_ms
from dialer.schedule.compliance import Compliance
from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.places.whereabouts import Whereabouts
from dialer.schedule.planner import Group, Terms, plan
from tests.schedule.legal_days import LEGAL_DAYS

pytestmark = pytest.mark.slow

ALL_ZONES = sorted({zone for zones in TIMEZONE_DATA.values() for zone in zones})
FOLDER = files("dialer.schedule").joinpath("rules")
ROWS: list[dict[str, Any]] = [
    row
    for entry in sorted(FOLDER.iterdir(), key=lambda entry: entry.name)
    if entry.name.endswith(".toml")
    for row in tomllib.loads(entry.read_text("utf-8"))["rules"]
]
BY_REGION = {row["region"]: row for row in ROWS}
PLACES = [region for region in BY_REGION if region != "strictest"] + ["CZ"]
MARGIN = timedelta(minutes=15)
CAMPAIGN = """
[schedule]
window = "00:00-24:00"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
holidays = false
"""


@cache
def days_off(country: str, state: str | None, *, regional: bool) -> frozenset[date]:
    """Ask the library itself, and the list of what it lacks: the holidays of 2026-2029 of one state, or of all."""
    years = range(2026, 2030)
    found = set(holidays.country_holidays(country, years=years))
    states = [state] if state else holidays.list_supported_countries()[country] if regional else []
    for each in states:
        found |= set(holidays.country_holidays(country, subdiv=each, years=years))
        found |= {date.fromisoformat(day) for day in LEGAL_DAYS.get(f"{country}-{each}", "").split()}
    return frozenset(found)


def allowed(row: dict[str, Any], place: str, local: datetime) -> bool:
    """Judge a wall clock by one row of a rules file, read as a person would read it."""
    country, _, state = place.partition("-")
    off = days_off(country, state or None, regional=row.get("regional_holidays", False))
    today = local.date()
    if today in off and "holidays" in row:
        spans = row["holidays"]
    else:
        friday = row.get("friday", row["monday_to_friday"])
        spans = {4: friday, 5: row["saturday"], 6: row["sunday"]}.get(today.weekday(), row["monday_to_friday"])
    texts = [spans]
    if today + timedelta(days=1) in off and "eve_of_holidays" in row and not (today in off and "holidays" in row):
        texts.append(row["eve_of_holidays"])
    return all(any(is_within(span, local) for span in text.split(", ") if span) for text in texts)


def is_within(span: str, local: datetime) -> bool:
    """Whether the clock shows a time inside `"09:00-17:30"`."""
    return span.split("-", maxsplit=1)[0] <= f"{local:%H:%M}" < span.split("-")[1]


def judged(place: str, zone: str, instant: datetime) -> bool:
    """Judge an instant by every row that holds for *place*, and by the strictest besides once one has expired."""
    local = instant.astimezone(load_zone(zone))
    country = place[:2]
    rows = [BY_REGION[region] for region in dict.fromkeys([country, place]) if region in BY_REGION]
    if not rows or any(local.date() > row["expires"] for row in rows):
        rows.append(BY_REGION["strictest"])
    return all(allowed(row, place, local) for row in rows)


def days_to_try(zone: str, place: str, random: Random) -> Iterator[datetime]:
    """Return days on which mistakes happen: changes of clocks in 2026-2028, holidays, the end of a rule.

    Two changes of each zone: `test_windows_properties.py` has them all.
    """
    first, last = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    offsets = [day.astimezone(load_zone(zone)).utcoffset() for day in days]
    changes = [day for day, (before, after) in zip(days, pairwise(offsets), strict=False) if before != after]
    yield from random.sample(changes, min(2, len(changes)))
    off = sorted(days_off(place[:2], None, regional=False))
    yield from (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in random.sample(off, 1))
    for row in (BY_REGION.get(place[:2]), BY_REGION.get(place)):
        if row is not None:
            yield datetime(row["expires"].year, row["expires"].month, row["expires"].day, tzinfo=UTC)


@pytest.mark.parametrize(("index", "zone"), list(enumerate(ALL_ZONES)), ids=ALL_ZONES)
def test_no_slot_outside_the_tightest_hours(index: int, zone: str) -> None:
    """In every zone, with every rule in its turn, each difficult day has only slots that the table allows."""
    place = PLACES[index % len(PLACES)]
    random = Random(zone)
    where = Whereabouts((zone,), tuple(dict.fromkeys([place[:2], place])))
    campaign = parse_campaign(tomllib.loads(CAMPAIGN), Path("property.toml"))
    compliance = Compliance(campaign.schedule, campaign.limits)
    for day in days_to_try(zone, place, random):
        start, end = day - timedelta(hours=30), day + timedelta(hours=54)
        start_ms, end_ms = to_ms(start), to_ms(end)
        intervals = list(compliance.intervals(where, start_ms=start_ms, end_ms=end_ms + 86_400_000))
        group = Group(range(2, 1_000), iter(intervals))
        slots = [slot_ms for _, slot_ms in plan([group], Terms(start_ms, end_ms, 1 / 32, 900_000))]

        for slot_ms in slots:
            slot = from_ms(slot_ms)
            assert judged(place, zone, slot), (place, slot)
            assert judged(place, zone, slot + MARGIN - timedelta(seconds=1)), (place, slot)
            assert compliance.allows(where, slot_ms)
        for minutes in range(0, 84 * 60, 89):
            instant = start + timedelta(minutes=minutes)
            open_ = judged(place, zone, instant)
            before = bisect_right(intervals, (to_ms(instant), 2**63)) - 1
            assert open_ == (before >= 0 and to_ms(instant) < intervals[before][1]), (place, instant)
            assert open_ == compliance.allows(where, to_ms(instant)), (place, instant)


def test_every_rule_has_its_turn() -> None:
    """There are more zones than rules, so that the test above meets each of them."""
    assert len(ALL_ZONES) > 2 * len(PLACES)
