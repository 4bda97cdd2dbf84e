"""Tells what the ledger knows, row by row: what a run did, or where every row of a campaign stands."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, select, tuple_

from dialer.errors import UsageError
from dialer.ledger.connect import read
from dialer.ledger.dispositions import columns_of
from dialer.ledger.schema import State, attempts, campaigns, contacts, dispositions, run_rows, runs, sheet_rows, sheets
from dialer.status import Reason, Status

PAGE_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run as the ledger keeps it; *ended_at_ms* and *exit_code* are None while it goes on or after a kill.

    *result_columns* names what the calls of its campaign have brought back so far.
    """

    id: str
    sheet_id: int
    header: tuple[str, ...]
    started_at_ms: int
    ended_at_ms: int | None
    exit_code: int | None
    stop: str | None
    result_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a row's call stands, in the API's words; duration in seconds, instant in ms, *results* by column."""

    status: str
    status_code: str
    duration_seconds: float | None
    ended_at_ms: int | None
    recording_url: str
    results: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowReport:
    """One row of the sheet and what became of it; instants in ms, None or "" where there is none.

    *end* tells of the call, once the API was asked about it.
    """

    row: int
    cells: tuple[str, ...]
    status: Status
    reason: str
    message: str
    call_id: str | None
    phone: str | None
    slot_ms: int | None
    attempts: int
    submitted_at_ms: int | None
    end: CallEnd | None = None


def campaign_id_of(tx: Connection, name: str) -> int | None:
    """Give the id of the campaign *name*; None when the ledger has never seen it."""
    return tx.scalar(select(campaigns.c.id).where(campaigns.c.name == name))


def last_key(tx: Connection, name: str) -> list[str] | None:
    """Give the key columns that the campaign's last run knew people by; None when it has never run."""
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


def campaign_names(tx: Connection) -> list[str]:
    """Give the names of every campaign the ledger has seen."""
    return list(tx.scalars(select(campaigns.c.name).order_by(campaigns.c.name)))


def runs_of(tx: Connection, campaign_id: int) -> list[RunFacts]:
    """Give the campaign's runs, newest first."""
    query = _runs().where(runs.c.campaign_id == campaign_id).order_by(runs.c.started_at_ms.desc(), runs.c.id.desc())
    columns = columns_of(tx, campaign_id)
    return [_facts(row, columns) for row in tx.execute(query)]


def find_run(tx: Connection, run_id: str) -> RunFacts:
    """Give one run. Raises `UsageError` when the ledger has no run of that id."""
    row = tx.execute(_runs().where(runs.c.id == run_id)).one_or_none()
    if row is None:
        raise UsageError(f"The ledger holds no run {run_id}. `dialer status` lists them.")
    return _facts(row, columns_of(tx, row.campaign_id))


def _runs() -> Select[Any]:
    columns = (runs.c.id, runs.c.sheet_id, sheets.c.header, runs.c.started_at_ms, runs.c.ended_at_ms)
    ended = (runs.c.exit_code, runs.c.stop, runs.c.campaign_id)
    return select(*columns, *ended).join(sheets, sheets.c.id == runs.c.sheet_id)


def _facts(row: Any, result_columns: tuple[str, ...]) -> RunFacts:
    times = (row.started_at_ms, row.ended_at_ms)
    return RunFacts(
        row.id, row.sheet_id, tuple(json.loads(row.header)), *times, row.exit_code, row.stop, result_columns
    )


def state_counts(tx: Connection, campaign_id: int) -> Counter[State]:
    """Count the campaign's contacts by state."""
    query = (
        select(contacts.c.state, func.count()).where(contacts.c.campaign_id == campaign_id).group_by(contacts.c.state)
    )
    return Counter({State(state): count for state, count in tx.execute(query)})


def reports(
    engine: Engine, run: RunFacts, *, standing: bool = False, left_out_since: bool = False
) -> Iterator[RowReport]:
    """Give every row of the run's sheet once, in the sheet's order, reading a page at a time.

    With *standing* each row tells where its contact stands now, whichever run brought it there; otherwise what
    this run did. With *left_out_since* only rows of contacts that no later run's sheet held.
    """
    after = -1
    while True:
        with read(engine) as tx:
            query = _page(run, after, standing=standing)
            page = tx.execute(query.where(_left_out_since(run)) if left_out_since else query).all()
        for row in page:
            yield _report(row)
        if len(page) < PAGE_ROWS:
            return
        after = page[-1].row


def _page(run: RunFacts, after: int, *, standing: bool) -> Select[Any]:
    tried = attempts.alias()
    latest = select(func.max(tried.c.number)).where(tried.c.contact_id == run_rows.c.contact_id).correlate(run_rows)
    if not standing:
        latest = latest.where(tried.c.run_id == run.id)
    is_latest = attempts.c.number == latest.scalar_subquery()
    made = select(func.count()).where(tried.c.contact_id == run_rows.c.contact_id).correlate(run_rows)
    if not standing and run.ended_at_ms is not None:  # later runs' tries are none of this one's
        made = made.where(tried.c.claimed_at_ms <= run.ended_at_ms)
    told_of = (  # of the attempt that is told, or else of the one that an earlier run made
        select(func.max(tried.c.number))
        .where(tried.c.contact_id == contacts.c.id, tried.c.call_id == contacts.c.call_id)
        .correlate(contacts)
    )
    is_told = dispositions.c.number == func.coalesce(attempts.c.number, told_of.scalar_subquery())
    return (
        select(
            run_rows.c.row, sheet_rows.c.cells,
            run_rows.c.status, run_rows.c.reason, run_rows.c.message, run_rows.c.phone.label("told_phone"),
            made.scalar_subquery().label("made"), contacts.c.call_id.label("known_call_id"),
            attempts.c.number, attempts.c.left_state, attempts.c.call_id, attempts.c.reason.label("tried_reason"),
            attempts.c.message.label("tried_message"), attempts.c.phone, attempts.c.slot_ms, attempts.c.claimed_at_ms,
            dispositions.c.call_id.label("ended_call_id"), dispositions.c.status.label("call_status"),
            dispositions.c.status_code, dispositions.c.duration_seconds, dispositions.c.ended_at_ms,
            dispositions.c.recording_url, dispositions.c.results,
        )
        .join(sheet_rows, and_(sheet_rows.c.sheet_id == run.sheet_id, sheet_rows.c.row == run_rows.c.row))
        .outerjoin(contacts, contacts.c.id == run_rows.c.contact_id)
        .outerjoin(attempts, and_(attempts.c.contact_id == contacts.c.id, is_latest))
        .outerjoin(dispositions, and_(dispositions.c.contact_id == contacts.c.id, is_told))
        .where(run_rows.c.run_id == run.id, run_rows.c.row > after)
        .order_by(run_rows.c.row)
        .limit(PAGE_ROWS)
    )  # fmt: skip


def _left_out_since(run: RunFacts) -> ColumnElement[bool]:
    later, row = runs.alias(), run_rows.alias()
    # A row that was held back before it became a contact, suppressed since for instance, is known by its number, where
    # contacts are: one number may be several contacts' under another key.
    held_now = row.c.contact_id.is_(None) & (row.c.phone == run_rows.c.phone) & (contacts.c.key == contacts.c.phone)
    seen = (
        select(row.c.run_id)
        .join(later, later.c.id == row.c.run_id)
        .where((row.c.contact_id == run_rows.c.contact_id) | held_now)
        .where(tuple_(later.c.started_at_ms, later.c.id) > tuple_(run.started_at_ms, run.id))
        .correlate(run_rows, contacts)
    )
    return run_rows.c.contact_id.is_not(None) & contacts.c.replaced_by.is_(None) & ~seen.exists()


TOLD_BY_THE_RUN = (Reason.SUPPRESSED, Reason.REPLACED, Reason.ATTEMPTS_SPENT)
"""What a run says of a row whatever became of its tries."""

_OPEN_CLAIM = "Claimed, its outcome is not written yet. The call may exist."


def _report(row: Any) -> RowReport:
    status, reason, message = Status(row.status), row.reason, row.message
    call_id = row.known_call_id if reason == Reason.ALREADY_CREATED else None
    if (
        row.number is not None and reason not in TOLD_BY_THE_RUN
    ):  # suppressed between two tries: the first did not count
        call_id = row.call_id
        if row.left_state is None:
            status, reason, message = Status.UNKNOWN, Reason.INTERRUPTED, _OPEN_CLAIM
        else:
            status, reason, message = Status(row.left_state), row.tried_reason, row.tried_message
    return RowReport(
        row=row.row,
        cells=tuple(json.loads(row.cells)),
        status=status,
        reason=reason,
        message=message,
        call_id=call_id,
        phone=row.phone or row.told_phone,
        slot_ms=row.slot_ms,
        attempts=row.made,
        submitted_at_ms=row.claimed_at_ms,
        end=_end(row) if call_id is not None and call_id == row.ended_call_id else None,
    )


def _end(row: Any) -> CallEnd:
    told = (row.call_status, row.status_code, row.duration_seconds, row.ended_at_ms, row.recording_url)
    return CallEnd(*told, results=dict(json.loads(row.results)))
