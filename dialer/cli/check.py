"""`dialer check`: what a sheet is worth, before anything is sent."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from typing_extensions import TypedDict

from dialer.campaign.file import Campaign
from dialer.cli.json_output import print_json
from dialer.cli.locations import absolute, find_campaign
from dialer.cli.options import (
    CampaignArgument,
    ContactsOption,
    JsonOption,
    LogFileOption,
    LogFormatOption,
    QuietOption,
    VerboseOption,
    at_least_one,
)
from dialer.clock import SystemClock
from dialer.jobs.check import CheckSummary, check_campaign, preview_call
from dialer.jobs.locations import settings_of
from dialer.reasons import meaning_of
from dialer.settings import read_settings


class PreviewJson(TypedDict):
    """What `dialer check --preview ROW --json` prints: the *call* as the body of a request."""

    row: int
    call: dict[str, Any]


def check(
    campaign: CampaignArgument,
    *,
    contacts: ContactsOption = None,
    problems: Annotated[Path | None, typer.Option(metavar="FILE", help="Where rejected rows are written.")] = None,
    preview: Annotated[
        int | None, typer.Option(metavar="ROW", parser=at_least_one, help="Only print the call this row would become.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 3 also for skipped rows, unused columns and guesses.")
    ] = False,
    processes: Annotated[
        int | None, typer.Option(metavar="N", parser=at_least_one, help="Processes. [default: one for each core]")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Judge every row of the campaign's sheet: no network, nothing stored but a file of the rejected rows."""
    found = find_campaign(campaign, contacts)
    if preview is not None:
        _show_call(found, preview, as_json=as_json)
        return
    summary = check_campaign(
        found,
        problems=absolute(problems),
        strict=strict,
        processes=processes or os.cpu_count() or 1,
    )
    if as_json and summary.unwritten is None:
        print_json(summary.as_json())
    elif not as_json and not quiet:
        typer.echo("\n".join(_lines(summary)))
        if summary.problems_file is not None:
            typer.echo(summary.problems_file)
    if summary.unwritten is not None:
        raise summary.unwritten
    raise typer.Exit(summary.exit_code)


def _show_call(campaign: Campaign, row: int, *, as_json: bool) -> None:
    """Print the body as it would be sent now. It goes to whoever asked, whole: they are about to send it."""
    settings = settings_of(campaign, read_settings())
    whole = campaign.with_ids(
        team_id=settings.team_id or "(the value of AICALLER_TEAM_ID)",
        call_template_id=settings.call_template_id or "(the value of AICALLER_CALL_TEMPLATE_ID)",
    )
    call = json.loads(preview_call(whole, row, slot_ms=SystemClock().now_ms()))
    if as_json:
        print_json(PreviewJson(row=row, call=call))
        return
    typer.echo(json.dumps(call, indent=2, ensure_ascii=False))
    sys.stderr.write("callDelayedUntil is now here; a run plans it inside the person's own hours.\n")
    if campaign.from_numbers:
        sys.stderr.write("A run chooses the number of [[from_numbers]] with it: dialer plan --why tells which.\n")


def _lines(summary: CheckSummary) -> Iterator[str]:
    yield summary.sheet
    spoken = {} if summary.spoken is None else summary.spoken.described()
    for field, header in summary.mapping.items():
        values = spoken.get(field.removeprefix("variables."), "") if field.startswith("variables.") else ""
        yield f"  {field} = {header}" + (f" ({values})" if values else "")
    if summary.unmapped:
        yield f"  not used: {', '.join(summary.unmapped)}"
    yield from (f"Note: {note}" for note in summary.notes)
    yield f"{summary.callable_rows:,} can be called, {summary.rejected:,} rejected, {summary.skipped:,} skipped."
    if summary.phone_columns:
        counts = ", ".join(f"{header} {count:,}" for header, count in summary.phone_columns.items())
        yield f"  numbers by column: {counts}"
    for reason, count in sorted(summary.reasons.items(), key=lambda item: (-item[1], item[0])):
        yield f"  {count:>9,} {reason}: {meaning_of(reason)}"
    if summary.first_problems:
        yield "The first rows to mend:" if summary.rejected > len(summary.first_problems) else "Rows to mend:"
    for problem in summary.first_problems:
        yield f"  row {problem.row}: {problem.reason}: {problem.message}"
    if summary.problems_file is not None:
        yield "Mend them in the sheet, or in the file of rejected rows, and run that with --contacts:"
