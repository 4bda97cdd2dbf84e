"""Every night: each campaign of a folder that is enabled, one after the other, and one summary of them all."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

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
from dialer.jobs.locations import RESULTS_FOLDER, numbered_paths
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import Listener, SilentListener
from dialer.nightly.campaign_files import Disabled, campaign_files, disabled
from dialer.nightly.campaign_night import Night, NightJob, NightJson, unreadable
from dialer.nightly.own_process import live_apart
from dialer.results.atomic_write import write_once
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
        return worst_exit([night.exit_code for night in self.nights], default=self.disabled.exit_code)

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

    *apart*: each campaign in a process of its own, with the settings of the runtime and nothing else of it. *night* is
    the one that a scheduler asked for, None: that of now.
    """

    ledger: str | Path | None = None
    take_signals: bool = False
    apart: bool = False
    night: date | None = None


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
    `results/nightly-NAME-NIGHT.json`, also of an interrupted night. A night that is done has one, whoever was killed
    before writing it: the next start does that, at once where *options* name the night, else when nobody else may be
    about to. Raises `UsageError` where there is no such folder or
    file, `SettingsError` for an environment that cannot be used.
    """
    options, runtime = options or NightlyOptions(), runtime or Runtime()
    clock = runtime.clock
    job = NightJob(
        runtime=runtime,
        listener=listener or SilentListener(),
        ledger=options.ledger,
        take_signals=options.take_signals,
        night=options.night,
    )
    started_at_ms = clock.now_ms()
    entries = _Entries(job, is_apart=options.apart)
    try:
        for path in campaign_files(place):
            entries.live(path)
            if entries.nights and entries.nights[-1].exit_code not in SEVERITY:
                break
    finally:  # also of a night that is interrupted while nothing is being sent
        folder = place.parent if place.is_file() else place
        without = disabled(place, entries.without)
        summary = _keep(NightlySummary(folder, started_at_ms, clock.now_ms(), tuple(entries.nights), without))
        if summary.file is not None:
            entries.note_told()
    return summary


def tell_undone(file: Path, night: date, exit_code: int, message: str, runtime: Runtime) -> NightlySummary:
    """Notify people that the *night* of the campaign *file* was not done, whoever tried, and keep that as its summary.

    Raises `CampaignError` for a file that cannot be read.
    """
    campaign, now_ms = load_campaign(file), runtime.clock.now_ms()
    told = NightJob(runtime, SilentListener()).told(campaign, Night(campaign.name, night, exit_code, message))
    return _keep(NightlySummary(file.parent, now_ms, now_ms, (told,), disabled(file, [])))


@dataclass
class _Entries:
    """What became of the campaigns of a folder so far; *without* are those that have no night."""

    job: NightJob
    is_apart: bool
    nights: list[Night] = field(default_factory=list)
    without: list[Campaign] = field(default_factory=list)
    untold: list[tuple[Campaign, Night]] = field(default_factory=list)

    def live(self, path: Path) -> None:
        """Do what the night holds for one campaign file, if it has one."""
        try:
            campaign = load_campaign(path)
        except CampaignError as error:
            self.nights.append(unreadable(path, error))
            return
        if not campaign.nightly.enabled:
            self.without.append(campaign)
        elif campaign.name in {night.campaign for night in self.nights}:
            message = f"{path}: another campaign of this folder has this name. Give it one of its own."
            self.nights.append(unreadable(path, CampaignError(message)))
        else:
            self.note_told()  # whoever starts beside this one must not tell it anew
            self.nights.append(Night(campaign.name, None, EXIT_INTERRUPTED, "interrupted"))
            self.nights[-1] = live_apart(self.job, campaign) if self.is_apart else self.job.live(campaign)
            self.untold.append((campaign, self.nights[-1]))

    def note_told(self) -> None:
        """Note in the ledger what has been told."""
        while self.untold:
            self.job.note_told(*self.untold.pop())


def worst_exit(exit_codes: Iterable[int], *, default: int) -> int:
    """Return the worst of *exit_codes*, by `SEVERITY`; *default* where there is none."""
    return max(exit_codes, key=_severity, default=default)


def _severity(exit_code: int) -> int:
    return SEVERITY.index(exit_code) if exit_code in SEVERITY else len(SEVERITY)


def _keep(summary: NightlySummary) -> NightlySummary:
    """Keep the summary for the morning, under a name of its own; where that cannot be done, say so in it."""
    if all(night.is_done_already for night in summary.nights):
        return summary
    day, one = from_ms(summary.started_at_ms).date(), ""
    if summary.disabled.place != summary.folder:
        day, one = summary.nights[0].date or day, f"{summary.disabled.place.stem}-"
    path = summary.folder / RESULTS_FOLDER / f"nightly-{one}{day}.json"
    content = json.dumps(summary.as_json(), indent=2, ensure_ascii=False).encode()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = write_once(numbered_paths(path), content, partial(_tells_the_same, summary.as_json()))
    except OSError as error:
        failed = Night("summary", None, EXIT_STOPPED, f"{path}: cannot be written: {trouble(error)}.")
        return replace(summary, nights=(*summary.nights, failed))
    return replace(summary, file=path)


def _tells_the_same(summary: NightlyJson, content: bytes) -> bool:
    """Return whether the file's *content* tells of the one run that *summary* tells of."""
    try:
        kept = [_run_of(night) for night in json.loads(content)["campaigns"]]
    except (ValueError, LookupError, TypeError):
        return False
    return None not in kept and kept == [_run_of(night) for night in summary["campaigns"]]


def _run_of(night: NightJson) -> str | None:
    return None if night["run"] is None else night["run"]["run_id"]
