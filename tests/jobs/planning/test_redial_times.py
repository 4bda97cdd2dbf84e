"""When somebody is called again: after the wait, at another time of day than last time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.clock import from_ms, to_ms
from dialer.jobs.plan import plan_campaign
from dialer.jobs.planning.redial_times import APART, at_another_time
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.status import read_standings
from dialer.ledger.database.open import Ledger
from dialer.sandbox import CallLifecycle, End
from tests.jobs.test_run import settings_for
from tests.jobs.test_sync import HOUR, LaterClock, sandbox_at, synced
from tests.support import ANY_HOUR, FAST, CampaignFolder, number

ZONE = "America/New_York"
HOUR_MS = 3_600_000


def at(day: int, hour: float) -> int:
    """Return an instant of December 2026 by the clock of New York, in ms."""
    begin = datetime(2026, 12, day, tzinfo=ZoneInfo(ZONE))
    return to_ms(begin + timedelta(hours=hour))


@pytest.mark.parametrize(
    ("last", "hours", "found"),
    [
        ((1, 10), [(at(1, 12), at(1, 17))], at(1, 13)),  # three hours after the hour of the last call
        ((1, 16), [(at(2, 9), at(2, 17))], at(2, 9)),  # a morning is another time than an afternoon
        ((1, 10), [(at(2, 9), at(2, 17))], at(2, 13)),
        ((1, 10), [(at(2, 9), at(2, 12)), (at(3, 9), at(3, 14))], at(3, 13)),  # a day without one is passed over
        ((1, 10), [(at(2, 9), at(2, 12.5))], None),
        ((1, 10), [(at(2, 9), at(2, 13.1))], None),  # not within the margin of the end
        ((1, 23), [(at(2, 0), at(2, 24))], at(2, 2)),  # around midnight, too
    ],
)
def test_the_first_other_time_of_day(last: tuple[int, int], hours: list[tuple[int, int]], found: int | None) -> None:
    """Within the person's own hours, by their clock, less the margin."""
    assert at_another_time(hours, at(*last), zone=ZONE, margin_ms=HOUR_MS // 4) == found


@given(st.integers(0, 24 * 60 - 1), st.integers(0, 24 * 60 - 1), st.integers(1, 24 * 60))
def test_it_is_apart_by_the_clock(last_minute: int, opens_minute: int, minutes: int) -> None:
    """Whatever the hours are: what is found lies in them, and apart; the clock is read by Python's own zones."""
    opens_ms, last_ms = at(8, opens_minute / 60), at(7, last_minute / 60)
    found = at_another_time([(opens_ms, opens_ms + minutes * 60_000)], last_ms, zone=ZONE, margin_ms=0)
    if found is None:
        return
    assert opens_ms <= found < opens_ms + minutes * 60_000
    seconds = [
        (clock - clock.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        for clock in (from_ms(instant).replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)) for instant in (found, last_ms))
    ]
    apart = abs(seconds[0] - seconds[1])
    assert min(apart, 86_400 - apart) >= APART.total_seconds()


LADDER = """
[redial]
max_calls = 4
[redial.noAnswer]
wait = ["1h", "1d"]
[redial.busy]
wait = ["30m"]
[limits]
per_number = []
"""


def calls_by(folder: CampaignFolder, tables: str, ends: tuple[End, ...], hours: list[float]) -> list[float]:
    """Return the slots of one person's calls, in hours after the first, when runs come at each of *hours*."""
    clock = LaterClock()
    folder.people(1)
    campaign = folder.campaign(ANY_HOUR + FAST + tables)
    with sandbox_at(clock, life=CallLifecycle(script={number(0): ends})) as sandbox:
        for hour in hours:
            moved = LaterClock(hour * HOUR, hurried=True)
            clock.shift_seconds = hour * HOUR
            run_campaign(campaign, runtime=Runtime(settings=settings_for(sandbox), clock=moved))
        slots = sorted(datetime.fromisoformat(call["callDelayedUntil"]) for call in sandbox.created)
    return [(slot - slots[0]).total_seconds() / HOUR for slot in slots]


@pytest.mark.parametrize(
    ("ends", "waits"),
    [
        ((End.NO_ANSWER,) * 4, [1, 24]),
        ((End.BUSY,) * 4, [0.5]),
        ((End.BUSY, End.NO_ANSWER, End.NO_ANSWER, End.NO_ANSWER), [0.5, 1, 24]),
        ((End.NO_ANSWER, End.NORMAL, End.NO_ANSWER), [1]),
        ((End.NORMAL,) * 2, []),
    ],
)
def test_each_outcome_has_its_own_waits(folder: CampaignFolder, ends: tuple[End, ...], waits: list[float]) -> None:
    """As many calls follow as there are waits for it, each no sooner than its own allows."""
    slots = calls_by(folder, LADDER, ends, [0, 2, 4, 30, 90])
    assert len(slots) == len(waits) + 1
    assert all(slot - before >= wait for (before, slot), wait in zip(pairwise(slots), waits, strict=True))


def test_one_budget_bounds_all_outcomes(folder: CampaignFolder) -> None:
    """Whatever the ladders would still allow."""
    tables = LADDER.replace("max_calls = 4", "max_calls = 3")
    ends = (End.BUSY, End.NO_ANSWER, End.NO_ANSWER, End.NO_ANSWER)
    assert len(calls_by(folder, tables, ends, [0, 2, 4, 30, 90])) == 3


def test_the_next_call_comes_at_another_time_of_day(folder: CampaignFolder) -> None:
    """Its slot, as the stand-in was asked for it, is three hours or more from the last one's by the person's clock."""
    clock = LaterClock()
    folder.people(1)
    tables = '\n[redial]\nanother_time = true\n[redial.noAnswer]\nwait = ["23h"]\n[limits]\nper_number = []\n'
    campaign = folder.campaign(ANY_HOUR + FAST + tables)
    with sandbox_at(clock, life=CallLifecycle(script={number(0): (End.NO_ANSWER,) * 3})) as sandbox:
        for hour in (0, 20):
            clock.shift_seconds = hour * HOUR
            runtime = Runtime(settings=settings_for(sandbox), clock=LaterClock(hour * HOUR, hurried=True))
            run_campaign(campaign, runtime=runtime)
        slots = [datetime.fromisoformat(call["callDelayedUntil"]) for call in sandbox.created]
    between = (slots[1] - slots[0]).total_seconds() % 86_400
    assert APART.total_seconds() <= between <= 86_400 - APART.total_seconds()


def test_plan_and_status_tell_of_the_ladder(folder: CampaignFolder) -> None:
    """`plan` tells the waits of each outcome, `status` who waits, and until when."""
    clock = LaterClock()
    folder.people(1)
    campaign = folder.campaign(ANY_HOUR + FAST + LADDER)
    with sandbox_at(clock, life=CallLifecycle(script={number(0): (End.NO_ANSWER,) * 3})) as sandbox:
        runtime = Runtime(settings=settings_for(sandbox), clock=LaterClock(hurried=True))
        run_campaign(campaign, runtime=runtime)
        clock.advance(0.5 * HOUR)
        later = Runtime(settings=settings_for(sandbox), clock=LaterClock(0.5 * HOUR, hurried=True))
        synced(sandbox, campaign, clock)
        with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
            (standing,) = read_standings(ledger, campaign, clock=later.clock)
        notes = plan_campaign(campaign, runtime=later).notes
    assert (standing.redials.due, standing.redials.waiting) == (0, 1)
    assert standing.as_json()["redial"] == "after noAnswer: 1h, then 1d; after busy: 30m; 4 calls at most"
    assert any("after noAnswer: 1h, then 1d; after busy: 30m; 4 calls at most" in note for note in notes)
