"""`dialer stop`: see `dialer.cli.control`."""

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


def stop(
    campaign: CampaignArgument,
    *,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Stop the run of a campaign from anywhere, as Ctrl-C does: what is in flight is finished first."""
    control(Control.STOP, campaign, ledger, sandbox=sandbox, as_json=as_json)
