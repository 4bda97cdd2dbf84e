"""Begins a run on the rows that an earlier one has read: nothing is read again but what the ledger holds."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, literal, select, update

from dialer.ledger.again import SPENT_MESSAGE, spent
from dialer.ledger.attempts import SUPPRESSED_MESSAGE
from dialer.ledger.intake import Run, SheetFacts
from dialer.ledger.schema import CLAIMABLE, State, campaigns, contacts, run_rows, runs, sheet_rows, sheets
from dialer.ledger.standing import ALREADY_MESSAGE, INTERRUPTED_MESSAGE
from dialer.ledger.suppressed import is_suppressed
from dialer.status import REASONS, Reason, Status

NOT_SELECTED_MESSAGE = "This run sends only rows that failed before; `dialer run` sends this one."


@dataclass(frozen=True, slots=True)
class Selection:
    """Which failed rows are sent again: those whose reason is among *only*, all of them where it is empty.

    *none* sends no row as it stands: the caller brings mended ones instead.
    """

    max_calls: int
    only: tuple[str, ...] = ()
    none: bool = False


def retake_rows(tx: Connection, run: Run, source_run_id: str, selection: Selection) -> int:
    """Tell of every row of the source run where it stands now, and let the selected ones wait; give their number.

    Created, unknown, suppressed, replaced, rejected and pending rows are told and never sent.
    """
    told = {name: case(*_cases(name, selection), else_=kept) for name, kept in _KEPT.items()}
    rows = (
        select(
            literal(run.id),
            run_rows.c.row,
            run_rows.c.contact_id,
            told["status"],
            told["reason"],
            told["message"],
            run_rows.c.phone,
        )
        .select_from(run_rows.outerjoin(contacts, contacts.c.id == run_rows.c.contact_id))
        .where(run_rows.c.run_id == source_run_id)
    )
    columns = ["run_id", "row", "contact_id", "status", "reason", "message", "phone"]
    tx.execute(insert(run_rows).from_select(columns, rows))
    waiting = select(run_rows.c.contact_id).where(run_rows.c.run_id == run.id, run_rows.c.reason == Reason.WAITING)
    statement = update(contacts).where(contacts.c.id.in_(waiting), contacts.c.state == State.FAILED)
    return tx.execute(statement.values(planned_in=run.id, slot_ms=None)).rowcount


_KEPT: dict[str, ColumnElement[Any]] = {
    "status": run_rows.c.status,
    "reason": run_rows.c.reason,
    "message": run_rows.c.message,
}


def _cases(name: str, selection: Selection) -> list[tuple[ColumnElement[bool], Any]]:
    """Give what each kind of contact's row is told as, the first that fits; a row without a contact stays as it was."""
    is_failed = contacts.c.state == State.FAILED
    chosen = and_(is_failed, contacts.c.reason.in_(selection.only)) if selection.only else is_failed
    kinds: list[tuple[ColumnElement[bool], str, Any, Any]] = [
        (contacts.c.state == State.CREATED, Status.SKIPPED, Reason.ALREADY_CREATED, ALREADY_MESSAGE),
        (contacts.c.state == State.UNKNOWN, Status.UNKNOWN, contacts.c.reason, contacts.c.message),
        (contacts.c.state == State.CLAIMED, Status.UNKNOWN, Reason.INTERRUPTED, INTERRUPTED_MESSAGE),
        (contacts.c.replaced_by.is_not(None), Status.SKIPPED, Reason.REPLACED, REASONS[Reason.REPLACED][1]),
        (
            and_(contacts.c.state.in_(CLAIMABLE), is_suppressed()),
            Status.SKIPPED,
            Reason.SUPPRESSED,
            SUPPRESSED_MESSAGE,
        ),
        (and_(chosen, spent() >= selection.max_calls), Status.FAILED, Reason.ATTEMPTS_SPENT, SPENT_MESSAGE),
    ]
    if not selection.none:
        kinds.append((chosen, Status.PENDING, Reason.WAITING, ""))
    kinds += [
        (is_failed, Status.FAILED, contacts.c.reason, contacts.c.message),
        (contacts.c.state == State.PENDING, Status.PENDING, Reason.NOT_SELECTED, NOT_SELECTED_MESSAGE),
    ]
    at = {"status": 0, "reason": 1, "message": 2}[name]
    return [(condition, _literal(told[at])) for condition, *told in kinds]


def _literal(value: Any) -> Any:
    return literal(str(value)) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Source:
    """A run whose rows another run begins on, and the sheet that it read, with how many rows that has."""

    run_id: str
    sheet_id: int
    sheet: SheetFacts
    row_count: int


def last_source(tx: Connection, campaign: str) -> Source | None:
    """Give the campaign's last run that has read its sheet to the end; None where there is none, or it was purged."""
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
    """Give the condition that a run has told all its rows: one killed while it read a known sheet told some of them."""
    told = select(func.count()).where(run_rows.c.run_id == runs.c.id).correlate(runs).scalar_subquery()
    return told >= sheets.c.row_count


def has_failed(tx: Connection, source: Source, selection: Selection) -> bool:
    """Tell whether a row of *source* would be sent again."""
    can_go = and_(
        contacts.c.state == State.FAILED,
        contacts.c.replaced_by.is_(None),
        ~is_suppressed(),
        spent() < selection.max_calls,
    )
    if selection.only:
        can_go = and_(can_go, contacts.c.reason.in_(selection.only))
    query = select(run_rows.c.row).join(contacts, contacts.c.id == run_rows.c.contact_id)
    return tx.execute(query.where(run_rows.c.run_id == source.run_id, can_go).limit(1)).first() is not None


def copy_sheet(tx: Connection, source_sheet_id: int, run: Run) -> None:
    """Give the run's new sheet the rows of another one."""
    kept = select(literal(run.sheet_id), sheet_rows.c.row, sheet_rows.c.cells)
    kept = kept.where(sheet_rows.c.sheet_id == source_sheet_id)
    tx.execute(insert(sheet_rows).from_select(["sheet_id", "row", "cells"], kept))


def write_cells(tx: Connection, run: Run, cells: Mapping[int, str]) -> None:
    """Put *cells* (JSON text) in place of those of some rows of the run's own sheet."""
    for row, text in cells.items():
        is_row = (sheet_rows.c.sheet_id == run.sheet_id, sheet_rows.c.row == row)
        tx.execute(update(sheet_rows).where(*is_row).values(cells=text))


def rows_of_keys(tx: Connection, run: Run, keys: Collection[str]) -> dict[str, int]:
    """Give the row of the run that tells the contact of each of *keys*, at most 500, where there is one."""
    query = (
        select(contacts.c.key, run_rows.c.row)
        .join(run_rows, run_rows.c.contact_id == contacts.c.id)
        .where(run_rows.c.run_id == run.id, contacts.c.campaign_id == run.campaign_id, contacts.c.key.in_(keys))
        .order_by(run_rows.c.row.desc())
    )
    return {found.key: found.row for found in tx.execute(query)}


def mendable_rows(tx: Connection, run: Run, rows: Collection[int]) -> dict[int, int | None]:
    """Give those of *rows*, at most 500, that the run tells as failed or rejected, each with its contact's id."""
    query = select(run_rows.c.row, run_rows.c.contact_id).where(
        run_rows.c.run_id == run.id,
        run_rows.c.row.in_(rows),
        run_rows.c.status.in_((Status.FAILED, Status.REJECTED)),
    )
    return {found.row: found.contact_id for found in tx.execute(query)}


def drop_rows(tx: Connection, run: Run, rows: Collection[int]) -> None:
    """Take rows of the run back, so that they can be told anew."""
    tx.execute(run_rows.delete().where(run_rows.c.run_id == run.id, run_rows.c.row.in_(rows)))


def replace_contacts(tx: Connection, run: Run, contact_of_row: Mapping[int, int | None]) -> None:
    """Retire failed contacts whose rows, once mended, are other contacts: only the new ones are called from now on."""
    query = select(run_rows.c.row, run_rows.c.contact_id).where(
        run_rows.c.run_id == run.id, run_rows.c.row.in_(contact_of_row), run_rows.c.contact_id.is_not(None)
    )
    for row, after in tx.execute(query).all():
        before = contact_of_row[row]
        if before is not None and before != after:
            is_it = (contacts.c.id == before, contacts.c.state == State.FAILED)
            tx.execute(update(contacts).where(*is_it).values(replaced_by=after, planned_in=None))
