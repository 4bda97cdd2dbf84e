"""From the sheet into the ledger: every row judged, every contact stored with its zones and its part of the body."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dialer.api.payload import contact_fields
from dialer.chunks import chunks
from dialer.contacts.contact import Contact, ExcludedRow, JudgedRow
from dialer.contacts.loader import Judge, Loaded
from dialer.jobs.intake.email_findings import EmailFindings
from dialer.jobs.intake.placing import Placing
from dialer.jobs.intake.verdict_inputs import fingerprint_of
from dialer.ledger.database.open import Ledger
from dialer.ledger.earlier_rows.repeated_intake import CHUNK_ROWS as TAKEN_OVER_ROWS
from dialer.ledger.earlier_rows.repeated_intake import (
    Judged,
    last_judged,
    last_row,
    places_of_run,
    remember_judged,
    renew_row_entries,
    take_over,
)
from dialer.ledger.intake import CHUNK_ROWS, CallableRow, ReadRow, record_rows
from dialer.ledger.runs import Run, SheetFacts, begin_run, compact_json, finish_intake
from dialer.ledger.suppression_list import forget_row_entries

TRANSACTION_ROWS = 4_000
"""Rows a transaction: few enough that another campaign's claims wait for a fraction of a second."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """How a run introduces itself to the ledger."""

    run_id: str
    campaign: str
    started_at_ms: int
    facts: Mapping[str, object]


_log = logging.getLogger(__name__)


def tell(loaded: Loaded, notes: Iterable[str]) -> None:
    """Log what was found or guessed of a sheet, before anybody is called."""
    for note in notes:
        _log.warning("%s: %s", loaded.sheet.label, note)


def take_in(ledger: Ledger, loaded: Loaded, start: RunStart, emails: EmailFindings | None = None) -> Run:
    """Store the sheet and begin a run on it; *emails* see its unusable addresses.

    A sheet that the campaign's last run has judged by all the same is not judged anew. Raises `SheetError` for a sheet
    that cannot be read to its end.
    """
    sheet = SheetFacts(loaded.sheet.short_label, loaded.sheet.sha256, loaded.sheet.header)
    emails = emails or EmailFindings(loaded.mapping)
    fingerprint = fingerprint_of(loaded)
    before = _judged_before(ledger, loaded, start.campaign, fingerprint)
    with ledger.write() as tx:
        run = begin_run(
            tx,
            run_id=start.run_id,
            campaign=start.campaign,
            sheet=sheet,
            started_at_ms=start.started_at_ms,
            facts=start.facts,
        )
    if before is None:
        _read(ledger, loaded, run, emails)
    else:
        _take_over(ledger, before, run, emails)
    with ledger.write() as tx:
        remember_judged(tx, run, Judged(run.id, fingerprint, emails.count, emails.first))
        # Not before all is read: after a kill in between, a retry would call those whom only the last sheet protects.
        forget_row_entries(tx, run.campaign_id, but_of_ms=run.started_at_ms)
    return run


def _judged_before(ledger: Ledger, loaded: Loaded, campaign: str, fingerprint: str) -> Judged | None:
    """Return what the campaign's last run has judged just as this one would, if it has."""
    with ledger.read() as tx:
        before = last_judged(tx, campaign, fingerprint)
        places = [] if before is None else places_of_run(tx, before.run_id)
    return before if all(map(Placing(loaded).is_ever_open, places)) else None


def _read(ledger: Ledger, loaded: Loaded, run: Run, emails: EmailFindings) -> None:
    total = 0
    for rows in chunks(judged_rows(loaded), TRANSACTION_ROWS):
        with ledger.write() as tx:
            for chunk in chunks(rows, CHUNK_ROWS):
                record_rows(tx, run, chunk)
        emails.see_all(rows)
        total += len(rows)
    with ledger.write() as tx:
        finish_intake(tx, run, row_count=total)


def _take_over(ledger: Ledger, before: Judged, run: Run, emails: EmailFindings) -> None:
    with ledger.write() as tx:
        renew_row_entries(tx, run)
        last = last_row(tx, before.run_id)
    for after in range(0, last, TAKEN_OVER_ROWS):
        with ledger.write() as tx:
            take_over(tx, run, before.run_id, after=after)
    emails.count, emails.first = before.bad_emails, before.first_bad_email


def judged_rows(loaded: Loaded) -> Iterator[ReadRow]:
    """Return every row of the sheet once, in order; a contact for whom no hour is known to be permitted is excluded."""
    placing = Placing(loaded)
    return (read_row(judged, loaded.judge, placing) for judged in loaded.rows())


def read_row(judged: JudgedRow, judge: Judge, placing: Placing) -> ReadRow:
    """Return a judged row as the ledger takes it in: its contact's zones, its part of the body, all its numbers."""
    verdict = judged.verdict
    phones = judge.numbers(judged.row, verdict)
    placed_ = _with_zones(verdict, placing) if isinstance(verdict, Contact) else verdict
    return ReadRow(judged.row.number, judged.row.cells, placed_, phones)


def _with_zones(contact: Contact, placing: Placing) -> CallableRow | ExcludedRow:
    whereabouts = placing.place(contact)
    if isinstance(whereabouts, ExcludedRow):
        return whereabouts
    return CallableRow(contact, whereabouts, compact_json(contact_fields(contact)))
