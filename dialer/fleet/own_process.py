"""Does a job in a process of its own, by the command that a person would give."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from dialer.calls.outcome import StopCode
from dialer.errors import JudgingFailed, LedgerConflict, LedgerUnreachable, LedgerWriteLost
from dialer.exit_codes import SIGNAL_EXIT
from dialer.fleet.orders import Order
from dialer.nightly.campaign_night import PROCESS_DIED
from dialer.words import command

_LOST_LEDGER = {
    StopCode.LOCK_LOST,
    StopCode.LEDGER_LOST,
    LedgerUnreachable().code,
    LedgerWriteLost().code,
    LedgerConflict().code,
}
_DIED = {PROCESS_DIED, JudgingFailed().code}


class Ended(NamedTuple):
    """How the work of a job ended: its exit code, and what a person has to know, "" where the code says it all.

    *has_lost_ledger*: its run lost the campaign's lock or its session, or none could be had, so that another may go on.
    *has_died*: something else ended its process.
    """

    exit_code: int
    message: str = ""
    has_lost_ledger: bool = False
    has_died: bool = False


class Execute(Protocol):
    """Does what a job asks for."""

    async def __call__(self, order: Order, stop: asyncio.Event) -> Ended:
        """Return how it ended; *stop* asks it to finish what is in flight, and cancelling does the same."""


@dataclass(frozen=True)
class OwnProcess:
    """Runs `dialer run` or `dialer nightly` for campaigns of *folder*; *variables* come before the environment's."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)  # the ledger's URL may hold a password

    async def __call__(self, order: Order, stop: asyncio.Event) -> Ended:
        """Run the command to its end; where it is stopped, its process gets one SIGTERM, as Ctrl-C would."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "dialer", *self._words(order)),
            env={**os.environ, **self.variables},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches the worker alone, which passes it on once
        )
        ended = asyncio.create_task(process.communicate())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            printed, told = await asyncio.shield(ended)
        return ended_so(self.folder / Path(order.file).name, process.returncode or 0, printed, told)

    def _words(self, order: Order) -> list[str]:
        file = self.folder / Path(order.file).name
        if order.night is not None:
            return ["nightly", str(file), "--night", order.night.isoformat(), "--json"]
        return ["run", str(file), "--yes", "--json"]


def ended_so(file: Path, code: int, printed: bytes, told: bytes) -> Ended:
    """Return how a process ended that ran the campaign *file*: by its exit code, and what it *printed* and *told*."""
    if code < 0:
        what = f"Its process was ended by {signal.Signals(-code).name}, often because memory ran out."
        return Ended(SIGNAL_EXIT - code, f"{what} Next: {command('status', file)}", has_died=True)
    try:
        return _told(code, json.loads(printed))
    except ValueError:
        return Ended(code, told.decode("utf-8", "replace").strip()[-1000:])


def _told(code: int, answer: dict[str, Any]) -> Ended:
    """Return what the object that a command printed with `--json` says of its end."""
    night: dict[str, Any] = next(iter(answer.get("campaigns", ())), {})
    stop = answer.get("stop") or (night.get("run") or {}).get("stop") or answer.get("error") or {}
    why = stop.get("code") or night.get("error")
    return Ended(code, str(stop.get("message") or night.get("message", "")), why in _LOST_LEDGER, why in _DIED)
