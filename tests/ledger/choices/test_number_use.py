"""Which numbers were used, for whom and how often, as the ledger has it: what a pool of numbers is chosen by."""

from typing import Any

from sqlalchemy import Engine, update

from dialer.calls.outcome import Kind
from dialer.ledger.choices.number_use import numbers_before, own_calls, used_slots, waiting_calls
from dialer.ledger.choices.own_choices import set_pool_numbers
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.schema import runs
from tests.ledger.books import NOON_MS, attempt, claims, person, planned, take_in
from tests.ledger.choices.test_own_choices import told
from tests.support import number

FIRST, SECOND = "+12015550150", "+12015550151"
POOL = {FIRST: FIRST, SECOND: SECOND, "an-id": "an-id"}


def pooled(engine: Engine, run_id: str, chosen: dict[int, str]) -> list[Any]:
    """Plan the rows of *chosen*, each from its number."""
    planned(engine, run_id, list(chosen))
    with write(engine) as tx:
        set_pool_numbers(tx, run_id, chosen.items())
    return planned(engine, run_id, list(chosen))


def test_a_pool_number_lives_with_its_plan(engine: Engine) -> None:
    """A plan made anew leaves no number of the one before; what a row says is not touched by it."""
    take_in(engine, "r1", [person(2), person(3), told(4, from_phone_number="+13035550150")])
    first = pooled(engine, "r1", {2: FIRST, 3: SECOND})
    again = pooled(engine, "r1", {3: FIRST})
    every = {call.row: call.from_number for call in planned(engine, "r1", [2, 3, 4])}

    assert [(call.row, call.from_number) for call in first] == [(2, FIRST), (3, SECOND)]
    assert {call.row: call.from_number for call in again}[3] == FIRST
    assert every == {2: None, 3: FIRST, 4: "+13035550150"}


def test_people_keep_the_number_of_their_last_call(engine: Engine) -> None:
    """In whichever campaign, if it exists or may; a run's own number counts where the call had none of its own."""
    take_in(engine, "r1", [person(row) for row in (2, 3, 4, 5)])
    with write(engine) as tx:
        tx.execute(update(runs).values(facts=f'{{"from_number": "{SECOND}"}}'))
    pooled(engine, "r1", {2: FIRST, 4: FIRST})
    made = claims("r1", planned(engine, "r1", [2, 3, 4, 5]))
    for claim, kind in zip(made, (Kind.CREATED, Kind.UNKNOWN, Kind.REFUSED, None), strict=True):
        attempt(engine, claim, kind)
    take_in(engine, "s1", [person(row) for row in (2, 3, 4, 5)], campaign="summer")
    with read(engine) as tx:
        of_phone = {who: last.number for who, last in numbers_before(tx, "s1", POOL).items() if isinstance(who, str)}
        of_first = {last.number for last in numbers_before(tx, "s1", {FIRST: FIRST}).values()}
        assert of_phone == {number(2): FIRST, number(3): SECOND, number(5): SECOND}
        assert of_first == {FIRST}
        assert {call.row for call in waiting_calls(tx, "s1")} == {2, 3, 4, 5}
        assert list(own_calls(tx, "s1")) == []


def test_slots_of_each_number_are_those_made_and_those_planned_elsewhere(engine: Engine) -> None:
    """Made since the time asked for, refused ones not; planned by another run that goes on, from now on.

    An id counts as whatever number of the pool it names.
    """
    take_in(engine, "r1", [person(row) for row in (2, 3, 4)])
    made = claims("r1", pooled(engine, "r1", {2: FIRST, 3: FIRST, 4: SECOND}))
    for claim, kind in zip(made, (Kind.CREATED, Kind.REFUSED, None), strict=True):
        attempt(engine, claim, kind)
    take_in(engine, "s1", [person(5), told(6, phone_number_id="an-id"), person(7)], campaign="summer")
    pooled(engine, "s1", {5: FIRST})
    planned(engine, "s1", [5, 6, 7], first_ms=NOON_MS + 60_000)
    with read(engine) as tx:
        found = used_slots(tx, "r1", POOL, since_ms=NOON_MS, now_ms=NOON_MS)
        later_ms = NOON_MS + 60_001
        later = used_slots(tx, "r1", POOL, since_ms=NOON_MS + 1, now_ms=later_ms)
        renamed = used_slots(tx, "r1", {"an-id": FIRST}, since_ms=NOON_MS + 1, now_ms=later_ms)

    assert found == {FIRST: [NOON_MS, NOON_MS + 60_000], SECOND: [NOON_MS + 2_000], "an-id": [NOON_MS + 61_000]}
    assert later == {SECOND: [NOON_MS + 2_000], "an-id": [NOON_MS + 61_000]}
    assert renamed == {FIRST: [NOON_MS + 61_000]}
