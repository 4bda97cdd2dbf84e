"""Who may write a ledger: one lock for each campaign, which work on the whole ledger excludes, and the fence.

The system or the server frees a lock when its holder ends, however it ends. A lock can also be lost without its
holder's knowing: a server ends the session of a machine that it does not hear of. So each lock counts how often it was
taken (its *epoch*), and every transaction of a holder names its own: after the next has taken it, it writes no more.
"""

import hashlib
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import BigInteger, Column, Connection, Engine, Table, Text, select, update

from dialer.errors import LedgerHeld, LedgerUnusable, LockLost
from dialer.ledger.database.busy import STANDS_STILL, busy
from dialer.ledger.database.copy_guard import take_ownership
from dialer.ledger.database.engine import asking, read, upsert, write
from dialer.ledger.database.file_lock import Locks, file_locks
from dialer.ledger.database.schema import metadata
from dialer.ledger.database.session_lock import SessionLocks, is_lock_taken

WHOLE_LEDGER = 0x6469616C6572
"""The number of the lock that every run shares and that work on the whole ledger excludes: "dialer" in ASCII."""

taken = Table(
    "locks",
    metadata,
    Column("name", Text, primary_key=True),  # the campaign's; "": of the whole ledger
    Column("epoch", BigInteger, nullable=False),  # how often it was taken: who took it earlier writes no more
    Column("holder", Text, nullable=False),  # who took it last, for people
    Column("run_id", Text),  # the run that it was taken for last; unset where it was no run
)

_ONE_AT_A_TIME = WHOLE_LEDGER + 1
"""The number of the lock under which one holder at a time does what others must not do meanwhile."""


PLANNING_SECONDS = 600.0
"""How long one holder waits for another that plans: a million people take a few minutes."""


def campaign_number(campaign: str) -> int:
    """Return the number of a campaign's lock: 61 bits that its name decides."""
    return int.from_bytes(hashlib.sha256(campaign.encode()).digest()[:8]) >> 3


class Copies(StrEnum):
    """What to do with a ledger's file that is a copy, or older than the one that last ran."""

    REFUSE = "refuse"
    BEAR = "bear"  # for what sends nothing, such as a purge: every copy must be erasable
    ADOPT = "adopt"  # from now on it is the ledger


@dataclass(frozen=True)
class Holder:
    """Who takes a lock: *what* it does, and *since* when; *campaign* None takes the whole ledger.

    *run_id* is set where the lock is a run's.
    """

    what: str
    since: datetime
    campaign: str | None = None
    run_id: str | None = None

    @property
    def name(self) -> str:
        """The lock's name in the ledger."""
        return self.campaign or ""

    def __str__(self) -> str:
        return f"{self.what}, process {os.getpid()} on {socket.gethostname()}, since {self.since.isoformat()}"


def holding_run(engine: Engine, campaign: str) -> str | None:
    """Return the id of the run that holds the lock of *campaign* now; None where none does. Takes no lock."""
    with read(engine) as tx:
        run_id = tx.scalar(select(taken.c.run_id).where(taken.c.name == campaign))
        if run_id is None or engine.dialect.name != "sqlite":
            return run_id if run_id is not None and is_lock_taken(tx, campaign_number(campaign)) else None
    locks = file_locks(Path(str(engine.url.database)))
    try:
        return run_id if locks.is_taken(campaign_number(campaign)) else None
    finally:
        locks.release()


class RunLock:
    """A lock of a ledger. Use as a context manager.

    Entering raises `LedgerHeld` at once when another has it, and `LedgerUnusable` for a copy of a ledger unless
    *copies* allows it.
    """

    def __init__(
        self,
        engine: Engine,
        holder: Holder,
        *,
        copies: Copies = Copies.REFUSE,
        patience_seconds: float = PLANNING_SECONDS,
    ) -> None:
        self._engine = engine
        self._patience_seconds = patience_seconds
        self._holder = holder
        self._copies = copies
        self._file = Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None
        self._locks: Locks
        self._epoch: int | None = None
        self._is_held = False

    def __enter__(self) -> Self:
        with asking(self._engine):
            self._locks = file_locks(self._file) if self._file is not None else SessionLocks(self._engine)
            try:
                self._take()
                if self._copies != Copies.BEAR:
                    self._renew_mark(adopt=self._copies == Copies.ADOPT)
            except BaseException:  # nobody leaves a lock that was not entered
                self._locks.release()
                raise
        self._is_held = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # Not where the process is being ended: it leaves what a kill leaves, and the next start bears it.
            if self._copies != Copies.BEAR and (kind is None or issubclass(kind, Exception)):
                # Another mark than the one during the run: a backup made meanwhile lacks what came after it.
                with suppress(Exception):  # the lock must be released; the next start finds marks that fit
                    if self._is_held:
                        self._renew_mark(adopt=True)
        finally:
            self.lose()

    def begin_epoch(self) -> None:
        """Fence off whoever had this lock before: from now on it writes nothing."""
        with write(self._engine) as tx:
            values = {"name": self._holder.name, "epoch": 1, "holder": str(self._holder)}
            insert = upsert(tx, taken).values(**values)
            tx.execute(insert.on_conflict_do_nothing())
            mine = taken.c.name == self._holder.name
            others = taken.c.name.is_not(None) if self._holder.campaign is None else mine
            tx.execute(update(taken).where(others).values(epoch=taken.c.epoch + 1))
            tx.execute(update(taken).where(mine).values(holder=str(self._holder), run_id=self._holder.run_id))
            self._epoch = tx.scalar(select(taken.c.epoch).where(mine))

    def refuse_older(self, tx: Connection) -> None:
        """Raise `LockLost` when another has taken the lock since; nobody takes it before *tx* has ended."""
        epoch = tx.scalar(select(taken.c.epoch).where(taken.c.name == self._holder.name).with_for_update(read=True))
        if epoch != self._epoch:
            raise self.lost("another has taken it over")

    def why_lost(self) -> str:
        """Say why the lock is not held any more; "" while it surely is. May take as long as the server does."""
        return self._locks.why_lost() if self._is_held else "it was let go"

    def is_in_doubt(self) -> bool:
        """Return whether something has come that may have ended the lock, so that `why_lost` has to be asked."""
        return self._is_held and self._locks.is_in_doubt()

    def lost(self, why: str) -> LockLost:
        """Return the error that ends the work of a holder that has lost its lock."""
        return LockLost(
            f"{self._engine.url.database}: the lock of {self._holder.what} was lost: {why}. Nothing more is sent; what"
            " was in flight may be unknown. `dialer status` tells where everything stands."
        )

    def lose(self) -> None:
        """Lose the lock, as a holder does whose session the server ends."""
        if self._is_held:
            self._is_held = False
            self._locks.release()

    def begin_alone(self) -> None:
        """Wait until no other holder of this ledger is between `begin_alone` and `end_alone`.

        Raises `LedgerBusy` when one does not end.
        """
        with asking(self._engine):
            if not self._locks.take(_ONE_AT_A_TIME, wait_seconds=self._patience_seconds):
                raise busy(self._engine.url.database)

    def end_alone(self) -> None:
        """Let the next begin."""
        with asking(self._engine):
            self._locks.give_back(_ONE_AT_A_TIME)

    def _take(self) -> None:
        campaign = self._holder.campaign
        if campaign is None:
            if not self._locks.take(WHOLE_LEDGER):
                raise self._held([name for name in self._names() if not self._is_free(name)])
        elif not self._locks.take(WHOLE_LEDGER, shared=True):
            raise self._held([""])
        elif not self._locks.take(campaign_number(campaign)):
            raise self._held([campaign])

    def _is_free(self, name: str) -> bool:
        number = campaign_number(name) if name else WHOLE_LEDGER
        is_free = self._locks.take(number, shared=True)
        if is_free:
            self._locks.give_back(number)
        return is_free

    def _names(self) -> list[str]:
        with suppress(LedgerUnusable), read(self._engine) as tx:
            return list(tx.scalars(select(taken.c.name)))
        return []

    def _held(self, names: list[str]) -> LedgerHeld:
        holders: list[str] = []
        with suppress(LedgerUnusable), read(self._engine) as tx:  # an older ledger does not tell
            holders = list(tx.scalars(select(taken.c.holder).where(taken.c.name.in_(names))))
        what = "ledger" if self._holder.campaign is None or names == [""] else "campaign"
        by = f": {'; '.join(holders)}" if holders else ""
        return LedgerHeld(
            f"{self._engine.url.database}: another run holds this {what}{by}. Wait for it to end; {STANDS_STILL}."
        )

    def _renew_mark(self, *, adopt: bool) -> None:
        if self._file is None:
            return
        self.begin_alone()
        try:
            take_ownership(self._engine, adopt=adopt)
        finally:
            self.end_alone()
