"""Watches whom a campaign must not call while a run goes on: what is added is not called from then on.

These are its suppression files, and the files and campaigns that it excludes.
"""

import difflib
from pathlib import Path
from typing import NamedTuple

from dialer.campaign.file import Campaign
from dialer.campaign.values import CAMPAIGN
from dialer.contacts.suppression_files import load_suppressed, read_suppressed, refuse_old_lists
from dialer.errors import CampaignError
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import Run, campaign_id_of
from dialer.ledger.suppression_list import forget_file_entries, suppress_numbers
from dialer.ledger.transitions.excluded import (
    EXCLUDED_REASON,
    called_since,
    known_campaigns,
    suppress_other_numbers,
)

FILE_REASON = "in a suppression file"
_CLOCKS_DIFFER_MS = 600_000
"""By so much, at most, the clocks of two machines differ that share a ledger."""


class _FileState(NamedTuple):
    size_bytes: int
    modified_ns: int
    changed_ns: int  # which no program sets: some keep the time of modification when they copy
    inode: int


class SuppressionWatch:
    """The lists of *campaign* as they are when it is made; make it before they are read.

    A rehearsal has a ledger of its own, which may not know the campaigns that are excluded.
    """

    def __init__(self, campaign: Campaign, *, is_rehearsal: bool = False) -> None:
        self._campaign, self._is_rehearsal = campaign, is_rehearsal
        self._contacts, self._excluded = campaign.contacts, campaign.contacts.exclude_campaigns
        self._files = {
            FILE_REASON: [campaign.resolve(file) for file in campaign.suppression.files],
            EXCLUDED_REASON: [campaign.resolve(file) for file in campaign.contacts.exclude_files],
        }
        self._max_age = campaign.suppression.max_age
        self._called: set[str] = set()
        self._states = self._look()

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to watch."""
        return any(self._files.values()) or bool(self._excluded)

    def begin(self, ledger: Ledger, campaign: str, *, at_ms: int, are_rows_judged: bool) -> None:
        """Drop what the files added during earlier runs of *campaign*, in favour of what they hold now.

        Rows that are judged anew are held against the files one by one. Where the ledger alone tells who is called, the
        files' numbers go on the campaign's list. Raises `SheetError` for a file that cannot be read or is too old.
        """
        refuse_old_lists(self._files[FILE_REASON], self._max_age, now_ms=at_ms)
        self._refuse_unknown(ledger)
        lists = {} if are_rows_judged else self._files
        numbers = {reason: load_suppressed(files, self._contacts) for reason, files in lists.items()}
        with ledger.write() as tx:
            campaign_id = campaign_id_of(tx, campaign)
            if campaign_id is not None:
                forget_file_entries(tx, campaign_id)
                for reason, found in numbers.items():
                    suppress_numbers(tx, found, reason=reason, at_ms=at_ms, campaign_id=campaign_id)

    def take_changes(self, ledger: Ledger, run: Run, *, at_ms: int) -> None:
        """Put the numbers of files that have changed on the campaign's list; claims look there.

        Raises `SheetError` for what cannot be read as it is now, when all that can be is on the list; the files are
        read again at the next call.
        """
        self._take_calls(ledger, run, at_ms=at_ms)
        states = self._look()
        if states == self._states:
            return
        read = {reason: read_suppressed(files, self._contacts) for reason, files in self._files.items()}
        with ledger.write() as tx:
            for reason, (numbers, _) in read.items():
                suppress_numbers(tx, numbers, reason=reason, at_ms=at_ms, campaign_id=run.campaign_id)
        for _, problem in read.values():
            if problem is not None:
                raise problem
        self._states = states

    def _take_calls(self, ledger: Ledger, run: Run, *, at_ms: int) -> None:
        """Put all numbers of those on the list whom an excluded campaign has called since the run looked for them."""
        if not self._excluded:
            return
        with ledger.read() as tx:
            called = called_since(tx, self._excluded, since_ms=run.started_at_ms - _CLOCKS_DIFFER_MS)
        if fresh := called - self._called:
            with ledger.write() as tx:
                suppress_numbers(tx, fresh, reason=EXCLUDED_REASON, at_ms=at_ms, campaign_id=run.campaign_id)
                suppress_other_numbers(tx, self._excluded, fresh, at_ms=at_ms, campaign_id=run.campaign_id)
            self._called |= fresh

    def _refuse_unknown(self, ledger: Ledger) -> None:
        """Raise `CampaignError` for an excluded campaign that nobody knows: a slip would call all its people."""
        if not self._excluded or self._is_rehearsal:
            return
        with ledger.read() as tx:
            known = known_campaigns(tx)
        for name in self._excluded:
            if name not in known and not (self._campaign.folder / f"{name}.toml").exists():
                near = difflib.get_close_matches(name, known, 1, 0.5)
                hint = f'Did you mean "{CAMPAIGN}{near[0]}"?' if near else f"It knows: {', '.join(known) or 'none'}."
                raise CampaignError(
                    f'{self._campaign.path}: [contacts] exclude names "{CAMPAIGN}{name}", and this ledger knows no such'
                    f" campaign. {hint}"
                )

    def _look(self) -> list[_FileState | None]:
        return [_state_of(file) for files in self._files.values() for file in files]


def _state_of(file: Path) -> _FileState | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return _FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
