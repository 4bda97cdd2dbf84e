"""Who is called again on purpose, and how often anybody is tried."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from dialer.calls.outcome import Kind
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.schema import State, dispositions
from dialer.ledger.purge import forget_people
from dialer.ledger.transitions.reopened import Policy, Redials, hold_spent, redials_of, reopen_due
from tests.ledger.books import NOON_MS, attempt, claims, contact_rows, people, person, planned, ready, take_in, verdicts
from tests.support import number

HOUR_MS = 3_600_000
REDIAL = Policy(max_calls=3, on=("noAnswer", "VOICEMAIL_DETECTED", "CALL_LATER"), wait_ms=4 * HOUR_MS)


def _ended(engine: Engine, contact_id: int, *, attempt_number: int = 1, **told: Any) -> None:
    values: Mapping[str, Any] = {"status": "completed", "is_final": True, "ended_at_ms": NOON_MS + HOUR_MS} | told
    with write(engine) as tx:
        tx.execute(
            insert(dispositions).values(
                contact_id=contact_id, number=attempt_number, call_id="call-1", seen_at_ms=NOON_MS, **values
            )
        )


def _reopen(engine: Engine, policy: Policy = REDIAL, *, now_ms: int = NOON_MS) -> list[tuple[State, int | None]]:
    with write(engine) as tx:
        reopen_due(tx, 1, policy, now_ms=now_ms)
    return [(State(row.state), row.not_before_ms) for row in contact_rows(engine)]


@pytest.mark.parametrize(
    ("told", "not_before_ms"),
    [
        ({"status": "noAnswer"}, NOON_MS + 5 * HOUR_MS),
        ({"status": "noAnswer", "ended_at_ms": None}, NOON_MS + 4 * HOUR_MS),
        ({"status_code": "VOICEMAIL_DETECTED"}, NOON_MS + 5 * HOUR_MS),
        ({"status_code": "CALL_LATER", "call_later_ms": NOON_MS + 99 * HOUR_MS}, NOON_MS + 99 * HOUR_MS),
        ({"status_code": "CALL_LATER"}, NOON_MS + 5 * HOUR_MS),
        ({"status_code": "CALL_LATER", "call_later_ms": NOON_MS}, NOON_MS + 5 * HOUR_MS),
        ({"status_code": "CALL_LATER", "call_later_ms": NOON_MS * 100}, NOON_MS + 5 * HOUR_MS),
    ],
    ids=["no answer", "no end told", "voicemail", "later, at a time", "later, some time", "a past", "too far"],
)
def test_a_call_that_ended_so_is_redialled(engine: Engine, told: dict[str, Any], not_before_ms: int) -> None:
    """The contact may be claimed again, not before its wait is over or the time that the person asked for."""
    (claim,) = ready(engine, 1)
    attempt(engine, claim, Kind.CREATED)
    _ended(engine, claim.contact_id, **told)
    assert _reopen(engine) == [(State.PENDING, not_before_ms)]


@pytest.mark.parametrize("now_ms", [NOON_MS, NOON_MS + 5 * HOUR_MS, NOON_MS + 40 * HOUR_MS])
def test_redials_are_counted_as_a_run_would_reopen_them(engine: Engine, now_ms: int) -> None:
    """Due are those whose wait is over, waiting the others, the first at its instant; counting them changes nothing."""
    endings: tuple[dict[str, Any], ...] = (
        {"status": "noAnswer"},  # from noon + 5 hours on
        {"status": "noAnswer", "ended_at_ms": NOON_MS + 36 * HOUR_MS},  # from noon + 40 hours on
        {"status_code": "ENDED_NORMALLY"},
        {"status": "noAnswer", "is_final": False},
        {"status_code": "DO_NOT_CALL"},
    )
    for claim, told in zip(ready(engine, len(endings)), endings, strict=True):
        attempt(engine, claim, Kind.CREATED)
        _ended(engine, claim.contact_id, **told)
    before = contact_rows(engine)
    with read(engine) as tx:
        found = redials_of(tx, 1, REDIAL, now_ms=now_ms)
        spent_already = redials_of(tx, 1, replace(REDIAL, max_calls=1), now_ms=now_ms)
        off = redials_of(tx, 1, Policy(max_calls=3), now_ms=now_ms)
    from_ms = [NOON_MS + 5 * HOUR_MS, NOON_MS + 40 * HOUR_MS]
    later = [instant for instant in from_ms if instant > now_ms]
    assert found == Redials(2 - len(later), len(later), min(later, default=None))
    assert spent_already == off == Redials(0, 0, None)
    assert contact_rows(engine) == before
    assert [at for state, at in _reopen(engine, now_ms=now_ms) if state == State.PENDING] == from_ms


@pytest.mark.parametrize(
    "told",
    [
        {"status": "busy"},
        {"status_code": "ENDED_NORMALLY"},
        {"status": "noAnswer", "is_final": False},
        {"status": "noAnswer", "status_code": "DO_NOT_CALL"},
        None,
    ],
    ids=["not listed", "spoken to", "not over", "asked for no more", "nothing known"],
)
def test_nobody_else_is_redialled(engine: Engine, told: dict[str, Any] | None) -> None:
    """What is not on the list, not final, or a wish for no more calls leaves the contact created."""
    (claim,) = ready(engine, 1)
    attempt(engine, claim, Kind.CREATED)
    if told is not None:
        _ended(engine, claim.contact_id, **told)
    assert _reopen(engine) == [(State.CREATED, None)]


def test_only_a_created_contact_is_reopened(engine: Engine) -> None:
    """Whoever failed, waits or may have a call is not touched, whatever an earlier call's end was."""
    wanted = ready(engine, 4)
    for claim, kind in zip(wanted, [Kind.REFUSED, Kind.UNKNOWN, None], strict=False):
        attempt(engine, claim, kind)
    states = [state for state, _ in _reopen(engine, Policy(max_calls=9, on=("noAnswer",), again_after_ms=0))]
    assert states == [State.FAILED, State.UNKNOWN, State.CLAIMED, State.PENDING]


def test_one_budget_bounds_calls_and_refusals(engine: Engine) -> None:
    """Two calls and a refused attempt are three: with a budget of three nobody is reopened."""
    take_in(engine, "r1", people(1))
    for at, kind in enumerate([Kind.REFUSED, Kind.CREATED]):
        (claim,) = claims("r1", planned(engine, "r1", [2], first_ms=NOON_MS + at * HOUR_MS))
        attempt(engine, claim, kind, again=True)
        if kind == Kind.REFUSED:
            take_in(engine, "r1b", people(1))
            (claim,) = claims("r1b", planned(engine, "r1b", [2], first_ms=NOON_MS + 9 * HOUR_MS))
            attempt(engine, claim, Kind.CREATED)
            break
    _ended(engine, claim.contact_id, attempt_number=2, status="noAnswer")
    assert _reopen(engine, Policy(max_calls=2, on=("noAnswer",)))[0][0] == State.CREATED
    assert _reopen(engine, Policy(max_calls=3, on=("noAnswer",)))[0][0] == State.PENDING


def test_long_after_a_call_everything_begins_anew(engine: Engine) -> None:
    """`again_after` counts from the slot of the last call, and forgives the budget."""
    (claim,) = ready(engine, 1)
    attempt(engine, claim, Kind.CREATED)
    month = Policy(max_calls=1, again_after_ms=720 * HOUR_MS)
    assert _reopen(engine, month, now_ms=NOON_MS + 719 * HOUR_MS)[0][0] == State.CREATED
    assert _reopen(engine, month, now_ms=NOON_MS + 720 * HOUR_MS)[0][0] == State.PENDING
    take_in(engine, "r2", people(1))
    with write(engine) as tx:
        assert hold_spent(tx, "r2", 1) == 0


def test_a_contact_that_was_refused_often_enough_is_held(engine: Engine) -> None:
    """Its row is told as failed with the reason; mended, it begins anew."""
    for run in range(3):
        take_in(engine, f"r{run}", people(1), content=str(run))
        (claim,) = claims(f"r{run}", planned(engine, f"r{run}", [2], first_ms=NOON_MS + run * HOUR_MS))
        attempt(engine, claim, Kind.REFUSED)
    take_in(engine, "r3", people(1), content="3")
    with write(engine) as tx:
        assert hold_spent(tx, "r3", 3) == 1
    assert verdicts(engine, "r3") == [(2, "failed", "attempts_spent")]
    take_in(engine, "r4", [person(2, payload='{"nameOfHuman": "Mended"}')], content="4")
    with write(engine) as tx:
        assert hold_spent(tx, "r4", 3) == 0
    assert verdicts(engine, "r4") == [(2, "pending", "waiting")]


def test_a_purge_remembers_who_waits_to_be_called_again(engine: Engine) -> None:
    """Reopened and not called yet, the person was called all the same: no later run calls them as if new."""
    (claim,) = ready(engine, 1)
    attempt(engine, claim, Kind.CREATED)
    _ended(engine, claim.contact_id, status="noAnswer")
    assert _reopen(engine)[0][0] == State.PENDING
    with write(engine) as tx:
        assert forget_people(tx, 1) == 1
    take_in(engine, "r2", people(1), content="b")
    assert verdicts(engine, "r2") == [(2, "skipped", "already_created")]
    with read(engine) as tx:
        assert number(2) not in repr(tx.execute(dispositions.select()).all())


LADDERS = Policy(
    max_calls=9, on=("busy",), wait_ms=HOUR_MS, ladders=(("VOICEMAIL_DETECTED", (7,)), ("noAnswer", (3, 5)))
)


@pytest.mark.parametrize(
    ("endings", "waits"),
    [
        (["noAnswer"], 3),
        (["noAnswer", "noAnswer"], 5),
        (["noAnswer", "noAnswer", "noAnswer"], None),
        (["noAnswer", "busy", "noAnswer"], 5),
        (["noAnswer", "busy"], HOUR_MS),
        (["busy", "busy", "busy"], HOUR_MS),
        (["VOICEMAIL_DETECTED"], 7),
        (["noAnswer", "VOICEMAIL_DETECTED"], 7),
        (["VOICEMAIL_DETECTED", "VOICEMAIL_DETECTED"], None),
        (["completed"], None),
    ],
)
def test_each_outcome_has_a_ladder_of_its_own(engine: Engine, endings: list[str], waits: int | None) -> None:
    """The wait is that of as many calls as ended so, whatever came between; after the last wait nobody is called."""
    (claim,) = ready(engine, 1)
    for made, ending in enumerate(endings):
        told: dict[str, Any] = {"status_code": ending} if ending.isupper() or "_" in ending else {"status": ending}
        if made:
            ((state, _),) = _reopen(engine, LADDERS)
            assert state == State.PENDING
            take_in(engine, f"r{made}x", people(1), content=f"again {made}")
            (call,) = planned(engine, f"r{made}x", [2], first_ms=NOON_MS + made * HOUR_MS)
            (claim,) = claims(f"r{made}x", [call])
        attempt(engine, claim, Kind.CREATED)
        _ended(engine, claim.contact_id, attempt_number=claim.number, **(told | {"ended_at_ms": NOON_MS}))
    expected = (State.CREATED, None) if waits is None else (State.PENDING, NOON_MS + waits)
    assert _reopen(engine, LADDERS)[0][0] == expected[0]
    if waits is not None:
        assert contact_rows(engine)[0].not_before_ms == expected[1]
