"""A created call whose id turns out to be another call's is in doubt again, and nothing else changes."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, select

from dialer.calls.attempt import Settlement
from dialer.calls.disposition import gone
from dialer.calls.outcome import Kind, repeated_id
from dialer.calls.reconciliation import ListedCall, Listing, UnknownAttempt
from dialer.errors import TransitionRefused
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.schema import dispositions
from dialer.ledger.dispositions import calls_without_end, write_dispositions
from dialer.ledger.runs import campaign_id_of
from dialer.ledger.transitions.claims import settle_all
from dialer.ledger.transitions.doubted import doubt_misplaced
from dialer.ledger.transitions.reopened import Policy, reopen_due
from tests.ledger.books import NOON_MS, attempt, attempt_rows, contact_rows, ready, settlement


def repeating(item: Settlement, call_id: str) -> Settlement:
    """Return the settlement of a call that was answered with the id of another."""
    return replace(item, outcome=repeated_id(replace(item.outcome, call_id=call_id)))


def standing(engine: Engine) -> list[tuple[str, str | None, str]]:
    """Return state, id and reason of every contact, which are those of its last attempt."""
    contacts = [(row.state, row.call_id, row.reason) for row in contact_rows(engine)]
    assert contacts == [(row.left_state, row.call_id, row.reason) for row in attempt_rows(engine)]
    return contacts


def test_both_calls_with_an_id_are_unknown(engine: Engine) -> None:
    """The first of the run that had it, and the second: with neither is an id kept, and other calls keep theirs."""
    first, second, other = ready(engine, 3)
    for claim in (first, other):
        attempt(engine, claim, Kind.CREATED)
    attempt(engine, second, None)
    with write(engine) as tx:
        settle_all(tx, [repeating(settlement(second, Kind.CREATED), "call-1")])

    assert standing(engine) == [
        ("unknown", None, "id_repeated"),
        ("unknown", None, "id_repeated"),
        ("created", "call-3", ""),
    ]
    assert all("call-1" in row.message for row in attempt_rows(engine)[:2])


def test_the_call_of_an_earlier_run_keeps_its_id(engine: Engine) -> None:
    """What a proxy repeats today does not shake what was known yesterday."""
    attempt(engine, ready(engine, 1)[0], Kind.CREATED)
    second = ready(engine, 2, "r2")[-1]
    attempt(engine, second, None)
    with write(engine) as tx:
        settle_all(tx, [repeating(settlement(second, Kind.CREATED), "call-1")])

    assert standing(engine) == [("created", "call-1", ""), ("unknown", None, "id_repeated")]


def test_how_the_call_ended_is_forgotten_with_its_id(engine: Engine) -> None:
    """The end was that of the call with the id: whoever turns out to have another is asked about anew."""
    first, second = ready(engine, 2)
    attempt(engine, first, Kind.CREATED)
    with read(engine) as tx:
        calls = calls_without_end(tx, campaign_id_of(tx, "spring") or 0, slots_from_ms=0, slots_to_ms=NOON_MS * 2)
    attempt(engine, second, None)
    with write(engine) as tx:
        write_dispositions(tx, [(calls[0], gone(calls[0].call_id))], seen_at_ms=NOON_MS)
        settle_all(tx, [repeating(settlement(second, Kind.CREATED), "call-1")])

    with read(engine) as tx:
        assert tx.scalar(select(func.count()).select_from(dispositions)) == 0


def test_an_id_does_not_stand_in_its_own_way(engine: Engine) -> None:
    """An outcome that was written, though the answer to its commit was lost, is known as written, not as repeated."""
    (claim,) = ready(engine, 1)
    attempt(engine, claim, Kind.CREATED)
    with pytest.raises(TransitionRefused), write(engine) as tx:
        settle_all(tx, [settlement(claim, Kind.CREATED)])


@pytest.mark.parametrize("reopened", [False, True], ids=["standing", "called again"])
def test_the_listing_shows_whose_call_an_id_is(engine: Engine, *, reopened: bool) -> None:
    """Number and instant are another row's, so the holder's own call is unknown; one called again on purpose is not."""
    holder, other = ready(engine, 2)
    attempt(engine, holder, Kind.CREATED)
    attempt(engine, other, Kind.UNKNOWN)
    if reopened:
        with write(engine) as tx:
            campaign_id = campaign_id_of(tx, "spring") or 0
            reopen_due(tx, campaign_id, Policy(max_calls=3, again_after_ms=0), now_ms=NOON_MS * 2)
    unknown = UnknownAttempt(other.contact_id, 1, other.phone, other.slot_ms, NOON_MS, NOON_MS)
    listing = Listing((ListedCall("call-1", other.phone, other.slot_ms, NOON_MS),), "")
    with write(engine) as tx:
        doubted = doubt_misplaced(tx, [unknown], [listing])

    state, call_id = contact_rows(engine)[0].state, attempt_rows(engine)[0].call_id
    assert doubted == (frozenset() if reopened else {(holder.contact_id, 1)})
    assert (state, call_id) == (("pending", "call-1") if reopened else ("unknown", None))


@pytest.mark.parametrize("differing", ["phone", "slot_ms"])
def test_a_listed_call_that_is_nobody_elses_doubts_nothing(engine: Engine, differing: str) -> None:
    """Only the whole fingerprint of an unknown attempt speaks against the call that has the id."""
    holder, other = ready(engine, 2)
    attempt(engine, holder, Kind.CREATED)
    attempt(engine, other, Kind.UNKNOWN)
    unknown = UnknownAttempt(other.contact_id, 1, other.phone, other.slot_ms, NOON_MS, NOON_MS)
    call = ListedCall("call-1", other.phone, other.slot_ms, NOON_MS)
    call = replace(call, phone=holder.phone) if differing == "phone" else replace(call, slot_ms=other.slot_ms + 1)
    with write(engine) as tx:
        assert not doubt_misplaced(tx, [unknown], [Listing((call,), "")])

    assert contact_rows(engine)[0].call_id == "call-1"
