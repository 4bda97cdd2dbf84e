"""Who is called again on purpose: the redialled, and those called long enough ago; and how often anybody is tried.

Reopened, of the state machine in `dialer.ledger.transitions`: the earlier attempts stay, with their ids and
dispositions.

One budget bounds a person's tries: every call that was created or may have been, and every attempt that the API
refused. Mending a row forgives its refusals, for it is another request then; `again_after` forgives everything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from dialer.calls.disposition import Code
from dialer.calls.outcome import Kind
from dialer.campaign.recurring import Redial
from dialer.campaign.tables import Limits
from dialer.clock import MILLISECOND
from dialer.ledger.database.schema import State, attempts, contacts, dispositions, may_exist, run_rows
from dialer.ledger.known_contacts import ROW_STANDINGS
from dialer.reasons import Reason

LATEST_WISH_MS = 60 * 86_400_000
"""How far after a call its person may wish for the next: 60 days, as the longest `wait`."""


class Due(NamedTuple):
    """A contact that is to be called again, from *not_before_ms* on; *is_asked*: that is its person's own wish.

    *zones* and *regions* are those of the contact, joined by |; *last_ms* is when its last call was to ring, *calls_ms*
    the slots of all its calls, ascending.
    """

    id: int
    not_before_ms: int
    is_asked: bool
    zones: str
    regions: str
    last_ms: int
    calls_ms: tuple[int, ...] = ()


def _not_before(due: Due) -> int:
    return due.not_before_ms


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom a campaign calls again. *on* holds statuses and status codes; instants and spans in ms.

    *ladders* are the waits after the first, the second and each further call that ended with an outcome; the first that
    a call ended with counts, and all before *on*. *again_after_ms* None means never. *max_calls* is the budget of each
    contact. *described* tells whom it redials in words, *when* from which instant on somebody is.
    """

    max_calls: int
    on: tuple[str, ...] = ()
    wait_ms: int = 0
    again_after_ms: int | None = None
    ladders: tuple[tuple[str, tuple[int, ...]], ...] = ()
    described: str = ""
    when: Callable[[Due], int] = _not_before

    @property
    def redials(self) -> bool:
        """Whether anybody is called again because of how a call ended."""
        return bool(self.on or self.ladders)

    @classmethod
    def of(cls, redial: Redial, limits: Limits) -> Self:
        """Return whom a campaign with these tables calls again, and how often anybody is tried."""
        again_after_ms = None if limits.again_after is None else limits.again_after // MILLISECOND
        waits = {outcome: tuple(wait // MILLISECOND for wait in each.wait) for outcome, each in redial.outcomes.items()}
        by_code = sorted(waits.items(), key=lambda item: item[0] not in set(Code))  # a code says more than a status
        return cls(
            redial.max_calls, redial.on, redial.wait // MILLISECOND, again_after_ms, tuple(by_code), redial.described
        )


def spent() -> ColumnElement[int]:
    """Return, on `contacts`, how much of its budget a contact has used."""
    counts = or_(
        may_exist(),
        and_(attempts.c.outcome == Kind.REFUSED, attempts.c.number > contacts.c.mended_at),
    )
    return (
        select(func.count())
        .select_from(attempts)
        .where(attempts.c.contact_id == contacts.c.id, attempts.c.number > contacts.c.budget_from, counts)
        .correlate(contacts)
        .scalar_subquery()
    )


def reopen_due(tx: Connection, campaign_id: int, policy: Policy, *, now_ms: int) -> int:
    """Make pending the created contacts that the campaign is to call again; return how many there are.

    Redialled are those whose last call ended, by the API's final word, with an outcome of the policy: not before the
    wait is over, or the time they asked for themselves. Those called `again_after` ago begin with a new budget.
    """
    reopened = 0
    for due in _due(tx, campaign_id, policy):
        reopened += _reopen(tx, due.id, not_before_ms=policy.when(due))
    if policy.again_after_ms is not None:
        for contact_id in tx.scalars(_called_before(campaign_id, now_ms - policy.again_after_ms)).all():
            reopened += _reopen(tx, contact_id, not_before_ms=None, forgive=True)
    return reopened


def _due(tx: Connection, campaign_id: int, policy: Policy) -> list[Due]:
    if not policy.redials:
        return []
    query = _redialled(policy).where(contacts.c.campaign_id == campaign_id, spent() < policy.max_calls)
    found = []
    for row in tx.execute(query).all():
        of_contact = (attempts.c.contact_id == row.id, may_exist())
        calls = tx.scalars(select(attempts.c.slot_ms).where(*of_contact).order_by(attempts.c.slot_ms))
        found.append(Due._make((*row, tuple(calls))))
    return found


@dataclass(frozen=True, slots=True)
class Redials:
    """How many contacts the next run is to call again: *due* now, and *waiting* ones, the first at *next_ms*.

    *described* tells in words after what and when; "" where nobody is.
    """

    due: int = 0
    waiting: int = 0
    next_ms: int | None = None
    described: str = ""


NO_REDIALS = Redials()


def redials_of(tx: Connection, campaign_id: int, policy: Policy, *, now_ms: int) -> Redials:
    """Count whom a run would reopen because of how the last call ended; nothing is changed."""
    from_ms = [policy.when(due) for due in _due(tx, campaign_id, policy)]
    later = [instant for instant in from_ms if instant > now_ms]
    return Redials(len(from_ms) - len(later), len(later), min(later, default=None), policy.described)


def _redialled(policy: Policy) -> Select[Any]:
    ended_ms = func.coalesce(dispositions.c.ended_at_ms, dispositions.c.triggered_at_ms, attempts.c.slot_ms)
    is_asked = and_(
        dispositions.c.status_code == Code.CALL_LATER,
        dispositions.c.call_later_ms.between(ended_ms, ended_ms + LATEST_WISH_MS),  # any other instant is nonsense
    )
    asked_ms = case((is_asked, dispositions.c.call_later_ms))
    wait_ms = _wait_ms(policy)
    where = (contacts.c.zones, contacts.c.regions, attempts.c.slot_ms)
    return (
        select(contacts.c.id, func.coalesce(asked_ms, ended_ms + wait_ms).label("not_before_ms"), is_asked, *where)
        .join(attempts, and_(attempts.c.contact_id == contacts.c.id, attempts.c.number == contacts.c.attempts))
        .join(
            dispositions,
            and_(dispositions.c.contact_id == attempts.c.contact_id, dispositions.c.number == attempts.c.number),
        )
        .where(
            contacts.c.state == State.CREATED,
            dispositions.c.is_final,
            wait_ms.is_not(None),
            dispositions.c.status_code != Code.DO_NOT_CALL,
        )
    )


def _wait_ms(policy: Policy) -> ColumnElement[int | None]:
    """Return, on `dispositions`, how long its person waits for the next call; NULL where none follows."""
    steps = [(_ended_with(dispositions, (outcome,)), _step(outcome, waits)) for outcome, waits in policy.ladders]
    return case(*steps, (_ended_with(dispositions, policy.on), literal(policy.wait_ms)), else_=null())


def _ended_with(of: FromClause, outcomes: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(of.c.status.in_(outcomes), of.c.status_code.in_(outcomes))


def _step(outcome: str, waits: tuple[int, ...]) -> ColumnElement[int | None]:
    """Return the wait after as many calls as the contact has had that ended so; NULL after the last."""
    earlier = dispositions.alias()
    ended_so = (
        select(func.count())
        .where(earlier.c.contact_id == contacts.c.id, earlier.c.number > contacts.c.budget_from)
        .where(earlier.c.is_final, _ended_with(earlier, (outcome,)))
        .correlate(contacts)
        .scalar_subquery()
    )
    return case(dict(enumerate(waits, start=1)), value=ended_so, else_=null())


def _called_before(campaign_id: int, latest_ms: int) -> Select[Any]:
    return (
        select(contacts.c.id)
        .join(attempts, and_(attempts.c.contact_id == contacts.c.id, attempts.c.number == contacts.c.attempts))
        .where(contacts.c.campaign_id == campaign_id, contacts.c.state == State.CREATED)
        .where(attempts.c.slot_ms <= latest_ms)
    )


def _reopen(tx: Connection, contact_id: int, *, not_before_ms: int | None, forgive: bool = False) -> int:
    values: dict[str, Any] = {"state": State.PENDING, "call_id": None, "planned_in": None, "slot_ms": None}
    if forgive:
        values["budget_from"] = contacts.c.attempts
    statement = update(contacts).where(contacts.c.id == contact_id, contacts.c.state == State.CREATED)
    return tx.execute(statement.values(not_before_ms=not_before_ms, reason="", message="", **values)).rowcount


def hold_spent(tx: Connection, run_id: str, max_calls: int) -> int:
    """Hold the failed contacts of a run whose budget is used up, and report their rows so; return how many they are."""
    failed = (contacts.c.planned_in == run_id, contacts.c.state == State.FAILED)
    held = list(tx.scalars(select(contacts.c.id).where(*failed, spent() >= max_calls)))
    for contact_id in held:
        tx.execute(update(contacts).where(contacts.c.id == contact_id).values(planned_in=None))
        is_row = (run_rows.c.run_id == run_id, run_rows.c.contact_id == contact_id)
        tx.execute(update(run_rows).where(*is_row).values(ROW_STANDINGS[Reason.ATTEMPTS_SPENT]._asdict()))
    return len(held)
