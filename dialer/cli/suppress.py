"""`dialer suppress`: the list of numbers never to call.

Numbers come in through standard input or a file and never as arguments, which every process list shows.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.json_output import print_json
from dialer.cli.options import JsonOption, LedgerOption, LogFileOption, LogFormatOption, SandboxOption, VerboseOption
from dialer.cli.suppression_input import (
    ArgumentsRefused,
    existing_ledger,
    ledger_to_write,
    other_regions_of,
    refuse_arguments,
    region_of,
    typed_lines,
)
from dialer.clock import iso_ms
from dialer.jobs.suppress import (
    EntriesJson,
    LookedUpJson,
    SuppressSummary,
    look_up_numbers,
    one_each,
    read_number_file,
    read_numbers,
    suppress,
    suppression_list,
    unsuppress,
)
from dialer.ledger.database.open import Ledger, shown_location
from dialer.ledger.suppression_list import Entry
from dialer.words import counted

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
    numbers: ArgumentsRefused = None,
    *,
    campaign: OfCampaignOption = None,
    region: RegionOption = None,
    reason: ReasonOption = "asked not to be called",
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Put numbers on the list: one a line on standard input. It counts at once, also for a run that is going on."""
    refuse_arguments(numbers, "add")
    location = ledger_to_write(campaign, ledger, sandbox=sandbox)
    others = other_regions_of(campaign, region)
    found = read_numbers(typed_lines(), region=region_of(campaign, region), others=others)
    with Ledger.open(location) as opened:
        added = suppress(opened, sorted(frozenset().union(*found)), reason=reason)
        _tell_added(added, shown_location(location), as_json=as_json)


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
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Put every number of a file on the list; a row without a readable number stops it before anything is stored."""
    location = ledger_to_write(campaign, ledger, sandbox=sandbox)
    others = other_regions_of(campaign, region)
    phones = read_number_file(file.absolute(), region=region_of(campaign, region), others=others)
    with Ledger.open(location) as opened:
        _tell_added(suppress(opened, phones, reason=reason), shown_location(location), as_json=as_json)


@app.command()
def remove(
    numbers: ArgumentsRefused = None,
    *,
    campaign: OfCampaignOption = None,
    region: RegionOption = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Take numbers off the list: one a line on standard input. The next run may call them."""
    refuse_arguments(numbers, "remove")
    phones = one_each(read_numbers(typed_lines(), region=region_of(campaign, region)))
    with existing_ledger(campaign, ledger, sandbox=sandbox) as opened:
        summary = unsuppress(opened, phones)
    if as_json:
        print_json(summary.as_json())
    else:
        sys.stderr.write(f"Taken off the list: {summary.changed:,} of {counted(summary.given, 'number')}.\n")


@app.command("list")
def list_(
    *,
    campaign: OfCampaignOption = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Show the list, the newest first: it holds hashes, so a number shows only its last two digits."""
    with existing_ledger(campaign, ledger, sandbox=sandbox) as opened:
        found = suppression_list(opened)
    if as_json:
        print_json(EntriesJson(entries=[entry.as_json() for entry in found]))
        return
    sys.stderr.write(f"On the list: {counted(len(found), 'number')}, never called.\n")
    for entry in found:
        typer.echo(_described(entry))


@app.command()
def check(
    numbers: ArgumentsRefused = None,
    *,
    campaign: OfCampaignOption = None,
    region: RegionOption = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Check for each number on standard input, one a line, whether it is on the list, in their order."""
    refuse_arguments(numbers, "check")
    others = other_regions_of(campaign, region)
    asked = read_numbers(typed_lines(), region=region_of(campaign, region), others=others)
    with existing_ledger(campaign, ledger, sandbox=sandbox) as opened:
        found = look_up_numbers(opened, asked)
    if as_json:
        print_json(LookedUpJson(entries=[None if entry is None else entry.as_json() for entry in found]))
        return
    for position, entry in enumerate(found, start=1):
        typer.echo(f"{position}: {'may be called' if entry is None else f'suppressed {_described(entry)}'}")


def _tell_added(summary: SuppressSummary, where: str, *, as_json: bool) -> None:
    if as_json:
        print_json(summary.as_json())
        return
    known = summary.given - summary.changed
    was = "1 was" if known == 1 else f"{known:,} were"
    added = f"Added {counted(summary.changed, 'number')}" + (f"; {was} already on the list" if known else "")
    sys.stderr.write(f"{added}. No campaign of this ledger calls them from now on: {where}\n")
    if summary.open_calls:
        sys.stderr.write(
            f"{counted(len(summary.open_calls), 'earlier call')} will still ring: the API documents no way to call one"
            " off, so cancel by id where you manage AICaller:\n"
        )
    for call in summary.open_calls:
        typer.echo(f"{call.call_id or 'id unknown (dialer reconcile)'}  {iso_ms(call.slot_ms)}  {call.campaign}")


def _described(entry: Entry) -> str:
    return f"…{entry.ending}  since {iso_ms(entry.added_at_ms)}  {entry.reason}"
