"""The last look before a call is sent: every clock that the person may have is inside every hour that holds."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dialer.campaign.file import parse_campaign
from dialer.clock import to_ms
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
