"""`dialer plan`: the whole schedule, and why each row stands where it stands, before anything is sent."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.bar import Bar
from rich.console import RenderableType
from rich.table import Table

from dialer.cli.console import console
from dialer.cli.json_output import print_json
from dialer.cli.locations import absolute, find_campaign
from dialer.cli.options import (
    CampaignArgument,
    ContactsOption,
    JsonOption,
    LedgerOption,
    LogFileOption,
    LogFormatOption,
    QuietOption,
    SandboxOption,
    VerboseOption,
    at_least_one,
)
from dialer.cli.target import open_target
from dialer.clock import iso_ms
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.planning.summary import PlanSummary
from dialer.words import counted

BAR_WIDTH = 30
DAYS_SHOWN = 31


def plan(
    campaign: CampaignArgument,
    *,
    contacts: ContactsOption = None,
    limit: Annotated[
        int | None,
        typer.Option(
            parser=at_least_one,
            metavar="N",
            help="Plan at most this many calls, the first rows'.",
        ),
    ] = None,
    why: Annotated[int | None, typer.Option(metavar="ROW", help="Explain this row of the sheet.")] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the plan as CSV, which a run can follow.")
    ] = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Show the whole schedule, what is left out and what does not fit: no network, nothing sent, nothing stored."""
    found = find_campaign(campaign, contacts)
    with open_target(found, ledger, sandbox=sandbox) as target:
        options = PlanOptions(limit=limit, ledger=target.ledger, output=absolute(output), why=why)
        summary = plan_campaign(target.campaign, options=options, runtime=target.runtime)
    if as_json:
        print_json(summary.as_json())
        return
    if why is not None:
        typer.echo("\n".join(_explained(summary)))
    elif not quiet:
        show_plan(summary)
    if summary.output is not None:
        typer.echo(summary.output)


def show_plan(summary: PlanSummary) -> None:
    """Print the plan: sentences as they are, histograms drawn."""
    drawn_on = console(soft_wrap=not sys.stdout.isatty())
    for part in _parts(summary):
        if isinstance(part, str):
            typer.echo(part)
        else:
            drawn_on.print(part)


def _parts(summary: PlanSummary) -> list[RenderableType]:
    parts: list[RenderableType] = [_headline(summary)]
    if summary.by_zones:
        parts.append(_table({", ".join(zones): count for zones, count in summary.by_zones.items()}, "Calls by zone"))
        parts.append(_table({f"{hour:02d}:00": n for hour, n in sorted(summary.by_hour.items())}, "By local hour"))
        days = dict(sorted(summary.by_day.items()))
        parts.append(_table(dict(list(days.items())[:DAYS_SHOWN]), "By local day"))
        if len(days) > DAYS_SHOWN:
            parts.append(f"and {counted(len(days) - DAYS_SHOWN, 'day')} more, the last {list(days)[-1]}")
    parts += [_table(summary.by_template, "Calls by template")] if summary.by_template else []
    parts += [_table(summary.by_from_number, "Calls by the number they come from")] if summary.by_from_number else []
    if summary.reasons:
        parts.append(_table(dict(summary.reasons.most_common()), "Not sent by a run now"))
    parts += [summary.misfit_text] if summary.misfit_text else []
    parts += summary.notes
    return parts


def _explained(summary: PlanSummary) -> list[str]:
    """Return why the row stands where it stands that was asked about, and nothing else of the plan."""
    if summary.explanation is None:
        return []
    told = [f"  {topic}: {text}" for topic, texts in summary.explanation.topics for text in texts]
    return [f"Row {summary.explanation.row}", *told]


def _headline(summary: PlanSummary) -> str:
    if summary.first is None or summary.last is None:
        return f"{summary.campaign}: no call to plan."
    first, last = (f"{iso_ms(edge.slot_ms)} ({edge.local})" for edge in (summary.first, summary.last))
    later = f", {summary.later:,} more beyond the horizon are left to later runs" if summary.later else ""
    now = counted(summary.planned, "call")
    return f"{summary.campaign}: {now} to commit now{later}.\nFirst slot {first}\nLast slot  {last}"


def _table(counts: dict[str, int], title: str) -> RenderableType:
    """Draw a histogram: a bar for each line, the longest over the whole width."""
    table = Table(box=None, show_header=False, pad_edge=False, title=title, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    table.add_column(width=BAR_WIDTH)
    most = max(counts.values())
    for name, count in counts.items():
        table.add_row(name, f"{count:,}", Bar(most, 0, count))
    return table
