"""Slots over the hours in which people may be called."""

from dialer.campaign.schedule_table import Schedule
from dialer.campaign.tables import Limits
from dialer.clock import to_ms
from dialer.results.report import frames
from dialer.results.report.permitted_hours import slots_by_zone
from dialer.schedule.compliance import Compliance
from tests.results.report.test_frames import call
from tests.support import MONDAY_NOON, NOON_MS

WEEK = Schedule.model_validate({"window": "09:00-17:30", "rules": "off", "holidays": False})


def test_hours_are_those_of_the_zones_clock() -> None:
    """An hour of which a part is permitted counts, also the half one before the end; a day outside has none."""
    saturday = to_ms(MONDAY_NOON.replace(day=28))
    calls = frames.frame_of_calls([call(), call(), call(saturday)])
    (zone,) = slots_by_zone(calls, Compliance(WEEK, Limits()))

    assert (zone.zone, zone.slots, zone.busiest) == ("America/New_York", 3, 2)
    (monday, hours), (weekend, closed) = zone.days
    assert (monday, weekend) == ("Mon 23 Nov", "Sat 28 Nov")
    assert [at for at, cell in enumerate(hours) if cell.permitted == "all"] == list(range(9, 18))
    assert {cell.permitted for cell in closed} == {"none"}
    assert [cell.slots for cell in hours] == [2 if at == 12 else 0 for at in range(24)]


def test_hours_of_some_are_told_apart_from_hours_of_all() -> None:
    """Who may be in a second zone, too, may be called in fewer hours of the first."""
    calls = frames.frame_of_calls([call(), call(zones="America/New_York|America/Los_Angeles")])
    (zone,) = slots_by_zone(calls, Compliance(WEEK, Limits()))
    ((_, hours),) = zone.days

    assert [at for at, cell in enumerate(hours) if cell.permitted == "all"] == list(range(12, 18))
    assert [at for at, cell in enumerate(hours) if cell.permitted == "some"] == [9, 10, 11]


def test_a_long_campaign_shows_its_last_days() -> None:
    """Ten days are drawn; what lies before is told by its number."""
    calls = frames.frame_of_calls([call(NOON_MS + day * 86_400_000) for day in range(13)])
    (zone,) = slots_by_zone(calls, Compliance(WEEK, Limits()))

    assert len(zone.days) == 10
    assert zone.earlier == 3


def test_nobody_without_a_zone_is_drawn() -> None:
    """A call without any zone has no hours, and no chart."""
    assert slots_by_zone(frames.frame_of_calls([call(zones="")]), Compliance(WEEK, Limits())) == []
