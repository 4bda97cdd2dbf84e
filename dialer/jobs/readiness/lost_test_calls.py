"""Test calls whose replies were lost: they may exist, and are kept in a ledger of their own beside the campaign's."""

from collections.abc import Collection
from pathlib import Path

from dialer.campaign.file import Campaign
from dialer.clock import iso_ms
from dialer.ledger.database.open import DEFAULT_LEDGER, Ledger, ledger_file
from dialer.ledger.runs import campaign_id_of
from dialer.ledger.transitions.reconciled import unknown_attempts

PREFIX = "test-calls-"
"""Before the name of the campaign's ledger: that of the ledger beside it which knows test calls alone."""


def doubtful_test_calls(location: Path, name: str) -> dict[int, int]:
    """Return the test calls of the campaign *name* that may exist: by contact, the instant (ms) each was made by."""
    ledger = Ledger.open_existing(location)
    if ledger is None:
        return {}
    with ledger:
        return unknown_by_contact(ledger, name)


def unknown_by_contact(ledger: Ledger, name: str) -> dict[int, int]:
    """Do as `doubtful_test_calls` does, in the open *ledger* of test calls."""
    with ledger.read() as tx:
        campaign_id = campaign_id_of(tx, name)
        found = {} if campaign_id is None else unknown_attempts(tx, campaign_id)
    return {item.contact_id: item.until_ms for some in found.values() for item in some}


def ledger_of_test_calls(campaign: Campaign, ledger: str | Path | None) -> Path:
    """Return where the test calls are kept of a campaign with this *ledger*: beside it, or beside the campaign's."""
    file = ledger_file(ledger or campaign.folder / DEFAULT_LEDGER) or campaign.folder / DEFAULT_LEDGER
    return file.with_name(f"{PREFIX}{file.name}")


def told_lost(until_ms: Collection[int]) -> str:
    """Word that test calls, made until these instants (ms), may exist although the API has never listed them."""
    when = " and ".join(map(iso_ms, sorted(until_ms)))
    is_one = len(until_ms) == 1
    return (
        f"The reply to {'an earlier test call was' if is_one else 'earlier test calls was'} lost, and the API does not"
        f" list {'it' if is_one else 'them'}: made by {when}. Look at the API whether your phone rang for"
        f" {'it' if is_one else 'them'}."
    )
