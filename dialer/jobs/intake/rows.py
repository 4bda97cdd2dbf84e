"""From the sheet into the ledger: every row judged, every contact stored with its zones and its part of the body."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dialer.chunks import chunks
from dialer.contacts.loader import Loaded
from dialer.jobs.intake.email_findings import EmailFindings
from dialer.jobs.intake.next_phone import at_next_phones, has_next_phones
from dialer.jobs.intake.placing import Placing
from dialer.jobs.intake.read_rows import read_row
from dialer.jobs.intake.verdict_inputs import fingerprint_of
from dialer.ledger.database.open import Ledger
from dialer.ledger.earlier_rows.kept_plan import StoredPlan, plan_to_keep, remember_plan
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
from dialer.ledger.intake import CHUNK_ROWS, record_rows
from dialer.ledger.runs import Run, SheetFacts, begin_run, finish_intake
from dialer.ledger.suppression_list import forget_row_entries

TRANSACTION_ROWS = 4_000
"""Rows a transaction: few enough that another campaign's claims wait for a fraction of a second."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """How a run introduces itself to the ledger; *may_keep_plan* of one that was killed, whose rows it takes over."""

    run_id: str
    campaign: str
    started_at_ms: int
    facts: Mapping[str, object]
    may_keep_plan: bool = False


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
    plan = None
    if before is None:
        _read(ledger, loaded, run, emails)
    else:
        plan = _take_over(ledger, before, run, emails, may_keep_plan=start.may_keep_plan)
    with ledger.write() as tx:
        if plan is not None:
            remember_plan(tx, run.id, plan)
        remember_judged(tx, run, Judged(run.id, fingerprint, emails.count, emails.first))
        # Not before all is read: after a kill in between, a retry would call those whom only the last sheet protects.
        forget_row_entries(tx, run.campaign_id, but_of_ms=run.started_at_ms)
    return run


def _judged_before(ledger: Ledger, loaded: Loaded, campaign: str, fingerprint: str) -> Judged | None:
    """Return what the campaign's last run has judged just as this one would, if it has.

    Where people are called at their next numbers, each run tells which that is.
    """
    if has_next_phones(loaded):
        return None
    with ledger.read() as tx:
        before = last_judged(tx, campaign, fingerprint)
        places = [] if before is None else places_of_run(tx, before.run_id)
    return before if all(map(Placing(loaded).is_ever_open, places)) else None


def _read(ledger: Ledger, loaded: Loaded, run: Run, emails: EmailFindings) -> None:
    total, placing, moves_on = 0, Placing(loaded), has_next_phones(loaded)
    for judged in chunks(loaded.rows(), TRANSACTION_ROWS):
        rows = [read_row(item, loaded.judge, placing) for item in judged]
        with ledger.write() as tx:
            for some, chunk in zip(chunks(judged, CHUNK_ROWS), chunks(rows, CHUNK_ROWS), strict=True):
                record_rows(tx, run, at_next_phones(tx, run, loaded, placing, some, chunk) if moves_on else chunk)
        emails.see_all(rows)
        total += len(rows)
    with ledger.write() as tx:
        finish_intake(tx, run, row_count=total)


def _take_over(
    ledger: Ledger, before: Judged, run: Run, emails: EmailFindings, *, may_keep_plan: bool
) -> StoredPlan | None:
    """Take the rows over; return the plan whose slots were kept."""
    with ledger.write() as tx:
        renew_row_entries(tx, run)
        last = last_row(tx, before.run_id)
        plan = plan_to_keep(tx, before.run_id, now_ms=run.started_at_ms) if may_keep_plan else None
    for after in range(0, last, TAKEN_OVER_ROWS):
        with ledger.write() as tx:
            take_over(tx, run, before.run_id, after=after, keeps_plan=plan is not None)
    emails.count, emails.first = before.bad_emails, before.first_bad_email
    return plan
