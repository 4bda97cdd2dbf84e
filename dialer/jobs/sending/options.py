"""What a run is given and what it finds out about itself before it begins: options, id, places, facts to remember."""

import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from dialer.api.payload import call_fields
from dialer.calls.outcome import Outcome
from dialer.calls.pause import Pause
from dialer.campaign.file import Campaign
from dialer.clock import from_ms
from dialer.errors import CampaignError, DialerError, SettingsError, UsageError
from dialer.jobs.intake.suppression_watch import SuppressionWatch
from dialer.jobs.locations import RESULTS_FOLDER, ledger_location, new_results_path, refuse_own_input
from dialer.jobs.planning.commit import RunTerms, facts_of
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.preview import RunPreview
from dialer.results.table import refuse_format
from dialer.settings import Settings


@dataclass(frozen=True)
class RunOptions:
    """What the caller decides about one run.

    *limit* sends at most that many calls, the first of the sheet; *results*, *results_folder* and *ledger* override
    the places beside the campaign file; *dry_run* does everything but the POSTs and the ledger; *take_signals* turns
    Ctrl-C and SIGTERM into an orderly stop and works in the main thread only. *plan* sends the slots of a plan file and
    no others; *partial* goes on although rows do not fit before the campaign's end, or slots of the plan have passed.
    *night* is the business date of a nightly run, which asks how earlier calls ended before it plans.
    *accept_earlier_calls* calls also whom the API lists as called although this ledger has not called them.
    """

    limit: int | None = None
    results: Path | None = None
    results_folder: Path | None = None
    ledger: str | Path | None = None
    dry_run: bool = False
    take_signals: bool = False
    partial: bool = False
    plan: Path | None = None
    night: date | None = None
    accept_earlier_calls: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run is doing now: calls *in_flight*, the slot (ms) of the last claim, the pause that holds it back.

    *is_interrupted*: a first Ctrl-C or SIGTERM has just come; another one ends the process, and leaves what is in
    flight unknown.
    """

    in_flight: int
    slot_ms: int | None
    pause: Pause | None
    is_interrupted: bool = False


class Listener(Protocol):
    """Told how a run goes; the command line draws it, a test or a task may record it."""

    def planned(self, preview: RunPreview) -> bool:
        """Learn what is about to be created; False ends the run before anything is sent."""

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Learn the outcome of one attempt; not *final* when the call is tried again."""

    def going(self, now: Progress) -> None:
        """Learn, about once a second and at an interruption, what the run is doing."""


class SilentListener:
    """Agrees to every plan and says nothing."""

    def planned(self, preview: RunPreview) -> bool:
        """Agree."""
        del preview
        return True

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Ignore."""

    def going(self, now: Progress) -> None:
        """Ignore."""


@dataclass(frozen=True)
class RunJob:
    """A run's fixed circumstances. Construct it with `new_job`."""

    campaign: Campaign
    options: RunOptions
    listener: Listener
    runtime: Runtime
    run_id: str
    started_at_ms: int
    results_folder: Path
    results_path: Path | None
    suppression: SuppressionWatch
    terms: RunTerms
    environment: Mapping[str, str] = field(repr=False)

    @property
    def asks_how_calls_ended(self) -> bool:
        """Whether the API is asked before the run plans: every night, and wherever the ends decide who is called."""
        return self.options.night is not None or self.campaign.needs_ends

    def shared_fields(self) -> dict[str, object]:
        """Return the fields of every body."""
        return call_fields(self.campaign.call, self.environment)

    def facts(self) -> dict[str, object]:
        """Return what the ledger remembers of the run: where its calls went, and what decided who was rung and when."""
        call, budget, submit = self.campaign.call, self.campaign.budget, self.campaign.submit
        return {
            "host": socket.gethostname(),
            "process": os.getpid(),
            "limit": self.options.limit,
            "address": self.runtime.settings.base_url,
            "team_id": call.team_id,
            "call_template_id": call.call_template_id,
            "from_number": call.from_phone_number or call.phone_number_id,
            "calls_per_second": submit.requests_per_second * submit.batch_size,
            "budget": budget.model_dump(mode="json", exclude_none=True) if budget.is_limited else None,
            "night": None if self.options.night is None else self.options.night.isoformat(),
            **facts_of(self.campaign),
        }


def refuse_unready(
    campaign: Campaign,
    settings: Settings,
    environment: Mapping[str, str],
    *,
    needs_key: bool = True,
    besides: Sequence[DialerError] = (),
) -> None:
    """Raise what the campaign and the environment lack for a run, all at once, together with *besides*.

    A single error is raised as it is, several as one `UsageError`.
    """
    lacking = list(besides)
    try:
        campaign.with_ids(team_id=settings.team_id, call_template_id=settings.call_template_id)
    except CampaignError as error:
        lacking.append(error)
    secrets_of = {hook.secret_env for hook in campaign.call.webhooks if hook.secret_env}
    if unset := sorted(name for name in secrets_of if name not in environment):
        what = f"secret_env under [[call.webhooks]] names {' and '.join(unset)}"
        lacking.append(CampaignError(f"{campaign.path}: {what}, which the environment lacks. Set the variable."))
    if needs_key:
        try:
            settings.require_key()
        except SettingsError as error:
            lacking.append(error)
    if len(lacking) == 1:
        raise lacking[0]
    if lacking:
        raise UsageError("Before anybody can be called:\n" + "\n".join(f"  {error}" for error in lacking))


def new_job(
    campaign: Campaign, options: RunOptions | None, listener: Listener | None, runtime: Runtime | None
) -> RunJob:
    """Fill in what the caller left out. Raises `SettingsError` and `CampaignError` for what a run cannot do without."""
    options, runtime = options or RunOptions(), (runtime or Runtime()).of(campaign)
    settings = runtime.settings
    terms = RunTerms.of(campaign, limit=options.limit, partial=options.partial, plan=options.plan)
    refuse_unready(campaign, settings, os.environ, needs_key=not options.dry_run)
    campaign = campaign.with_ids(team_id=settings.team_id, call_template_id=settings.call_template_id)
    refuse_own_input(campaign, options.results, ledger_location(campaign, settings, options.ledger))
    if options.results is not None:
        refuse_format(options.results)
    started_at_ms = runtime.clock.now_ms()
    at = f"{from_ms(started_at_ms):%Y%m%dT%H%M%SZ}"
    folder = options.results_folder or campaign.folder / RESULTS_FOLDER
    return RunJob(
        campaign=campaign,
        options=options,
        listener=listener or SilentListener(),
        runtime=runtime,
        run_id=f"{at}-{secrets.token_hex(3)}",
        started_at_ms=started_at_ms,
        results_folder=folder,
        results_path=options.results or (None if options.dry_run else new_results_path(campaign, folder, at)),
        suppression=SuppressionWatch(campaign, is_rehearsal=runtime.rehearsal),
        terms=terms,
        environment=dict(os.environ),
    )
