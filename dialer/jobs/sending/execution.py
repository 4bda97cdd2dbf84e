"""What every job that creates calls does, wherever its rows come from: lock, look up, take in, plan, send, report."""

import logging
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from dialer.api.payload import pool_fields
from dialer.calls.outcome import Stop, StopCode
from dialer.clock import from_ms
from dialer.errors import (
    DialerError,
    LedgerUnreachable,
    LedgerUnusable,
    LedgerWriteFailed,
    LedgerWriteLost,
    LockLost,
    ResultsNotWritten,
)
from dialer.jobs.intake.earlier_calls import hold_earlier_calls
from dialer.jobs.intake.rows import RunStart
from dialer.jobs.locations import ledger_location
from dialer.jobs.planning.commit import RunPlanner
from dialer.jobs.planning.dry_copy import copy_for_plan
from dialer.jobs.planning.layout import PlanFacts, reopen_due_contacts
from dialer.jobs.reconcile import look_up
from dialer.jobs.run_mark import read_mark
from dialer.jobs.safeguards import Traces, enter, open_known, refuse_forgotten, refuse_other_key, refuse_stranger
from dialer.jobs.sending.agreement import ask, findings_of, preview_of
from dialer.jobs.sending.ends import end_unsent, store_end
from dialer.jobs.sending.options import RunJob
from dialer.jobs.sending.outputs import begin_outputs, refresh_outputs, report_path, write_page, write_results
from dialer.jobs.sending.stops import Sent, refuse_done_night, refuse_paused, stop_of_plan, with_lost_lock
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.sync import sync_ends
from dialer.ledger.database.lock import RunLock
from dialer.ledger.database.open import Ledger
from dialer.ledger.earlier_calls import hold_called_elsewhere
from dialer.ledger.runs import Run, stop_waiting_rows
from dialer.ledger.transitions.claims import hold_suppressed_in_run, recover
from dialer.ledger.transitions.excluded import hold_called_by
from dialer.ledger.transitions.reopened import hold_spent
from dialer.results.tally import Tally, standing_tally
from dialer.submit.stop_remedies import ledger_stop, with_remedy

_log = logging.getLogger(__name__)


class Intake(Protocol):
    """Where the rows of a run come from. *sha256* identifies them: a plan file is held against it."""

    @property
    def are_rows_judged(self) -> bool:
        """Whether every row that may be sent has just been compared with the suppression files."""

    @property
    def sha256(self) -> str:
        """The fingerprint of what is read."""

    def is_empty(self, ledger: Ledger) -> bool:
        """Return whether there is nothing to do, so that not even a run is begun."""

    def take_in(self, ledger: Ledger, start: RunStart) -> Run:
        """Begin a run, and store its rows and the contacts that it means to call."""


def execute(job: RunJob, intake: Intake) -> RunSummary:
    """Run *job* on the rows of *intake*. Raises as `run_campaign` does."""
    shared_fields = job.shared_fields()
    location = ledger_location(job.campaign, job.runtime.settings, job.options.ledger)
    if job.options.dry_run:
        with TemporaryDirectory(prefix="dialer-") as folder:
            return _rehearse(job, intake, location, Path(folder))
    rehearsal = job.runtime.rehearsal
    mark = None if rehearsal else read_mark(job.campaign)
    traces = Traces(job.campaign, job.results_folder, mark, rehearsal=rehearsal)
    refuse_forgotten(traces, location)
    with Ledger.open(location) as ledger, _lock(job, ledger):
        refuse_stranger(ledger, traces)
        refuse_done_night(job, ledger)
        refuse_paused(job, ledger)
        notes = () if rehearsal else enter(ledger, location, job.campaign, mark, now_ms=job.started_at_ms)
        with ledger.write() as tx:
            recover(tx, job.campaign.name, now_ms=job.started_at_ms)
        look_up(job.campaign, ledger, job.runtime)
        ends = sync_ends(job.campaign, ledger, job.runtime) if job.asks_how_calls_ended else None
        refuse_paused(job, ledger)  # by how calls have ended
        job.terms.refuse_stale(intake.sha256, ledger)
        _read_suppression(job, intake, ledger)
        summary = _idle(job, ledger) if intake.is_empty(ledger) else _run(job, intake, ledger, shared_fields)
        return replace(summary, sync=ends, notes=(*notes, *summary.notes))


def _lock(job: RunJob, ledger: Ledger) -> AbstractContextManager[RunLock]:
    name = job.campaign.name
    return ledger.lock(what=f"a run of {name}", since=from_ms(job.started_at_ms), campaign=name, run_id=job.run_id)


def _rehearse(job: RunJob, intake: Intake, location: str | Path, folder: Path) -> RunSummary:
    """Do everything but the POSTs, on a copy of what the ledger knows."""
    with Ledger.open(folder / "copy.db", is_kept=False) as copy:
        known = open_known(job.campaign, location, rehearsal=job.runtime.rehearsal)
        if known is not None:
            with known:
                job.terms.refuse_stale(intake.sha256, known)
                copy_for_plan(known, copy, job.campaign, now_ms=job.started_at_ms)
        else:
            job.terms.refuse_stale(intake.sha256, None)
        _read_suppression(job, intake, copy)
        if intake.is_empty(copy):
            return _idle(job, copy)
        run, facts, *_ = _prepare(job, intake, copy)
        job.listener.planned(preview_of(job, copy, run, facts, findings_of(job)))
        return _summary(job, write_results(job, copy, run), job.runtime.clock.now_ms())


def _read_suppression(job: RunJob, intake: Intake, ledger: Ledger) -> None:
    judged = intake.are_rows_judged
    job.suppression.begin(ledger, job.campaign.name, at_ms=job.started_at_ms, are_rows_judged=judged)


def _idle(job: RunJob, ledger: Ledger) -> RunSummary:
    """Return the summary of a job that had nothing to do: it counts where every row stands."""
    ended_at_ms, tally = job.runtime.clock.now_ms(), standing_tally(ledger, job.campaign.name)
    return RunSummary(job.run_id, job.campaign.name, job.started_at_ms, ended_at_ms, tally, None, idle=True)


def _prepare(job: RunJob, intake: Intake, ledger: Ledger) -> tuple[Run, PlanFacts, RunPlanner, Stop | None]:
    """Begin the run, take its rows in and plan them; return also why nothing may be sent, where that is so."""
    clock = job.runtime.clock
    refuse_other_key(ledger, job.campaign)
    reopen_due_contacts(ledger, job.campaign, now_ms=job.started_at_ms)
    who = (job.run_id, job.campaign.name, job.started_at_ms, job.facts())
    run = intake.take_in(ledger, RunStart(*who, may_keep_plan=job.terms.are_plain))
    stop = None
    if not job.options.dry_run:
        stop = hold_earlier_calls(job.campaign, ledger, job.runtime, accept=job.options.accept_earlier_calls)
    with ledger.write() as tx:
        hold_spent(tx, run.id, job.campaign.redial.max_calls)
        hold_suppressed_in_run(tx, run.id)
        hold_called_elsewhere(tx, run.id)
        hold_called_by(tx, run.id, job.campaign.contacts.exclude_campaigns)
    planner = RunPlanner(ledger, run, job.campaign, job.terms)
    try:
        return run, planner.commit(clock.now_ms()), planner, stop
    except DialerError as error:
        end_unsent(ledger, run, clock.now_ms(), error)
        raise


def _run(job: RunJob, intake: Intake, ledger: Ledger, shared_fields: dict[str, object]) -> RunSummary:
    run, facts, planner, stop = _prepare(job, intake, ledger)
    if stop is not None:
        return _finish(job, ledger, run, Sent(stop))
    try:
        stop = ask(job, ledger, run, facts)
        if facts.planned:  # else they are written once, at the end
            begin_outputs(job, ledger, run)
    except DialerError as error:
        end_unsent(ledger, run, job.runtime.clock.now_ms(), error)
        raise
    _log.info("run %s planned %d calls", run.id, facts.planned, extra={"action": "planned", "run_id": run.id})
    sent = _send(job, ledger, run, planner, shared_fields) if facts.planned and stop is None else Sent(stop)
    if sent.stop is None:
        sent = replace(sent, stop=stop_of_plan(job, facts, planner))
    try:
        return replace(_finish(job, ledger, run, sent), resumes=facts.resumes)
    except ResultsNotWritten as error:
        if not facts.planned:
            end_unsent(ledger, run, job.runtime.clock.now_ms(), error)
        raise
    except LedgerUnusable as error:  # not the error of a run that sent nothing
        kind = LedgerWriteLost if isinstance(error, LedgerUnreachable) else LedgerWriteFailed
        raise kind(f"{error} The run has ended; `dialer results` tells what it did.") from error


def _send(job: RunJob, ledger: Ledger, run: Run, planner: RunPlanner, shared_fields: dict[str, object]) -> Sent:
    from dialer.jobs.sending.send import Sending, send_calls  # noqa: PLC0415 - 0.2 s that a run with nothing to send spares
    from dialer.submit.shared_request import SharedRequest  # noqa: PLC0415 - as above

    sending = Sending(
        job=job,
        ledger=ledger,
        run=run,
        shared=SharedRequest(run.id, shared_fields, job.campaign.submit, pool_fields(job.campaign.from_numbers)),
        connect=job.runtime.connector(job.campaign.submit),
        planned=planner.planned,
        plan_again=planner.plan_again,
        refresh=lambda: refresh_outputs(job, ledger, run),
    )
    try:
        sent = job.runtime.runner(send_calls(sending))
    except LockLost as error:
        return Sent(Stop(StopCode.LOCK_LOST, str(error)))
    except (LedgerUnusable, LedgerWriteFailed) as error:  # calls have been created: the summary has to be given
        sent = Sent(ledger_stop(error, str(error)))
    return with_lost_lock(sent, ledger)


def _finish(job: RunJob, ledger: Ledger, run: Run, sent: Sent) -> RunSummary:
    """Mark what was not sent, write the results, and close the run with the exit code that they come to.

    A full disk must not keep the summary, with its reason to stop, from being given.
    """
    ended_at_ms = job.runtime.clock.now_ms()
    stop = sent.stop
    ledger.reconnect()
    try:
        with ledger.write_own() as tx:
            stop_waiting_rows(tx, run)
    except LedgerWriteFailed as error:
        stop = stop or ledger_stop(error, str(error))
    stop = stop and with_remedy(stop, job.runtime.settings)
    summary = _summary(job, write_results(job, ledger, run), ended_at_ms, replace(sent, stop=stop))
    failed = store_end(ledger, run, summary)
    if failed is not None and stop is None:
        message = f"{failed} All that was due was sent, but the run's end is not in the ledger: run again."
        summary = replace(summary, stop=ledger_stop(failed, message))
    extra = {"action": "ended", "run_id": job.run_id}
    _log.info("run %s ended: exit %d", job.run_id, summary.exit_code, extra=extra)
    problem = write_page(job, ledger, run, goes_on=False, next_step=str(summary.next_step or ""))
    if problem:
        return replace(summary, notes=(*summary.notes, problem))
    return replace(summary, report=report_path(job))


def _summary(job: RunJob, tally: Tally, ended_at_ms: int, sent: Sent | None = None) -> RunSummary:
    sent = sent or Sent()
    return RunSummary(
        run_id=job.run_id,
        campaign=job.campaign.name,
        started_at_ms=job.started_at_ms,
        ended_at_ms=ended_at_ms,
        tally=tally,
        results=job.results_path,
        stop=sent.stop,
        signal_number=sent.signal_number,
        notes=sent.notes,
        pace=sent.pace,
        dry_run=job.options.dry_run,
        file=job.campaign.path,
    )
