"""The suppression list of a ledger: numbers that no campaign of it calls, from the moment they are written on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialer.campaign.tables import Contacts
from dialer.clock import SYSTEM_CLOCK, Clock, iso_ms
from dialer.contacts.phones.phone_cell import PhoneProblem, read_any_number
from dialer.contacts.suppression_files import load_suppressed
from dialer.errors import UsageError
from dialer.ledger.database.open import Ledger
from dialer.ledger.suppression_list import (
    CHUNK_NUMBERS,
    Entry,
    OpenCall,
    calls_still_to_ring,
    entries,
    suppress_numbers,
    suppressed_among,
    unsuppress_numbers,
)


@dataclass(frozen=True)
class SuppressSummary:
    """What a change of the list did: *given* distinct numbers, of which *changed* were not on it (or were).

    *open_calls* exist already, or may, and ring all the same: a created call cannot be recalled by this program.
    """

    given: int
    changed: int
    open_calls: tuple[OpenCall, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "given": self.given,
            "changed": self.changed,
            "open_calls": [
                {"campaign": call.campaign, "call_id": call.call_id, "slot": iso_ms(call.slot_ms)}
                for call in self.open_calls
            ],
        }


def read_numbers(lines: Sequence[str], *, region: str | None) -> list[str]:
    """Return the E.164 numbers of *lines*, one on each; empty ones are passed over.

    A number without `+` is read as one of *region*. Raises `UsageError` naming the line that holds no number.
    """
    numbers = []
    for position, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = read_any_number(line, region=region, column="number")
        if isinstance(found, PhoneProblem):
            raise UsageError(f"line {position}: {found.message} Nothing was changed.")
        numbers.append(found)
    return numbers


def read_number_file(file: Path, *, region: str | None) -> list[str]:
    """Return the E.164 numbers of a sheet with a phone column, or of one column of numbers. Raises `SheetError`."""
    return sorted(load_suppressed([file], Contacts(region=region)))


def suppress(ledger: Ledger, phones: Sequence[str], *, reason: str, clock: Clock = SYSTEM_CLOCK) -> SuppressSummary:
    """Put *phones* (E.164) on the list. It counts at once, also for a run that is going on: each claim looks.

    Takes no lock: an opt-out never waits for a run to end. Raises `LedgerWriteFailed` when the disk refuses.
    """
    now_ms = clock.now_ms()
    phones = list(dict.fromkeys(phones))
    with ledger.write() as tx:
        changed = suppress_numbers(tx, phones, reason=reason, at_ms=now_ms)
    with ledger.read() as tx:  # after the commit: from here on nothing is claimed for them any more
        still_open = calls_still_to_ring(tx, phones, from_ms=now_ms)
    return SuppressSummary(len(phones), changed, tuple(still_open))


def unsuppress(ledger: Ledger, phones: Sequence[str]) -> SuppressSummary:
    """Take *phones* (E.164) off the list; the next run may call them. Numbers in suppression files stay there."""
    phones = list(dict.fromkeys(phones))
    with ledger.write() as tx:
        return SuppressSummary(len(phones), unsuppress_numbers(tx, phones))


def look_up_numbers(ledger: Ledger, phones: Sequence[str]) -> list[Entry | None]:
    """Return the entry of each of *phones* (E.164), in order; None for one that is not on the list."""
    found: dict[str, Entry] = {}
    with ledger.read() as tx:
        for start in range(0, len(phones), CHUNK_NUMBERS):
            found |= suppressed_among(tx, phones[start : start + CHUNK_NUMBERS])
    return [found.get(phone) for phone in phones]


def suppression_list(ledger: Ledger) -> list[Entry]:
    """Return every entry of the list, the newest first."""
    with ledger.read() as tx:
        return entries(tx)
