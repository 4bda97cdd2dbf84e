"""One round of a fleet: hosts, two keys and a server, for three nights in which all of them have accidents."""

import asyncio
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime

from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import OperationalError

from dialer.clock import SYSTEM_CLOCK
from dialer.errors import DialerError
from dialer.exit_codes import EXIT_OK, GOOD_EXITS
from dialer.fleet.housekeeping import Housekeeping
from dialer.fleet.listing import JobState, QueuedJob, list_jobs
from dialer.fleet.queue import open_queue
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.nights import night_runs
from dialer.sandbox import Sandbox
from tests.chaos.ground import Ground
from tests.chaos.hosts import Host
from tests.chaos.judge import busiest_second, summaries, wrong_calls, wrong_mornings, wrong_whole_mornings
from tests.chaos.people import Business, FleetCampaign, campaigns_of, three_nights, wanted
from tests.chaos.size import Size
from tests.kills import age_unknown
from tests.ledger.postgres import end_sessions
from tests.machines import Figures

REDIAL_SECONDS = 75
"""More than the `wait` after a call that nobody answered, and than that call took."""

POLL_SECONDS = 0.5
FREEZES_SECONDS = (5.0, 20.0, 35.0)
FATAL = (DialerError, ConnectorException, OperationalError)
"""What a look at the queue meets while the server restarts."""


class Trial:
    """One round on a *ground* of its own, with a sandbox for each key."""

    def __init__(self, ground: Ground, sandboxes: Mapping[str, Sandbox], size: Size, seed: int) -> None:
        self.figures = Figures()
        self._ground, self._sandboxes, self._size = ground, sandboxes, size
        self._random = random.Random(seed)
        self._campaigns = campaigns_of(size.campaigns, size.rows)
        self._hosts: list[Host] = []
        self._gone: list[Host] = []

    def play(self) -> Figures:
        """Live through the nights, and judge."""
        nights = list(three_nights(datetime.now(UTC)))[: self._size.nights]
        self._nights = [night.night for night in nights]
        self._hosts = [self._host() for _ in range(self._size.hosts)]
        try:
            for count, night in enumerate(nights):
                if count and any(campaign.again(len(nights)) for campaign in self._campaigns):
                    time.sleep(REDIAL_SECONDS)  # a night of few campaigns is over before their calls may be repeated
                self._live(count, night)
            self._drain()
        finally:
            for host in (*self._hosts, *self._gone):
                host.clear()
        self._settle()
        self._judge()
        return self.figures

    def _host(self) -> Host:
        self.figures.counts["workers"] += 1
        return self._ground.host()

    def _live(self, count: int, night: Business) -> None:
        for campaign in self._campaigns:
            tables = campaign.tables + night.table
            people = campaign.sheet(count, self._size.nights)
            whose = {"profile": campaign.key, "template": campaign.template}
            self._ground.folder.campaign(campaign.name, people, tables, **whose)
        self._ask_twice(night.night)
        self._await_end(night.night)

    def _ask_twice(self, night: date) -> None:
        """Two hosts start the same night at the same time: each campaign gets one job."""
        words = ("nightly", str(self._ground.folder.path), "--enqueue", "--json")
        asking, files = zip(*(self._ground.begin(*words) for _ in range(2)), strict=True)
        codes = [process.wait(timeout=300) for process in asking]
        jobs = [job["campaign"] for file in files for job in json.loads(file.read_text("utf-8")).get("jobs", ())]
        if codes != [EXIT_OK, EXIT_OK] or sorted(jobs) != sorted(campaign.name for campaign in self._campaigns):
            said = [file.with_suffix(".err").read_text("utf-8") for file in files]
            self.figures.breaches.append(f"the night {night} was asked for with {codes}, {len(jobs)} jobs: {said}")

    def _await_end(self, night: date) -> None:
        ends_at = time.monotonic() + self._size.longest
        events = self._events()
        next_event = time.monotonic() + self._random.uniform(*self._size.gaps)
        while time.monotonic() < ends_at:
            if time.monotonic() >= next_event:
                next(events, lambda: None)()
                next_event = time.monotonic() + self._random.uniform(*self._size.gaps)
            self._keep_hosts()
            if self._are_done(night) and not any(host.thaws_at for host in self._hosts):
                return
            time.sleep(POLL_SECONDS)
        self.figures.breaches.append(f"the night {night} does not end")

    def _events(self) -> Iterator[Callable[[], None]]:
        """Yield each kind of accident once in random order, and begin anew."""
        kinds: list[Callable[[], None]] = [
            lambda: self._kill(alone=False),
            lambda: self._kill(alone=True),
            self._freeze,
            self._freeze,
            lambda: self._end_sessions(only_locks=True),
            lambda: self._end_sessions(only_locks=False),
            self._restart,
        ]
        if self._size.accidents is not None:
            yield from kinds[: self._size.accidents]
            return
        while True:
            yield from self._random.sample(kinds, len(kinds))

    def _awake(self) -> list[Host]:
        return [host for host in self._hosts if host.thaws_at is None and not host.is_dead]

    def _kill(self, *, alone: bool) -> None:
        if awake := self._awake():
            self._random.choice(awake).kill(alone=alone)
            if self._size.lease is None:
                self._ground.silence_workers()
            self.figures.counts["workers killed" if alone else "hosts killed"] += 1

    def _freeze(self) -> None:
        if len(awake := self._awake()) < 2:  # somebody has to take over
            return
        self._random.choice(awake).freeze(self._random.choice(FREEZES_SECONDS))
        self.figures.counts["hosts frozen"] += 1
        if self._random.random() < 0.6:
            self._end_sessions(only_locks=True)

    def _end_sessions(self, *, only_locks: bool) -> None:
        self.figures.counts["sessions ended"] += end_sessions(self._ground.location, only_locks=only_locks)

    def _restart(self) -> None:
        how = self._random.choice((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))
        self.figures.counts[f"server restarted after {how.name}"] += 1
        self._ground.server.restart(how, self._random.uniform(0, 2))

    def _keep_hosts(self) -> None:
        """Wake who has slept long enough, and begin a worker in place of one that is dead."""
        for index, host in enumerate(self._hosts):
            if host.thaws_at is not None and time.monotonic() >= host.thaws_at:
                host.wake()
            if host.is_dead:
                if host.exit_code != -signal.SIGKILL and host.has_begun:
                    self.figures.breaches.append(f"a worker ended by itself with {host.exit_code}: {host.told}")
                self._gone.append(host)
                self._hosts[index] = self._host()

    def _are_done(self, night: date) -> bool:
        """Take over what dead hosts left, spare jobs that wait their minute, and look what is left to be done."""
        try:
            with Ledger.open(self._ground.location) as ledger:
                jobs = asyncio.run(self._look(ledger))
            self._ground.spare_waiting()
        except FATAL:
            return False
        return all(job.has_ended for job in jobs if job.order.night == night)

    async def _look(self, ledger: Ledger) -> list[QueuedJob]:
        async with open_queue(self._ground.location) as app:
            keeping = Housekeeping(
                ledger, self._ground.location, self._ground.folder.path, SYSTEM_CLOCK, "chaos", nights=False
            )
            if self._size.lease is not None:
                await keeping.take_over(app, dead_seconds=self._size.lease)
            return await list_jobs(app, ledger)

    def _drain(self) -> None:
        for host in self._hosts:
            host.wake()
            if (code := host.drain()) != EXIT_OK and host.has_begun:
                self.figures.breaches.append(f"a worker that was asked to end did so with {code}: {host.told}")

    def _settle(self) -> None:
        """Let a person go on with each campaign that a night has left with unknown rows."""
        age_unknown(self._ground.location)
        for campaign in self._campaigns:
            if len(self._good_runs(campaign)) < len(self._nights):
                self.figures.counts["campaigns settled by hand"] += 1
                file = str(self._ground.folder.path / f"{campaign.name}.toml")
                self._ground.finish("reconcile", file, "--release", "--accept-empty")
                for _ in range(2):  # the second for those who are called again
                    self._ground.finish("run", file, "--yes")

    def _good_runs(self, campaign: FleetCampaign) -> Counter[date]:
        with Ledger.open(self._ground.location) as ledger, ledger.read() as tx:
            return Counter(run.night for run in night_runs(tx, campaign.name) if run.exit_code in GOOD_EXITS)

    def _judge(self) -> None:
        breaches, counts = self.figures.breaches, self.figures.counts
        with Ledger.open(self._ground.location) as ledger:
            for job in asyncio.run(self._look(ledger)):
                code = None if job.end is None else job.end.exit_code
                self.figures.exits[f"job {job.state}, exit {code}"] += 1
                if job.state is JobState.FAILED and code is not None:
                    self.figures.odd.append(job.text)
        for campaign in self._campaigns:
            twice = [night for night, runs in self._good_runs(campaign).items() if runs > 1]
            breaches += [f"{campaign.name}: the night {night} was done twice" for night in twice]
        for key, sandbox in self._sandboxes.items():
            created = sandbox.created
            counts["calls"] += len(created)
            breaches += wrong_calls(created, wanted(self._campaigns, key, len(self._nights)))
            counts[f"calls in the busiest second of {key}"] = busiest = busiest_second(created)
            if busiest > self._size.rate:
                breaches.append(f"{busiest} calls of {key} in one second, and it may have {self._size.rate}")
        found = list(summaries(self._ground.folder.path / "results"))
        counts["summaries"] = len(found)
        names = [campaign.name for campaign in self._campaigns]
        breaches += wrong_mornings(found, names, self._nights)
        breaches += wrong_whole_mornings(self._ground.folder.path / "results", names, self._nights)
