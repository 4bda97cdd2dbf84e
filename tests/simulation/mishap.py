"""What befalls the ledger of a campaign as a whole: it is lost, or an older state of it is put back in its place."""

import sqlite3
from contextlib import closing
from pathlib import Path

from dialer.campaign.file import Campaign
from dialer.clock import Clock
from dialer.jobs.safeguards import adopt_ledger
from tests.simulation.api.call_book import CallBook
from tests.simulation.judge import Judge


class Mishap:
    """What befalls the *ledger* of one story."""

    def __init__(self, ledger: Path, campaign: Campaign, calls: CallBook, judge: Judge) -> None:
        self._ledger, self._campaign, self._calls, self._judge = ledger, campaign, calls, judge
        self._backup: bytes | None = None

    def back_up(self) -> None:
        """Copy the ledger as it is, in the middle of a run, unless there is a copy."""
        self._backup = self._backup or self._ledger.read_bytes()

    def befall(self, kind: str) -> bool:
        """Let the ledger be "lost" or "restored"; return whether it lacks calls that exist."""
        if kind == "lost":
            for path in self._ledger.parent.glob("ledger.db*"):
                path.unlink()
        elif self._backup is not None:
            self._ledger.write_bytes(self._backup)
        known = self._attempts()
        return any((call.phone, call.slot_ms) not in known for call in self._calls.created)

    def _attempts(self) -> set[tuple[str, int]]:
        if not self._ledger.exists():
            return set()
        with closing(sqlite3.connect(self._ledger)) as ledger:
            return set(ledger.execute("SELECT phone, slot_ms FROM attempts"))

    def adopt(self, clock: Clock) -> None:
        """Take the ledger over as it is, as a person does who has no newer one."""
        adopt_ledger(self._ledger, self._campaign, clock=clock)
        self._judge.forgotten |= {call.call_id for call in self._calls.created}
