"""Which numbers people were called from, and how often each number was used: what a pool of numbers is chosen by."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from dialer.ledger.choices.own_choices import (
    OF_CONTACT,
    Choice,
    choices_of_runs,
    is_choice_of_attempt,
    is_choice_of_contact,
)
from dialer.ledger.database.choice_tables import attempt_choices, contact_choices
from dialer.ledger.database.schema import CLAIMABLE, attempts, contacts, may_exist, run_rows, runs
from dialer.reasons import Reason


class WaitingCall(NamedTuple):
    """A row that waits, its contact, its phone (E.164), and what its row says that its call has."""

    row: int
    contact_id: int
    phone: str
    call_template_id: str | None
    from_number: str | None

    @property
    def choice(self) -> Choice:
        """The template and the number, or its id, that the row says."""
        return Choice(self.call_template_id, self.from_number)


def waiting_calls(tx: Connection, run_id: str) -> Iterator[WaitingCall]:
    """Yield the rows of a run that wait to be sent."""
    of_contact = (run_rows.c.row, contacts.c.id, contacts.c.phone)
    own = (contact_choices.c.call_template_id, contact_choices.c.from_number)
    for row in tx.execute(_waiting(run_id, *of_contact, *own).outerjoin(contact_choices, is_choice_of_contact())):
        yield WaitingCall(*row)


def own_calls(tx: Connection, run_id: str) -> Iterator[WaitingCall]:
    """Yield those of them that have something of their own."""
    is_any = tx.scalar(select(contact_choices.c.contact_id).limit(1))
    return (call for call in waiting_calls(tx, run_id) if any(call.choice)) if is_any is not None else iter(())


def _waiting(run_id: str, *columns: Any) -> Select[Any]:
    is_row = (run_rows.c.run_id == run_id, run_rows.c.reason == Reason.WAITING)
    is_to_call = (contacts.c.planned_in == run_id, contacts.c.state.in_(CLAIMABLE))
    joined = select(*columns).join_from(run_rows, contacts, contacts.c.id == run_rows.c.contact_id)
    return joined.where(*is_row, *is_to_call)


class LastNumber(NamedTuple):
    """The number of the pool that somebody was called from last, and when that call was claimed; the later is more."""

    claimed_at_ms: int
    number: str


def numbers_before(tx: Connection, run_id: str, pool: Mapping[str, str]) -> dict[int | str, LastNumber]:
    """Return the number of the *pool* that each waiting contact, by id, and each waiting phone was called from last.

    A person keeps it at another of their phones, and a phone keeps it in every campaign of the ledger. *pool* are the
    names of its numbers, by whatever names them.
    """
    of_runs = choices_of_runs(tx)
    columns = (attempts.c.claimed_at_ms, attempts.c.contact_id, attempts.c.phone, attempts.c.run_id)
    made = select(*columns, attempt_choices.c.from_number).outerjoin(attempt_choices, is_choice_of_attempt())
    of_person = made.where(may_exist(), attempts.c.contact_id.in_(_waiting(run_id, contacts.c.id)))
    of_phone = made.where(may_exist(), attempts.c.phone.in_(_waiting(run_id, contacts.c.phone)))
    found: dict[int | str, LastNumber] = {}
    for at_ms, contact_id, phone, made_in, own in tx.execute(of_person.union(of_phone).order_by("claimed_at_ms")):
        number = pool.get(own or of_runs[made_in].from_number or "")
        if number is not None:
            found[contact_id] = found[phone] = LastNumber(at_ms, number)
    return found


def used_slots(
    tx: Connection, run_id: str, pool: Mapping[str, str], *, since_ms: int, now_ms: int
) -> dict[str, list[int]]:
    """Return the slots of each number of the *pool*, by its name, over all campaigns of the ledger.

    Counted are calls that exist or may, from *since_ms* on, and those that another run, which has not ended, has
    planned from *now_ms* on. *pool* is as in `numbers_before`.
    """
    of_runs = choices_of_runs(tx)
    others = select(runs.c.id).where(runs.c.ended_at_ms.is_(None), runs.c.id != run_id)
    made = (
        select(attempts.c.run_id, attempt_choices.c.from_number, attempts.c.slot_ms)
        .outerjoin_from(attempts, attempt_choices, is_choice_of_attempt())
        .where(attempts.c.slot_ms >= since_ms, may_exist())
    )
    planned = (
        select(contacts.c.planned_in, OF_CONTACT[1], contacts.c.slot_ms)
        .outerjoin_from(contacts, contact_choices, is_choice_of_contact())
        .where(contacts.c.planned_in.in_(others), contacts.c.state.in_(CLAIMABLE))
        .where(contacts.c.slot_ms >= now_ms)
    )
    found: dict[str, list[int]] = {}
    for in_run, own, slot_ms in (*tx.execute(made), *tx.execute(planned)):
        number = pool.get(own or of_runs[in_run].from_number or "")
        if number is not None:
            found.setdefault(number, []).append(slot_ms)
    return found
