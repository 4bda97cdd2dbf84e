"""The plan as the ledger keeps it: which rows of a run wait for a slot, and the planned calls in slot order."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, func, select, update

from dialer.calls.attempt import MOVED_MS, PlannedCall
from dialer.chunks import chunks
from dialer.ledger.choices.own_choices import OF_CONTACT, is_choice_of_contact
from dialer.ledger.database.choice_tables import contact_choices
from dialer.ledger.database.engine import marks
from dialer.ledger.database.schema import CLAIMABLE, attempts, contacts, may_exist, run_rows, runs
from dialer.ledger.known_contacts import row_in_run
from dialer.reasons import Reason, Status
from dialer.schedule.by_row import ByRow, TextByRow
from dialer.schedule.places.whereabouts import Whereabouts

PAGE_ROWS = 500

_WHERE = (contacts.c.zones, contacts.c.regions, contacts.c.call_times)
"""What a `Whereabouts` is read from."""

_whereabouts = lru_cache(maxsize=1_024)(Whereabouts.of)
"""Most people of a campaign are in one of a few places."""

CLOCKS_APART_MS = 120_000  # how far those of two machines may be: a run ends whose own is over 60 s off the API's

ROW: Literal["i"] = "i"
"""How arrays keep row numbers: in 4 bytes, so that a plan of a million rows fits where one of a thousand did."""


def waiting_rows(tx: Connection, run_id: str) -> "dict[Whereabouts, array[int]]":
    """Return the run's rows that wait to be sent and are not held, in sheet order, by where their contact may be."""
    groups: dict[tuple[str, ...], array[int]] = {}
    query = _waiting(run_id, run_rows.c.row, *_WHERE).order_by(run_rows.c.row)
    for chunk in tx.execute(query).partitions(PAGE_ROWS):
        for row, *where in chunk:
            groups.setdefault(tuple(where), array(ROW)).append(row)
    return {Whereabouts.of(*where): rows for where, rows in groups.items()}


def waiting_ranks(tx: Connection, run_id: str) -> ByRow:
    """Return the rank of each row that waits: 0 for those of the largest priority; those that have none are last."""
    by_priority = func.dense_rank().over(order_by=(contacts.c.priority.is_(None), contacts.c.priority.desc()))
    ranks = ByRow()
    for row, place in tx.execute(_waiting(run_id, run_rows.c.row, by_priority)):
        ranks[row] = place - 1
    return ranks


def _waiting(run_id: str, *columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .join_from(run_rows, contacts, contacts.c.id == run_rows.c.contact_id)
        .where(
            run_rows.c.run_id == run_id,
            run_rows.c.status == Status.PENDING,
            run_rows.c.reason == Reason.WAITING,
            contacts.c.planned_in == run_id,
            contacts.c.state.in_(CLAIMABLE),
        )
    )


@dataclass(frozen=True, slots=True)
class NumberCalls:
    """Rows of a run whose number is called otherwise too, or that have to wait, with the phone of each.

    *slots_ms* are the slots of each phone, ascending; *not_before_ms* is until when a row that is called again waits.
    """

    phones: TextByRow
    slots_ms: dict[str, list[int]]
    not_before_ms: dict[int, int] = field(default_factory=dict)


def calls_of_numbers(tx: Connection, run_id: str, *, since_ms: int, now_ms: int) -> NumberCalls:
    """Return which waiting rows share their number with a call or with each other, over all campaigns of the ledger.

    Counted are calls that were created or may have been, from *since_ms* on, and those that another run, which has not
    ended, has planned from *now_ms* on, by the latest clock that its machine may have.
    """
    waiting = _waiting(run_id, contacts.c.phone).subquery()
    made = _calls_made(since_ms).where(attempts.c.phone.in_(select(waiting.c.phone)))
    others = select(runs.c.id).where(runs.c.ended_at_ms.is_(None), runs.c.id != run_id)
    planned = select(contacts.c.phone, contacts.c.slot_ms + MOVED_MS).where(
        contacts.c.planned_in.in_(others),
        contacts.c.slot_ms >= now_ms - CLOCKS_APART_MS,
        contacts.c.state.in_(CLAIMABLE),
    )
    slots = _by_phone(tx.execute(made.union_all(planned.where(contacts.c.phone.in_(select(waiting.c.phone))))))
    shared = select(waiting.c.phone).group_by(waiting.c.phone).having(func.count() > 1)
    again = _waiting(run_id, run_rows.c.row, contacts.c.phone, contacts.c.not_before_ms)
    held = {row.row: row for row in tx.execute(again.where(contacts.c.not_before_ms > now_ms))}
    wanted = set(slots) | set(tx.scalars(shared)) | {row.phone for row in held.values()}
    phones = TextByRow()
    for chunk in tx.execute(_waiting(run_id, run_rows.c.row, contacts.c.phone)).partitions(PAGE_ROWS) if wanted else ():
        for row, phone in chunk:
            if phone in wanted:
                phones[row] = phone
    not_before_ms = {number: row.not_before_ms for number, row in held.items()}
    return NumberCalls(phones, {phone: sorted(found) for phone, found in slots.items()}, not_before_ms)


def _calls_made(since_ms: int) -> Select[Any]:
    return select(attempts.c.phone, attempts.c.slot_ms).where(attempts.c.slot_ms >= since_ms).where(may_exist())


def committed_slots(tx: Connection, campaign_id: int, *, from_ms: int) -> list[int]:
    """Return the slots, from *from_ms* on, of calls that this campaign created or may have created; ascending."""
    query = (
        select(attempts.c.slot_ms)
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .where(contacts.c.campaign_id == campaign_id, attempts.c.slot_ms >= from_ms)
        .where(may_exist())
        .order_by(attempts.c.slot_ms)
    )
    return list(tx.scalars(query))


def clear_slots(tx: Connection, run_id: str, *, before_ms: int | None = None) -> None:
    """Take back every slot of the run that was not claimed, or those *before_ms* only."""
    statement = update(contacts).where(contacts.c.planned_in == run_id, contacts.c.state.in_(CLAIMABLE))
    statement = statement.where(contacts.c.slot_ms.is_not(None))  # writes no row in vain
    if before_ms is not None:
        statement = statement.where(contacts.c.slot_ms < before_ms)
    tx.execute(statement.values(slot_ms=None))


def planned_rows(tx: Connection, run_id: str) -> list[tuple[int, int]]:
    """Return (row, slot in ms) of the run's rows that wait with a slot, in slot order."""
    columns = (run_rows.c.row, contacts.c.slot_ms)
    query = _waiting(run_id, *columns).where(contacts.c.slot_ms.is_not(None)).order_by(contacts.c.slot_ms)
    return [(row, slot_ms) for row, slot_ms in tx.execute(query)]


def set_slots(tx: Connection, run_id: str, planned: Iterable[tuple[int, int]]) -> None:
    """Store (row, slot in ms) pairs for the run's contacts."""
    mark = marks(tx, 1)
    contact = f'SELECT contact_id FROM run_rows WHERE run_id = {mark} AND "row" = {mark}'  # noqa: S608 - our own names
    statement = f"UPDATE contacts SET slot_ms = {mark} WHERE id = ({contact})"  # noqa: S608 - as above
    for chunk in chunks(planned, PAGE_ROWS):
        tx.exec_driver_sql(statement, [(slot_ms, run_id, row) for row, slot_ms in chunk])


def hold_rows(tx: Connection, run_id: str, rows: Iterable[int], reason: Reason, message: str) -> None:
    """Note why rows of the run will not be sent by it."""
    mark = marks(tx, 1)
    statement = f"UPDATE run_rows SET reason = {mark}, message = {mark} WHERE run_id = {mark}"  # noqa: S608 - our own names
    for chunk in chunks(rows, PAGE_ROWS):
        values = (reason.value, message, run_id, *chunk)
        tx.exec_driver_sql(f'{statement} AND "row" IN ({marks(tx, len(chunk))})', values)


def refuse_slot(tx: Connection, run_id: str, contact_id: int, message: str) -> None:
    """Take a slot back that must not be sent, and note why; a later run plans the contact anew."""
    tx.execute(
        update(contacts)
        .where(contacts.c.id == contact_id, contacts.c.planned_in == run_id, contacts.c.state.in_(CLAIMABLE))
        .values(slot_ms=None)
    )
    tx.execute(
        update(run_rows)
        .where(run_rows.c.run_id == run_id, run_rows.c.contact_id == contact_id, run_rows.c.reason == Reason.WAITING)
        .values(reason=Reason.SLOT_REFUSED, message=message)
    )


@dataclass(frozen=True, slots=True)
class Page:
    """Planned calls in slot order, with where each contact may be.

    *made_ms* are the calls of their numbers that were created or may have been, since the time asked for;
    *not_before_ms* is from when on a contact that is called again may be.
    """

    calls: list[PlannedCall]
    where: dict[int, Whereabouts]
    made_ms: dict[str, list[int]]
    not_before_ms: dict[int, int] = field(default_factory=dict)


def page_to_judge(tx: Connection, run_id: str, *, after_ms: int, since_ms: int) -> Page:
    """Read the next planned calls as `next_page` does, with what decides whether each may be sent."""
    found = tx.execute(_next(run_id, after_ms)).all()
    calls = [_call(row) for row in found]
    where = {row.id: _whereabouts(*row[-3:]) for row in found}
    not_before_ms = {row.id: row.not_before_ms for row in found if row.not_before_ms is not None}
    phones = sorted({call.phone for call in calls})
    made_ms = _by_phone(tx.execute(_calls_made(since_ms).where(attempts.c.phone.in_(phones))))
    return Page(calls, where, made_ms, not_before_ms)


def first_and_last(tx: Connection, run_id: str) -> list[tuple[PlannedCall, Whereabouts]]:
    """Return the planned calls of the run with the first and the last slot, one where they are the same."""
    by_slot = _planned(run_id).limit(1)
    ends = (by_slot.order_by(contacts.c.slot_ms), by_slot.order_by(contacts.c.slot_ms.desc()))
    found = {row.id: row for query in ends for row in tx.execute(query)}
    return [(_call(row), _whereabouts(*row[-3:])) for row in found.values()]


def _by_phone(rows: Iterable[Any]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for phone, slot_ms in rows:
        found.setdefault(phone, []).append(slot_ms)
    return found


def next_page(tx: Connection, run_id: str, *, after_ms: int) -> list[PlannedCall]:
    """Read the next planned calls in slot order, at most `PAGE_ROWS`, with slots later than *after_ms*.

    Who was in a refused batch is sent alone from then on, in whatever run: the same batch would be refused again.
    """
    return [_call(row) for row in tx.execute(_next(run_id, after_ms))]


def _next(run_id: str, after_ms: int) -> Select[Any]:
    return _planned(run_id).where(contacts.c.slot_ms > after_ms).order_by(contacts.c.slot_ms).limit(PAGE_ROWS)


def _call(row: Any) -> PlannedCall:
    """Return the call of a row that `_planned` selects."""
    return PlannedCall(*row[: -1 - len(_WHERE)])


def _planned(run_id: str) -> Select[Any]:
    """Select the run's planned calls: the columns of a `PlannedCall`, then until when and where."""
    columns = (contacts.c.id, contacts.c.phone, contacts.c.payload, contacts.c.slot_ms, contacts.c.attempts)
    refused = select(attempts.c.number).where(
        attempts.c.contact_id == contacts.c.id, attempts.c.reason == Reason.BATCH_REFUSED
    )
    alone = refused.correlate(contacts).exists().label("alone")
    row = row_in_run(contacts.c.id, run_id).correlate(contacts).scalar_subquery()
    query = select(*columns, alone, row, *OF_CONTACT, contacts.c.not_before_ms, *_WHERE)
    return query.outerjoin_from(contacts, contact_choices, is_choice_of_contact()).where(
        contacts.c.planned_in == run_id, contacts.c.state.in_(CLAIMABLE), contacts.c.slot_ms.is_not(None)
    )
