"""Refuses to start with a ledger or a key by which people would be called again."""

import re
from pathlib import Path

from dialer.campaign.file import Campaign
from dialer.errors import CampaignError, LedgerUnusable
from dialer.jobs.locations import RUN_STAMP
from dialer.ledger.database.open import Ledger, ledger_file
from dialer.ledger.runs import campaign_id_of, last_key


def refuse_other_key(ledger: Ledger, campaign: Campaign) -> None:
    """Refuse a campaign whose key has changed since it last ran: by another key nobody is recognised as called.

    Raises `CampaignError` naming both keys.
    """
    with ledger.read() as tx:
        before = last_key(tx, campaign.name)
    now = list(campaign.contacts.key)
    if before is not None and before != now:
        raise CampaignError(
            f"{campaign.path}: contacts.key is {now}, but this campaign has run with {before}. By another key nobody"
            " is recognised, and everybody would be called again. Set it back, or give the campaign another name and"
            " a sheet of only those who have not been called."
        )


def refuse_forgotten(campaign: Campaign, folder: Path, location: str | Path) -> None:
    """Refuse a ledger that is not there although the campaign has run: it would call everybody again.

    Raises `LedgerUnusable` when the results *folder* holds a run of the campaign and the ledger's file is missing.
    """
    ledger = ledger_file(location)
    if ledger is not None and not ledger.exists():
        _refuse_after(_earlier_results(campaign, folder), campaign, f"{ledger}: this ledger is missing", folder)


def refuse_stranger(ledger: Ledger, campaign: Campaign, folder: Path) -> None:
    """Refuse a ledger that has never heard of a campaign which has run: it is another one's.

    Raises `LedgerUnusable` when the results *folder* holds a run of the campaign and *ledger* none.
    """
    with ledger.read() as tx:
        is_known = campaign_id_of(tx, campaign.name) is not None
    if not is_known:
        where = f"{ledger.where}: this ledger does not know {campaign.name}"
        _refuse_after(_earlier_results(campaign, folder), campaign, where, folder)


def _earlier_results(campaign: Campaign, folder: Path) -> list[Path]:
    of_run = re.compile(rf"{re.escape(campaign.name)}-{RUN_STAMP}(-\d+)?\.csv")
    files = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in files if of_run.fullmatch(path.name))


def _refuse_after(earlier: list[Path], campaign: Campaign, what: str, folder: Path) -> None:
    if earlier:
        raise LedgerUnusable(
            f"{what}, but {campaign.name} has run before ({earlier[-1]}). Without it nobody knows who has been called."
            " Restore it, or name the right one with --ledger; if everybody may really be called again, move the"
            f" campaign's files out of {folder}."
        )
