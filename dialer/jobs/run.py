"""Runs a campaign: reads its sheet, plans a slot for every callable contact, creates the calls, writes the results."""

import logging
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from dialer.campaign import Campaign
from dialer.clock import Clock, SystemClock, from_ms, to_ms
from dialer.contacts import Loaded, load_contacts
from dialer.errors import CampaignError, LedgerUnusable, LedgerWriteFailed, UsageError
from dialer.jobs.intake import RunStart, take_in
from dialer.jobs.places import (
    RESULTS_FOLDER,
    ledger_location,
    new_results_path,
    refuse_forgotten,
    refuse_other_key,
    refuse_stranger,
)
from dialer.jobs.planning import PlanFacts, plan_run
from dialer.jobs.reconcile import look_up
from dialer.jobs.sending import Listener, Sending, SilentListener, send
from dialer.jobs.summary import EXIT_USAGE, RunSummary, Tally
from dialer.jobs.wiring import Wiring
from dialer.ledger import Ledger, RunLock, read, write
from dialer.ledger.attempts import recover
from dialer.ledger.copy import copy_campaign
from dialer.ledger.intake import Run, end_run
from dialer.ledger.rows import find_run, reports
from dialer.results import write_table
from dialer.settings import Settings, read_settings
from dialer.submit import StopCode
from dialer.submit.payload import call_fields
from dialer.submit.submitter import Sender
from dialer.submit.watch import Stop

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunOptions:
    """What the caller decides about one run.

    *limit* sends at most that many calls, the first of the sheet; *results*, *results_folder* and *ledger* override
    the places beside the campaign file; *dry_run* does everything but the POSTs and the ledger; *take_signals* turns
    Ctrl-C and SIGTERM into an orderly stop and works in the main thread only.
    """

    limit: int | None = None
    results: Path | None = None
    results_folder: Path | None = None
    ledger: str | Path | None = None
    dry_run: bool = False
    take_signals: bool = False


@dataclass(frozen=True)
class _Job:
    """A run's fixed circumstances."""

    campaign: Campaign
    settings: Settings
    options: RunOptions
    listener: Listener
    clock: Clock
    wiring: Wiring
    run_id: str
    started_at_ms: int
    results_path: Path | None
    environment: Mapping[str, str] = field(repr=False)


def run_campaign(
    campaign: Campaign,
    settings: Settings | None = None,
    *,
    options: RunOptions | None = None,
    listener: Listener | None = None,
    clock: Clock | None = None,
    wiring: Wiring | None = None,
) -> RunSummary:
    """Run *campaign* once and tell what became of every row of its sheet.

    Blocks until done; from async code call it in a thread. *settings* default to the environment's, *wiring* to the
    real parts. Raises
    `CannotStart` (nothing was sent), `LedgerHeld` (another run is going) and their kin; whatever happens once
    sending has begun is in the summary instead.
    """
    settings = settings or read_settings()
    options = options or RunOptions()
    clock = clock or SystemClock()
    wiring = wiring or Wiring()
    campaign = campaign.with_ids(team_id=settings.team_id, call_template_id=settings.call_template_id)
    if not options.dry_run:
        settings.require_key()
    started_at_ms = to_ms(clock.now())
    at = f"{from_ms(started_at_ms):%Y%m%dT%H%M%SZ}"
    run_id = f"{at}-{secrets.token_hex(3)}"
    results = options.results_folder or campaign.folder / RESULTS_FOLDER
    job = _Job(
        campaign=campaign,
        settings=settings,
        options=options,
        listener=listener or SilentListener(),
        clock=clock,
        wiring=wiring,
        run_id=run_id,
        started_at_ms=started_at_ms,
        results_path=options.results or (None if options.dry_run else new_results_path(campaign, results, at)),
        environment=dict(os.environ),
    )
    shared_fields = _shared_fields(job)
    loaded = load_contacts(campaign)
    location = ledger_location(campaign, settings, options.ledger)
    if options.dry_run:
        with TemporaryDirectory(prefix="dialer-") as folder:
            return _rehearse(job, loaded, location, Path(folder))
    refuse_forgotten(campaign, results, location)
    with Ledger.open(location) as ledger, _lock(job, ledger):
        refuse_stranger(ledger, campaign, results)
        with write(ledger.engine) as tx:
            recover(tx, now_ms=started_at_ms)
        look_up(campaign, settings, ledger, clock, wiring=wiring)
        return _run(job, loaded, ledger, shared_fields)


def _shared_fields(job: _Job) -> dict[str, object]:
    try:
        return call_fields(job.campaign.call, job.environment)
    except KeyError as error:
        raise CampaignError(
            f"{job.campaign.path}: call.webhooks: secret_env names {error}, which is not set in the environment."
        ) from error


def _lock(job: _Job, ledger: Ledger) -> RunLock:
    return RunLock(ledger.engine, what=f"a run of {job.campaign.name}", since=from_ms(job.started_at_ms))


def _rehearse(job: _Job, loaded: Loaded, location: str | Path, folder: Path) -> RunSummary:
    """Do everything but the POSTs, on a copy of what the ledger knows."""
    with Ledger.open(folder / "copy.db") as copy:
        if (known := Ledger.open_existing(location)) is not None:
            with known:
                copy_campaign(known.engine, copy.engine, job.campaign.name)
        ledger_run, facts = _prepare(job, loaded, copy)
        job.listener.planned(facts)
        return _finish(job, copy, ledger_run, None, None)


def _prepare(job: _Job, loaded: Loaded, ledger: Ledger) -> tuple[Run, PlanFacts]:
    refuse_other_key(ledger, job.campaign)
    facts = {
        "host": socket.gethostname(),
        "limit": job.options.limit,
        "key": list(job.campaign.contacts.key),
        "tzdata": version("tzdata"),
        "phonenumbers": version("phonenumbers"),
    }
    ledger_run = take_in(ledger, loaded, RunStart(job.run_id, job.campaign.name, job.started_at_ms, facts))
    now_ms = to_ms(job.clock.now())
    plan = plan_run(ledger, ledger_run, job.campaign, now_ms=now_ms, limit=job.options.limit, first_slot_ms=None)
    return ledger_run, plan


def _run(job: _Job, loaded: Loaded, ledger: Ledger, shared_fields: dict[str, object]) -> RunSummary:
    ledger_run, facts = _prepare(job, loaded, ledger)
    if not job.listener.planned(facts):
        _end(ledger, ledger_run, to_ms(job.clock.now()), EXIT_USAGE, None)
        raise UsageError("Nothing was sent: the plan was not confirmed.")
    _write_results(job, ledger, ledger_run, Tally())  # shows before anything is sent that it can be written
    stop: Stop | None = None
    signal_number: int | None = None
    told = {"action": "planned", "run_id": job.run_id}
    _log.info("run %s planned %d calls", job.run_id, facts.planned, extra=told)
    if facts.planned:
        try:
            stop, signal_number = job.wiring.runner(send(_sending(job, ledger, ledger_run, facts, shared_fields)))
        except (LedgerUnusable, LedgerWriteFailed) as error:  # calls have been created: the summary must be told
            stop = Stop(StopCode.LEDGER_FAILED, str(error))
    try:
        return _finish(job, ledger, ledger_run, stop, signal_number)
    except LedgerUnusable as error:  # not the error of a run that sent nothing
        raise LedgerWriteFailed(f"{error} The run has ended; `dialer results` tells what it did.") from error


def _sending(job: _Job, ledger: Ledger, ledger_run: Run, facts: PlanFacts, shared_fields: dict[str, object]) -> Sending:
    return Sending(
        campaign=job.campaign,
        ledger=ledger,
        run=ledger_run,
        sender=Sender(job.run_id, shared_fields, job.campaign.submit),
        facts=facts,
        clock=job.clock,
        listener=job.listener,
        connect=job.wiring.connector(job.campaign, job.settings, job.clock),
        refresh=lambda: _write_results(job, ledger, ledger_run, Tally()),
        wiring=job.wiring,
        take_signals=job.options.take_signals,
    )


def _finish(job: _Job, ledger: Ledger, ledger_run: Run, stop: Stop | None, signal_number: int | None) -> RunSummary:
    ended_at_ms = to_ms(job.clock.now())
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
        with write(ledger.engine) as tx:
            end_run(tx, ledger_run, ended_at_ms=ended_at_ms, exit_code=exit_code, stop=stop.message if stop else None)
    except LedgerWriteFailed as error:
        return stop or Stop(StopCode.LEDGER_FAILED, str(error))
    return stop


def _write_results(job: _Job, ledger: Ledger, ledger_run: Run, tally: Tally) -> None:
    with read(ledger.engine) as tx:
        facts = find_run(tx, ledger_run.id)
    rows = tally.count(reports(ledger.engine, facts))
    if job.results_path is None:
        for _ in rows:
            pass
    else:
        write_table(job.results_path, facts.header, rows)
