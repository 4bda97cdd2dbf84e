"""Where a campaign's ledger and results are, unless the caller says otherwise."""

from itertools import chain, count
from pathlib import Path

from dialer.campaign.file import Campaign
from dialer.errors import UsageError
from dialer.ledger.database.open import DEFAULT_LEDGER, ledger_file
from dialer.settings import Settings

RESULTS_FOLDER = Path("results")
RUN_STAMP = r"(\d{8}T\d{6}Z|\d{4}-\d{2}-\d{2})"
"""How the names of results tell when a run began, or which night it was."""


def ledger_location(campaign: Campaign, settings: Settings, chosen: str | Path | None) -> str | Path:
    """Return where the ledger is: *chosen*, else DIALER_LEDGER, else beside the campaign file."""
    return chosen or settings.ledger or campaign.folder / DEFAULT_LEDGER


def new_results_path(campaign: Campaign, folder: Path, at: str) -> Path:
    """Return the path, in *folder*, of the results of a run that began *at*: never over another run's."""
    return unused_path(folder / f"{campaign.name}-{at}.csv")


def unused_path(path: Path) -> Path:
    """Return *path*, or where there is such a file already, the first of `NAME-2`, `NAME-3` and so on that is free."""
    others = (path.with_name(f"{path.stem}-{again}{path.suffix}") for again in count(2))
    return next(candidate for candidate in chain([path], others) if not candidate.exists())


def refuse_own_input(campaign: Campaign, path: Path | None, location: str | Path | None = None) -> None:
    """Raise `UsageError` where what is to be written to *path* would replace what the campaign is made of.

    That is its file, its sheet, its suppression files and, if *location* names one, the ledger.
    """
    if path is None:
        return
    read = [campaign.path, *(campaign.resolve(file) for file in campaign.suppression.files)]
    read += [] if campaign.contacts.file is None else [campaign.sheet_path]
    ledger = None if location is None else ledger_file(location)
    read += [] if ledger is None else [ledger]
    written = path.resolve()
    if any(written == file.resolve() or written.match(str(file)) for file in read):  # a sheet may be a pattern
        raise UsageError(f"{path}: the campaign reads this file, and it would be overwritten. Choose another name.")
