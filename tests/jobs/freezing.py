"""A run as a process that freezes by itself, as by SIGSTOP, within the commit of its nth claims.

`python -m tests.jobs.freezing CAMPAIGN LEDGER URL NTH LEAP` runs it against the API at URL, and ends with the run's
exit code. The file LEAP says by how many seconds its clocks are ahead: what is written there while it is frozen has
passed.
"""

import signal
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, event

from dialer.campaign.file import load_campaign
from dialer.clock import SystemClock
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.settings import Settings


class LeapingClock(SystemClock):
    """The machine's time, ahead by as many seconds as *leap* holds."""

    def __init__(self, leap: Path) -> None:
        self._leap = leap

    def now(self) -> datetime:
        """Return the wall-clock time."""
        return super().now() + timedelta(seconds=self._seconds())

    def monotonic(self) -> float:
        """Return seconds that never step back."""
        return super().monotonic() + self._seconds()

    def _seconds(self) -> float:
        return float(self._leap.read_text())


def freeze_in_claim(nth: int) -> None:
    """Let this process freeze at its *nth* writing of claims, once these are in the open transaction."""
    left = nth

    def executed(_connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal left
        left -= statement.startswith("INSERT INTO attempts")
        if left == 0:
            left = -1
            # To this thread: one to the process may reach another thread first, while this one goes on to its commit.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)

    event.listen(Engine, "after_cursor_execute", executed)


def main(campaign: str, ledger: str, url: str, nth: str, leap: str) -> int:
    """Run *campaign* and return its exit code."""
    freeze_in_claim(int(nth))
    runtime = Runtime(settings=Settings(base_url=url, api_key=SecretStr("a-key")), clock=LeapingClock(Path(leap)))
    return run_campaign(load_campaign(Path(campaign)), options=RunOptions(ledger=ledger), runtime=runtime).exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
