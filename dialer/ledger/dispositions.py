"""How calls ended, as the ledger keeps it: one row for each created call that the API was asked about.

    (no row) ── looked ──▶ not final ── looked ──▶ final        never back: a final disposition stays as it is

Writing here needs no lock of the ledger: it changes no row of another table, and two writers leave the same result in
either order. So a webhook's news can be stored while a run is going.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, case, func, select
from sqlalchemy.exc import IntegrityError

from dialer.calls.disposition import GONE, Disposition
from dialer.calls.endpoint import Endpoint
from dialer.calls.outcome import Kind
from dialer.errors import LedgerWriteFailed
from dialer.ledger.choices.own_choices import is_choice_of_attempt
from dialer.ledger.database.choice_tables import attempt_choices
from dialer.ledger.database.engine import upsert
from dialer.ledger.database.schema import CLAIMABLE, attempts, contacts, dispositions, result_columns
from dialer.ledger.runs import endpoints_of_runs, result_columns_of

CHUNK_ROWS = 200
"""Dispositions a transaction: short enough that nobody waits for it."""


@dataclass(frozen=True, slots=True)
class CreatedCall:
    """A call that the ledger has created: the attempt it came from, its number and slot, and where it was sent.

    *was_gone*: the API did not know it when it was last asked.
    """

    sent_to: Endpoint
    campaign_id: int
    contact_id: int
    number: int
    phone: str = field(repr=False)
    call_id: str
    slot_ms: int
    was_gone: bool = False


def calls_without_end(tx: Connection, campaign_id: int, *, slots_from_ms: int, slots_to_ms: int) -> list[CreatedCall]:
    """Return the campaign's calls with a slot in this span and without a final disposition, by slot."""
    query = _calls().where(
        contacts.c.campaign_id == campaign_id,
        attempts.c.slot_ms >= slots_from_ms,
        attempts.c.slot_ms <= slots_to_ms,
        dispositions.c.is_final.is_(None) | dispositions.c.is_final.is_(False),
    )
    place_of = endpoints_of_runs(tx)
    rows = tx.execute(query.order_by(attempts.c.slot_ms, attempts.c.contact_id))
    return [CreatedCall(place_of[run_id].under(template), *call) for run_id, template, *call in rows]


def find_call_without_end(tx: Connection, call_id: str) -> CreatedCall | None:
    """Return the call of that id; None when the ledger has created none, or already knows how it ended."""
    row = tx.execute(
        _calls().where(
            attempts.c.call_id == call_id, dispositions.c.is_final.is_(None) | dispositions.c.is_final.is_(False)
        )
    ).first()
    if row is None:
        return None
    run_id, template, *call = row
    return CreatedCall(endpoints_of_runs(tx)[run_id].under(template), *call)


def _calls() -> Select[Any]:
    is_its = and_(dispositions.c.contact_id == attempts.c.contact_id, dispositions.c.number == attempts.c.number)
    was_gone = case((dispositions.c.status == GONE, True), else_=False)
    sent_to = (attempts.c.run_id, attempt_choices.c.call_template_id)
    whose = (*sent_to, contacts.c.campaign_id, attempts.c.contact_id, attempts.c.number)
    return (
        select(*whose, attempts.c.phone, attempts.c.call_id, attempts.c.slot_ms, was_gone)
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .outerjoin(attempt_choices, is_choice_of_attempt())
        .outerjoin(dispositions, is_its)
        .where(attempts.c.outcome == Kind.CREATED)
    )


RANG_OUT = ("noAnswer", "failed")
"""Statuses of calls that nobody can have taken: the number may be the wrong one for the hour, or for the person."""


class LastCall(NamedTuple):
    """The number (E.164) a contact was called at last; *moves_on*: nobody took it, and the contact is called again."""

    phone: str
    moves_on: bool


def last_calls(tx: Connection, campaign_id: int, keys: Collection[str]) -> dict[str, LastCall]:
    """Return the last call of those of the contacts with these *keys*, at most 500, that have had any."""
    is_last = and_(attempts.c.contact_id == contacts.c.id, attempts.c.number == contacts.c.attempts)
    is_its = and_(dispositions.c.contact_id == attempts.c.contact_id, dispositions.c.number == attempts.c.number)
    rang_out = and_(dispositions.c.is_final, dispositions.c.status.in_(RANG_OUT))
    moves_on = and_(contacts.c.state.in_(CLAIMABLE), func.coalesce(rang_out, False))
    query = (
        select(contacts.c.key, attempts.c.phone, moves_on)
        .join(attempts, is_last)
        .outerjoin(dispositions, is_its)
        .where(contacts.c.campaign_id == campaign_id, contacts.c.key.in_(keys))
    )
    return {key: LastCall(phone, bool(goes_on)) for key, phone, goes_on in tx.execute(query)}


def write_dispositions(
    tx: Connection, found: Sequence[tuple[CreatedCall, Disposition]], *, seen_at_ms: int
) -> list[CreatedCall]:
    """Store how calls stand, but never over a final disposition; return the calls whose person said: never again.

    Raises `LedgerWriteFailed` for a call whose contact was purged meanwhile.
    """
    if not found:
        return []
    statement = upsert(tx, dispositions)
    news = {column.name: statement.excluded[column.name] for column in dispositions.c if not column.primary_key}
    statement = statement.on_conflict_do_update(
        index_elements=["contact_id", "number"], set_=news, where=dispositions.c.is_final.is_(False)
    )
    try:
        tx.execute(statement, [_values(call, disposition, seen_at_ms) for call, disposition in found])
    except IntegrityError as error:
        raise LedgerWriteFailed("A call's contact is gone from the ledger: purged since it was looked up.") from error
    for campaign_id in {call.campaign_id for call, _ in found}:
        of_campaign = (disposition for call, disposition in found if call.campaign_id == campaign_id)
        _add_columns(tx, campaign_id, of_campaign)
    return [call for call, disposition in found if disposition.asks_never_again]


def _values(call: CreatedCall, disposition: Disposition, seen_at_ms: int) -> dict[str, Any]:
    return {
        "contact_id": call.contact_id,
        "number": call.number,
        "call_id": call.call_id,
        "status": disposition.status,
        "is_final": disposition.is_final(seen_at_ms=seen_at_ms),
        "status_code": disposition.status_code,
        "call_later_ms": disposition.call_later_ms,
        "duration_seconds": disposition.duration_seconds,
        "triggered_at_ms": disposition.triggered_at_ms,
        "started_at_ms": disposition.started_at_ms,
        "ended_at_ms": disposition.ended_at_ms,
        "results": json.dumps(disposition.results, ensure_ascii=False, separators=(",", ":")),
        "recording_url": disposition.recording_url,
        "seen_at_ms": seen_at_ms,
    }


def _add_columns(tx: Connection, campaign_id: int, found: Iterable[Disposition]) -> None:
    names = dict.fromkeys(name for disposition in found for name, _ in disposition.results)
    known = result_columns_of(tx, campaign_id)
    new = [name for name in names if name not in known]
    if new:
        statement = upsert(tx, result_columns).on_conflict_do_nothing()
        rows = [
            {"campaign_id": campaign_id, "name": name, "position": position}
            for position, name in enumerate(new, start=len(known))
        ]
        tx.execute(statement, rows)


def status_counts(tx: Connection, campaign_id: int) -> dict[tuple[str, str], int]:
    """Count the campaign's calls by status and status code, as the API last said."""
    by = (dispositions.c.status, dispositions.c.status_code)
    query = (
        select(*by, func.count())
        .join(contacts, contacts.c.id == dispositions.c.contact_id)
        .where(contacts.c.campaign_id == campaign_id)
        .group_by(*by)
        .order_by(*by)
    )
    return {(status, code): count for status, code, count in tx.execute(query)}
