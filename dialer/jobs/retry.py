"""Sends again only what surely failed: from the ledger as it stands, or from a results file that was mended."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from dialer.campaign import Campaign
from dialer.clock import Clock
from dialer.contacts import HeldBack, JudgedRow, Loaded, load_contacts
from dialer.contacts.loader import chunks
from dialer.errors import SheetError, UsageError
from dialer.jobs.execution import execute
from dialer.jobs.intake import RunStart, read_row
from dialer.jobs.run_job import RunOptions, new_job
from dialer.jobs.sending import Listener
from dialer.jobs.spared import spare_by_other_numbers
from dialer.jobs.summary import RunSummary
from dialer.jobs.wiring import Wiring
from dialer.ledger import Ledger, read, write
from dialer.ledger.intake import (
    CHUNK_ROWS,
    CallableRow,
    ReadRow,
    Run,
    SheetFacts,
    begin_run,
    finish_intake,
    record_rows,
)
from dialer.ledger.retake import (
    Selection,
    Source,
    copy_sheet,
    drop_rows,
    has_failed,
    last_source,
    mark_mended,
    mendable_rows,
    phones_of_rows,
    replace_contacts,
    retake_rows,
    rows_of_keys,
    welcome_keys,
    write_cells,
)
from dialer.settings import Settings
from dialer.status import REASONS, Reason, Status

ROW, STATUS, PHONE = "dialer_row", "dialer_status", "dialer_phone"
LONGEST_ROW = 8
"""Digits of the highest row number that any sheet has."""

MENDABLE = {Status.FAILED, Status.REJECTED}
"""What a results file may bring again; the ledger must say the same of the row."""


@dataclass(frozen=True)
class RetryOptions:
    """What the caller decides about a retry: which reasons, and the results file whose rows were mended, if any."""

    only: tuple[str, ...] = ()
    mended: Path | None = None


def retry_campaign(
    campaign: Campaign,
    settings: Settings | None = None,
    *,
    retry: RetryOptions | None = None,
    options: RunOptions | None = None,
    listener: Listener | None = None,
    clock: Clock | None = None,
    wiring: Wiring | None = None,
) -> RunSummary:
    """Send again the rows of the campaign's last run that surely failed; everything else is told as it stands.

    With *retry.mended*, a results file: its failed and rejected rows as they are written there now, and no others.
    The ledger decides what a row may become, however the file was edited. Blocks, and raises, as `run_campaign` does;
    a summary that is `idle` says that there was nothing to do.
    """
    retry = retry or RetryOptions()
    unknown = [reason for reason in retry.only if reason not in set(Reason) and not reason.startswith("api_")]
    if unknown:
        raise UsageError(f"--only: there is no reason {', '.join(unknown)}. `dialer status` tells which there are.")
    if retry.only and retry.mended is not None:
        raise UsageError("A results file brings its own rows: --only and --from exclude each other.")
    job = new_job(campaign, settings, options, listener, clock, wiring)
    selection = Selection(job.campaign.redial.max_calls, retry.only, none=retry.mended is not None)
    if retry.mended is None:
        return execute(job, _Failed(job.campaign, selection))
    return execute(job, _Mended(job.campaign, selection, load_contacts(job.campaign.with_contacts(retry.mended))))


@dataclass(frozen=True)
class _Failed:
    """The failed rows of the campaign's last run, from the ledger alone."""

    campaign: Campaign
    selection: Selection
    are_rows_judged = False

    @property
    def sha256(self) -> str:
        return ""

    def is_empty(self, ledger: Ledger) -> bool:
        with read(ledger.engine) as tx:
            return not has_failed(tx, _source(tx, self.campaign), self.selection)

    def take_in(self, ledger: Ledger, start: RunStart) -> Run:
        with write(ledger.engine) as tx:
            source = _source(tx, self.campaign)
            run = _begin(tx, start, source.sheet)
            spare_by_other_numbers(tx, self.campaign, source, run, at_ms=start.started_at_ms)
            retake_rows(tx, run, source.run_id, self.selection)
        return run


@dataclass(frozen=True)
class _Mended:
    """The failed and rejected rows of a results file, as they were mended in it."""

    campaign: Campaign
    selection: Selection
    loaded: Loaded
    are_rows_judged = True

    @property
    def sha256(self) -> str:
        return self.loaded.sheet.sha256

    def is_empty(self, _ledger: Ledger) -> bool:
        return next(self._rows(), None) is None

    def take_in(self, ledger: Ledger, start: RunStart) -> Run:
        """Take over what the last run has read, with the mended rows in place of what they were."""
        with write(ledger.engine) as tx:
            source = _source(tx, self.campaign)
            # Never the same sheet twice: what each mended row was is part of what this run read.
            sha256 = hashlib.sha256(f"{source.sheet.sha256} {self.sha256} {start.run_id}".encode()).hexdigest()
            facts = SheetFacts(self.loaded.sheet.path.name, sha256, source.sheet.header)
            run = replace(_begin(tx, start, facts), sheet_is_stored=True)
            retake_rows(tx, run, source.run_id, self.selection)
            copy_sheet(tx, source.sheet_id, run)
            self._take_over(tx, run, source)
            finish_intake(tx, run, row_count=source.row_count)
        return run

    def _rows(self) -> Iterator[JudgedRow]:
        """Give the rows that failed or were rejected, under the numbers they have in the sheet they come from."""
        header, where = self.loaded.sheet.header, self.loaded.sheet.where
        if not {ROW, STATUS, PHONE} <= set(header):
            raise SheetError(
                f"{where}: is no results file: it has no columns {ROW}, {STATUS} and {PHONE}. Give the file that a run"
                " wrote, or run the sheet itself with `dialer run --contacts`."
            )
        number_at, status_at = header.index(ROW), header.index(STATUS)
        seen: set[int] = set()
        for item in self.loaded.rows():
            cells = item.row.cells
            if isinstance(item.verdict, HeldBack) and item.verdict.reason == Reason.ROW_HIDDEN:
                continue  # filtered away while others were mended: it stays what it was
            if len(cells) > max(number_at, status_at) and cells[status_at].strip().lower() in MENDABLE:
                number = cells[number_at].strip().removesuffix(".0")  # as spreadsheet programs leave it
                if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_ROW) or int(number) in seen:
                    raise SheetError(
                        f"{where}: row {item.row.number}: {ROW} holds no row number, or one that stands twice. Leave it"
                        " as it was."
                    )
                seen.add(int(number))
                yield replace(item, row=replace(item.row, number=int(number)))

    def _take_over(self, tx: Connection, run: Run, source: Source) -> None:
        """Put the mended rows in the place of what they were: all are taken away before the first is judged anew."""
        rows = list(self._rows())
        self._refuse_strangers(tx, source, rows)
        may_be = mendable_rows(tx, run)
        judged = [read_row(item) for item in rows if item.row.number in may_be]
        keys = [row.verdict.contact.key for row in judged if isinstance(row.verdict, CallableRow)]
        for chunk in chunks(judged, CHUNK_ROWS):
            drop_rows(tx, run, [row.number for row in chunk])
        first: dict[str, int] = {}
        for some in chunks(keys, CHUNK_ROWS):
            welcome_keys(tx, run, some)
            first |= rows_of_keys(tx, run, some)
        for chunk in chunks(judged, CHUNK_ROWS):
            record_rows(tx, run, [_once(row, first) for row in chunk])
            write_cells(tx, run, {row.number: self._cells(row, source) for row in chunk})
            mark_mended(tx, run, [row.number for row in chunk])
        was = {row.number: may_be[row.number].contact_id for row in judged}
        replace_contacts(tx, run, {row: contact for row, contact in was.items() if contact is not None})

    def _refuse_strangers(self, tx: Connection, source: Source, rows: Sequence[JudgedRow]) -> None:
        """Refuse a file whose rows are not those of the sheet read last: another person would be mended away."""
        at = self.loaded.sheet.header.index(PHONE)
        for chunk in chunks(rows, CHUNK_ROWS):
            told = phones_of_rows(tx, source.run_id, [item.row.number for item in chunk])
            for item in chunk:
                cells = item.row.cells
                phone = cells[at].strip().lstrip("'").removeprefix("+") if at < len(cells) else ""
                if phone != told.get(item.row.number, "none").removeprefix("+"):
                    raise SheetError(
                        f"{self.loaded.sheet.where}: row {item.row.number} of the sheet is another one by now, or"
                        f" {PHONE} was changed. Mend the sheet's own columns, in the results of the last run: dialer"
                        f" results {self.campaign.name}"
                    )

    def _cells(self, row: ReadRow, source: Source) -> str:
        """Give the row's cells in the order of the sheet they come from; a column that was deleted is empty."""
        at = {name: index for index, name in enumerate(self.loaded.sheet.header)}
        indexes = (at.get(name) for name in source.sheet.header)
        cells = ["" if index is None or index >= len(row.cells) else row.cells[index] for index in indexes]
        return json.dumps(cells, ensure_ascii=False, separators=(",", ":"))


def _source(tx: Connection, campaign: Campaign) -> Source:
    source = last_source(tx, campaign.name)
    if source is None:
        raise UsageError(f"{campaign.name} has not run with this ledger, so nothing has failed. Next: dialer run")
    return source


def _begin(tx: Connection, start: RunStart, sheet: SheetFacts) -> Run:
    return begin_run(
        tx,
        run_id=start.run_id,
        campaign=start.campaign,
        sheet=sheet,
        started_at_ms=start.started_at_ms,
        facts=dict(start.facts) | {"job": "retry"},
    )


def _once(row: ReadRow, first: dict[str, int]) -> ReadRow:
    """Hold a mended row back that has become the same contact as another row of the sheet."""
    verdict = row.verdict
    if not isinstance(verdict, CallableRow) or verdict.contact.key not in first:
        return row
    told = f"Mended, it is the same contact as row {first[verdict.contact.key]}, which counts."
    held = HeldBack(REASONS[Reason.DUPLICATE_OF_ROW][0], Reason.DUPLICATE_OF_ROW, told, verdict.contact.phone)
    return replace(row, verdict=held)
