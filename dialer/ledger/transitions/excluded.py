"""Holds whom another campaign of the ledger has called, where a campaign excludes its people."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, literal, or_, select, union, update

from dialer.chunks import chunks
from dialer.ledger.database.engine import upsert
from dialer.ledger.database.schema import (
    CLAIMABLE,
    attempts,
    campaigns,
    contact_numbers,
    contacts,
    may_exist,
    run_rows,
    runs,
    suppressed,
)
from dialer.ledger.known_contacts import ROW_STANDINGS, called_before
from dialer.ledger.suppression_list import is_suppressed, wait_for_claims
from dialer.reasons import Reason

_CHUNK = 500

EXCLUDED_REASON = "excluded by the campaign"
"""Why a number is on a campaign's list that the campaign leaves out."""

_theirs = contacts.alias("theirs")


def why_held() -> dict[Reason, ColumnElement[bool]]:
    """Return the conditions, on `contacts`, that the list holds one of them, by the reason that its row is given."""
    is_held = is_suppressed(suppressed.c.reason != EXCLUDED_REASON)
    return {Reason.SUPPRESSED: is_held, Reason.EXCLUDED_NUMBER: and_(is_suppressed(), ~is_held)}


def known_campaigns(tx: Connection) -> list[str]:
    """Return the names of all campaigns of the ledger."""
    return list(tx.scalars(select(campaigns.c.name).order_by(campaigns.c.name)))


def hold_called_by(tx: Connection, run_id: str, names: Collection[str]) -> None:
    """Take out of a run whom the campaigns *names* have called or may have, at any number, and report their rows so.

    Whoever was called before a purge is known where the number was the key.
    """
    if names:
        take_out(tx, run_id, _was_called(names), Reason.EXCLUDED_NUMBER)
        for campaign_id in tx.scalars(_ids(names)).all():
            phones = tx.scalars(select(contacts.c.phone).where(*_planned(run_id))).all()
            for chunk in chunks(phones, _CHUNK):
                if purged := called_before(tx, campaign_id, chunk):
                    take_out(tx, run_id, contacts.c.phone.in_(purged), Reason.EXCLUDED_NUMBER)


def called_since(tx: Connection, names: Collection[str], *, since_ms: int) -> set[str]:
    """Return the numbers that the campaigns *names* have claimed calls to since *since_ms*, created or perhaps so."""
    may_go_on = or_(runs.c.ended_at_ms.is_(None), runs.c.ended_at_ms >= since_ms)
    of_runs = select(runs.c.id).where(runs.c.campaign_id.in_(_ids(names)), may_go_on)
    is_late = (attempts.c.run_id.in_(of_runs), attempts.c.claimed_at_ms >= since_ms, may_exist())
    return set(tx.scalars(select(attempts.c.phone).where(*is_late)))


def suppress_other_numbers(
    tx: Connection, names: Collection[str], phones: Collection[str], *, at_ms: int, campaign_id: int
) -> None:
    """Put on the campaign's list all numbers of those whom the campaigns *names* called at one of *phones*."""
    wait_for_claims(tx)
    for chunk in chunks(phones, _CHUNK):
        calls = _calls(names).where(attempts.c.phone.in_(chunk)).with_only_columns(attempts.c.contact_id)
        entry = {"campaign_id": campaign_id, "ending": "", "reason": EXCLUDED_REASON, "added_at_ms": at_ms}
        values = [literal(value, suppressed.c[name].type).label(name) for name, value in entry.items()]
        numbers = select(contact_numbers.c.digest, *values).where(contact_numbers.c.contact_id.in_(calls)).distinct()
        statement = upsert(tx, suppressed).from_select(["digest", *entry], numbers)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["digest", "campaign_id"], set_={"is_of_row": False}, where=suppressed.c.is_of_row
            )
        )


def _was_called(names: Collection[str]) -> ColumnElement[bool]:
    """Return the condition, on `contacts`, that one of its numbers was called, or is of a person who was."""
    calls = _calls(names).with_only_columns(attempts.c.contact_id)
    numbers = union(
        select(_theirs.c.number_digest).where(_theirs.c.id.in_(calls)),
        select(contact_numbers.c.digest).where(contact_numbers.c.contact_id.in_(calls)),
    )
    return or_(
        contacts.c.phone.in_(_calls(names)),
        contacts.c.number_digest.in_(numbers),
        contacts.c.id.in_(select(contact_numbers.c.contact_id).where(contact_numbers.c.digest.in_(numbers))),
    )


def _calls(names: Collection[str]) -> Select[Any]:
    """Select the numbers of their calls that exist or may exist."""
    of_campaigns = select(_theirs.c.id).where(_theirs.c.campaign_id.in_(_ids(names)))
    return select(attempts.c.phone).where(attempts.c.contact_id.in_(of_campaigns), may_exist())


def _ids(names: Collection[str]) -> Select[Any]:
    return select(campaigns.c.id).where(campaigns.c.name.in_(names))


def _planned(run_id: str) -> tuple[ColumnElement[bool], ...]:
    return contacts.c.planned_in == run_id, contacts.c.state.in_(CLAIMABLE)


def take_out(tx: Connection, run_id: str, is_one: ColumnElement[bool], reason: Reason) -> None:
    """Take the contacts that meet a condition out of a run, and give their rows the *reason*.

    The rows are those of the contacts that were taken out: on PostgreSQL somebody else may commit between two
    statements, and then the condition holds for others.
    """
    held = update(contacts).where(*_planned(run_id), is_one).values(planned_in=None, slot_ms=None)
    for chunk in chunks(tx.scalars(held.returning(contacts.c.id)).all(), _CHUNK):
        is_row = (run_rows.c.run_id == run_id, run_rows.c.contact_id.in_(chunk))
        tx.execute(update(run_rows).where(*is_row).values(ROW_STANDINGS[reason]._asdict()))
