"""Reports what the ledger knows, row by row: what a run did, or where every row of a campaign stands."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Connection, Select, and_, func, select, tuple_

from dialer.ledger.choices.own_choices import NOTHING_OWN, Choice, choices_of_runs, is_choice_of_attempt
from dialer.ledger.database.choice_tables import attempt_choices
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import (
    attempts,
    contacts,
    dispositions,
    run_rows,
    runs,
    sheet_rows,
)
from dialer.ledger.runs import RunFacts
from dialer.reasons import Reason, Status

PAGE_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a row's call stands, in the API's words; duration in seconds, instant in ms, *results* by column."""

    status: str
    status_code: str
    duration_seconds: float | None
    ended_at_ms: int | None
    recording_url: str
    results: Mapping[str, str]


class RowReport(NamedTuple):  # not a dataclass: a million frozen ones took a tenth of the time of their results
    """One row of the sheet and what became of it; instants in ms, None or "" where there is none.

    *end* is how the call stands, once the API was asked about it. *choice* is how its last attempt was made.
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
    choice: Choice = NOTHING_OWN


def reports(
    ledger: Ledger, run: RunFacts, *, standing: bool = False, left_out_since: bool = False
) -> Iterator[RowReport]:
    """Yield every row of the run's sheet once, in the sheet's order, reading a page at a time.

    With *standing* each row says where its contact stands now, whichever run brought it there; otherwise what
    this run did. With *left_out_since* only rows of contacts that no later run's sheet held.
    """
    after = -1
    with ledger.read() as tx:
        of_runs = choices_of_runs(tx)
    while True:
        with ledger.read() as tx:
            query = _page(run, after, standing=standing)
            page = tx.execute(query.where(_left_out_since(run)) if left_out_since else query).all()
        for row in page:
            yield _report(_Found._make(row), of_runs)
        if len(page) < PAGE_ROWS:
            return
        after = page[-1].row


def reason_counts(tx: Connection, run_id: str) -> Counter[str]:
    """Count the rows of a run by the reasons that it has written down, whatever became of tries since.

    The database would sort all of them: 16 MiB more of a plan of 400,000 rows.
    """
    return Counter(tx.scalars(select(run_rows.c.reason).where(run_rows.c.run_id == run_id)))


def standing_reports(ledger: Ledger, runs: Sequence[RunFacts], header: Sequence[str]) -> Iterator[RowReport]:
    """Yield the rows of the sheet read last, then those of contacts that only earlier sheets held, newest first.

    *runs* are those of a campaign, newest first; the cells of each row are brought into the order of *header*.
    """
    for position, run in enumerate(runs):
        rows = reports(ledger, run, standing=True, left_out_since=position > 0)
        at = {name: index for index, name in enumerate(run.header)}
        in_order = map(at.get, header)
        yield from rows if tuple(header) == run.header else _reordered(rows, tuple(in_order))


def _reordered(rows: Iterator[RowReport], order: Sequence[int | None]) -> Iterator[RowReport]:
    return (row._replace(cells=tuple(_cell(row.cells, index) for index in order)) for row in rows)


def _cell(cells: Sequence[str], index: int | None) -> str:
    return cells[index] if index is not None and index < len(cells) else ""


def _page(run: RunFacts, after: int, *, standing: bool) -> Select[Any]:
    tried = attempts.alias()
    latest = select(func.max(tried.c.number)).where(tried.c.contact_id == run_rows.c.contact_id).correlate(run_rows)
    if not standing:
        latest = latest.where(tried.c.run_id == run.id)
    is_latest = attempts.c.number == latest.scalar_subquery()
    made = select(func.count()).where(tried.c.contact_id == run_rows.c.contact_id).correlate(run_rows)
    if not standing and run.ended_at_ms is not None:  # later runs' tries are none of this one's
        made = made.where(tried.c.claimed_at_ms <= run.ended_at_ms)
    known_number = (  # of the attempt that is reported, or else of the one that an earlier run made
        select(func.max(tried.c.number))
        .where(tried.c.contact_id == contacts.c.id, tried.c.call_id == contacts.c.call_id)
        .correlate(contacts)
    )
    is_its_end = dispositions.c.number == func.coalesce(attempts.c.number, known_number.scalar_subquery())
    return (
        select(
            run_rows.c.row, sheet_rows.c.cells,
            run_rows.c.status, run_rows.c.reason, run_rows.c.message, run_rows.c.phone.label("row_phone"),
            made.scalar_subquery().label("made"), contacts.c.call_id.label("known_call_id"),
            attempts.c.number, attempts.c.left_state, attempts.c.call_id, attempts.c.reason.label("tried_reason"),
            attempts.c.message.label("tried_message"), attempts.c.phone, attempts.c.slot_ms, attempts.c.claimed_at_ms,
            dispositions.c.call_id.label("ended_call_id"), dispositions.c.status.label("call_status"),
            dispositions.c.status_code, dispositions.c.duration_seconds, dispositions.c.ended_at_ms,
            dispositions.c.recording_url, dispositions.c.results,
            attempts.c.run_id, attempt_choices.c.call_template_id, attempt_choices.c.from_number,
        )
        .join(sheet_rows, and_(sheet_rows.c.sheet_id == run.sheet_id, sheet_rows.c.row == run_rows.c.row))
        .outerjoin(contacts, contacts.c.id == run_rows.c.contact_id)
        .outerjoin(attempts, and_(attempts.c.contact_id == contacts.c.id, is_latest))
        .outerjoin(attempt_choices, is_choice_of_attempt())
        .outerjoin(dispositions, and_(dispositions.c.contact_id == contacts.c.id, is_its_end))
        .where(run_rows.c.run_id == run.id, run_rows.c.row > after)
        .order_by(run_rows.c.row)
        .limit(PAGE_ROWS)
    )  # fmt: skip


def _left_out_since(run: RunFacts) -> ColumnElement[bool]:
    later, row = runs.alias(), run_rows.alias()
    # A row that was excluded before it became a contact, suppressed since for instance, is known by its number, where
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


DECIDED_BY_THE_RUN = (
    Reason.SUPPRESSED,
    Reason.EXCLUDED_NUMBER,
    Reason.REPLACED,
    Reason.ATTEMPTS_SPENT,
    Reason.CALLED_BEFORE_ELSEWHERE,
)
"""Reasons of the run itself: they count whatever became of a row's tries."""


class _Found(NamedTuple):
    """What `_page` selects: its columns, in their order."""

    row: int
    cells: str
    status: str
    reason: str
    message: str
    row_phone: str | None
    made: int
    known_call_id: str | None
    number: int | None
    left_state: str | None
    call_id: str | None
    tried_reason: str
    tried_message: str
    phone: str | None
    slot_ms: int | None
    claimed_at_ms: int | None
    ended_call_id: str | None
    call_status: str
    status_code: str
    duration_seconds: float | None
    ended_at_ms: int | None
    recording_url: str
    results: str
    tried_in: str | None
    call_template_id: str | None
    from_number: str | None


_STATUSES = {status.value: status for status in Status}

_OPEN_CLAIM = "Claimed, its outcome is not written yet. The call may exist."


def _report(row: _Found, of_runs: Mapping[str, Choice]) -> RowReport:
    status, reason, message = _STATUSES[row.status], row.reason, row.message
    call_id = row.known_call_id if reason == Reason.ALREADY_CREATED else None
    if (
        row.number is not None and reason not in DECIDED_BY_THE_RUN
    ):  # suppressed between two tries: the first did not count
        call_id = row.call_id
        if row.left_state is None:
            status, reason, message = Status.UNKNOWN, Reason.INTERRUPTED, _OPEN_CLAIM
        else:
            status, reason, message = _STATUSES[row.left_state], row.tried_reason, row.tried_message
    return RowReport(
        row=row.row,
        cells=tuple(from_json(row.cells)),
        status=status,
        reason=reason,
        message=message,
        call_id=call_id,
        phone=row.phone or row.row_phone,
        slot_ms=row.slot_ms,
        attempts=row.made,
        submitted_at_ms=row.claimed_at_ms,
        end=_end(row) if call_id is not None and call_id == row.ended_call_id else None,
        choice=NOTHING_OWN
        if row.tried_in is None
        else Choice(row.call_template_id, row.from_number).of_run(of_runs[row.tried_in]),
    )


def _end(row: _Found) -> CallEnd:
    end = (row.call_status, row.status_code, row.duration_seconds, row.ended_at_ms, row.recording_url)
    return CallEnd(*end, results=dict(json.loads(row.results)))
