"""Begins a run on the rows that an earlier one has read: nothing is read again but what the ledger holds."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, literal, or_, select, update

from dialer.ledger.database.schema import CLAIMABLE, State, campaigns, contacts, run_rows, runs, sheet_rows, sheets
from dialer.ledger.known_contacts import DECIDED_BY_STATE, ROW_STANDINGS
from dialer.ledger.runs import Run, SheetFacts
from dialer.ledger.suppression_list import is_suppressed
from dialer.ledger.transitions.excluded import why_held
from dialer.ledger.transitions.reopened import spent
from dialer.reasons import Reason, Status


@dataclass(frozen=True, slots=True)
class Selection:
    """Which failed rows are sent again: those whose reason is among *only*, all of them where it is empty.

    *none* sends no row as it stands: the caller brings mended ones instead.
    """

    max_calls: int
    only: tuple[str, ...] = ()
    none: bool = False


def retake_rows(tx: Connection, run: Run, source_run_id: str, selection: Selection) -> int:
    """Report where every row of the source run stands now, and let the selected ones wait; return their number.

    Created, unknown, suppressed, replaced, rejected and pending rows are reported and never sent.
    """
    cases = _cases(selection)
    reported = [
        case(*((condition, _literal(report[at])) for condition, report in cases), else_=kept)
        for at, kept in enumerate((run_rows.c.status, run_rows.c.reason, run_rows.c.message))
    ]
    rows = (
        select(literal(run.id), run_rows.c.row, run_rows.c.contact_id, *reported, run_rows.c.phone)
        .select_from(run_rows.outerjoin(contacts, contacts.c.id == run_rows.c.contact_id))
        .where(run_rows.c.run_id == source_run_id)
    )
    columns = ["run_id", "row", "contact_id", "status", "reason", "message", "phone"]
    tx.execute(insert(run_rows).from_select(columns, rows))
    waiting = select(run_rows.c.contact_id).where(run_rows.c.run_id == run.id, run_rows.c.reason == Reason.WAITING)
    statement = update(contacts).where(contacts.c.id.in_(waiting), contacts.c.state.in_(CLAIMABLE))
    return tx.execute(statement.values(planned_in=run.id, slot_ms=None)).rowcount


def may_go() -> ColumnElement[bool]:
    """Return the condition, on `contacts`, that a retry may send it: it failed, or a mend brought it and it waits."""
    return or_(contacts.c.state == State.FAILED, and_(contacts.c.state == State.PENDING, contacts.c.is_mended))


def _cases(selection: Selection) -> list[tuple[ColumnElement[bool], tuple[Any, ...]]]:
    """Return how the row of each kind of contact is reported: status, reason, message. The first kind that fits counts.

    A row without a contact fits none and keeps what the source run said.
    """
    may_be_sent = and_(may_go(), contacts.c.reason.in_(selection.only)) if selection.only else may_go()
    is_claimable = contacts.c.state.in_(CLAIMABLE)
    is_spent = and_(may_be_sent, spent() >= selection.max_calls)
    own = (contacts.c.reason, contacts.c.message)
    cases: list[tuple[ColumnElement[bool], tuple[Any, ...]]] = [
        *((contacts.c.state == state, ROW_STANDINGS[reason]) for state, reason in DECIDED_BY_STATE.items()),
        (contacts.c.state == State.UNKNOWN, (Status.UNKNOWN, *own)),
        (contacts.c.replaced_by.is_not(None), ROW_STANDINGS[Reason.REPLACED]),
        *((and_(is_claimable, is_held), ROW_STANDINGS[reason]) for reason, is_held in why_held().items()),
        (is_spent, ROW_STANDINGS[Reason.ATTEMPTS_SPENT]),
    ]
    if not selection.none:
        cases.append((may_be_sent, ROW_STANDINGS[Reason.WAITING]))
    return [
        *cases,
        (contacts.c.state == State.FAILED, (Status.FAILED, *own)),
        (contacts.c.state == State.PENDING, ROW_STANDINGS[Reason.NOT_SELECTED]),
    ]


def _literal(value: Any) -> Any:
    return literal(str(value)) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Source:
    """A run whose rows another run begins on, and the sheet that it read, with how many rows that has."""

    run_id: str
    sheet_id: int
    sheet: SheetFacts
    row_count: int


class Mendable(NamedTuple):
    """A row that may be mended: its contact, if it was one, and the number that it was reported with, "" where none."""

    contact_id: int | None
    phone: str


def last_source(tx: Connection, campaign: str) -> Source | None:
    """Return the campaign's last run that has read its sheet to the end; None where there is none, or it was purged."""
    columns = (runs.c.id, runs.c.sheet_id, sheets.c.file, sheets.c.sha256, sheets.c.header, sheets.c.row_count)
    query = (
        select(*columns)
        .join(sheets, sheets.c.id == runs.c.sheet_id)
        .join(campaigns, campaigns.c.id == runs.c.campaign_id)
        .where(campaigns.c.name == campaign, sheets.c.row_count.is_not(None), _has_rows())
        .order_by(runs.c.started_at_ms.desc(), runs.c.id.desc())
        .limit(1)
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    return Source(row.id, row.sheet_id, SheetFacts(row.file, row.sha256, tuple(json.loads(row.header))), row.row_count)


def _has_rows() -> ColumnElement[bool]:
    """Return the condition that a run has reported all its rows: one killed while it read a known sheet has not."""
    reported = select(func.count()).where(run_rows.c.run_id == runs.c.id).correlate(runs).scalar_subquery()
    return reported >= sheets.c.row_count


def has_failed(tx: Connection, source: Source, selection: Selection) -> bool:
    """Return whether a row of *source* would be sent again."""
    can_go = and_(
        may_go(),
        contacts.c.replaced_by.is_(None),
        ~is_suppressed(),
        spent() < selection.max_calls,
    )
    if selection.only:
        can_go = and_(can_go, contacts.c.reason.in_(selection.only))
    query = select(run_rows.c.row).join(contacts, contacts.c.id == run_rows.c.contact_id)
    return tx.execute(query.where(run_rows.c.run_id == source.run_id, can_go).limit(1)).first() is not None


def copy_sheet(tx: Connection, source_sheet_id: int, run: Run) -> None:
    """Copy the rows of another sheet to the run's new one."""
    kept = select(literal(run.sheet_id), sheet_rows.c.row, sheet_rows.c.cells)
    kept = kept.where(sheet_rows.c.sheet_id == source_sheet_id)
    tx.execute(insert(sheet_rows).from_select(["sheet_id", "row", "cells"], kept))


def write_cells(tx: Connection, run: Run, cells: Mapping[int, str]) -> None:
    """Put *cells* (JSON text) in place of those of some rows of the run's own sheet."""
    for row, text in cells.items():
        is_row = (sheet_rows.c.sheet_id == run.sheet_id, sheet_rows.c.row == row)
        tx.execute(update(sheet_rows).where(*is_row).values(cells=text))


def rows_of_keys(tx: Connection, run: Run, keys: Collection[str]) -> dict[str, int]:
    """Return the row of the run that reports the contact of each of *keys*, at most 500, where there is one."""
    query = (
        select(contacts.c.key, run_rows.c.row)
        .join(run_rows, run_rows.c.contact_id == contacts.c.id)
        .where(run_rows.c.run_id == run.id, contacts.c.campaign_id == run.campaign_id, contacts.c.key.in_(keys))
        .order_by(run_rows.c.row.desc())
    )
    return {found.key: found.row for found in tx.execute(query)}


def mendable_rows(tx: Connection, run: Run) -> dict[int, Mendable]:
    """Return the rows that the run reports as failed, rejected, or brought by an earlier mend and not sent yet."""
    is_open = run_rows.c.status.in_((Status.FAILED, Status.REJECTED))
    waits = and_(run_rows.c.status == Status.PENDING, contacts.c.is_mended)
    query = (
        select(run_rows.c.row, run_rows.c.contact_id, run_rows.c.phone)
        .outerjoin(contacts, contacts.c.id == run_rows.c.contact_id)
        .where(run_rows.c.run_id == run.id, or_(is_open, waits))
    )
    return {found.row: Mendable(found.contact_id, found.phone or "") for found in tx.execute(query)}


def cells_of_callable(tx: Connection, source: Source) -> list[tuple[int, str, str]]:
    """Return the contact, its number and the cells (JSON) of each row of the source run that may still be sent."""
    of_row = (sheet_rows.c.sheet_id == source.sheet_id) & (sheet_rows.c.row == run_rows.c.row)
    query = (
        select(contacts.c.id, contacts.c.phone, sheet_rows.c.cells)
        .select_from(run_rows.join(contacts, contacts.c.id == run_rows.c.contact_id).join(sheet_rows, of_row))
        .where(run_rows.c.run_id == source.run_id, contacts.c.state.in_(CLAIMABLE))
    )
    return [(found.id, found.phone, found.cells) for found in tx.execute(query)]


def phones_of_rows(tx: Connection, run_id: str, rows: Collection[int]) -> dict[int, str]:
    """Return the number that the run reported for each of *rows*, "" where none; rows that it has not are left out."""
    query = select(run_rows.c.row, run_rows.c.phone).where(run_rows.c.run_id == run_id, run_rows.c.row.in_(rows))
    return {found.row: found.phone or "" for found in tx.execute(query)}


def drop_rows(tx: Connection, run: Run, rows: Collection[int]) -> None:
    """Take rows of the run back, so that they can be reported anew."""
    tx.execute(run_rows.delete().where(run_rows.c.run_id == run.id, run_rows.c.row.in_(rows)))


def unretire_contacts(tx: Connection, run: Run, keys: Collection[str]) -> None:
    """Let contacts with these *keys*, at most 500, be called although an earlier mend had taken their rows away."""
    is_one = (contacts.c.campaign_id == run.campaign_id, contacts.c.key.in_(keys))
    tx.execute(update(contacts).where(*is_one, contacts.c.replaced_by.is_not(None)).values(replaced_by=None))


def replace_contacts(tx: Connection, run: Run, before: Mapping[int, int]) -> None:
    """Retire failed contacts whose rows are something else now: only what the rows have become is called from now on.

    *before* are the mended rows with the contact that each was. A contact that some mended row has become stays. One
    whose row is no contact any more, a duplicate or a suppressed one for instance, is retired all the same.
    """
    query = select(run_rows.c.row, run_rows.c.contact_id).where(run_rows.c.run_id == run.id)
    now = {found.row: found.contact_id for found in tx.execute(query)}
    kept = set(now.values())
    for row, contact_id in before.items():
        if contact_id not in kept:
            after = now.get(row) or contact_id
            is_it = (contacts.c.id == contact_id, contacts.c.state.in_(CLAIMABLE))
            tx.execute(update(contacts).where(*is_it).values(replaced_by=after, planned_in=None))


def mark_mended(tx: Connection, run: Run, rows: Collection[int]) -> None:
    """Note of the contacts that these *rows*, at most 500, have become that no sheet holds them: a retry sends them."""
    query = select(run_rows.c.contact_id).where(run_rows.c.run_id == run.id, run_rows.c.row.in_(rows))
    is_one = (contacts.c.id.in_(query), contacts.c.state.in_(CLAIMABLE))
    tx.execute(update(contacts).where(*is_one).values(is_mended=True))
