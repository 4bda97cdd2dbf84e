"""`dialer sync`: how the calls ended."""

import sys

import typer

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
from dialer.clock import iso_ms
from dialer.jobs.sync import SyncSummary, sync_campaign


def sync(
    campaign: CampaignArgument,
    *,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Ask the API how calls ended whose slot has passed; whoever asked for no more calls is never called again."""
    found = find_campaign(campaign)
    with open_target(found, ledger, sandbox=sandbox) as target:
        summary = sync_campaign(target.campaign, ledger=target.ledger, runtime=target.runtime)
    if as_json:
        print_json(summary.as_json())
    else:
        sys.stderr.write("\n".join(lines(summary)) + "\n")
    raise typer.Exit(summary.exit_code)


def lines(summary: SyncSummary) -> list[str]:
    """Return what a sync found out, a sentence for each thing, under the name of its campaign."""
    sentences = [f"{count} ended: {words}" for words, count in sorted(summary.ended.items())]
    sentences += [
        f"{count} not over yet, or not yet evaluated: {words}" for words, count in sorted(summary.running.items())
    ]
    if summary.gone:
        sentences.append(f"{summary.gone} ARE GONE: the API no longer knows calls that it has created; look there")
    if summary.elsewhere:
        sentences.append(f"{summary.elsewhere} were sent to another address: set AICALLER_BASE_URL to it to ask there")
    if summary.unread:
        sentences.append(
            f"{summary.unread} could not be read: the API gave no answer, or none that makes sense; try again"
        )
    if summary.opted_out:
        sentences.append(f"{summary.opted_out} asked not to be called again: they are on the suppression list")
    sentences += [
        f"call {call.call_id or '(unknown)'} of {call.campaign} to one of them will still ring at"
        f" {iso_ms(call.slot_ms)}: cancel it at the API"
        for call in summary.still_open
    ]
    if summary.stop is not None:
        sentences.append(f"stopped early: {summary.stop.told}")
    return [f"{summary.campaign}:", *(f"  {line}" for line in sentences or ["no call whose end is not known is due"])]
