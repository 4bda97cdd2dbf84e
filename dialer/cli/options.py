"""What the commands share: their common options, and how a campaign and its ledger are found."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.errors import UsageError

if TYPE_CHECKING:
    from dialer.campaign.file import Campaign

LOGGER = "dialer"
SANDBOX_LEDGER = Path(".dialer/sandbox.db")
SANDBOX_CALLS = Path(".dialer/sandbox-calls.jsonl")
SANDBOX_RESULTS = Path("results/sandbox")


def _be_verbose(value: bool) -> bool:  # noqa: FBT001 - the shape of a typer callback
    if value:
        logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        logging.getLogger(LOGGER).setLevel(logging.DEBUG)
    return value


CampaignArgument = Annotated[
    Path, typer.Argument(metavar="CAMPAIGN", help="A campaign file, or NAME for campaigns/NAME.toml.")
]
ContactsOption = Annotated[
    Path | None,
    typer.Option("--contacts", metavar="SHEET", help="Read this sheet instead of the campaign's."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", callback=_be_verbose, help="Log each step; show tracebacks of errors.")
]
LimitOption = Annotated[int | None, typer.Option(min=1, help="Create at most this many calls, the first rows'.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Everything but the calls and the ledger.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before creating calls.")]
ResultsOption = Annotated[
    Path | None, typer.Option("--results", metavar="FILE", help="Results file: .csv, .xlsx or .json.")
]
LedgerOption = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="URL",
        help="Ledger: a path or SQLAlchemy URL. [default: .dialer/ledger.db beside it]",
    ),
]
SandboxOption = Annotated[
    bool, typer.Option("--sandbox", help="Rehearse: a local stand-in for the API, and a ledger of its own.")
]


def find_campaign(given: Path, contacts: Path | None = None) -> "Campaign":
    """Load the campaign the user means: a file, or the name of one in `campaigns/`.

    Raises `CampaignError` as `load_campaign` does.
    """
    from dialer.campaign.file import load_campaign  # noqa: PLC0415 - pydantic: 0.15 s that --help need not pay

    by_name = Path("campaigns") / f"{given}.toml"
    use_name = not given.suffix and not given.exists() and by_name.exists()
    campaign = load_campaign(by_name if use_name else given)
    return campaign if contacts is None else campaign.with_contacts(contacts)


def chosen_ledger(campaign: "Campaign", ledger: str | None, *, sandbox: bool) -> str | Path:
    """Tell which ledger the user means. Raises `UsageError` for `--sandbox` with `--ledger`."""
    from dialer.jobs.locations import ledger_location  # noqa: PLC0415 - as above
    from dialer.settings import read_settings  # noqa: PLC0415 - as above

    if not sandbox:
        return ledger_location(campaign, read_settings(), ledger)
    if ledger is not None:
        raise UsageError(
            "--sandbox keeps a ledger of its own, so that a rehearsal marks nobody as called. Leave out --ledger."
        )
    return campaign.folder / SANDBOX_LEDGER


def default_ledger(ledger: str | None, *, sandbox: bool) -> str | Path:
    """Tell which ledger is meant where no campaign is named: *ledger*, DIALER_LEDGER, or that of `campaigns/`."""
    from dialer.ledger.database.open import DEFAULT_LEDGER  # noqa: PLC0415 - as above
    from dialer.settings import read_settings  # noqa: PLC0415 - as above

    beside = Path("campaigns") / (SANDBOX_LEDGER if sandbox else DEFAULT_LEDGER)
    return ledger or (beside if sandbox else read_settings().ledger or beside)
