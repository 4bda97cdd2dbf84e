"""The last look before a request leaves: its claim is young, its slot lies ahead, and the run's lock is still held."""

import asyncio
from collections.abc import Callable, Sequence
from math import inf
from typing import Protocol

from dialer.calls.attempt import CLAIM_LIFE_SECONDS
from dialer.calls.outcome import Stop, StopCode
from dialer.clock import Clock
from dialer.submit.attempt_store import Claimed

BEAT_SECONDS = 5.0
"""How often the lock's holder asks whether it still has it; no firewall takes a connection so busy for idle."""

FRESH_SECONDS = 15.0
"""So old an answer may be for a request to leave on it."""


class HeldLock(Protocol):
    """The lock of the run, as its holder asks for it."""

    def why_lost(self) -> str:
        """Say why the lock is not held any more; "" while it surely is. May take as long as the ledger does."""

    def is_in_doubt(self) -> bool:
        """Return whether something has happened that may have ended the lock; it takes microseconds."""


class Heartbeat:
    """Asks in a thread whether the run's *lock* is still held; the first no closes the gate by *close*.

    None stands for no lock, which nobody can lose.
    """

    def __init__(self, lock: HeldLock | None, *, clock: Clock, close: Callable[[Stop], None]) -> None:
        self._lock = lock
        self._clock = clock
        self._close = close
        self._proved_at = -inf
        self._is_lost = False

    @property
    def is_fresh(self) -> bool:
        """Whether the lock was seen to be held a moment ago, and nothing has come since that may have ended it.

        Not so after the machine was suspended.
        """
        if self._lock is None:
            return True
        return (
            not self._is_lost
            and not self._lock.is_in_doubt()
            and self._clock.monotonic() - self._proved_at < FRESH_SECONDS
        )

    async def is_held(self) -> bool:
        """Return whether the lock is held, asking where the last answer is old, and again where one came too late.

        False for a lost lock alone: who hears it leaves its row to another run.
        """
        while not self._is_lost:
            if self.is_fresh:  # judged once: a machine suspended between two looks would seem to have lost its lock
                return True
            await self._beat()
        return False

    async def go_on(self) -> None:
        """Ask again and again, until the lock is lost."""
        while self._lock is not None and not self._is_lost:
            await self._beat()
            await self._clock.sleep(BEAT_SECONDS)

    async def _beat(self) -> None:
        asked_at = self._clock.monotonic()
        why = await asyncio.to_thread(self._lock.why_lost) if self._lock is not None else ""
        if not why:
            self._proved_at = asked_at
        elif not self._is_lost:
            self._is_lost = True
            message = f"The run's lock was lost: {why}. Another may have taken the campaign over; nothing more is sent."
            self._close(Stop(StopCode.LOCK_LOST, message))

    def may_leave(self, claimed: Sequence[Claimed]) -> bool:
        """Return whether a request with these claims may leave this instant; it takes microseconds and awaits nothing.

        A claim's age is judged by both clocks: the one that nobody sets, and the wall's, which goes on where a machine
        is moved to another or is put back from a snapshot.
        """
        now, now_ms = self._clock.monotonic(), self._clock.now_ms()
        born_ms = now_ms - round(CLAIM_LIFE_SECONDS * 1000)
        return self.is_fresh and all(
            now < item.expires_at and item.claim.claimed_at_ms > born_ms and item.claim.slot_ms > now_ms
            for item in claimed
        )
