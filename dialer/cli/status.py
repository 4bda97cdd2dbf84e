"""`dialer status`: where everything stands, and the next command to give."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dialer.campaign.file import Campaign
from dialer.campaign.values import parse_duration
from dialer.cli.json_output import print_json
from dialer.cli.locations import find_campaign, find_ledger
from dialer.cli.options import JsonOption, LedgerOption, LogFileOption, LogFormatOption, SandboxOption, VerboseOption
from dialer.clock import SystemClock, iso_ms
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_OK, EXIT_STOPPED
from dialer.jobs.readiness.lost_test_calls import told_lost
from dialer.jobs.safeguards import adopt_ledger, open_known
from dialer.jobs.status import CampaignStanding, StatusJson, never_run, read_standings, with_lost_test_calls
from dialer.ledger.database.open import Ledger, shown_location
from dialer.ledger.live.live_runs import LiveRun
from dialer.reasons import Status
from dialer.words import command, counted

ADOPT_RISK = (
    "--adopt makes this the ledger that runs use. The next run of each campaign holds whomever the API lists as called"
    " by a run that is not in it; whom it does not list, is called again. Never run the other ledger again."
)

_LAST_DECISIONS = 5

WATCH_SECONDS = 1.0


AdoptOption = Annotated[
    bool,
    typer.Option("--adopt", help="Let runs use this ledger although it was copied, moved or put back, or is new."),
]
WatchOption = Annotated[
    bool, typer.Option("--watch", help="Follow a run that is going on, until it ends or you press Ctrl-C.")
]


def status(
    campaign: Annotated[
        Path | None, typer.Argument(metavar="[CAMPAIGN]", help="A campaign; without it, all of the ledger.")
    ] = None,
    *,
    adopt: AdoptOption = False,
    max_age: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="End with 5 when the last good night ended longer ago, such as 26h."),
    ] = None,
    watch: WatchOption = False,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Show where a campaign, or every campaign of the ledger, stands."""
    if watch and as_json:
        raise UsageError("--watch is for people: --json prints one object, once.")
    found = None if campaign is None else find_campaign(campaign)
    location = find_ledger(found, ledger, sandbox=sandbox)
    if adopt:
        if not as_json:
            sys.stderr.write(f"{ADOPT_RISK}\n")
        adopt_ledger(location, None if sandbox else found, clock=SystemClock())
    read = partial(_standings, location, found, rehearsal=sandbox)
    standings = _watched(read) if watch else read()
    overdue = _overdue(standings, max_age)
    if as_json:
        shown = StatusJson(campaigns=[standing.as_json() for standing in standings])
        print_json(shown, exit_code=EXIT_STOPPED if overdue else EXIT_OK)
    else:
        _print(standings, location, command("run", campaign or "CAMPAIGN", sandbox=sandbox))
    if overdue:
        if not as_json:
            sys.stderr.write(f"No good night within {max_age}: {', '.join(overdue)}.\n")
        raise typer.Exit(EXIT_STOPPED)


def _print(standings: list[CampaignStanding], location: str | Path, first_step: str) -> None:
    if not standings:
        sys.stderr.write(f"{shown_location(location)}: no run yet. Next: {first_step}\n")
    for standing in standings:
        typer.echo("\n".join(_lines(standing)))


def _standings(location: str | Path, campaign: Campaign | None, *, rehearsal: bool) -> list[CampaignStanding]:
    """Return where *campaign*, or every campaign, stands: none where neither a run nor a lost test call is known."""
    open_it = (
        Ledger.open_existing
        if campaign is None
        else partial(open_known, campaign, rehearsal=rehearsal, from_anywhere=True)
    )
    ledger = open_it(location)
    if ledger is None:
        never = [] if campaign is None else [with_lost_test_calls(never_run(campaign), location)]
        return [standing for standing in never if standing.lost_test_calls]
    with ledger:
        found = read_standings(ledger, campaign, is_rehearsal=rehearsal)
    return [with_lost_test_calls(standing, location) for standing in found]


def _watched(read: Callable[[], list[CampaignStanding]]) -> list[CampaignStanding]:
    """Show where everything stands again and again while a run is going on; return how it stands then."""
    from rich.live import Live  # noqa: PLC0415 - 20 ms that only those pay who watch
    from rich.text import Text  # noqa: PLC0415 - as above

    from dialer.cli.console import console  # noqa: PLC0415 - as above

    standings = read()
    with suppress(KeyboardInterrupt), Live(console=console(stderr=True), transient=True) as screen:
        while any(standing.live is not None or standing.is_beginning for standing in standings):
            lines = [line for standing in standings for line in _lines(standing)]
            screen.update(Text("\n".join(lines)))
            time.sleep(WATCH_SECONDS)
            standings = read()
    return standings


def _overdue(standings: list[CampaignStanding], max_age: str | None) -> list[str]:
    """Return what has had no good night within *max_age*: of a whole ledger, the campaigns that have nights."""
    if max_age is None:
        return []
    try:
        age = parse_duration(max_age)
    except ValueError as error:
        raise UsageError(f"--max-age: {error}.") from error
    nightly = [item for item in standings if item.has_nights or len(standings) == 1]
    return [item.campaign for item in nightly if item.is_overdue(age)] or ([] if nightly else ["no night at all"])


def _live_lines(run: LiveRun) -> list[str]:
    since = f"  running since {iso_ms(run.started_at_ms)}: process {run.process or 'unknown'} on {run.host}"
    settled = f"{run.created:,} created, {run.failed:,} failed, {run.unknown:,} unknown"
    done = f"  {run.done:,} of {run.total:,} done: {settled}; {counted(run.in_flight, 'request')} in flight"
    return [since, done, *([] if run.pause is None else [f"  waiting: {run.pause.described}"])]


def _lines(standing: CampaignStanding) -> list[str]:
    contacts = standing.standing
    counts = [f"{count} {status}" for status, count in standing.counts.items() if count]
    counts += [f"{contacts.purged} called and erased"] if contacts.purged else []
    lines = [f"{standing.campaign}: {', '.join(counts) or 'no contacts yet'}"]
    lines += [] if standing.live is None else _live_lines(standing.live)
    if contacts.reasons:
        lines.append("  why: " + ", ".join(f"{count} {reason}" for reason, count in sorted(contacts.reasons.items())))
    if contacts.unknown_since_ms is not None and standing.counts[Status.UNKNOWN]:
        lines.append(f"  unknown since {iso_ms(contacts.unknown_since_ms)}")
    if contacts.next_slot_ms is not None and contacts.last_slot_ms is not None:
        span = f"{iso_ms(contacts.next_slot_ms)} to {iso_ms(contacts.last_slot_ms)}"
        lines.append(f"  {counted(contacts.ringing, 'call')} still to ring, {span}")
    if contacts.again:
        lines.append(f"  {counted(contacts.again, 'contact')} to be called again")
    lines += [f"  redial {standing.redials.described}"] if standing.redials.described else []
    if contacts.ends:
        lines.append("  ended: " + ", ".join(f"{count} {end}" for end, count in contacts.ends.items()))
    if (spent := standing.spent) is not None:
        left = "any number" if spent["calls_left"] is None else f"{spent['calls_left']:,}"
        cost = f", {spent['spent']} spent or reserved" if spent["spent"] else ""
        lines.append(f"  budget: {counted(spent['calls'], 'call')}{cost}; {left} more may be made")
    lines += [f"  {told_lost(standing.lost_test_calls)}"] if standing.lost_test_calls else []
    lines += [f"  {decision}" for decision in standing.decisions[:_LAST_DECISIONS]]
    live_id = None if standing.live is None else standing.live.run_id
    for run in standing.runs:
        killed = "is going on" if run.id == live_id else "did not end"
        ended = killed if run.ended_at_ms is None else f"ended {iso_ms(run.ended_at_ms)}, exit {run.exit_code}"
        lines.append(f"  {run.id}: {ended}" + (f", {run.stop}" if run.stop and run.stop not in standing.advice else ""))
    return [*lines, f"  {standing.advice}"]
