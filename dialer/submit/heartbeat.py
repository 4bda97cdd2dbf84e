"""The last look before a request leaves: its claim is young, its slot lies ahead, and the run's lock is still held."""

import asyncio
from collections.abc import Callable, Sequence
from math import inf

from dialer.calls.attempt import CLAIM_LIFE_SECONDS
from dialer.calls.outcome import Stop, StopCode
from dialer.clock import Clock
from dialer.submit.attempt_store import Claimed

BEAT_SECONDS = 5.0
"""How often the lock's holder asks whether it still has it; no firewall takes a connection so busy for idle."""

FRESH_SECONDS = 15.0
"""So old an answer may be for a request to leave on it."""


class Heartbeat:
    """Asks *why_lost*, in a thread, whether the run's lock is still held; the first no closes the gate by *close*.

    None stands for no lock, which nobody can lose.
    """

    def __init__(self, why_lost: Callable[[], str] | None, *, clock: Clock, close: Callable[[Stop], None]) -> None:
        self._why_lost = why_lost
        self._clock = clock
        self._close = close
        self._proved_at = -inf
        self._is_lost = False

    @property
    def is_fresh(self) -> bool:
        """Whether the lock was seen to be held a moment ago; not so after the machine was suspended."""
        if self._why_lost is None:
            return True
        return not self._is_lost and self._clock.monotonic() - self._proved_at < FRESH_SECONDS

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
        while self._why_lost is not None and not self._is_lost:
            await self._beat()
            await self._clock.sleep(BEAT_SECONDS)

    async def _beat(self) -> None:
        asked_at = self._clock.monotonic()
        why = await asyncio.to_thread(self._why_lost) if self._why_lost is not None else ""
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
