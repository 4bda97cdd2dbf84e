"""Test calls whose replies were lost: they may exist, and are kept in a ledger of their own beside the campaign's."""

from collections.abc import Collection
from pathlib import Path

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


def ledger_of_test_calls(folder: Path, ledger: str | Path | None) -> Path:
    """Return where test calls are kept of a campaign in *folder* with this *ledger*: beside it, or in the folder."""
    file = ledger_file(ledger or folder / DEFAULT_LEDGER) or folder / DEFAULT_LEDGER
    return file.with_name(f"{PREFIX}{file.name}")


def told_lost(until_ms: Collection[int]) -> str:
    """Word that test calls, made until these instants (ms), may exist although the API has not listed them yet."""
    when = " and ".join(map(iso_ms, sorted(until_ms)))
    is_one = len(until_ms) == 1
    what, have, them = (
        ("an earlier test call was", "it has", "it") if is_one else ("earlier test calls was", "they have", "them")
    )
    return (
        f"The reply to {what} lost, and {have} not been found at the API: made by {when}. Look at the API whether your"
        f" phone rang for {them}."
    )
