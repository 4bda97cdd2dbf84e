"""Runs as the ledger keeps them: begun on a sheet, ended with a code, listed newest first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticSerializationError, to_json
from sqlalchemy import Connection, Select, delete, insert, select, update

from dialer.calls.endpoint import Endpoint
from dialer.errors import UsageError
from dialer.ledger.database.schema import (
    attempts,
    campaigns,
    result_columns,
    run_rows,
    runs,
    sheet_rows,
    sheets,
)
from dialer.ledger.database.tables.intakes import intakes
from dialer.reasons import Reason


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a job, as it stands in the ledger."""

    id: str
    campaign_id: int
    sheet_id: int
    sheet_is_stored: bool
    started_at_ms: int


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What identifies a sheet: its file's name, the fingerprint of its content, its header."""

    file: str
    sha256: str
    header: tuple[str, ...]


def begin_run(
    tx: Connection,
    *,
    run_id: str,
    campaign: str,
    sheet: SheetFacts,
    started_at_ms: int,
    facts: Mapping[str, object],
) -> Run:
    """Register a run of *campaign* on *sheet*. A sheet read before is not stored again."""
    campaign_id = add_campaign(tx, campaign)
    tx.execute(delete(intakes).where(intakes.c.campaign_id == campaign_id))  # this run may change what they say
    found = tx.execute(
        select(sheets.c.id, sheets.c.row_count).where(
            sheets.c.campaign_id == campaign_id, sheets.c.sha256 == sheet.sha256
        )
    ).one_or_none()
    if found is None:
        values = {"file": sheet.file, "sha256": sheet.sha256, "header": compact_json(sheet.header)}
        sheet_id = _inserted(tx.execute(insert(sheets).values(campaign_id=campaign_id, **values)))
    else:
        sheet_id = found.id
        if found.row_count is None:  # an earlier run was killed while it read
            tx.execute(delete(sheet_rows).where(sheet_rows.c.sheet_id == sheet_id))
    tx.execute(
        insert(runs).values(
            id=run_id,
            campaign_id=campaign_id,
            sheet_id=sheet_id,
            started_at_ms=started_at_ms,
            facts=compact_json(dict(facts)),
        )
    )
    is_stored = found is not None and found.row_count is not None
    return Run(run_id, campaign_id, sheet_id, sheet_is_stored=is_stored, started_at_ms=started_at_ms)


def add_campaign(tx: Connection, campaign: str) -> int:
    """Return the id of the campaign of this name, which may be new to the ledger."""
    found = tx.scalar(select(campaigns.c.id).where(campaigns.c.name == campaign))
    return _inserted(tx.execute(insert(campaigns).values(name=campaign))) if found is None else int(found)


def _inserted(result: Any) -> int:
    return int(result.inserted_primary_key[0])


def finish_intake(tx: Connection, run: Run, *, row_count: int) -> None:
    """Mark the sheet as wholly stored: *row_count* rows."""
    tx.execute(update(sheets).where(sheets.c.id == run.sheet_id).values(row_count=row_count))


def stop_waiting_rows(tx: Connection, run: Run) -> None:
    """Mark the rows of a run whose turn never came: it sends nothing more."""
    tried = select(attempts.c.contact_id).where(attempts.c.run_id == run.id)
    tx.execute(
        update(run_rows)
        .where(
            run_rows.c.run_id == run.id,
            run_rows.c.reason == Reason.WAITING,
            run_rows.c.contact_id.not_in(tried),
        )
        .values(reason=Reason.STOPPED)
    )


def end_run(tx: Connection, run: Run, *, ended_at_ms: int, exit_code: int, stop: str | None) -> None:
    """Close the run with its exit code and, where it *stop*ped early, the reason."""
    tx.execute(update(runs).where(runs.c.id == run.id).values(ended_at_ms=ended_at_ms, exit_code=exit_code, stop=stop))


def compact_json(value: Any) -> str:
    """Write *value* as the ledger keeps lists and objects, the cells of a row among them.

    Pydantic's encoder writes the same and takes a third of the time, which was a twentieth of a plan; text that is no
    Unicode, half a surrogate pair in a cell, is not for it.
    """
    try:
        return to_json(value).decode()
    except PydanticSerializationError:
        return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # `json.dumps` would make one for each row


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run as the ledger keeps it; *ended_at_ms* and *exit_code* are None while it goes on or after a kill.

    *row_count* is None until the sheet is read. *result_columns* names what the campaign's calls brought back so far.
    """

    id: str
    sheet_id: int
    header: tuple[str, ...]
    row_count: int | None
    started_at_ms: int
    ended_at_ms: int | None
    exit_code: int | None
    stop: str | None
    result_columns: tuple[str, ...] = ()


def campaign_id_of(tx: Connection, name: str) -> int | None:
    """Return the id of the campaign *name*; None when the ledger has never seen it."""
    return tx.scalar(select(campaigns.c.id).where(campaigns.c.name == name))


def last_key(tx: Connection, name: str) -> list[str] | None:
    """Return the key columns that the campaign's last run knew people by; None when it has never run."""
    query = (
        select(runs.c.facts)
        .join(campaigns, campaigns.c.id == runs.c.campaign_id)
        .where(campaigns.c.name == name)
        .order_by(runs.c.started_at_ms.desc(), runs.c.id.desc())
        .limit(1)
    )
    facts = tx.scalar(query)
    found = None if facts is None else json.loads(facts).get("key")
    return found if isinstance(found, list) else None


def purged_claims(tx: Connection, name: str) -> int:
    """Count the claims of the campaign that purges have erased: each run keeps how many were its own."""
    of_campaign = select(campaigns.c.id).where(campaigns.c.name == name).scalar_subquery()
    kept = (json.loads(text) for text in tx.scalars(select(runs.c.facts).where(runs.c.campaign_id == of_campaign)))
    return sum(count for facts in kept for what, count in facts.get("purged", {}).items() if what != "rows")


def campaign_names(tx: Connection) -> list[str]:
    """Return the names of every campaign the ledger has seen."""
    return list(tx.scalars(select(campaigns.c.name).order_by(campaigns.c.name)))


def runs_of(tx: Connection, campaign_id: int) -> list[RunFacts]:
    """Return the campaign's runs, newest first."""
    query = _runs().where(runs.c.campaign_id == campaign_id).order_by(runs.c.started_at_ms.desc(), runs.c.id.desc())
    columns = result_columns_of(tx, campaign_id)
    return [_facts(row, columns) for row in tx.execute(query)]


def find_run(tx: Connection, run_id: str) -> RunFacts:
    """Return one run. Raises `UsageError` when the ledger has no run of that id."""
    row = tx.execute(_runs().where(runs.c.id == run_id)).one_or_none()
    if row is None:
        raise UsageError(f"The ledger holds no run {run_id}. `dialer status` lists them.")
    return _facts(row, result_columns_of(tx, row.campaign_id))


def result_columns_of(tx: Connection, campaign_id: int) -> tuple[str, ...]:
    """Return the names of the values that the campaign's calls have brought back, in the order they were first seen."""
    query = (
        select(result_columns.c.name)
        .where(result_columns.c.campaign_id == campaign_id)
        .order_by(result_columns.c.position, result_columns.c.name)
    )
    return tuple(tx.scalars(query))


def _runs() -> Select[Any]:
    columns = (runs.c.id, runs.c.sheet_id, sheets.c.header, sheets.c.row_count, runs.c.started_at_ms)
    ended = (runs.c.ended_at_ms, runs.c.exit_code, runs.c.stop, runs.c.campaign_id)
    return select(*columns, *ended).join(sheets, sheets.c.id == runs.c.sheet_id)


def _facts(row: Any, result_columns: tuple[str, ...]) -> RunFacts:
    sheet = (row.sheet_id, tuple(json.loads(row.header)), row.row_count)
    return RunFacts(row.id, *sheet, row.started_at_ms, row.ended_at_ms, row.exit_code, row.stop, result_columns)


def endpoints_of_runs(tx: Connection) -> dict[str, Endpoint]:
    """Return where the calls of every run of the ledger went."""
    facts = {run_id: json.loads(text) for run_id, text in tx.execute(select(runs.c.id, runs.c.facts))}
    return {
        run_id: Endpoint(str(found.get("address", "")), str(found.get("call_template_id", "")))
        for run_id, found in facts.items()
    }
