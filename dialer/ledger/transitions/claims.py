"""Claims and their outcomes: claim, settle, and recover, which finds open claims after a crash.

The whole state machine: `dialer.ledger.transitions`. A change that does not find its contact in the state it leaves
from is refused. Constraints do the rest: an attempt number once for a contact, an instant once for a phone number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Update, bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from dialer.calls.attempt import Claim, Settlement
from dialer.calls.outcome import Kind
from dialer.errors import TransitionRefused
from dialer.ledger.choices.own_choices import write_attempt_choices
from dialer.ledger.database.engine import insert_many
from dialer.ledger.database.many_rows import change_many
from dialer.ledger.database.schema import CLAIMABLE, State, attempts, campaigns, contacts, run_rows, suppressed
from dialer.ledger.known_contacts import ROW_STANDINGS
from dialer.ledger.suppression_list import is_suppressed
from dialer.ledger.transitions.doubted import doubt_holder, refuse_known_ids
from dialer.ledger.transitions.excluded import take_out, why_held
from dialer.ledger.transitions.late import SURELY_NOT, hold_created_late
from dialer.reasons import Reason

MAX_SHIFT_MS = 900
"""How far a claim may move its slot to find a free instant; the planner keeps 1,000 ms before a window's end."""


_take_contact = (
    update(contacts)
    .where(
        contacts.c.id == bindparam("of_contact"),
        or_(*(contacts.c.state == state for state in CLAIMABLE)),  # IN cannot be executed for many at once
        contacts.c.planned_in == bindparam("in_run"),
        contacts.c.attempts == bindparam("made"),
        ~is_suppressed(),
    )
    .values(state=State.CLAIMED, attempts=contacts.c.attempts + 1)
)
_close_attempt = (
    update(attempts)
    .where(
        attempts.c.contact_id == bindparam("of_contact"),
        attempts.c.number == bindparam("of_number"),
        attempts.c.outcome.is_(None),
    )
    .values({name: bindparam(f"new_{name}") for name in (
        "outcome", "left_state", "reason", "message", "http_status", "call_id", "settled_at_ms",
    )})
)  # fmt: skip
_leave_claimed = (
    update(contacts)
    .where(contacts.c.id == bindparam("of_contact"), contacts.c.state == State.CLAIMED)
    .values({name: bindparam(f"new_{name}") for name in ("state", "reason", "message", "call_id", "planned_in")})
)
_CLAIM = ("contact_id", "number", "run_id", "phone", "slot_ms", "claimed_at_ms")
_of_claim = attrgetter(*_CLAIM)


def claim_all(tx: Connection, claims: Sequence[Claim]) -> None:
    """Claim several contacts at once, all or none.

    Raises `TransitionRefused` when one may not be claimed, and lets `IntegrityError` pass when an instant is
    taken: the caller then rolls back and claims them one by one with `claim_one`.
    """
    # One order for all, or two writers wait for each other: those of two campaigns meet in their numbers' instants.
    claims = sorted(claims, key=attrgetter("phone", "slot_ms", "contact_id"))
    rows = [{"of_contact": claim.contact_id, "in_run": claim.run_id, "made": claim.number - 1} for claim in claims]
    _change(tx, _take_contact, rows)
    insert_many(tx, attempts, _CLAIM, [_of_claim(claim) for claim in claims])
    write_attempt_choices(tx, claims)


def claim_one(tx: Connection, claim: Claim) -> Claim:
    """Claim one contact, moving its slot by single milliseconds while the instant is taken for its number.

    Raises `TransitionRefused` when it may not be claimed or no instant is free within `MAX_SHIFT_MS`.
    """
    slot_ms = attempts.c.slot_ms
    near = select(slot_ms).where(attempts.c.phone == claim.phone, slot_ms >= claim.slot_ms)
    taken = set(tx.scalars(near.where(slot_ms < claim.slot_ms + MAX_SHIFT_MS)))
    for shift_ms in range(MAX_SHIFT_MS):
        shifted = replace(claim, slot_ms=claim.slot_ms + shift_ms)
        if shifted.slot_ms in taken:
            continue
        try:
            with tx.begin_nested():
                claim_all(tx, [shifted])
        except IntegrityError:  # taken since, or by whoever has not committed yet
            continue
        return shifted
    raise TransitionRefused(f"contact {claim.contact_id}: every instant near its slot is taken for its number")


def hold_suppressed(tx: Connection, claim: Claim) -> bool:
    """Hold a contact whose number has been suppressed since it was planned; return whether it has been.

    It leaves the run, which reports its row as skipped, and waits for a run that finds its number free.
    """
    query = select(contacts.c.id).where(contacts.c.id == claim.contact_id, contacts.c.state.in_(CLAIMABLE))
    if tx.scalar(query.where(is_suppressed())) is None:
        return False
    _skip_suppressed(tx, claim)
    return True


def hold_suppressed_in_run(tx: Connection, run_id: str) -> None:
    """Hold every contact that a run means to call and must not: `hold_suppressed` for all, once their rows are read."""
    if tx.scalar(select(suppressed.c.digest).limit(1)) is None:
        return
    for reason, is_held in why_held().items():
        take_out(tx, run_id, is_held, reason)


def _skip_suppressed(tx: Connection, claim: Claim) -> None:
    is_it = contacts.c.id == claim.contact_id
    excluded = tx.scalar(select(contacts.c.id).where(is_it, why_held()[Reason.EXCLUDED_NUMBER]))
    reason = Reason.SUPPRESSED if excluded is None else Reason.EXCLUDED_NUMBER
    tx.execute(update(contacts).where(is_it).values(planned_in=None, slot_ms=None))
    is_row = (run_rows.c.run_id == claim.run_id, run_rows.c.contact_id == claim.contact_id)
    tx.execute(update(run_rows).where(*is_row).values(ROW_STANDINGS[reason]._asdict()))


def settle_all(tx: Connection, settlements: Iterable[Settlement]) -> None:
    """Write the outcomes of claimed attempts, all or none.

    Raises `TransitionRefused` when one is not claimed, `CallIdKnown` when one has the id of another call.

    A contact whose number was suppressed while its claim waited leaves the run, which reports its row as skipped.
    """
    settlements = sorted(settlements, key=attrgetter("claim.contact_id"))
    refuse_known_ids(tx, settlements)
    _change(tx, _close_attempt, [_attempt_values(item) for item in settlements])
    _change(tx, _leave_claimed, [_contact_values(item) for item in settlements])
    hold_created_late(tx, [item.claim.contact_id for item in settlements if item.outcome.kind in SURELY_NOT])
    for item in settlements:
        if item.outcome.reason == Reason.SUPPRESSED:
            _skip_suppressed(tx, item.claim)
        if item.outcome.repeats is not None:
            doubt_holder(tx, item.claim.run_id, item.outcome.repeats)


def _attempt_values(item: Settlement) -> dict[str, Any]:
    return {
        "of_contact": item.claim.contact_id,
        "of_number": item.claim.number,
        "new_outcome": item.outcome.kind.value,
        "new_left_state": next_state(item.outcome.kind, again=item.again).value,
        "new_reason": str(item.outcome.reason),
        "new_message": item.outcome.message,
        "new_http_status": item.outcome.http_status,
        "new_call_id": item.outcome.call_id,
        "new_settled_at_ms": item.settled_at_ms,
    }


def _contact_values(item: Settlement) -> dict[str, Any]:
    state = next_state(item.outcome.kind, again=item.again)
    return {
        "of_contact": item.claim.contact_id,
        "new_state": state.value,
        "new_reason": str(item.outcome.reason),
        "new_message": item.outcome.message,
        "new_call_id": item.outcome.call_id,
        "new_planned_in": item.claim.run_id if state == State.PENDING else None,
    }


def next_state(kind: Kind, *, again: bool) -> State:
    """Return the state a claimed contact goes to."""
    if kind == Kind.CREATED:
        return State.CREATED
    if kind == Kind.UNKNOWN:
        return State.UNKNOWN
    return State.PENDING if again else State.FAILED


def _change(tx: Connection, statement: Update, rows: Sequence[dict[str, Any]]) -> None:
    """Execute a guarded update for each of *rows*; every one must change exactly one row."""
    if rows and change_many(tx, statement, rows) != len(rows):
        ids = ", ".join(str(row["of_contact"]) for row in rows)
        raise TransitionRefused(f"contact {ids}: not in the state that this change leaves from")


def recover(tx: Connection, campaign: str, *, now_ms: int) -> int:
    """Turn every claim of *campaign* without an outcome into an unknown; return their number.

    Only the holder of the campaign's lock may do this: nobody else can write such a claim from then on.
    """
    open_claims = tx.execute(
        select(attempts.c.contact_id, attempts.c.number)
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .join(campaigns, campaigns.c.id == contacts.c.campaign_id)
        .where(campaigns.c.name == campaign, attempts.c.outcome.is_(None))
    ).all()
    values = {"reason": Reason.INTERRUPTED, "message": ROW_STANDINGS[Reason.INTERRUPTED].message}
    for contact_id, number in open_claims:
        tx.execute(
            update(attempts)
            .where(attempts.c.contact_id == contact_id, attempts.c.number == number)
            .values(outcome=Kind.UNKNOWN, left_state=State.UNKNOWN, settled_at_ms=now_ms, **values)
        )
        _change(
            tx,
            update(contacts)
            .where(contacts.c.id == bindparam("of_contact"), contacts.c.state == State.CLAIMED)
            .values(state=State.UNKNOWN, planned_in=None, **values),
            [{"of_contact": contact_id}],
        )
    return len(open_claims)
