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

if TYPE_CHECKING:
    from dialer.jobs.status import CampaignStanding
    from dialer.ledger import Ledger

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
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Tell where a campaign, or every campaign of the ledger, stands."""
    from dialer.jobs.status import read_standings  # noqa: PLC0415 - half a second that --help need not pay
    from dialer.ledger import Ledger  # noqa: PLC0415

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
    if as_json:
        typer.echo(json.dumps([standing.as_json() for standing in standings], indent=2))
        return
    if not standings:
        sys.stderr.write("No run yet. Next: dialer run CAMPAIGN.\n")
    for standing in standings:
        typer.echo("\n".join(_lines(standing)))


def _adopt(ledger: "Ledger") -> None:
    from dialer.clock import SystemClock  # noqa: PLC0415 - as above
    from dialer.ledger import Copies, RunLock  # noqa: PLC0415

    sys.stderr.write(f"{ADOPT_RISK}\n")
    with RunLock(ledger.engine, what="taking the ledger over", since=SystemClock().now(), copies=Copies.ADOPT):
        pass


def _lines(standing: "CampaignStanding") -> list[str]:
    from dialer.clock import iso_ms  # noqa: PLC0415

    counts = ", ".join(f"{count} {state}" for state, count in standing.counts.items() if count)
    if standing.purged:
        counts = ", ".join(filter(None, [counts, f"{standing.purged} called and erased"]))
    lines = [f"{standing.campaign}: {counts or 'no contacts yet'}"]
    for run in standing.runs:
        ended = "did not end" if run.ended_at_ms is None else f"ended {iso_ms(run.ended_at_ms)}, exit {run.exit_code}"
        lines.append(f"  {run.id}: {ended}" + (f", {run.stop}" if run.stop else ""))
    return [*lines, f"  {standing.advice}"]
