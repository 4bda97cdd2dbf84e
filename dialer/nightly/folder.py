"""Every night: each campaign of a folder that is enabled, one after the other, and one summary of them all."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO

from typing_extensions import TypedDict

from dialer.campaign.file import Campaign, load_campaign
from dialer.clock import from_ms, iso_ms
from dialer.errors import CampaignError
from dialer.exit_codes import (
    EXIT_BUG,
    EXIT_FAILED_ROWS,
    EXIT_HELD,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_STOPPED,
    EXIT_UNKNOWN,
    EXIT_USAGE,
)
from dialer.jobs.locations import RESULTS_FOLDER, unused_path
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import Listener, SilentListener
from dialer.nightly.campaign_files import Disabled, campaign_files, disabled
from dialer.nightly.campaign_night import Night, NightJob, NightJson, unreadable
from dialer.nightly.own_process import live_apart
from dialer.results.atomic_write import write_atomically
from dialer.schedule.rules import EXPIRE_SOON, rules_expiring
from dialer.words import trouble

SEVERITY = (EXIT_OK, EXIT_FAILED_ROWS, EXIT_UNKNOWN, EXIT_HELD, EXIT_STOPPED, EXIT_USAGE, EXIT_BUG)
"""Exit codes from the best to the worst; an interruption is worse than all of them."""


class NightlyJson(TypedDict):
    """What `dialer nightly --json` prints."""

    folder: str
    started_at: str
    ended_at: str
    campaigns: list[NightJson]
    disabled: list[str]
    rules_expiring: list[str]
    exit_code: int


@dataclass(frozen=True)
class NightlySummary:
    """What became of a folder's night: one entry for each campaign that is enabled or cannot be read.

    *file* holds the summary for the morning; a start that found everything done leaves none.
    """

    folder: Path
    started_at_ms: int
    ended_at_ms: int
    nights: tuple[Night, ...]
    disabled: Disabled
    file: Path | None = None

    @property
    def rules_expiring(self) -> list[str]:
        """The regions whose rules of calling hours have expired or soon will, the first to end first."""
        today = from_ms(self.started_at_ms).date()
        return [rule.region for rule in rules_expiring(today, EXPIRE_SOON)]

    @property
    def exit_code(self) -> int:
        """The worst of the campaigns' exit codes; where none is enabled, that of `Disabled`."""
        return max((night.exit_code for night in self.nights), key=_severity, default=self.disabled.exit_code)

    @property
    def text(self) -> str:
        """One line for each campaign, and one for rules that are about to expire."""
        lines = [night.text for night in self.nights] or [self.disabled.text]
        if self.rules_expiring:
            days = EXPIRE_SOON.days
            lines.append(f"rules that expire within {days} days: {', '.join(self.rules_expiring)}; see `dialer rules`")
        return "\n".join(lines)

    def as_json(self) -> NightlyJson:
        """Return the object that `--json` prints, and that is kept for the morning."""
        return {
            "folder": str(self.folder),
            "started_at": iso_ms(self.started_at_ms),
            "ended_at": iso_ms(self.ended_at_ms),
            "campaigns": [night.as_json() for night in self.nights],
            "disabled": list(self.disabled.names),
            "rules_expiring": self.rules_expiring,
            "exit_code": self.exit_code,
        }


@dataclass(frozen=True)
class NightlyOptions:
    """What the caller decides of a night: the *ledger* in place of the campaigns' own, whether to take signals.

    *apart*: each campaign in a process of its own, with the settings of the runtime and nothing else of it.
    """

    ledger: str | Path | None = None
    take_signals: bool = False
    apart: bool = False


def run_nightly(
    place: Path,
    *,
    options: NightlyOptions | None = None,
    listener: Listener | None = None,
    runtime: Runtime | None = None,
) -> NightlySummary:
    """Run the night of every enabled campaign of *place*, a folder or one campaign file, in the order of file names.

    What goes wrong with one campaign stands in the summary and never keeps another from its night; an interruption
    ends the whole. The summary is kept in `results/nightly-DATE.json`, that of one file in
    `results/nightly-NAME-DATE.json`, also of an interrupted night. Raises `UsageError` where there is no such folder or
    file, `SettingsError` for an environment that cannot be used.
    """
    options, runtime = options or NightlyOptions(), runtime or Runtime()
    clock = runtime.clock
    job = NightJob(
        runtime=runtime,
        listener=listener or SilentListener(),
        ledger=options.ledger,
        take_signals=options.take_signals,
    )
    started_at_ms = clock.now_ms()
    nights: list[Night] = []
    without: list[Campaign] = []
    live = partial(live_apart, job) if options.apart else job.live
    try:
        for path in campaign_files(place):
            _live(live, path, nights, without)
            if nights and nights[-1].exit_code not in SEVERITY:
                break
    finally:  # also of a night that is interrupted while nothing is being sent
        ended_at_ms = clock.now_ms()
        folder = place.parent if place.is_file() else place
        summary = _keep(NightlySummary(folder, started_at_ms, ended_at_ms, tuple(nights), disabled(place, without)))
    return summary


def _live(live: Callable[[Campaign], Night], path: Path, nights: list[Night], without: list[Campaign]) -> None:
    """Add what became of one campaign file to *nights*, or the campaign to those *without* a night."""
    try:
        campaign = load_campaign(path)
    except CampaignError as error:
        nights.append(unreadable(path, error))
        return
    if not campaign.nightly.enabled:
        without.append(campaign)
    elif campaign.name in {night.campaign for night in nights}:
        message = f"{path}: another campaign of this folder has this name. Give it one of its own."
        nights.append(unreadable(path, CampaignError(message)))
    else:
        nights.append(Night(campaign.name, None, EXIT_INTERRUPTED, "interrupted"))
        nights[-1] = live(campaign)


def _severity(exit_code: int) -> int:
    return SEVERITY.index(exit_code) if exit_code in SEVERITY else len(SEVERITY)


def _put(file: IO[bytes], content: bytes) -> None:
    file.write(content)


def _keep(summary: NightlySummary) -> NightlySummary:
    """Keep the summary for the morning, under a name of its own; where that cannot be done, say so in it."""
    if all(night.is_done_already for night in summary.nights):
        return summary
    at = from_ms(summary.started_at_ms)
    one = "" if summary.disabled.place == summary.folder else f"{summary.disabled.place.stem}-"
    path = unused_path(summary.folder / RESULTS_FOLDER / f"nightly-{one}{at:%Y-%m-%d}.json")
    content = json.dumps(summary.as_json(), indent=2, ensure_ascii=False).encode()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, lambda file: _put(file, content))
    except OSError as error:
        failed = Night("summary", None, EXIT_STOPPED, f"{path}: cannot be written: {trouble(error)}.")
        return replace(summary, nights=(*summary.nights, failed))
    return replace(summary, file=path)
