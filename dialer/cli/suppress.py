"""`dialer suppress`: the list of numbers never to call.

Numbers come in through standard input or a file and never as arguments, which every process list shows.
"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from dialer.campaign.file import Campaign
from dialer.campaign.values import parse_regions
from dialer.cli.locations import find_campaign, find_ledger
from dialer.cli.options import JsonOption, LedgerOption, SandboxOption, VerboseOption
from dialer.clock import iso_ms
from dialer.errors import UsageError
from dialer.jobs.suppress import (
    look_up_numbers,
    read_number_file,
    read_numbers,
    suppress,
    suppression_list,
    unsuppress,
)
from dialer.ledger.database.open import Ledger, shown_location
from dialer.ledger.suppression_list import Entry

app = typer.Typer(
    help="Keep the list of numbers never to call.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

OfCampaignOption = Annotated[
    Path | None,
    typer.Option("--campaign", metavar="CAMPAIGN", help="Use this campaign's ledger and region."),
]
RegionOption = Annotated[
    str | None, typer.Option(metavar="CC", help="Country of numbers without +. [default: the campaign's]")
]
ReasonOption = Annotated[str, typer.Option(metavar="TEXT", help="Why, as `list` shows it; no numbers in it.")]


@app.command()
def add(
    *,
    campaign: OfCampaignOption = None,
    region: RegionOption = None,
    reason: ReasonOption = "asked not to be called",
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Put numbers on the list: one a line on standard input. It counts at once, also for a run that is going on."""
    found = _named(campaign)
    phones = read_numbers(_typed_lines(), region=_region(found, region))
    _add(phones, find_ledger(found, ledger, sandbox=sandbox), reason, as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sheet with a phone column, or a column of numbers.")],
    *,
    campaign: OfCampaignOption = None,
    region: RegionOption = None,
    reason: ReasonOption = "imported",
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Put every number of a file on the list; a row without a readable number stops it before anything is stored."""
    found = _named(campaign)
    phones = read_number_file(file.absolute(), region=_region(found, region))
    _add(phones, find_ledger(found, ledger, sandbox=sandbox), reason, as_json=as_json)


@app.command()
def remove(
    *,
    campaign: OfCampaignOption = None,
    region: RegionOption = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Take numbers off the list: one a line on standard input. The next run may call them."""
    found = _named(campaign)
    phones = read_numbers(_typed_lines(), region=_region(found, region))
    with _open_existing(find_ledger(found, ledger, sandbox=sandbox)) as opened:
        summary = unsuppress(opened, phones)
    if as_json:
        typer.echo(json.dumps(summary.as_json(), indent=2))
    else:
        sys.stderr.write(f"{summary.changed} of {summary.given} numbers were on the list and are off it.\n")


@app.command("list")
def list_(
    *,
    campaign: OfCampaignOption = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Show the list, the newest first: it holds hashes, so a number shows only its last two digits."""
    with _open_existing(find_ledger(_named(campaign), ledger, sandbox=sandbox)) as opened:
        entries = suppression_list(opened)
    if as_json:
        typer.echo(json.dumps([_as_json(entry) for entry in entries], indent=2))
        return
    sys.stderr.write(f"{len(entries)} numbers are never called.\n")
    for entry in entries:
        typer.echo(_described(entry))


@app.command()
def check(
    *,
    campaign: OfCampaignOption = None,
    region: RegionOption = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Tell of numbers, one a line on standard input, whether each is on the list, in their order."""
    found = _named(campaign)
    phones = read_numbers(_typed_lines(), region=_region(found, region))
    with _open_existing(find_ledger(found, ledger, sandbox=sandbox)) as opened:
        entries = look_up_numbers(opened, phones)
    if as_json:
        typer.echo(json.dumps([None if entry is None else _as_json(entry) for entry in entries], indent=2))
        return
    for position, entry in enumerate(entries, start=1):
        typer.echo(f"{position}: {'may be called' if entry is None else f'suppressed {_described(entry)}'}")


def _typed_lines() -> list[str]:
    if sys.stdin.isatty():
        sys.stderr.write("Numbers, one a line; Ctrl-D ends the list:\n")
    return sys.stdin.read().splitlines()


def _named(campaign: Path | None) -> Campaign | None:
    return None if campaign is None else find_campaign(campaign)


def _region(campaign: Campaign | None, region: str | None) -> str | None:
    if region is None:
        return None if campaign is None else campaign.contacts.region
    try:
        return parse_regions(region)
    except ValueError as error:
        raise UsageError(f"--region: {error}.") from error


def _open_existing(location: str | Path) -> Ledger:
    """Open a ledger that is there. A new one would hold nobody, and hide that another one was meant."""
    opened = Ledger.open_existing(location)
    if opened is None:
        raise UsageError(
            f"{shown_location(location)}: there is no ledger, so no list either. Name the right one with --campaign or"
            " --ledger; `dialer suppress add` begins one."
        )
    return opened


def _add(phones: list[str], location: str | Path, reason: str, *, as_json: bool) -> None:
    with Ledger.open(location) as opened:
        summary = suppress(opened, phones, reason=reason)
    if as_json:
        typer.echo(json.dumps(summary.as_json(), indent=2))
        return
    known = summary.given - summary.changed
    sys.stderr.write(f"{summary.changed} numbers are on the list now" + (f", {known} were before" if known else ""))
    sys.stderr.write(f". No campaign of this ledger calls them from now on: {shown_location(location)}\n")
    if summary.open_calls:
        sys.stderr.write(
            f"{len(summary.open_calls)} calls to them were created before and still ring: the API documents no way to"
            " call one off, so cancel them by their ids where you manage AICaller:\n"
        )
    for call in summary.open_calls:
        typer.echo(f"{call.call_id or 'id unknown (dialer reconcile)'}  {iso_ms(call.slot_ms)}  {call.campaign}")


def _described(entry: Entry) -> str:
    return f"…{entry.ending}  since {iso_ms(entry.added_at_ms)}  {entry.reason}"


def _as_json(entry: Entry) -> dict[str, str]:
    return {"ending": entry.ending, "reason": entry.reason, "added_at": iso_ms(entry.added_at_ms)}
