"""Which ledger holds a fleet's queue, and in which queue a campaign's jobs wait."""

from collections.abc import Sequence
from pathlib import Path

from dialer.campaign.file import Campaign
from dialer.campaign.profiles import PROFILES_FILE, load_profiles
from dialer.errors import LedgerUnusable, UsageError
from dialer.jobs.locations import ledger_location, settings_of_profile
from dialer.ledger.database.address import ledger_url, schema_of
from dialer.ledger.database.open import ledger_file, shown_location
from dialer.settings import read_settings

DEFAULT_QUEUE = "default"
"""The queue of campaigns without a profile; others have that of their profile's name."""


def queue_of(campaign: Campaign) -> str:
    """Return the queue that a campaign's jobs wait in."""
    return DEFAULT_QUEUE if campaign.profile is None else campaign.profile.name


def queue_location(folder: Path, queues: Sequence[str], ledger: str | None) -> str | Path:
    """Return the ledger that holds *queues*, of the profiles of *folder*; none named: all of them.

    *ledger* stands in for DIALER_LEDGER. Raises `UsageError` for a queue without a profile, and where the queues lie in
    several ledgers or in none; `LedgerUnusable` where it is a file.
    """
    file = folder.absolute() / PROFILES_FILE
    profiles, settings = load_profiles(file), read_settings()
    settings = settings.model_copy(update={"ledger": ledger or settings.ledger})
    if unknown := sorted(set(queues) - {DEFAULT_QUEUE, *profiles}):
        known = ", ".join((DEFAULT_QUEUE, *sorted(profiles)))
        raise UsageError(f"--queue: {file} has no profile {unknown[0]}. There are: {known}.")
    chosen = queues or [DEFAULT_QUEUE, *profiles]
    found = {name: settings_of_profile(profiles[name], settings).ledger for name in chosen if name in profiles}
    found |= {DEFAULT_QUEUE: settings.ledger} if DEFAULT_QUEUE in chosen else {}
    places = {name: place for name, place in found.items() if place}
    if not places:
        raise UsageError("No ledger is named. Set DIALER_LEDGER, give --ledger, or name one in a profile.")
    if len({ledger_url(place) for place in places.values()}) > 1:
        raise UsageError(
            f"The queues {', '.join(sorted(places))} lie in several ledgers. Name those of one: --queue NAME."
        )
    location = next(iter(places.values()))
    refuse_file(location)
    return location


def rates_at(folder: Path, location: str | Path, ledger: str | None) -> dict[str, float]:
    """Return the rates of the profiles of *folder* whose ledger is at *location*, by their names."""
    settings = read_settings()
    settings = settings.model_copy(update={"ledger": ledger or settings.ledger})
    rates = {
        name: (profile.keys.requests_per_second, settings_of_profile(profile, settings).ledger)
        for name, profile in load_profiles(folder.absolute() / PROFILES_FILE).items()
    }
    return {
        name: rate for name, (rate, own) in rates.items() if rate and own and ledger_url(own) == ledger_url(location)
    }


def ledger_mark(folder: Path, location: str | Path) -> str:
    """Return what tells files about the ledger at *location* from those of others: "" where *folder* has no other."""
    settings = read_settings()
    own = [settings_of_profile(profile, settings).ledger for profile in load_profiles(folder / PROFILES_FILE).values()]
    if all(place is None or ledger_url(place) == ledger_url(location) for place in own):
        return ""
    url = ledger_url(location)
    return f"{'.'.join(filter(None, (url.database, schema_of(url))))}-"


def refuse_file(location: str | Path) -> None:
    """Raise `LedgerUnusable` for a ledger in a file: machines share a queue by a server."""
    if ledger_file(location) is not None:
        raise LedgerUnusable(
            f"{shown_location(location)}: is a file, and a fleet shares a ledger in PostgreSQL. Name one in"
            " DIALER_LEDGER, by --ledger, or as the ledger of a profile."
        )


def refuse_other_ledger(campaign: Campaign, location: str | Path) -> None:
    """Raise `UsageError` for a campaign whose ledger is another than the one at *location*, which holds the queue."""
    settings = read_settings().model_copy(update={"ledger": str(location)})
    own = ledger_location(campaign, settings, None)
    if ledger_url(own) != ledger_url(location):
        raise UsageError(
            f"{campaign.path}: its ledger is {shown_location(own)}, and this queue lies in {shown_location(location)}."
        )
