"""What every job that sends calls does, whatever its rows come from: lock, look up, take in, plan, send, tell."""

import logging
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from dialer.calls.outcome import Stop, StopCode
from dialer.clock import from_ms
from dialer.errors import LedgerUnusable, LedgerWriteFailed, PlanRefused, UsageError
from dialer.exit_codes import EXIT_USAGE
from dialer.jobs.intake.rows import RunStart
from dialer.jobs.locations import ledger_location
from dialer.jobs.planning.commit import Planner
from dialer.jobs.planning.layout import PlanFacts
from dialer.jobs.planning.redial import reopen
from dialer.jobs.reconcile import look_up
from dialer.jobs.safeguards import refuse_forgotten, refuse_other_key, refuse_stranger
from dialer.jobs.sending.options import RunJob
from dialer.jobs.sending.send import Sending, send
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.sync import sync_ends
from dialer.ledger.database.open import Ledger
from dialer.ledger.row_reports import reports
from dialer.ledger.runs import Run, end_run, find_run
from dialer.ledger.snapshot import copy_campaign
from dialer.ledger.transitions.claims import recover
from dialer.ledger.transitions.reopened import hold_spent
from dialer.results.table import write_table
from dialer.results.tally import Tally
from dialer.submit.submitter import Sender

_log = logging.getLogger(__name__)


class Intake(Protocol):
    """Where the rows of a run come from. *sha256* identifies them: a plan file is held against it."""

    @property
    def are_rows_judged(self) -> bool:
        """Tell whether every row that may be sent has just been held against the suppression files."""

    @property
    def sha256(self) -> str:
        """Give the fingerprint of what is read."""

    def is_empty(self, ledger: Ledger) -> bool:
        """Tell whether there is nothing to do, so that not even a run is begun."""

    def take_in(self, ledger: Ledger, start: RunStart) -> Run:
        """Begin a run, and store its rows and the contacts that it means to call."""


def execute(job: RunJob, intake: Intake) -> RunSummary:
    """Run *job* on the rows of *intake*. Raises as `run_campaign` does."""
    shared_fields = job.shared_fields()
    location = ledger_location(job.campaign, job.settings, job.options.ledger)
    if job.options.dry_run:
        with TemporaryDirectory(prefix="dialer-") as folder:
            return _rehearse(job, intake, location, Path(folder))
    refuse_forgotten(job.campaign, job.results_folder, location)
    with Ledger.open(location) as ledger, _lock(job, ledger):
        refuse_stranger(ledger, job.campaign, job.results_folder)
        with ledger.write() as tx:
            recover(tx, now_ms=job.started_at_ms)
        look_up(job.campaign, job.settings, ledger, job.clock, wiring=job.wiring)
        ends = None
        if job.asks_how_calls_ended:
            ends = sync_ends(job.campaign, job.settings, ledger, job.clock, wiring=job.wiring)
        job.terms.refuse_stale(intake.sha256, ledger)
        _hear_suppression(job, intake, ledger)
        summary = _idle(job) if intake.is_empty(ledger) else _run(job, intake, ledger, shared_fields)
        return replace(summary, sync=ends)


def _lock(job: RunJob, ledger: Ledger) -> AbstractContextManager[None]:
    return ledger.lock(what=f"a run of {job.campaign.name}", since=from_ms(job.started_at_ms))


def _rehearse(job: RunJob, intake: Intake, location: str | Path, folder: Path) -> RunSummary:
    """Do everything but the POSTs, on a copy of what the ledger knows."""
    with Ledger.open(folder / "copy.db") as copy:
        if (known := Ledger.open_existing(location)) is not None:
            with known:
                job.terms.refuse_stale(intake.sha256, known)
                copy_campaign(known, copy, job.campaign.name)
        else:
            job.terms.refuse_stale(intake.sha256, None)
        _hear_suppression(job, intake, copy)
        if intake.is_empty(copy):
            return _idle(job)
        ledger_run, facts, _ = _prepare(job, intake, copy)
        job.listener.planned(facts)
        return _finish(job, copy, ledger_run, None, None)


def _hear_suppression(job: RunJob, intake: Intake, ledger: Ledger) -> None:
    judged = intake.are_rows_judged
    job.suppression.begin(ledger, job.campaign.name, at_ms=job.started_at_ms, are_rows_judged=judged)


def _idle(job: RunJob) -> RunSummary:
    """Tell that there was nothing to do."""
    ended_at_ms = job.clock.now_ms()
    return RunSummary(job.run_id, job.campaign.name, job.started_at_ms, ended_at_ms, Tally(), None, idle=True)


def _prepare(job: RunJob, intake: Intake, ledger: Ledger) -> tuple[Run, PlanFacts, Planner]:
    refuse_other_key(ledger, job.campaign)
    reopen(ledger, job.campaign, now_ms=job.started_at_ms)
    start = RunStart(job.run_id, job.campaign.name, job.started_at_ms, job.facts())
    ledger_run = intake.take_in(ledger, start)
    with ledger.write() as tx:
        hold_spent(tx, ledger_run.id, job.campaign.redial.max_calls)
    planner = Planner(ledger, ledger_run, job.campaign, job.terms)
    try:
        return ledger_run, planner.commit(job.clock.now_ms()), planner
    except PlanRefused:
        _end(ledger, ledger_run, job.clock.now_ms(), EXIT_USAGE, None)
        raise


def _run(job: RunJob, intake: Intake, ledger: Ledger, shared_fields: dict[str, object]) -> RunSummary:
    ledger_run, facts, planner = _prepare(job, intake, ledger)
    if not job.listener.planned(facts):
        _end(ledger, ledger_run, job.clock.now_ms(), EXIT_USAGE, None)
        raise UsageError("Nothing was sent: the plan was not confirmed.")
    _write_results(job, ledger, ledger_run, Tally())  # shows before anything is sent that it can be written
    stop: Stop | None = None
    signal_number: int | None = None
    told = {"action": "planned", "run_id": job.run_id}
    _log.info("run %s planned %d calls", job.run_id, facts.planned, extra=told)
    if facts.planned:
        try:
            stop, signal_number = job.wiring.runner(send(_sending(job, ledger, ledger_run, planner, shared_fields)))
        except (LedgerUnusable, LedgerWriteFailed) as error:  # calls have been created: the summary must be told
            stop = Stop(StopCode.LEDGER_FAILED, str(error))
    if stop is None and planner.passed:
        stop = Stop(StopCode.FELL_BEHIND, f"{planner.passed} slots of the plan file passed before their turn came.")
    try:
        return _finish(job, ledger, ledger_run, stop, signal_number)
    except LedgerUnusable as error:  # not the error of a run that sent nothing
        raise LedgerWriteFailed(f"{error} The run has ended; `dialer results` tells what it did.") from error


def _sending(
    job: RunJob, ledger: Ledger, ledger_run: Run, planner: Planner, shared_fields: dict[str, object]
) -> Sending:
    return Sending(
        campaign=job.campaign,
        ledger=ledger,
        run=ledger_run,
        sender=Sender(job.run_id, shared_fields, job.campaign.submit),
        plan_again=planner.plan_again,
        clock=job.clock,
        listener=job.listener,
        connect=job.wiring.connector(job.campaign, job.settings, job.clock),
        refresh=lambda: _write_results(job, ledger, ledger_run, Tally()),
        wiring=job.wiring,
        suppression=job.suppression,
        take_signals=job.options.take_signals,
    )


def _finish(job: RunJob, ledger: Ledger, ledger_run: Run, stop: Stop | None, signal_number: int | None) -> RunSummary:
    ended_at_ms = job.clock.now_ms()
    if not job.options.dry_run:  # its rows were not stopped: they wait for the real run
        stop = _end(ledger, ledger_run, ended_at_ms, None, stop)
    tally = Tally()
    _write_results(job, ledger, ledger_run, tally)
    summary = RunSummary(
        run_id=job.run_id,
        campaign=job.campaign.name,
        started_at_ms=job.started_at_ms,
        ended_at_ms=ended_at_ms,
        tally=tally,
        results=job.results_path,
        stop=stop,
        signal_number=signal_number,
        dry_run=job.options.dry_run,
    )
    _end(ledger, ledger_run, ended_at_ms, summary.exit_code, stop)
    told = {"action": "ended", "run_id": job.run_id}
    _log.info("run %s ended: exit %d", job.run_id, summary.exit_code, extra=told)
    return summary


def _end(ledger: Ledger, ledger_run: Run, ended_at_ms: int, exit_code: int | None, stop: Stop | None) -> Stop | None:
    """Write the end of the run; a full disk must not keep the summary, with its reason to stop, from being told."""
    try:
        with ledger.write() as tx:
            end_run(tx, ledger_run, ended_at_ms=ended_at_ms, exit_code=exit_code, stop=stop.message if stop else None)
    except LedgerWriteFailed as error:
        return stop or Stop(StopCode.LEDGER_FAILED, str(error))
    return stop


def _write_results(job: RunJob, ledger: Ledger, ledger_run: Run, tally: Tally) -> None:
    with ledger.read() as tx:
        facts = find_run(tx, ledger_run.id)
    rows = tally.count(reports(ledger, facts))
    if job.results_path is None:
        for _ in rows:
            pass
    else:
        write_table(job.results_path, facts.header, rows, result_columns=facts.result_columns)
