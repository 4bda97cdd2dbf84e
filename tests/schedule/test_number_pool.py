"""From which number of a pool each person is called: the nearest that is free, the same one as before, in turn."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.schedule.number_pool import NOWHERE, Near, NumberPool, PoolNumber, area_of, near_number

DAY_MS = 86_400_000
NEW_YORK, NEW_YORK_TOO, BUFFALO, TEXAS, TORONTO, BERLIN = (
    "+12125550101",
    "+12125550102",
    "+17165550101",
    "+15125550101",
    "+14165550101",
    "+493012345678",
)
EVERY = (NEW_YORK, NEW_YORK_TOO, BUFFALO, TEXAS, TORONTO, BERLIN)


def pool_of(*numbers: str, a_day: int | None = None, used: dict[str, list[int]] | None = None) -> NumberPool:
    """Return a pool of *numbers*, each with the same cap."""
    return NumberPool([PoolNumber(number, near_number(number), a_day) for number in numbers], used or {})


@pytest.mark.parametrize(
    ("phone", "area"),
    [
        ("+12125550123", "+1212"),
        ("+14165550123", "+1416"),
        ("+493012345678", "+4930"),
        ("+4989123456", "+4989"),
        ("+442079460123", "+4420"),
        ("+447700900123", ""),
        ("+4915123456789", ""),
        ("+18005550123", "+1800"),
    ],
)
def test_area_codes(phone: str, area: str) -> None:
    """They are those of the numbering plans: https://www.nanpa.com, Bundesnetzagentur, Ofcom; mobiles have none."""
    assert area_of(phone) == area


@pytest.mark.parametrize(
    ("person", "regions", "numbers", "chosen"),
    [
        ("+12125550123", ("US", "US-NY"), EVERY, {NEW_YORK, NEW_YORK_TOO}),
        ("+15185550123", ("US", "US-NY"), EVERY, {NEW_YORK, NEW_YORK_TOO, BUFFALO}),
        ("+15185550123", ("US", "US-NY", "US-TX"), (BUFFALO, TEXAS, TORONTO), {BUFFALO, TEXAS}),
        ("+13035550123", ("US", "US-CO"), EVERY, {NEW_YORK, NEW_YORK_TOO, BUFFALO, TEXAS}),
        ("+15145550123", ("CA", "CA-QC"), EVERY, {TORONTO}),
        ("+4915123456789", ("DE",), EVERY, {BERLIN}),
        ("+33123456789", ("FR",), EVERY, set(EVERY)),
        ("+18005550123", ("US", "US-ZZ"), EVERY, {NEW_YORK, NEW_YORK_TOO, BUFFALO, TEXAS}),
    ],
)
def test_the_nearest_numbers_have_their_turn(
    person: str, regions: tuple[str, ...], numbers: tuple[str, ...], chosen: set[str]
) -> None:
    """Same area code, then same state, then same country, then any; equally near ones are used as often."""
    pool = pool_of(*numbers)
    used = Counter(pool.take(slot, Near(area_of(person), regions)) for slot in range(2 * len(chosen)))
    assert used == dict.fromkeys(chosen, 2)


def test_a_number_that_is_used_up_gives_way_to_the_next_nearest() -> None:
    """It has made its calls of 24 hours: the next are made from the state, the country, then not at all."""
    pool = pool_of(NEW_YORK, BUFFALO, TEXAS, a_day=1)
    near = near_number("+12125550123")
    assert [pool.take(slot, near) for slot in (0, 1, 2, 3, DAY_MS - 1)] == [NEW_YORK, BUFFALO, TEXAS, None, None]
    assert pool.take(DAY_MS, near) == NEW_YORK


def test_who_was_called_before_is_called_from_no_other_number() -> None:
    """Not from a nearer one, and not from another while it is used up."""
    pool = pool_of(NEW_YORK, TEXAS, a_day=1)
    near = near_number("+12125550123")
    assert [pool.take(slot, near, kept=TEXAS) for slot in (0, 1, DAY_MS)] == [TEXAS, None, TEXAS]


def test_an_id_alone_is_near_nobody() -> None:
    """Where the number behind an id is, nobody has said: it has its turn where no nearer one is."""
    pool = NumberPool([PoolNumber("an-id", NOWHERE), PoolNumber(TEXAS, near_number(TEXAS))], {})
    assert pool.take(0, near_number("+15125550123")) == TEXAS
    assert {pool.take(slot, Near("+4930", ("DE",))) for slot in (1, 2)} == {"an-id", TEXAS}


SLOTS = st.lists(st.integers(0, 4 * DAY_MS), max_size=40).map(sorted)


@given(slots=SLOTS, used=SLOTS, cap=st.integers(1, 4))
@settings(max_examples=120)
def test_no_stretch_of_a_day_holds_more_than_the_cap(slots: list[int], used: list[int], cap: int) -> None:
    """Whatever was made before or is planned already, earlier and later: counted by hand, slot by slot."""
    lawful: list[int] = []
    for slot in used:
        if sum(slot - DAY_MS < other <= slot for other in lawful) < cap:
            lawful.append(slot)
    pool = pool_of(NEW_YORK, a_day=cap, used={NEW_YORK: lawful})
    given_ = [slot for slot in slots if pool.take(slot, NOWHERE) is not None]
    every = sorted([*lawful, *given_])
    assert all(sum(slot <= other < slot + DAY_MS for other in every) <= cap for slot in every)
