"""The last look before a call is sent: every clock that the person may have is inside every hour that holds."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.campaign.file import parse_campaign
from dialer.clock import from_ms, to_ms
from dialer.schedule.compliance import Compliance
from dialer.schedule.places.whereabouts import Whereabouts

NEW_YORK = Whereabouts(("America/New_York",), ("US", "US-NY"))
OFFICE = {"window": "09:00-17:30", "rules": "off", "holidays": False}


def compliance(schedule: dict[str, Any], **tables: Any) -> Compliance:
    """Return the terms of a campaign with this *schedule*."""
    campaign = parse_campaign({"schedule": schedule} | tables, Path("terms.toml"))
    return Compliance(campaign.schedule, campaign.limits)


def at(hour: int, minute: int, second: int = 0, *, day: int = 24) -> int:
    """Return an instant of November 2026, when New York is five hours behind, by the clock there."""
    return to_ms(datetime(2026, 11, day, hour, minute, second, tzinfo=timezone(timedelta(hours=-5))))


@pytest.mark.parametrize(
    ("instant_ms", "allowed"),
    [
        (at(8, 59, 59), False),
        (at(9, 0), True),
        (at(17, 29, 59), True),
        (at(17, 30), False),
        (at(12, 0, day=28), False),  # a Saturday
    ],
)
def test_the_hours_begin_and_end_to_the_minute(instant_ms: int, *, allowed: bool) -> None:
    """The first minute counts, the last does not."""
    assert compliance(OFFICE).allows(NEW_YORK, instant_ms) is allowed


def test_every_zone_has_to_allow_it() -> None:
    """Nine in New York is six in Los Angeles: whoever may be in either is not rung; without a zone nobody is, ever."""
    coasts = Whereabouts(("America/New_York", "America/Los_Angeles"), ("US",))

    assert not compliance(OFFICE).allows(coasts, at(9, 30))
    assert compliance(OFFICE).allows(coasts, at(12, 30))
    assert not compliance(OFFICE).allows(Whereabouts((), ("US", "US-NY")), at(12, 0))


def test_a_rule_narrows_the_campaigns_hours_and_never_widens_them() -> None:
    """Florida ends at eight in the evening (Fla. Stat. 501.616), whatever the campaign would like."""
    miami = Whereabouts(("America/New_York",), ("US", "US-FL"))
    long_day = {"window": "07:00-22:00", "holidays": False}

    assert compliance(long_day).allows(miami, at(19, 59))
    assert not compliance(long_day).allows(miami, at(20, 0))
    assert compliance(long_day | {"rules": "off"}).allows(miami, at(21, 0, day=23))
    assert not compliance(OFFICE | {"rules": "built-in"}).allows(miami, at(18, 0))


def test_caps_of_campaign_and_rules_hold_together() -> None:
    """Florida's three calls in 24 hours (Fla. Stat. 501.616) stand beside what the campaign writes."""
    limits = {"per_number": ["2/7d"]}
    caps = compliance({}, limits=limits).caps(("US", "US-FL"))

    assert sorted(map(str, caps)) == ["2/7d", "3/24h"]
    off = compliance({"rules": "off"}, limits=limits)
    assert [cap.calls for cap in off.caps(("US", "US-FL"))] == [2]
    assert off.rules(("US", "US-FL")) == ()


DAY = 86_400_000
clock = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")
day = st.integers(22, 27).map(lambda number: f"2026-11-{number}")
asked = st.one_of(st.just(""), clock, day, st.builds("{}T{}".format, day, clock))


@pytest.mark.slow
@settings(deadline=None)
@given(
    times=st.tuples(asked, asked, asked).map("|".join),
    zones=st.sampled_from([("America/New_York",), ("America/New_York", "America/Denver"), ("Asia/Kolkata",)]),
)
def test_what_somebody_asks_for_is_kept_in_the_plan_and_at_the_claim(times: str, zones: tuple[str, ...]) -> None:
    """Every minute of a week is open just where hours and wishes are, on every clock; both looks say the same."""
    terms, where = compliance(OFFICE | {"end_margin": "15m"}), Whereabouts.of("|".join(zones), "US", times)
    start_ms = at(0, 0, day=22)
    open_ = [
        (opens, closes - 15 * 60_000)
        for opens, closes in terms.intervals(where, start_ms=start_ms, end_ms=start_ms + 6 * DAY)
    ]
    permitted = [
        (opens, closes - 15 * 60_000)
        for opens, closes in terms.intervals(where.at_any_time, start_ms=start_ms, end_ms=start_ms + 6 * DAY)
    ]
    for instant_ms in range(start_ms, start_ms + 5 * DAY, 7 * 60_000):
        is_asked = all(_asks_for(times, from_ms(instant_ms).astimezone(ZoneInfo(zone))) for zone in zones)
        is_permitted = any(opens <= instant_ms < closes for opens, closes in permitted)
        assert any(opens <= instant_ms < closes for opens, closes in open_) == (is_asked and is_permitted)
        assert terms.allows(where, instant_ms) == (is_asked and terms.allows(where.at_any_time, instant_ms))


def _asks_for(times: str, shown: datetime) -> bool:
    """Read the three cells as a person would, who looks at a clock."""
    before, after, at_ = times.split("|")
    day_, minute = f"{shown:%Y-%m-%d}", f"{shown:%H:%M}"

    def since(cell: str) -> bool:
        return f"{day_}T{minute}" >= cell if "T" in cell else minute >= cell if ":" in cell else day_ >= cell

    def until(cell: str) -> bool:
        return f"{day_}T{minute}" < cell if "T" in cell else minute < cell if ":" in cell else day_ <= cell

    def within(cell: str) -> bool:
        if ":" not in cell:
            return day_ == cell
        hour, begin = map(int, cell[-5:].split(":"))
        passed = shown.hour * 60 + shown.minute - hour * 60 - begin
        return 0 <= passed < 30 and cell[:-6] in ("", day_)

    return (not before or since(before)) and (not after or until(after)) and (not at_ or within(at_))


def test_a_time_that_never_comes_is_known() -> None:
    """One that is over, and one that several clocks never show together."""
    terms, now_ms = compliance(OFFICE), at(12, 0)
    one, two = "America/New_York", "America/New_York|America/Denver"
    for zones, times, comes in (
        (one, "||2026-11-24T15:00", True),
        (one, "||2026-11-24T11:00", False),
        (one, "||03:00", True),
        (two, "||15:00", False),
        (two, "15:00||", True),
        (one, "2026-11-26|2026-11-25|", False),
    ):
        assert terms.is_asked_for(Whereabouts.of(zones, "US", times), start_ms=now_ms) == comes
