"""Where things are that the user names or leaves out: the campaign, its ledger, and the places of a rehearsal."""

from pathlib import Path

from dialer.campaign.file import Campaign, load_campaign
from dialer.campaign.profiles import PROFILES_FILE
from dialer.errors import CampaignError, UsageError
from dialer.jobs.locations import ledger_location
from dialer.ledger.database.open import DEFAULT_LEDGER
from dialer.settings import read_settings
from dialer.sheets.record import SUFFIXES
from dialer.words import command

CAMPAIGNS = Path("campaigns")
SANDBOX_LEDGER = Path(".dialer/sandbox.db")
SANDBOX_CALLS = Path(".dialer/sandbox-calls.jsonl")
SANDBOX_RESULTS = Path("results/sandbox")


def find_campaign(given: Path, contacts: str | None = None) -> Campaign:
    """Load the campaign the user means: a file, or the name of one in `campaigns/`; *contacts* replaces its sheet.

    Raises `CampaignError` as `load_campaign` does.
    """
    by_name = CAMPAIGNS / f"{given}.toml"
    use_name = not given.suffix and not given.is_file() and by_name.is_file()
    if given.suffix.lower() in SUFFIXES:
        raise CampaignError(f"{given}: is a sheet, and a campaign file is needed. Draft one: {command('init', given)}")
    if not use_name and not given.suffix and not given.exists():
        files = (path for path in CAMPAIGNS.glob("*.toml") if path.is_file() and path.name != PROFILES_FILE)
        others = ", ".join(sorted(path.stem for path in files))
        here = given.with_name(f"{given.name}.toml")
        remedy = f"Give the file: {here}" if here.is_file() else "Name one, or a campaign file."
        elsewhere = "Go to the folder above campaigns/, or name a campaign file."
        raise CampaignError(
            f"There is no campaign {given}: {CAMPAIGNS.absolute()} has {others or 'none'}."
            f" {remedy if others or here.is_file() else elsewhere}"
        )
    campaign = load_campaign(by_name if use_name else given)
    return campaign if contacts is None else campaign.with_contacts(contacts)


def find_ledger(campaign: Campaign | None, ledger: str | None, *, sandbox: bool) -> str | Path:
    """Return the ledger the user means: *ledger*, or DIALER_LEDGER, or the one beside the campaign, or a rehearsal's.

    Where no campaign is named, the one in `campaigns/` is meant. Raises `UsageError` for a campaign's rehearsal in a
    ledger that is named.
    """
    if campaign is None:
        beside = CAMPAIGNS / (SANDBOX_LEDGER if sandbox else DEFAULT_LEDGER)
        return ledger or (beside if sandbox else read_settings().ledger or beside)
    if not sandbox:
        return ledger_location(campaign, read_settings(), ledger)
    if ledger is not None:
        raise UsageError(
            "--sandbox keeps a ledger of its own, so that a rehearsal marks nobody as called. Leave out --ledger."
        )
    return campaign.folder / SANDBOX_LEDGER


def absolute(path: Path | None) -> Path | None:
    """Return *path* as seen from the folder the user stands in, where it is given."""
    return None if path is None else path.absolute()
