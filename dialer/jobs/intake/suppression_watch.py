"""Watches a campaign's suppression files while a run goes on: a number added to one is not called from then on."""

from pathlib import Path
from typing import NamedTuple

from dialer.campaign.file import Campaign
from dialer.contacts.suppression_files import load_suppressed, read_suppressed, refuse_old_lists
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import Run, campaign_id_of
from dialer.ledger.suppression_list import forget_file_entries, suppress_numbers

FILE_REASON = "in a suppression file"


class _FileState(NamedTuple):
    size_bytes: int
    modified_ns: int
    changed_ns: int  # which no program sets: some keep the time of modification when they copy
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

        Raises `SheetError` for what cannot be read as it is now, when all that can be is on the list; the files are
        read again at the next call.
        """
        states = self._look()
        if states == self._states:
            return
        numbers, problem = read_suppressed(self._files, self._contacts)
        with ledger.write() as tx:
            suppress_numbers(tx, numbers, reason=FILE_REASON, at_ms=at_ms, campaign_id=run.campaign_id)
        if problem is not None:
            raise problem
        self._states = states

    def _look(self) -> list[_FileState | None]:
        return [_state_of(file) for file in self._files]


def _state_of(file: Path) -> _FileState | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return _FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
