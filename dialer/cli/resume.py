"""`dialer resume`: see `dialer.cli.control`."""

from typing import Annotated

import typer

from dialer.cli.control import control
from dialer.cli.options import (
    CampaignArgument,
    JsonOption,
    LedgerOption,
    LogFileOption,
    LogFormatOption,
    SandboxOption,
    VerboseOption,
)
from dialer.jobs.sending.control import Control


def resume(
    campaign: CampaignArgument,
    *,
    accept: Annotated[
        bool,
        typer.Option("--accept", help="Go on although calls ended as [stop_when] says, or the pilot goes on."),
    ] = False,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Let a paused campaign go on: its run, where one is waiting, or the next one."""
    control(Control.RESUME, campaign, ledger, sandbox=sandbox, as_json=as_json, accept=accept)
