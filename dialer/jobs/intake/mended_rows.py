"""Takes in the failed and rejected rows of a results file, as they were mended in it."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dialer.campaign.file import Campaign
from dialer.chunks import chunks
from dialer.contacts.contact import ExcludedRow, JudgedRow
from dialer.contacts.loader import Loaded
from dialer.errors import SheetError, UsageError
from dialer.jobs.intake.kept_cells import KeptCells
from dialer.jobs.intake.next_phone import at_next_phones, has_next_phones
from dialer.jobs.intake.placing import Placing
from dialer.jobs.intake.read_rows import read_row
from dialer.jobs.intake.rows import RunStart, tell
from dialer.ledger.database.engine import Transaction
from dialer.ledger.database.open import Ledger
from dialer.ledger.intake import CHUNK_ROWS, CallableRow, ReadRow, key_of, record_rows
from dialer.ledger.known_contacts import known_contacts, may_have_call
from dialer.ledger.mends import cells_of_rows, remember_mends
from dialer.ledger.retries import (
    Selection,
    Source,
    copy_sheet,
    drop_rows,
    last_source,
    mark_mended,
    mendable_rows,
    phones_of_rows,
    replace_contacts,
    retake_rows,
    rows_of_keys,
    unretire_contacts,
    write_cells,
)
from dialer.ledger.runs import Run, SheetFacts, begin_run, finish_intake
from dialer.reasons import Reason, Status
from dialer.sheets.sheet import SheetRow
from dialer.words import command

ROW, STATUS, PHONE = "dialer_row", "dialer_status", "dialer_phone"


LONGEST_ROW = 8
"""Digits of the highest row number that any sheet has."""


MENDABLE = {Status.FAILED, Status.REJECTED}
"""What a results file may bring again; the ledger must say the same of the row."""


@dataclass(frozen=True)
class MendedRows:
    """The failed and rejected rows of a results file, as they were mended in it."""

    campaign: Campaign
    selection: Selection
    loaded: Loaded
    is_rehearsal: bool = False
    notes: list[str] = field(default_factory=list)
    are_rows_judged = True

    @property
    def sha256(self) -> str:
        """The fingerprint of the results file."""
        return self.loaded.sheet.sha256

    def is_empty(self, _ledger: Ledger) -> bool:
        """Return whether the file brings no row."""
        return next(self._rows(), None) is None

    def take_in(self, ledger: Ledger, start: RunStart) -> Run:
        """Take over what the last run has read, with the mended rows in place of what they were."""
        with ledger.write() as tx:
            source = last_source_of(tx, self.campaign, is_rehearsal=self.is_rehearsal)
            # Never the same sheet twice: what each mended row was is part of what this run read.
            sha256 = hashlib.sha256(f"{source.sheet.sha256} {self.sha256} {start.run_id}".encode()).hexdigest()
            facts = SheetFacts(self.loaded.sheet.short_label, sha256, source.sheet.header)
            run = replace(begin_retry(tx, start, facts), sheet_is_stored=True)
            retake_rows(tx, run, source.run_id, self.selection)
            copy_sheet(tx, source.sheet_id, run)
            self._take_over(tx, run, source)
            finish_intake(tx, run, row_count=source.row_count)
        return run

    def _known_rows(self, tx: Transaction, source: Source) -> list[JudgedRow]:
        """Return the rows, each number in them written as the ledger has it where only its writing differs."""
        kept = KeptCells(self.loaded, self.loaded.sheet.header.index(ROW))

        def cells_of(numbers: list[int]) -> dict[int, str]:
            found: dict[int, str] = {}
            for chunk in chunks(numbers, CHUNK_ROWS):
                found |= cells_of_rows(tx, source.sheet_id, chunk)
            return found

        rows = list(self._rows(lambda chunk: kept.keep(chunk, source.sheet.header, cells_of)))
        self.notes.extend(kept.notes())
        tell(self.loaded, self.notes)
        return rows

    def _rows(self, change: Callable[[list[SheetRow]], list[SheetRow]] = list) -> Iterator[JudgedRow]:
        """Return the rows that failed or were rejected, under the numbers they have in the sheet they come from."""
        header, where = self.loaded.sheet.header, self.loaded.sheet.where
        if lacking := [name for name in (ROW, STATUS, PHONE) if name not in header]:
            raise SheetError(
                f"{where}: is no results file: it lacks {' and '.join(lacking)}. Give the file that a run wrote, with"
                " all its columns, or run the sheet itself with `dialer run --contacts`."
            )
        number_at, status_at = header.index(ROW), header.index(STATUS)
        seen: set[int] = set()
        for item in self.loaded.rows(change):
            cells = item.row.cells
            if len(cells) > max(number_at, status_at) and cells[status_at].strip().lower() in MENDABLE:
                number = cells[number_at].strip().removesuffix(".0")  # as spreadsheet programs leave it
                if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_ROW) or int(number) in seen:
                    raise SheetError(
                        f"{where}: row {item.row.number}: {ROW} holds no row number, or one that stands twice. Leave it"
                        " as it was."
                    )
                seen.add(int(number))
                yield item._replace(row=item.row._replace(number=int(number)))

    def _take_over(self, tx: Transaction, run: Run, source: Source) -> None:
        """Put the mended rows in the place of what they were: all are taken away before the first is judged anew."""
        rows = self._without_mended_before(tx, source, self._known_rows(tx, source))
        may_be = mendable_rows(tx, run)
        placing = Placing(self.loaded)
        mended = (item for item in rows if item.row.number in may_be)
        judged = [row for some in chunks(mended, CHUNK_ROWS) for row in self._read(tx, run, placing, some)]
        keys = [row.verdict.contact.key for row in judged if isinstance(row.verdict, CallableRow)]
        for chunk in chunks(judged, CHUNK_ROWS):
            drop_rows(tx, run, [row.number for row in chunk])
        first: dict[str, int] = {}
        for some in chunks(keys, CHUNK_ROWS):
            unretire_contacts(tx, run, some)
            first |= rows_of_keys(tx, run, some)
        for chunk in chunks(judged, CHUNK_ROWS):
            record_rows(tx, run, [_once(row, first) for row in chunk])
            cells = {row.number: self._cells(row, source) for row in chunk}
            remember_mends(tx, run, cells_of_rows(tx, run.sheet_id, list(cells)), cells, _contacts_of(tx, run, chunk))
            write_cells(tx, run, cells)
            mark_mended(tx, run, [row.number for row in chunk])
        was = {row.number: may_be[row.number].contact_id for row in judged}
        replace_contacts(tx, run, {row: contact for row, contact in was.items() if contact is not None})

    def _read(self, tx: Transaction, run: Run, placing: Placing, some: Sequence[JudgedRow]) -> list[ReadRow]:
        rows = [read_row(item, self.loaded.judge, placing) for item in some]
        return at_next_phones(tx, run, self.loaded, placing, some, rows) if has_next_phones(self.loaded) else rows

    def _without_mended_before(self, tx: Transaction, source: Source, rows: Sequence[JudgedRow]) -> list[JudgedRow]:
        """Return the rows but those that the ledger has as they are mended here: the file was given back before.

        Raises `SheetError` where a row is not that of the sheet read last: another person would be mended away.
        """
        fresh = []
        at = self.loaded.sheet.header.index(PHONE)
        for chunk in chunks(rows, CHUNK_ROWS):
            phone_of = phones_of_rows(tx, source.run_id, [item.row.number for item in chunk])
            for item in chunk:
                cells = item.row.cells
                phone = cells[at].strip().lstrip("'").removeprefix("+") if at < len(cells) else ""
                known = phone_of.get(item.row.number, "none")
                if phone == known.removeprefix("+"):
                    fresh.append(item)
                elif item.verdict.phone != known:
                    rewrite = command("results", self.campaign.path, sandbox=self.is_rehearsal)
                    raise SheetError(
                        f"{self.loaded.sheet.where}: row {item.row.number} of the sheet is another one by now, {PHONE}"
                        " was changed, or the file was given back before. Write the results again, and mend the"
                        f" sheet's own columns in them: {rewrite}. Or correct the row in the sheet itself, then run."
                    )
        return fresh

    def _cells(self, row: ReadRow, source: Source) -> str:
        """Return the row's cells in the order of the sheet they come from; a column that was deleted is empty."""
        at = {name: index for index, name in enumerate(self.loaded.sheet.header)}
        indexes = (at.get(name) for name in source.sheet.header)
        cells = ["" if index is None or index >= len(row.cells) else row.cells[index] for index in indexes]
        return json.dumps(cells, ensure_ascii=False, separators=(",", ":"))


def last_source_of(tx: Transaction, campaign: Campaign, *, is_rehearsal: bool) -> Source:
    """Return the run whose rows are taken over. Raises `UsageError` where the campaign has not run."""
    source = last_source(tx, campaign.name)
    if source is None:
        step = command("run", campaign.path, sandbox=is_rehearsal)
        raise UsageError(f"{campaign.name} has not run with this ledger, so nothing has failed. Next: {step}")
    return source


def begin_retry(tx: Transaction, start: RunStart, sheet: SheetFacts) -> Run:
    """Register a run on *sheet* that is a retry."""
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
    message = (
        f"Mended, it is the same contact as row {first[verdict.contact.key]}, which counts. If somebody else is meant,"
        " correct the row in the sheet itself, then run."
    )
    held = ExcludedRow(Reason.DUPLICATE_OF_ROW, message, verdict.contact.phone, key=verdict.contact.key)
    return replace(row, verdict=held)


def _contacts_of(tx: Transaction, run: Run, rows: Sequence[ReadRow]) -> dict[int, int]:
    """Return the contact that each of *rows* is or repeats, or whose call it may already have."""
    known = known_contacts(tx, run.campaign_id, [key for row in rows if (key := key_of(row.verdict)) is not None])
    found = {}
    for row in rows:
        contact = known.get(key_of(row.verdict) or "")
        is_one = isinstance(row.verdict, CallableRow) or row.verdict.reason == Reason.DUPLICATE_OF_ROW
        if contact is not None and (is_one or may_have_call(contact)):
            found[row.number] = contact.id
    return found
