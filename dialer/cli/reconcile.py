"""`dialer reconcile`: what became of the unknown calls."""

import sys
from typing import Annotated

import typer

from dialer.calls.reconciliation import Finding
from dialer.cli.json_output import print_json
from dialer.cli.locations import find_campaign
from dialer.cli.options import (
    CampaignArgument,
    JsonOption,
    LedgerOption,
    LogFileOption,
    LogFormatOption,
    SandboxOption,
    VerboseOption,
)
from dialer.cli.target import open_target
from dialer.jobs.intake.decisions import parse_decisions
from dialer.jobs.reconcile import ReconcileOptions, ReconcileSummary, reconcile_campaign

RISK = (
    "--release lets calls go that were not found in the API's listing, and --decide ROW=none those that you did not"
    " find. Should one exist all the same, running again rings that person twice."
)

DecideOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ROW=none|CALL_ID",
        help="What you found out about an unknown row: no call, or which. May be repeated.",
    ),
]
ByOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who decides, for the record; without it, your account here.")
]


def reconcile(
    campaign: CampaignArgument,
    *,
    release: Annotated[
        bool, typer.Option("--release", help="Free the calls that were looked for and not found: they may ring twice.")
    ] = False,
    accept_empty: Annotated[
        bool,
        typer.Option(
            "--accept-empty",
            help="Believe a listing that no newer known call confirms, an empty one too: is the key right?",
        ),
    ] = False,
    decide: DecideOption = None,
    by: ByOption = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Find out about unknown calls by looking at the API's listing; nothing is sent again to find out."""
    found = find_campaign(campaign)
    decisions = parse_decisions(decide or ())
    with open_target(found, ledger, sandbox=sandbox) as target:
        options = ReconcileOptions(target.ledger, release, accept_empty, decisions, by)
        summary = reconcile_campaign(target.campaign, options=options, runtime=target.runtime)
    if not as_json and (summary.released or any(item.call_id is None for item in decisions)):
        sys.stderr.write(f"{RISK}\n")
    if as_json:
        print_json(summary.as_json())
    else:
        sys.stderr.write("\n".join(_lines(summary)) + "\n")
    raise typer.Exit(summary.exit_code)


_MEANINGS = {
    Finding.CREATED: ("exists: its id is in the ledger now", "exist: their ids are in the ledger now"),
    Finding.NOT_FOUND: (
        "was not found in two whole listings; look at the API, then give --release to free it",
        "were not found in two whole listings; look at the API, then give --release to free them",
    ),
    Finding.TWO_MATCHES: (
        "could be several calls of the listing, or one that may be another's: look, then --decide",
        "could each be several calls of the listing, or one that may be another's: look, then --decide",
    ),
    Finding.STILL_UNKNOWN: ("is still unknown:", "are still unknown:"),
}


def _lines(summary: ReconcileSummary) -> list[str]:
    lines = [f"{count} {_MEANINGS[finding][count > 1]}" for finding, count in summary.findings.items() if count]
    lines += [f"  {count}: {why}" for why, count in summary.doubts.items()]
    if refuted := summary.refuted:
        exist = ("exists all the same: its id is", "exist all the same: their ids are")[refuted > 1]
        lines.append(f"{refuted} that the API had refused {exist} in the ledger now")
    if young := summary.too_young:
        lines.append(f"{young} {_be(young)} too young to be looked for (settle_time); try again in a few minutes")
    if released := summary.released:
        lines.append(
            f"{released} {_be(released, 'was', 'were')} freed; the next run sends {_be(released, 'it', 'them')} again"
        )
    if decided := summary.decided:
        lines.append(
            f"{decided} {_be(decided, 'was', 'were')} decided as you say: `dialer status` and the results tell it"
        )
    return (
        [f"{summary.campaign}:", *(f"  {line}" for line in lines)]
        if lines
        else [f"{summary.campaign}: nothing is unknown"]
    )


def _be(count: int, one: str = "is", many: str = "are") -> str:
    return one if count == 1 else many
