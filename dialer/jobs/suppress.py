"""The suppression list of a ledger: numbers that no campaign of it calls, from the moment they are written on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import TypedDict

from dialer.campaign.tables import Contacts
from dialer.clock import SYSTEM_CLOCK, Clock
from dialer.contacts.phones.phone_cell import PhoneProblem
from dialer.contacts.registry_lists import read_entry
from dialer.contacts.suppression_files import load_suppressed
from dialer.errors import UsageError
from dialer.ledger.database.open import Ledger
from dialer.ledger.suppression_list import (
    CHUNK_NUMBERS,
    Entry,
    EntryJson,
    OpenCall,
    OpenCallJson,
    calls_still_to_ring,
    entries,
    suppress_numbers,
    suppressed_among,
    unsuppress_numbers,
)


class SuppressJson(TypedDict):
    """What `dialer suppress add`, `import` and `remove` print with `--json`."""

    given: int
    changed: int
    open_calls: list[OpenCallJson]


class EntriesJson(TypedDict):
    """What `dialer suppress list --json` prints."""

    entries: list[EntryJson]


class LookedUpJson(TypedDict):
    """What `dialer suppress check --json` prints: None for a number that may be called."""

    entries: list[EntryJson | None]


@dataclass(frozen=True)
class SuppressSummary:
    """What a change of the list did: *given* distinct numbers, of which *changed* were not on it (or were).

    *open_calls* exist already, or may, and ring all the same: a created call cannot be recalled by this program.
    """

    given: int
    changed: int
    open_calls: tuple[OpenCall, ...] = ()

    def as_json(self) -> SuppressJson:
        """Return the object that `--json` prints."""
        return {
            "given": self.given,
            "changed": self.changed,
            "open_calls": [call.as_json() for call in self.open_calls],
        }


def read_numbers(lines: Sequence[str], *, region: str | None, others: Sequence[str] = ()) -> list[frozenset[str]]:
    """Return, for each of *lines*, every E.164 number that it may mean; empty ones are passed over.

    A number without `+` is read as one of *region*, and of each of *others*, the further countries that a campaign
    calls. Raises `UsageError` naming the line that holds no number.
    """
    numbers = []
    for position, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        read = [read_entry(line, region=each, column="number") for each in dict.fromkeys((region, *others))]
        found = [numbers_ for numbers_ in read if not isinstance(numbers_, PhoneProblem)]
        if not found and isinstance(read[0], PhoneProblem):
            raise UsageError(f"line {position}: {read[0].message} Nothing was changed.")
        numbers.append(frozenset[str]().union(*found))
    return numbers


def one_each(numbers: Sequence[frozenset[str]]) -> list[str]:
    """Return the one number of each line; off the list goes only what is surely meant.

    Raises `UsageError` naming the line that may mean two.
    """
    for position, found in enumerate(numbers, start=1):
        if len(found) > 1:
            raise UsageError(
                f"number {position}: may mean {len(found)} numbers, and whoever asked for no call might be called."
                " Write it with + and the country code. Nothing was changed."
            )
    return [number for found in numbers for number in found]


def read_number_file(file: Path, *, region: str | None, others: Sequence[str] = ()) -> list[str]:
    """Return the E.164 numbers of a sheet with a phone column, or of one column of numbers. Raises `SheetError`.

    A number without `+` is read as `read_numbers` reads it.
    """
    return sorted(load_suppressed([file], Contacts(region=region, regions=tuple(others))))


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


def look_up_numbers(ledger: Ledger, numbers: Sequence[frozenset[str]]) -> list[Entry | None]:
    """Return, in order, the entry of any of the E.164 numbers that a line may mean; None where none is on the list."""
    found: dict[str, Entry] = {}
    phones = sorted({phone for each in numbers for phone in each})
    with ledger.read() as tx:
        for start in range(0, len(phones), CHUNK_NUMBERS):
            found |= suppressed_among(tx, phones[start : start + CHUNK_NUMBERS])
    return [next((found[phone] for phone in sorted(each) if phone in found), None) for each in numbers]


def suppression_list(ledger: Ledger) -> list[Entry]:
    """Return every entry of the list, the newest first."""
    with ledger.read() as tx:
        return entries(tx)
