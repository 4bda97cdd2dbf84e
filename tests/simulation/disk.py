"""The ledger's disk in the simulation: the real ledger, on a disk that may be slow, full or failing."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from dialer.calls.attempt import Claim, Settlement
from dialer.ledger.database.open import Ledger
from dialer.ledger.writer import MAX_GROUP, LedgerWriter, _Request, _resolve
from tests.simulation.weather import CALM, Weather
from tests.simulation.world import Gone, World


class Disk:
    """What befalls transactions: `watched` lets it see every one of the process."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder
        self._random = world.random("disk")
        self._weather = CALM
        self._transactions = 0
        self._writes = 0
        self._was_full = False

    def start_process(self, weather: Weather) -> None:
        """Begin a process in this *weather*."""
        self._weather = weather
        self._transactions = self._writes = 0
        self._was_full = False

    @contextmanager
    def other_process(self, weather: Weather) -> Iterator[None]:
        """Serve another process while the present one stands still."""
        kept = self._weather, self._transactions, self._writes, self._was_full
        self.start_process(weather)
        yield
        self._weather, self._transactions, self._writes, self._was_full = kept

    @contextmanager
    def watched(self) -> Iterator[None]:
        """See every transaction that is made meanwhile."""
        hooks = (("begin", self._begin), ("commit", self._commit), ("before_cursor_execute", self._execute))
        for name, hook in hooks:
            event.listen(Engine, name, hook)
        try:
            yield
        finally:
            for name, hook in hooks:
                event.remove(Engine, name, hook)

    def _begin(self, connection: Connection) -> None:
        writing = next(self._folder.glob("results/.*.part"), None) is not None
        self._world.moment("results: being written" if writing else "ledger: transaction begins")
        self._transactions += 1
        if self._weather.full_from is not None and self._transactions >= self._weather.full_from:
            # SQLite takes as the most what the file has already: from now on it cannot grow.
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            if not self._was_full:
                self._was_full = True
                self._world.fault("disk full")

    def _commit(self, _connection: Connection) -> None:
        self._world.moment("ledger: before a commit")

    def _execute(self, _connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if self._world.is_dead:
            raise Gone(statement)
        if not statement.startswith(("INSERT", "UPDATE", "DELETE")):
            return
        self._writes += 1
        first = self._weather.failing_from
        if first is not None and first <= self._writes < first + self._weather.failing_times:
            self._world.fault("disk refuses a statement", statement.split()[1])
            raise OperationalError(statement, None, sqlite3.OperationalError("disk I/O error"))

    def commit_seconds(self) -> float:
        """Return how long the next commit takes."""
        if self._random.random() < self._weather.slow_disk:
            self._world.fault("slow commit")
            return self._random.uniform(1, 15)
        return self._random.uniform(0.0005, 0.02)


class SimulatedWriter(LedgerWriter):
    """The real writer without its thread: it groups and writes the same way, when the simulated disk has turned."""

    def __init__(self, ledger: Ledger, *, world: World, disk: Disk) -> None:
        super().__init__(ledger)
        self._world = world
        self._disk = disk
        self._waiting: list[_Request] = []
        self._writing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writing is not None:
            await self._writing

    def _ask(self, works: Sequence[Claim | Settlement]) -> asyncio.Future[list[Claim | Exception]]:
        done: asyncio.Future[list[Claim | Exception]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Request(works, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write_all())
        return done

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
            await asyncio.sleep(self._disk.commit_seconds())
            works = [work for item in group for work in item.works]
            kinds = {"claim" if isinstance(work, Claim) else "outcome" for work in works}
            for kind in sorted(kinds):
                self._world.moment(f"{kind}: before its commit")
            answers = self._write(works)
            for kind in sorted(kinds):
                self._world.moment(f"{kind}: committed")
            _resolve(group, answers)
