"""How single people are called where that differs from their run: under which template, from which number.

A contact's choice is what its row says and is written with the row; an attempt's is what was sent and is written with
the claim. Neither has an entry where nothing differs.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, select, update

from dialer.calls.attempt import Claim
from dialer.chunks import chunks
from dialer.contacts.columns.call_columns import CallValues
from dialer.ledger.database.choice_tables import attempt_choices, contact_choices
from dialer.ledger.database.engine import insert_many, marks
from dialer.ledger.database.schema import attempts, contacts, runs

CHUNK_ROWS = 500


class Choice(NamedTuple):
    """The template of a call and the number that it comes from (or its id); None where it is the run's, or unknown."""

    call_template_id: str | None
    from_number: str | None

    def of_run(self, run: "Choice") -> "Choice":
        """Return what a call with this choice had in *run*."""
        return Choice(self.call_template_id or run.call_template_id, self.from_number or run.from_number)


NOTHING_OWN = Choice(None, None)


def choices_of_runs(tx: Connection) -> dict[str, Choice]:
    """Return what the calls of every run of the ledger had that had nothing of their own."""
    facts = ((run_id, json.loads(text)) for run_id, text in tx.execute(select(runs.c.id, runs.c.facts)))
    return {run_id: Choice(found.get("call_template_id"), found.get("from_number")) for run_id, found in facts}


def remember_choices(tx: Connection, read_anew: Collection[int], values_of: Mapping[int, CallValues]) -> None:
    """Store what the rows of contacts say, by their ids; those *read_anew*, at most 500, lose what they said before."""
    if read_anew and tx.scalar(select(contact_choices.c.contact_id).limit(1)) is not None:
        tx.execute(delete(contact_choices).where(contact_choices.c.contact_id.in_(read_anew)))
    chosen = ((contact_id, dict(values)) for contact_id, values in values_of.items())
    rows = (
        (contact_id, own.get("call_template_id"), own.get("from_phone_number") or own.get("phone_number_id"))
        for contact_id, own in chosen
    )
    differing = [row for row in rows if any(row[1:])]
    insert_many(tx, contact_choices, ("contact_id", "call_template_id", "from_number"), differing)


def write_attempt_choices(tx: Connection, claims: Iterable[Claim]) -> None:
    """Store how claimed calls are made, in the transaction that claims them."""
    names = ("contact_id", "number", "call_template_id", "from_number")
    rows = [
        (claim.contact_id, claim.number, claim.call_template_id, claim.from_number)
        for claim in claims
        if claim.call_template_id or claim.from_number
    ]
    insert_many(tx, attempt_choices, names, rows)


def is_choice_of_attempt() -> ColumnElement[bool]:
    """Return the condition that an entry of `attempt_choices` is that of an attempt."""
    return and_(attempt_choices.c.contact_id == attempts.c.contact_id, attempt_choices.c.number == attempts.c.number)


OF_CONTACT = (
    contact_choices.c.call_template_id,
    func.coalesce(contact_choices.c.from_number, contact_choices.c.pool_number),
)
"""The template and the number of a contact's next call, where they are not its run's."""


def is_choice_of_contact() -> ColumnElement[bool]:
    """Return the condition that an entry of `contact_choices` is that of a contact."""
    return contact_choices.c.contact_id == contacts.c.id


def set_pool_numbers(tx: Connection, run_id: str, numbers: Iterable[tuple[int, str]]) -> None:
    """Store the number of the pool that each planned row, given as (row, number), is called from; others have none."""
    planned = select(contacts.c.id).where(contacts.c.planned_in == run_id)
    stale = (contact_choices.c.pool_number.is_not(None), contact_choices.c.contact_id.in_(planned))
    tx.execute(update(contact_choices).where(*stale).values(pool_number=None))
    mark = marks(tx, 1)
    row = f'SELECT contact_id, {mark} FROM run_rows WHERE run_id = {mark} AND "row" = {mark}'  # noqa: S608 - our own names
    instead = "ON CONFLICT (contact_id) DO UPDATE SET pool_number = excluded.pool_number"
    statement = f"INSERT INTO contact_choices (contact_id, pool_number) {row} {instead}"
    for chunk in chunks(numbers, CHUNK_ROWS):
        tx.exec_driver_sql(statement, [(number, run_id, row) for row, number in chunk])


def own_templates(tx: Connection, campaign_id: int) -> list[str]:
    """Return the templates, other than their runs', under which contacts of a campaign are called."""
    query = select(contact_choices.c.call_template_id).join(contacts, is_choice_of_contact())
    return _templates(tx, query.where(contacts.c.campaign_id == campaign_id))


def every_own_template(tx: Connection) -> list[str]:
    """Return the templates, other than their runs', under which contacts of any campaign were called or will be."""
    of_contacts, of_attempts = (select(table.c.call_template_id) for table in (contact_choices, attempt_choices))
    return sorted({*_templates(tx, of_contacts), *_templates(tx, of_attempts)})


def _templates(tx: Connection, query: Select[Any]) -> list[str]:
    return sorted(filter(None, tx.scalars(query.distinct())))


def forget_choices(tx: Connection, of_contacts: Select[Any]) -> None:
    """Forget how contacts, selected by their ids, are and were called."""
    for table in (attempt_choices, contact_choices):
        tx.execute(delete(table).where(table.c.contact_id.in_(of_contacts)))
