"""Where a campaign's ledger and results are, unless the caller says otherwise."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from pydantic import SecretStr

from dialer.campaign.file import Campaign
from dialer.campaign.profiles import Profile
from dialer.errors import LedgerUnusable, UsageError
from dialer.ledger.database.address import in_schema
from dialer.ledger.database.open import DEFAULT_LEDGER, ledger_file
from dialer.settings import KeyNames, ProfileSettings, Settings

RESULTS_FOLDER = Path("results")
RUN_STAMP = r"(\d{8}T\d{6}Z|\d{4}-\d{2}-\d{2})"
"""How the names of results tell when a run began, or which night it was."""


def ledger_location(campaign: Campaign, settings: Settings, chosen: str | Path | None) -> str | Path:
    """Return where the ledger is: *chosen*, else its profile's, else DIALER_LEDGER, else beside the campaign file."""
    return chosen or settings_of(campaign, settings).ledger or campaign.folder / DEFAULT_LEDGER


def settings_of(campaign: Campaign, settings: Settings) -> Settings:
    """Return *settings* with what the campaign's profile says in place of the environment.

    Raises `LedgerUnusable` for a profile's `ledger_schema` without a PostgreSQL database to lie in.
    """
    return settings if campaign.profile is None else settings_of_profile(campaign.profile, settings)


def settings_of_profile(profile: Profile, settings: Settings) -> Settings:
    """Return *settings* with what *profile* says in place of the environment. Raises as `settings_of` does."""
    keys = profile.keys
    update: dict[str, object] = {name: said for name in ("base_url", "team_id") if (said := getattr(keys, name))}
    update["ledger"] = _ledger_of(profile, settings.ledger)
    names = KeyNames(keys.api_key_env, f"api_key_file of [profiles.{profile.name}]", keys.keyring)
    if names.variable is None and keys.api_key_file is None and names.keyring_user is None:
        return settings.model_copy(update=update)
    key = os.environ.get(names.variable or "")
    update["api_key"] = SecretStr(key) if key else None
    update["api_key_file"] = keys.api_key_file and profile.resolve(keys.api_key_file)
    return ProfileSettings.model_construct(**{**dict(settings), **update, "profile": profile.name, "key_names": names})


def _ledger_of(profile: Profile, otherwise: str | None) -> str | None:
    ledger, schema = profile.keys.ledger, profile.keys.ledger_schema
    location = otherwise if ledger is None else ledger if "://" in ledger else str(profile.resolve(Path(ledger)))
    if schema is None:
        return location
    if location is None:
        raise LedgerUnusable(
            f"{profile.file}: [profiles.{profile.name}] ledger_schema needs a database. Name it there: ledger ="
            ' "postgresql://user@host/database", or in DIALER_LEDGER.'
        )
    return in_schema(location, schema)


def new_results_path(campaign: Campaign, folder: Path, at: str) -> Path:
    """Return the path, in *folder*, of the results of a run that began *at*: never over another run's."""
    return unused_path(folder / f"{campaign.name}-{at}.csv")


def unused_path(path: Path) -> Path:
    """Return *path*, or where there is such a file already, the first of `NAME-2`, `NAME-3` and so on that is free."""
    return next(candidate for candidate in numbered_paths(path) if not candidate.exists())


def numbered_paths(path: Path) -> Iterator[Path]:
    """Yield *path*, then `NAME-2`, `NAME-3` and so on beside it, without end."""
    yield path
    yield from (path.with_name(f"{path.stem}-{again}{path.suffix}") for again in count(2))


def refuse_own_input(campaign: Campaign, path: Path | None, location: str | Path | None = None) -> None:
    """Raise `UsageError` where what is to be written to *path* would replace what the campaign is made of.

    That is its file, its sheet and the query of that, the lists that it reads and, if *location* names one, the ledger.
    """
    if path is None:
        return
    ledger = None if location is None else ledger_file(location)
    read = [*campaign.files_read, *([] if ledger is None else [ledger])]
    written = path.resolve()
    if any(written == file.resolve() or written.match(str(file)) for file in read):  # a sheet may be a pattern
        raise UsageError(f"{path}: the campaign reads this file, and it would be overwritten. Choose another name.")
