"""A run that was killed leaves slots: the next one keeps those that hold, and plans anew wherever there is a doubt."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest

from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.suppress import suppress as suppress_numbers
from dialer.ledger.database.open import Ledger
from tests.jobs.intake.twice_read import KilledAfter
from tests.jobs.virtual import Taking, run_virtually
from tests.simulation.world import Killed, World
from tests.support import MONDAY_NOON, CampaignFolder, number, read_results

pytestmark = pytest.mark.slow

PEOPLE = 20
TICK = timedelta(seconds=1)
TABLES = """
[schedule]
calls_per_minute = 60
window = "{window}"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
rules = "off"
holidays = false
{schedule}
[submit]
requests_per_second = 2000
concurrency = 1
[limits]
per_number = [{caps}]
{more}
"""
LEAD = timedelta(seconds=30)
"""How long after its beginning a plan's first slot lies (docs/explanation/calling-hours.md)."""
BETWEEN = timedelta(seconds=3.2)
"""From a kill to the next start: no whole number of ticks, so that a plan made anew shares no slot with the old one."""


class Refusing(Taking):
    """An API that refuses its first *refused* calls, and creates the others."""

    def __init__(self, refused: int) -> None:
        super().__init__()
        self._left = refused

    async def serve(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.method == "POST" and self._left:
            self._left -= 1
            return httpx.Response(400, json={"message": "no"})
        return await super().serve(request)


@dataclass
class Stage:
    """A campaign of `PEOPLE`, its world and its API."""

    folder: CampaignFolder
    window: str = "00:00-24:00"
    schedule: str = ""
    caps: str = ""
    more: str = ""
    contacts: str = 'region = "US"'
    limit: int | None = None
    api: Taking = field(default_factory=Taking)
    world: World = field(default_factory=lambda: World(1))

    def run(self, killed_after: int | None = None) -> RunSummary | None:
        """Run it; *killed_after* so many outcomes, or once it is planned (0), there is no summary."""
        tables = TABLES.format(window=self.window, schedule=self.schedule, caps=self.caps, more=self.more)
        campaign = self.folder.campaign(tables, self.contacts)
        listener = None if killed_after is None else KilledAfter(killed_after)
        given = RunOptions(accept_earlier_calls=True, limit=self.limit, partial=True)
        with suppress(Killed):
            return run_virtually(campaign, self.world, self.api.serve, options=given, listener=listener)
        return None

    def called(self) -> dict[str, datetime]:
        """Return the slot of each number that was called; nobody was called twice."""
        found = Counter(call["toPhoneNumber"] for call in self.api.created)
        assert set(found.values()) <= {1}
        slots = {call["toPhoneNumber"]: call["callDelayedUntil"] for call in self.api.created}
        return {phone: datetime.fromisoformat(slot) for phone, slot in slots.items()}

    def ticks_from(self, began: datetime) -> set[datetime]:
        """Return the slots of all who were called that lie on a tick of a plan that began then."""
        return {slot for slot in self.called().values() if (slot - began - LEAD) % TICK == timedelta(0)}


@pytest.fixture
def stage(folder: CampaignFolder) -> Stage:
    """Return a campaign that may call at any hour."""
    folder.people(PEOPLE)
    return Stage(folder)


@pytest.mark.parametrize("outcomes", [0, 7])
def test_a_run_after_a_kill_calls_the_others_at_their_slots(stage: Stage, outcomes: int) -> None:
    """Everybody is called once, and whoever was not called yet at the instant at which the killed run meant to."""
    began = stage.world.now()
    stage.run(killed_after=outcomes)
    stage.world.advance(BETWEEN)
    stage.run()
    slots = {number(index): began + LEAD + index * TICK for index in range(PEOPLE)}
    called = stage.called()
    assert called.items() <= slots.items()
    assert len(called) >= PEOPLE - 1  # of the call that was under way nobody knows


def test_kills_in_a_row_keep_the_first_plan(stage: Stage) -> None:
    """Three kills later, it is still the plan of the first run."""
    began = stage.world.now()
    for outcomes in (2, 0, 3):
        stage.run(killed_after=outcomes)
        stage.world.advance(BETWEEN)
    stage.run()
    assert stage.ticks_from(began) == set(stage.called().values())


DOUBTS: dict[str, Callable[[Stage], object]] = {
    "the hours": lambda stage: setattr(stage, "window", "00:00-23:00"),
    "the sheet": lambda stage: stage.folder.people(PEOPLE + 1),
    "a limit of this run": lambda stage: setattr(stage, "limit", 5),
    "a slot that has passed": lambda stage: stage.world.advance(LEAD),
    "a horizon that has ended": lambda stage: stage.world.advance(timedelta(days=3)),
}
"""What comes between a kill and the next run."""


@pytest.mark.parametrize("doubt", DOUBTS)
def test_what_may_change_a_plan_plans_everybody_anew(stage: Stage, doubt: str) -> None:
    """No slot of the killed run is used where the campaign, its sheet or the time say that another plan may be due."""
    stage.run(killed_after=0)
    stage.world.advance(BETWEEN)
    DOUBTS[doubt](stage)
    began = stage.world.now()
    stage.run()
    assert len(stage.called()) == (stage.limit or len(read_results(stage.folder.path / "contacts.csv")))
    assert stage.ticks_from(began) == set(stage.called().values())


UNSURE = {
    "a budget": ("more", "[budget]\nmax_calls = 15\n"),
    "a pilot": ("more", "[pilot]\ncalls = 15\n"),
    "an end that not everybody fits before": ("schedule", f"end = {(MONDAY_NOON + timedelta(seconds=45)).isoformat()}"),
}


@pytest.mark.parametrize("what", UNSURE)
def test_a_plan_that_something_cut_short_is_made_anew(stage: Stage, what: str) -> None:
    """What a budget, a pilot or the time until the end allows may be another number by now."""
    setattr(stage, *UNSURE[what])
    stage.run(killed_after=0)
    stage.world.advance(BETWEEN)
    began = stage.world.now()
    stage.run()
    assert stage.called()
    assert stage.ticks_from(began) == set(stage.called().values())


def test_a_row_without_a_slot_plans_everybody_anew(stage: Stage) -> None:
    """Whom the API refused is called again in the sheet's order, and not after everybody else."""
    stage.api = Refusing(2)
    stage.run(killed_after=4)
    stage.world.advance(BETWEEN)
    stage.run()
    called = stage.called()
    assert called[number(0)] < called[number(1)] < called[number(6)]


def test_whom_a_list_names_since_is_not_called(stage: Stage) -> None:
    """A number that is put on the list between the kill and the next start has lost its slot; the others have not."""
    began = stage.world.now()
    stage.run(killed_after=0)
    with Ledger.open(stage.folder.path / ".dialer/ledger.db") as ledger:
        suppress_numbers(ledger, [number(9)], reason="asked")
    stage.world.advance(BETWEEN)
    stage.run()
    assert stage.called() == {number(at): began + LEAD + at * TICK for at in range(PEOPLE) if at != 9}


@pytest.mark.parametrize(("minutes", "calls"), [(10, 1), (90, 2)])
def test_who_waits_for_a_cap_is_planned_anew_an_hour_later(stage: Stage, minutes: int, calls: int) -> None:
    """A plan's horizon moves with its beginning: what lay beyond the one of 90 minutes ago may lie within it now."""
    stage.folder.sheet(["Name", "Phone"], [["Ann", number(1)], ["Ben", number(1)]])
    stage.caps = '"1/25h"'  # an hour longer than the horizon
    stage.contacts = 'region = "US"\nkey = ["phone", "Name"]'
    stage.run(killed_after=1)
    stage.world.advance(timedelta(minutes=minutes))
    stage.run()
    assert len(stage.api.created) == calls
