"""Watches a campaign's suppression files while a run goes on: a number added to one is not called from then on."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dialer.campaign.file import Campaign
from dialer.contacts.countries import read_country
from dialer.contacts.phones.phone_cell import PhoneProblem, read_any_numbers
from dialer.contacts.resolve_columns import alias_columns
from dialer.contacts.suppression_files import load_suppressed, refuse_old_lists
from dialer.ledger.database.engine import Transaction
from dialer.ledger.database.open import Ledger
from dialer.ledger.retries import Source, cells_of_callable
from dialer.ledger.runs import Run, campaign_id_of
from dialer.ledger.suppression_list import forget_file_entries, suppress_numbers

FILE_REASON = "in a suppression file"


class _FileState(NamedTuple):
    size_bytes: int
    modified_ns: int
    inode: int


class SuppressionWatch:
    """The suppression files of *campaign* as they are when it is made; make it before they are read."""

    def __init__(self, campaign: Campaign) -> None:
        self._contacts = campaign.contacts
        self._files = [campaign.resolve(file) for file in campaign.suppression.files]
        self._max_age = campaign.suppression.max_age
        self._states = self._look()

    @property
    def is_needed(self) -> bool:
        """Whether there is any file to watch."""
        return bool(self._files)

    def begin(self, ledger: Ledger, campaign: str, *, at_ms: int, are_rows_judged: bool) -> None:
        """Drop what the files added during earlier runs of *campaign*, in favour of what they hold now.

        Rows that are judged anew are held against the files one by one. Where the ledger alone tells who is called, the
        files' numbers go on the campaign's list. Raises `SheetError` for a file that cannot be read or is too old.
        """
        refuse_old_lists(self._files, self._max_age, now_ms=at_ms)
        numbers = frozenset() if are_rows_judged else load_suppressed(self._files, self._contacts)
        with ledger.write() as tx:
            campaign_id = campaign_id_of(tx, campaign)
            if campaign_id is not None:
                forget_file_entries(tx, campaign_id)
                suppress_numbers(tx, numbers, reason=FILE_REASON, at_ms=at_ms, campaign_id=campaign_id)

    def take_changes(self, ledger: Ledger, run: Run, *, at_ms: int) -> None:
        """Put the numbers of files that have changed on the campaign's list; claims look there.

        Raises `SheetError` for a file that cannot be read as it is now; it is read again at the next call.
        """
        states = self._look()
        if states == self._states:
            return
        numbers = load_suppressed(self._files, self._contacts)
        with ledger.write() as tx:
            suppress_numbers(tx, numbers, reason=FILE_REASON, at_ms=at_ms, campaign_id=run.campaign_id)
        self._states = states

    def _look(self) -> list[_FileState | None]:
        return [_state_of(file) for file in self._files]


def _state_of(file: Path) -> _FileState | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return _FileState(status.st_size, status.st_mtime_ns, status.st_ino)


REASON = "another number of the row is in a suppression file"


def suppress_by_other_numbers(tx: Transaction, campaign: Campaign, source: Source, run: Run, *, at_ms: int) -> None:
    """Put on the campaign's list whose row of the *source* run has another number that is in a suppression file.

    A run judges the cells of every row so (`Judge`); the ledger keeps of a contact the one number that is called.
    Raises `SheetError` for a file that cannot be read.
    """
    wanted = {name.strip().casefold() for name in campaign.contacts.columns.phone or ()}
    columns = [at for at, header in enumerate(source.sheet.header) if header.strip().casefold() in wanted]
    countries = _country_columns(campaign, source.sheet.header)
    if len(columns) > 1 and campaign.suppression.files:
        files = [campaign.resolve(file) for file in campaign.suppression.files]
        numbers = load_suppressed(files, campaign.contacts)
        spared = [
            phone
            for phone, cells in cells_of_callable(tx, source)
            if any(
                _is_among(numbers, text, region)
                for region in (campaign.contacts.region, *_regions(cells, countries))
                for text in _texts(cells, columns)
            )
        ]
        suppress_numbers(tx, spared, reason=REASON, at_ms=at_ms, campaign_id=run.campaign_id)


def _is_among(numbers: frozenset[str], text: str, region: str | None) -> bool:
    found = read_any_numbers(text, region=region, column="")
    return not isinstance(found, PhoneProblem) and not numbers.isdisjoint(found)


def _country_columns(campaign: Campaign, header: Sequence[str]) -> list[int]:
    named = campaign.contacts.columns.country
    if named is None:
        return alias_columns(header, "country")
    return [at for at, text in enumerate(header) if text.strip().casefold() == named.strip().casefold()]


def _regions(cells: str, columns: list[int]) -> list[str]:
    countries = (read_country(text.strip()) for text in _texts(cells, columns))
    return [country.region for country in countries if country is not None]


def _texts(cells: str, columns: list[int]) -> list[str]:
    texts = json.loads(cells)
    return [texts[at] for at in columns if at < len(texts)]
