"""The only source of "now" and of sleep, and the one way an instant is written down.

Instants travel as aware `datetime` values or, where a million of them are held, as whole milliseconds since
1970-01-01T00:00:00Z (`*_ms`). Nothing else in the package reads a clock; tests hand in their own.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Clock(Protocol):
    """What the jobs need of time. A clock of another kind inherits from it, and so has `now_ms`."""

    def now(self) -> datetime:
        """Return the wall-clock time, aware and in UTC."""

    def now_ms(self) -> int:
        """Return the wall-clock time as whole milliseconds since the epoch."""
        return to_ms(self.now())

    def monotonic(self) -> float:
        """Return seconds that never step back; only differences mean something."""

    async def sleep(self, seconds: float) -> None:
        """Wait *seconds*."""


_STEADY: int | None = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""On Linux only this clock goes on while the machine is suspended; elsewhere the other does, or Python has neither."""


class SystemClock(Clock):
    """The machine's own time; what was slept through by a suspended machine has passed on both of its clocks."""

    def now(self) -> datetime:
        """Return the wall-clock time, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never step back, unaffected by changes of the wall clock."""
        return time.clock_gettime(_STEADY) if _STEADY is not None else time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait *seconds* on the running event loop."""
        await asyncio.sleep(seconds)


SYSTEM_CLOCK = SystemClock()


def to_ms(instant: datetime) -> int:
    """Return *instant* (aware) as whole milliseconds since the epoch, rounded down.

    Raises `ValueError` for a naive datetime: guessing its zone could ring someone at night.
    """
    if instant.tzinfo is None:
        raise ValueError("a time without a zone")
    return (instant - EPOCH) // MILLISECOND


def from_ms(instant_ms: int) -> datetime:
    """Return milliseconds since the epoch as an aware UTC datetime."""
    return EPOCH + instant_ms * MILLISECOND


def iso_ms(instant_ms: int) -> str:
    """Write an instant as the API documents it: `2023-10-12T09:08:00.387Z`, UTC, milliseconds."""
    seconds, milliseconds = divmod(instant_ms, 1_000)
    return f"{_iso_seconds(seconds)}.{milliseconds:03}Z"


@lru_cache(maxsize=1_024)
def _iso_seconds(seconds: int) -> str:
    """Return the part before the milliseconds: those of one second, a batch's for instance, share it."""
    return (EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
