"""Stories of ledgers that are lost, put back or shared, told with the sandbox: its list says who was rung twice."""

import gc
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from traceback import clear_frames
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from dialer.calls.outcome import Outcome
from dialer.campaign.file import Campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger, ledger_file
from dialer.ledger.database.schema import metadata
from dialer.sandbox import Sandbox
from tests.jobs.test_run import settings_for
from tests.support import HurriedClock

LEFT_BY_A_KILL = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""For modules whose runs are killed: what those leave open ends some tests later; a process would take it along."""


THREAD_SECONDS = 30
"""How long a thread of a killed run may go on with what it had begun."""


class Killed(SystemExit):
    """The process ends here, as by SIGKILL: nothing is tidied up."""


def run(
    sandbox: Sandbox,
    campaign: Campaign,
    ledger: str | Path | None = None,
    *,
    listener: Any = None,
    ahead: timedelta = timedelta(0),
    **options: Any,
) -> RunSummary:
    """Run *campaign* against *sandbox*, without waiting between two looks at its listing, *ahead* of the time."""
    runtime = Runtime(settings=settings_for(sandbox), clock=HurriedClock(ahead))
    return run_campaign(campaign, options=RunOptions(ledger=ledger, **options), listener=listener, runtime=runtime)


def rung(sandbox: Sandbox) -> Counter[str]:
    """Count the calls of each number that the sandbox has created."""
    return Counter(str(call["toPhoneNumber"]) for call in sandbox.created)


class BesidesFirst(SilentListener):
    """Lets something be done, once, when the first call is settled: the calls after it are planned and not claimed."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._has_worked = False

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Do it, in a thread, for this one has an event loop that waits."""
        del outcome, final
        if not self._has_worked:
            self._has_worked = True
            with ThreadPoolExecutor(1) as pool:
                pool.submit(self._work).result(60)


class Backup:
    """A copy of a ledger as its keeper makes it: of the file, or of every row on a server in one snapshot."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._file = ledger_file(location)
        self._content: Any = None

    def take(self) -> None:
        """Copy the ledger as it is now, whoever is writing to it."""
        if self._file is not None:
            self._content = self._file.read_bytes()
            return
        with Ledger.open(self._location) as ledger, ledger.read() as tx:
            rows = {table: tx.execute(select(table)).mappings().all() for table in metadata.sorted_tables}
            self._content = {table: [dict(row) for row in found] for table, found in rows.items()}

    def put_back(self) -> None:
        """Write the copy over the ledger, into the same file or the same database."""
        if self._file is not None:
            self._file.write_bytes(self._content)
            return
        with Ledger.open(self._location) as ledger, ledger.write() as tx:
            for table in reversed(metadata.sorted_tables):
                tx.execute(delete(table))
            for table in metadata.sorted_tables:
                if self._content[table]:
                    tx.execute(insert(table), self._content[table])


class BackedUpThenKilled(SilentListener):
    """Backs the ledger up after some outcomes, and kills the run after some more."""

    def __init__(self, backup: Backup, *, backup_after: int, kill_after: int) -> None:
        self._backup = backup
        self._at = {backup_after: backup.take, kill_after: self._kill}
        self._settled = 0

    def _kill(self) -> None:
        raise Killed

    def settled(self, outcome: object, *, final: bool) -> None:
        """Count one outcome."""
        del outcome, final
        self._settled += 1
        self._at.get(self._settled, lambda: None)()


def _let_go(error: BaseException | None) -> None:
    """Take away what the frames hold in which *error* was raised, and those before it: else it is there until later."""
    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__context__


@contextmanager
def killed() -> Iterator[None]:
    """Expect the run to be killed within; what it leaves open is put away here, where nobody takes it for a failure."""
    before = set(threading.enumerate())
    try:
        yield
    except Killed as error:
        _let_go(error)
    else:
        raise AssertionError("the run was not killed")
    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        gc.collect()
        for thread in set(threading.enumerate()) - before:  # one may be reading: a killed loop does not wait for it
            if not thread.daemon:
                thread.join(THREAD_SECONDS)
                assert not thread.is_alive(), f"{thread.name} goes on after the kill"
        gc.collect()  # with the session that it had
    finally:
        sys.unraisablehook = hook
