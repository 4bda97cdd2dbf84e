"""Where a campaign's ledger and results are, unless the caller says otherwise."""

import re
from itertools import chain, count
from pathlib import Path

from dialer.campaign import Campaign
from dialer.errors import CampaignError, LedgerUnusable
from dialer.ledger import DEFAULT_LEDGER, Ledger, ledger_file, read
from dialer.ledger.rows import campaign_id_of, last_key
from dialer.ledger.unknowns import SentTo
from dialer.settings import Settings, is_loopback

RESULTS_FOLDER = Path("results")
RUN_STAMP = r"(\d{8}T\d{6}Z|\d{4}-\d{2}-\d{2})"
"""How the names of results tell when a run began, or which night it was."""


def ledger_location(campaign: Campaign, settings: Settings, chosen: str | Path | None) -> str | Path:
    """Tell where the ledger is: *chosen*, else DIALER_LEDGER, else beside the campaign file."""
    return chosen or settings.ledger or campaign.folder / DEFAULT_LEDGER


def is_reached(place: SentTo, base_url: str) -> bool:
    """Tell whether calls sent to *place* can be asked about at *base_url*: a stand-in may change its port."""
    return place.address == base_url or is_loopback(place.address)


def new_results_path(campaign: Campaign, folder: Path, at: str) -> Path:
    """Give the path, in *folder*, of the results of a run that began *at*: never over another run's."""
    return unused_path(folder / f"{campaign.name}-{at}.csv")


def unused_path(path: Path) -> Path:
    """Give *path*, or where there is such a file already, the first of `NAME-2`, `NAME-3` and so on that is free."""
    others = (path.with_name(f"{path.stem}-{again}{path.suffix}") for again in count(2))
    return next(candidate for candidate in chain([path], others) if not candidate.exists())


def refuse_other_key(ledger: Ledger, campaign: Campaign) -> None:
    """Refuse a campaign whose key has changed since it last ran: by another key nobody is recognised as called.

    Raises `CampaignError` naming both keys.
    """
    with read(ledger.engine) as tx:
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
    with read(ledger.engine) as tx:
        is_known = campaign_id_of(tx, campaign.name) is not None
    if not is_known:
        where = f"{ledger.engine.url.database}: this ledger does not know {campaign.name}"
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
