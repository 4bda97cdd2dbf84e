"""A month of nights with everything that befalls them: everybody is called as often as the policy says.

Two double starts, three missed nights, a night without an API, one whose replies are lost, an opt-out, the end of
daylight saving, two holidays, weekends, and a sheet that grows every night.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialer.jobs.suppress import suppress
from dialer.ledger.database.open import Ledger
from dialer.sandbox import CallLifecycle, End, Faults
from tests.nightly.nights import Folder
from tests.support import number

pytestmark = pytest.mark.slow

NEW_YORK = ZoneInfo("America/New_York")
START = datetime(2026, 10, 15, 8, 30, tzinfo=NEW_YORK)
NIGHTS = 33
CAMPAIGN = """
[schedule]
calls_per_minute = 60
window = "09:00-17:30"
horizon = "10h"
[submit]
requests_per_second = 2000
concurrency = 4
max_unknown = 100
[redial]
on = ["noAnswer", "busy", "CALL_LATER"]
wait = "4h"
max_calls = 3
[nightly]
enabled = true
at = "08:30"
timezone = "America/New_York"
"""
NEVER = (End.NO_ANSWER,) * 9
ENDS = (
    (End.NORMAL,),
    NEVER,
    (End.BUSY, End.NORMAL),
    (End.CALL_LATER, End.NORMAL),
    (End.DO_NOT_CALL,),
    (End.NO_ANSWER, End.DO_NOT_CALL),
    (End.VOICEMAIL,),
    (End.NO_ANSWER, End.NO_ANSWER, End.NORMAL),
)
"""How the calls of each person end, person by person, over and over."""

PEOPLE = 30
REDIALLED = {End.NO_ANSWER, End.BUSY, End.CALL_LATER}
OPTED_OUT = 1
"""Never picks up, and asks to be left alone after the first call."""

MISSED, DOUBLE, DOWN, LOST = {4, 11, 12}, {1, 18}, 6, 8


@dataclass
class Month:
    """The calls that the API has in the end, by number, in the order of their slots."""

    slots: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def read(self, journal: Path) -> None:
        """Read them out of the sandbox's journal."""
        for line in journal.read_text("utf-8").splitlines():
            call = json.loads(line)
            self.slots[call["toPhoneNumber"]].append(datetime.fromisoformat(call["callDelayedUntil"]))
        for slots in self.slots.values():
            slots.sort()


def script(index: int) -> tuple[End, ...]:
    """Return how a person's calls end."""
    return ENDS[index % len(ENDS)]


def wanted_calls(index: int) -> int:
    """Return how often the policy calls a person: until an end that is not redialled, at most three times."""
    if index == OPTED_OUT:
        return 1
    calls = 1
    while calls < 3 and script(index)[calls - 1] in REDIALLED:
        calls += 1
    return calls


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    """Live through the month."""
    life = CallLifecycle(script={number(index): script(index) for index in range(PEOPLE)})
    folder = Folder(tmp_path_factory.mktemp("month"), start=START.astimezone(UTC), life=life)
    folder.campaign("spring", [0], CAMPAIGN)
    for day in range(NIGHTS):
        if day not in MISSED:
            folder.sheet("spring", range(min(PEOPLE, 2 + 2 * day)))
            faults = Faults(drop_after=0.5, seed=3) if day == LOST else None
            folder.night(faults, up=day != DOWN)
            if day in DOUBLE:
                folder.clock.advance(2 * 3600)
                folder.night()
                folder.clock.advance(-2 * 3600)
        if day == 0:
            with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
                suppress(ledger, [number(OPTED_OUT)], reason="asked")
        _to_the_next_night(folder)
    month = Month()
    month.read(folder.journal)
    return month


def _to_the_next_night(folder: Folder) -> None:
    """Move on to the same time on the wall clock, whatever daylight saving does in between."""
    now = folder.clock.now().astimezone(NEW_YORK).replace(tzinfo=None)
    tomorrow = datetime.combine(now.date() + timedelta(days=1), START.time(), tzinfo=NEW_YORK)
    folder.clock.advance((tomorrow.astimezone(UTC) - folder.clock.now()).total_seconds())


@pytest.mark.timeout(300)
def test_everybody_is_called_as_often_as_the_policy_says(month: Month) -> None:
    """Once where the call ended well; again where it did not, three times at most; never after an opt-out."""
    assert {index: len(month.slots[number(index)]) for index in range(PEOPLE)} == {
        index: wanted_calls(index) for index in range(PEOPLE)
    }


def test_every_call_lies_within_its_hours(month: Month) -> None:
    """Weekdays from nine to half past five, a margin before the end, no holiday, before and after the clock change."""
    holidays = {(10, 12), (11, 11)}
    for slot in (slot for slots in month.slots.values() for slot in slots):
        local = slot.astimezone(NEW_YORK)
        assert local.weekday() < 5
        assert (9, 0) <= (local.hour, local.minute) < (17, 15)
        assert (local.month, local.day) not in holidays


def test_calls_of_one_person_keep_their_distance(month: Month) -> None:
    """The wait after a call, one call in 24 hours, two in seven days: all of them hold together."""
    for slots in month.slots.values():
        gaps = [later - earlier for earlier, later in pairwise(slots)]
        assert all(gap >= timedelta(hours=24) for gap in gaps)
        if len(slots) == 3:
            assert slots[2] - slots[0] >= timedelta(days=7)


def test_no_instant_is_given_twice(month: Month) -> None:
    """The fingerprint of a call stays its own over all nights."""
    every = [(phone, slot) for phone, slots in month.slots.items() for slot in slots]
    assert len(every) == len(set(every)) == sum(map(wanted_calls, range(PEOPLE)))
