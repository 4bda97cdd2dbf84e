"""What `dialer pause`, `resume` and `stop` share: the request by the ledger, and what a person reads of it."""

import sys
from pathlib import Path

import typer

from dialer.campaign.file import Campaign
from dialer.cli.json_output import print_json
from dialer.cli.locations import find_campaign, find_ledger
from dialer.clock import iso_ms
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.control import Control, ControlSummary, control_run
from dialer.words import command, counted

CALLS_STAY = "Calls that are created already ring all the same; they can be cancelled only at the API"


def control(
    asked: Control, campaign: Path, ledger: str | None, *, sandbox: bool, as_json: bool, accept: bool = False
) -> None:
    """Ask the run of *campaign*; print the calls that are still to ring on stdout, everything else on stderr."""
    found = find_campaign(campaign)
    location = find_ledger(found, ledger, sandbox=sandbox)
    summary = control_run(found, asked, ledger=location, runtime=Runtime(rehearsal=sandbox), accept=accept)
    if as_json:
        print_json(summary.as_json())
        return
    accepted = " How its calls have ended so far is accepted." if accept else ""
    sys.stderr.write(f"{_sentence(summary, found, sandbox=sandbox)}{accepted}\n")
    if summary.calls:
        sys.stderr.write(f"{CALLS_STAY}, {counted(len(summary.calls), 'call')}:\n")
    for call in summary.calls:
        row = "" if call.row is None else f"  row {call.row}"
        typer.echo(f"{call.call_id}  rings {iso_ms(call.slot_ms)}{row}")


def _sentence(summary: ControlSummary, campaign: Campaign, *, sandbox: bool) -> str:
    name, run = summary.campaign, summary.run
    resume = f"Next: {command('resume', campaign.path, sandbox=sandbox)}"
    again = f"Next: {command('run', campaign.path, sandbox=sandbox)}"
    still = f" The campaign stays paused. {resume}" if summary.paused is not None else ""
    match summary.asked:
        case Control.PAUSE:
            before = "was paused before" if summary.was_paused else "is paused"
            held = f"{name} {before} ({summary.paused}): nothing is sent, and no run begins."
            return f"{held}{_in_flight(summary)} {resume}"
        case Control.RESUME if not summary.was_paused:
            return f"{name} is not paused."
        case Control.RESUME:
            return f"{name} is resumed." + (f" Its run {run.run_id} goes on." if run else f" No run is going. {again}")
        case Control.STOP if run is None and not summary.has_ended:
            return f"No run of {name} is going, so there is none to stop.{still}"
        case _:
            ended = "has ended" if summary.has_ended else "was asked to stop, and has not ended yet"
            next_step = still or f" {again}"
            return f"The run of {name} {ended}; what was not sent stays pending.{_in_flight(summary)}{next_step}"


def _in_flight(summary: ControlSummary) -> str:
    count = 0 if summary.run is None or summary.has_ended else summary.run.in_flight
    return f" {counted(count, 'request')} not answered yet." if count else ""
