"""`dialer status`: where everything stands, and the next command to give."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.options import (
    JsonOption,
    LedgerOption,
    SandboxOption,
    VerboseOption,
    chosen_ledger,
    default_ledger,
    find_campaign,
)
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_STOPPED

if TYPE_CHECKING:
    from dialer.jobs.status import CampaignStanding
    from dialer.ledger.database.open import Ledger

ADOPT_RISK = (
    "--adopt makes this file the ledger that runs use. Whoever was called by a run that is not in it is called again:"
    " look at the API's own list before the next run, and never run the other file again."
)


def status(
    campaign: Annotated[
        Path | None, typer.Argument(metavar="[CAMPAIGN]", help="A campaign; without it, all of the ledger.")
    ] = None,
    *,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Let runs use this ledger although it is a copy or was put back.")
    ] = False,
    max_age: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="End with 5 when the last good night ended longer ago, such as 26h."),
    ] = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Tell where a campaign, or every campaign of the ledger, stands."""
    from dialer.jobs.status import read_standings  # noqa: PLC0415 - half a second that --help need not pay
    from dialer.ledger.database.open import Ledger  # noqa: PLC0415

    found = None if campaign is None else find_campaign(campaign)
    location = (
        default_ledger(ledger, sandbox=sandbox) if found is None else chosen_ledger(found, ledger, sandbox=sandbox)
    )
    opened = Ledger.open_existing(location)
    standings: list[CampaignStanding] = []
    if opened is not None:
        with opened:
            if adopt:
                _adopt(opened)
            standings = read_standings(opened, None if found is None else found.name)
    overdue = _overdue(standings, max_age)
    if as_json:
        typer.echo(json.dumps([standing.as_json() for standing in standings], indent=2))
    elif not standings:
        sys.stderr.write("No run yet. Next: dialer run CAMPAIGN.\n")
    else:
        for standing in standings:
            typer.echo("\n".join(_lines(standing)))
    if overdue:
        sys.stderr.write(f"No good night within {max_age}: {', '.join(overdue)}.\n")
        raise typer.Exit(EXIT_STOPPED)


def _overdue(standings: "list[CampaignStanding]", max_age: str | None) -> list[str]:
    """Name what has had no good night within *max_age*: of a whole ledger, the campaigns that have nights."""
    from dialer.campaign.values import parse_duration  # noqa: PLC0415 - as above

    if max_age is None:
        return []
    try:
        age = parse_duration(max_age)
    except ValueError as error:
        raise UsageError(f"--max-age: {error}.") from error
    nightly = [item for item in standings if item.has_nights or len(standings) == 1]
    return [item.campaign for item in nightly if item.is_overdue(age)] or ([] if nightly else ["no night at all"])


def _adopt(ledger: "Ledger") -> None:
    from dialer.clock import SystemClock  # noqa: PLC0415 - as above
    from dialer.ledger.database.lock import Copies  # noqa: PLC0415

    sys.stderr.write(f"{ADOPT_RISK}\n")
    with ledger.lock(what="taking the ledger over", since=SystemClock().now(), copies=Copies.ADOPT):
        pass


def _lines(standing: "CampaignStanding") -> list[str]:
    from dialer.clock import iso_ms  # noqa: PLC0415

    told = standing.standing
    counts = [f"{count} {state}" for state, count in told.counts.items() if count]
    counts += [f"{told.purged} called and erased"] if told.purged else []
    lines = [f"{standing.campaign}: {', '.join(counts) or 'no contacts yet'}"]
    if told.reasons:
        lines.append("  why: " + ", ".join(f"{count} {reason}" for reason, count in sorted(told.reasons.items())))
    if told.unknown_since_ms is not None:
        lines.append(f"  unknown since {iso_ms(told.unknown_since_ms)}")
    if told.next_slot_ms is not None and told.last_slot_ms is not None:
        span = f"{iso_ms(told.next_slot_ms)} to {iso_ms(told.last_slot_ms)}"
        lines.append(f"  {told.ringing} calls still to ring, {span}")
    if told.again:
        lines.append(f"  {told.again} wait to be called again")
    if told.ends:
        lines.append("  ended: " + ", ".join(f"{count} {end}" for end, count in told.ends.items()))
    for run in standing.runs:
        ended = "did not end" if run.ended_at_ms is None else f"ended {iso_ms(run.ended_at_ms)}, exit {run.exit_code}"
        lines.append(f"  {run.id}: {ended}" + (f", {run.stop}" if run.stop else ""))
    return [*lines, f"  {standing.advice}"]
