"""Three machines on one PostgreSQL, for minutes: sessions are ended, the server restarted, workers frozen and killed.

`python -m tests.machines [--minutes 30] [--seed 0]` lets the real command line run, retry and reconcile, in random
order, against one stand-in of the API, whose own list is the judge. It tells its figures and ends with 1 on a breach.
Times are the real ones: a claim lives 30 seconds, and nothing is released in its first minute.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from dialer.exit_codes import (
    EXIT_BUG,
    EXIT_CODES,
    EXIT_FAILED_ROWS,
    EXIT_HELD,
    EXIT_OK,
    EXIT_STOPPED,
    EXIT_UNKNOWN,
    EXIT_USAGE,
)
from dialer.reasons import Reason, Status
from dialer.sandbox import Faults, Sandbox
from tests.kills import ROOT, SETTLING_ROUNDS, age_unknown
from tests.ledger.postgres import Server, end_sessions, running_server
from tests.support import ANY_HOUR, CampaignFolder, number, read_results

MACHINES = 3
OPEN_CAMPAIGNS = 2
"""Fewer than machines, so that these meet at the same campaign."""

SUBMIT = """
[submit]
requests_per_second = 6
concurrency = 4
read_timeout = "10s"
max_unknown = 100000
max_failures_in_a_row = 1000
"""
COMMANDS = (*[("run", "--yes")] * 5, *[("retry", "--yes")] * 2, *[("reconcile", "--release")] * 3)
FREEZES_SECONDS = (3.0, 20.0, 35.0, 70.0, 100.0)
"""Some are shorter than a claim's life, some longer, some longer than until a claim is released."""

UNVOUCHED_ROUNDS = 5
"""After so many rounds a person has looked at the API, and vouches for a listing without newer calls."""

DONE = {Status.CREATED, Status.SKIPPED}

EXPECTED = {EXIT_OK, EXIT_FAILED_ROWS, EXIT_UNKNOWN, EXIT_STOPPED, EXIT_HELD, -signal.SIGKILL}
NOTHING_SENT = re.compile("has never run|has not run|no connection can be made|its server ended the connection")
"""What a command may say that ends with 2: no run has begun yet, or the server is down before anything is sent."""


@dataclass
class Figures:
    """What happened: *counts* by what; *breaches* of what was promised, and *odd* ends of commands, each in words."""

    counts: Counter[str] = field(default_factory=Counter)
    exits: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def tell(self) -> None:
        """Print them."""
        for what, count in (*sorted(self.counts.items()), *sorted(self.exits.items())):
            sys.stdout.write(f"{count:7} {what}\n")
        sys.stdout.write("".join(f"ODD: {end}\n" for end in self.odd))
        sys.stdout.write("".join(f"BREACH: {breach}\n" for breach in self.breaches))
        sys.stdout.flush()


class CampaignOnAll(CampaignFolder):
    """A campaign in a folder that every machine reaches, with *rows* people from the number *first* on."""

    def __init__(self, path: Path, first: int, rows: int) -> None:
        path.mkdir()
        self.path = path
        self.numbers = [number(index) for index in range(first, first + rows)]
        self.sheet(["Name", "Phone"], [[f"Person {phone[-4:]}", phone] for phone in self.numbers])
        self.campaign(ANY_HOUR + SUBMIT)

    @property
    def campaign_file(self) -> Path:
        """The campaign file; a ledger knows each name once."""
        return self.path / f"{self.path.name}.toml"


@dataclass
class Work:
    """One command under way on a machine, in a *process*; *said* and *complained* are its stdout and stderr."""

    process: subprocess.Popen[bytes]
    command: str
    campaign: CampaignOnAll
    said: Path
    complained: Path
    calls_before: int
    is_alone: bool
    thaws_at: float | None = None


class Trial:
    """One trial, with a running *server* and *sandbox*, and campaigns of so many *rows* in an empty *folder*.

    So many *campaigns* are open at a time; one that is done makes room for the next.
    """

    def __init__(self, folder: Path, server: Server, sandbox: Sandbox, *, rows: int, seed: int, campaigns: int) -> None:
        self.figures = Figures()
        self._folder, self._server, self._sandbox = folder, server, sandbox
        self._rows, self._open = rows, campaigns
        self._random = random.Random(seed)
        self._ledger = server.create_database("machines")
        self._execute("ALTER DATABASE machines SET synchronous_commit = off")  # a careless administrator
        self._execute("ALTER ROLE dialer SET synchronous_commit = off")
        self._environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "AICALLER_API_KEY": "a-key",
            "AICALLER_BASE_URL": sandbox.url,
            "DIALER_LEDGER": self._ledger,
        }
        self._campaigns: list[CampaignOnAll] = []
        self._machines: list[Work | None] = [None] * MACHINES

    def play(self, seconds: float, events_each: tuple[float, float]) -> Figures:
        """Play for so many *seconds* with an event after *events_each* (least, most); settle everything, and judge."""
        try:
            self._play(seconds, events_each)
        finally:
            for work in filter(None, self._machines):  # none, unless something was raised
                work.process.kill()
                work.process.wait()
        return self.figures

    def _play(self, seconds: float, events_each: tuple[float, float]) -> None:
        ends_at = time.monotonic() + seconds
        next_event = time.monotonic() + self._random.uniform(*events_each)
        events = self._events()
        while (now := time.monotonic()) < ends_at:
            self._work()
            if now >= next_event:
                self._random.choice(events)()
                next_event = time.monotonic() + self._random.uniform(*events_each)
            time.sleep(0.1)
        for index, work in enumerate(self._machines):
            if work is not None:
                work.process.send_signal(signal.SIGCONT)
                work.process.wait(timeout=300)
                self._collect(index, work)
        for campaign in self._campaigns:
            self._settle(campaign)
        self._judge_calls()

    def _events(self) -> list[Callable[[], None]]:
        rare = [lambda how=how: self._restart(how) for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)]
        often = [self._freeze, self._kill, lambda: self._end_sessions(only_locks=True)]
        return [*often * 3, lambda: self._end_sessions(only_locks=False), *rare]

    def _work(self) -> None:
        """Let each idle machine begin something, see what has ended, and wake who has slept long enough."""
        for index, work in enumerate(self._machines):
            if work is None:
                self._machines[index] = self._begin()
            elif work.thaws_at is not None and time.monotonic() >= work.thaws_at:
                work.process.send_signal(signal.SIGCONT)
                work.thaws_at = None
            elif work.process.poll() is not None:
                self._collect(index, work)

    def _created(self, campaign: CampaignOnAll) -> int:
        of_campaign = set(campaign.numbers)
        return sum(call["toPhoneNumber"] in of_campaign for call in self._sandbox.created)

    def _begin(self) -> Work:
        open_ = [item for item in self._campaigns if self._created(item) < self._rows]
        while len(open_) < self._open:
            count = len(self._campaigns)
            open_.append(CampaignOnAll(self._folder / f"campaign-{count}", count * self._rows, self._rows))
            self._campaigns.append(open_[-1])
            self.figures.counts["campaigns"] += 1
        return self._start(self._random.choice(open_), *self._random.choice(COMMANDS))

    def _start(self, campaign: CampaignOnAll, command: str, *options: str) -> Work:
        self.figures.counts[command] += 1
        stem = self._folder / f"work-{self.figures.counts.total()}"
        said, complained = stem.with_suffix(".out"), stem.with_suffix(".err")
        others = [work for work in self._machines if work is not None and work.campaign is campaign]
        for other in others:
            other.is_alone = False
        with said.open("wb") as out, complained.open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "dialer", command, str(campaign.campaign_file), *options, "--json"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        return Work(process, command, campaign, said, complained, self._created(campaign), not others)

    def _collect(self, index: int, work: Work) -> None:
        self._machines[index] = None
        self._judge_exit(work)

    def _judge_exit(self, work: Work) -> None:
        """Hold the exit code against what the command told, and what it did."""
        code, told = work.process.returncode, _told(work)
        complaint = told.get("error", {}).get("message") or work.complained.read_text("utf-8", "replace")[-2000:]
        self.figures.exits[f"{work.command} {code}"] += 1
        if code not in EXPECTED and not (code == EXIT_USAGE and NOTHING_SENT.search(complaint)):
            self.figures.odd.append(f"{work.command} ended with {code}: {complaint}")
        done = DONE | {Status.PENDING} if told.get("idle") else DONE  # nothing was to be done: the others still wait
        left = {status: count for status, count in told.get("counts", {}).items() if count and status not in done}
        wrong = ""
        if code == EXIT_BUG or (code not in EXIT_CODES and code != -signal.SIGKILL):
            wrong = "is a bug's"
        elif code == EXIT_OK and (left or told.get("unknown") or not told):
            wrong = f"says that all is well, with {left or told.get('unknown')}"
        elif code == EXIT_USAGE and work.is_alone and self._created(work.campaign) > work.calls_before:
            wrong = "says that nothing was sent, and calls were created"
        if wrong:
            self.figures.breaches.append(f"{work.command} ended with {code}, which {wrong}: {complaint}")

    def _freeze(self) -> None:
        awake = [work for work in self._machines if work is not None and work.thaws_at is None]
        if len(awake) < 2:  # somebody has to take over
            return
        work = self._random.choice(awake)
        work.process.send_signal(signal.SIGSTOP)
        work.thaws_at = time.monotonic() + self._random.choice(FREEZES_SECONDS)
        self.figures.counts["frozen"] += 1
        if self._random.random() < 0.6:
            self._end_sessions(only_locks=True)

    def _kill(self) -> None:
        working = [work for work in self._machines if work is not None]
        if not working:
            return
        work = self._random.choice(working)
        work.process.kill()
        work.thaws_at = None
        self.figures.counts["killed"] += 1

    def _end_sessions(self, *, only_locks: bool) -> None:
        self.figures.counts["sessions ended"] += end_sessions(self._ledger, only_locks=only_locks)

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._ledger, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def _restart(self, how: signal.Signals) -> None:
        self.figures.counts[f"restarted after {how.name}"] += 1
        self._server.restart(how, self._random.uniform(0, 2))

    def _settle(self, campaign: CampaignOnAll) -> None:
        """Reconcile and run until every row of *campaign* has its call, and hold the last results against the list."""
        for count in range(SETTLING_ROUNDS):
            age_unknown(self._ledger)
            vouching = () if count < UNVOUCHED_ROUNDS else ("--accept-empty",)
            found = self._finish(campaign, "reconcile", "--release", *vouching)
            ran = self._finish(campaign, "run", "--yes")
            if ran.process.returncode == EXIT_OK and (results := _told(ran).get("results")):
                self._judge_results(campaign, Path(str(results)))
                return
        self.figures.breaches.append(f"{campaign.path.name} cannot be brought to its end: {_told(found)} {_told(ran)}")

    def _finish(self, campaign: CampaignOnAll, command: str, *options: str) -> Work:
        work = self._start(campaign, command, *options)
        work.process.wait(timeout=300)
        self._judge_exit(work)
        return work

    def _judge_results(self, campaign: CampaignOnAll, results: Path) -> None:
        ids = {str(call["toPhoneNumber"]): str(call["_id"]) for call in self._sandbox.created}
        rows = {row["dialer_phone"]: row for row in read_results(results)}
        for phone in campaign.numbers:
            row = rows.get(phone, {})
            is_told = row.get("dialer_status") == Status.CREATED or row.get("dialer_reason") == Reason.ALREADY_CREATED
            if not is_told or row.get("dialer_call_id") != ids.get(phone):
                self.figures.counts["lost"] += 1
                self.figures.breaches.append(f"{campaign.path.name}: a row is lost: {row.get('dialer_status')}")

    def _judge_calls(self) -> None:
        calls = Counter(str(call["toPhoneNumber"]) for call in self._sandbox.created)
        twice = sum(count > 1 for count in calls.values())
        self.figures.counts["calls"] = calls.total()
        self.figures.counts["twice"] = twice
        if twice:
            self.figures.breaches.append(f"{twice} people were called twice")


def _told(work: Work) -> dict[str, Any]:
    said = work.said.read_text("utf-8")
    return dict(json.loads(said)) if said.strip() and work.process.returncode >= 0 else {}


def torture(
    seconds: float, *, rows: int, seed: int, events_each: tuple[float, float], campaigns: int = OPEN_CAMPAIGNS
) -> Figures:
    """Play one trial with things of its own. Raises `CannotStart` where there is no PostgreSQL."""
    faults = Faults(
        seed=seed,
        latency_ms=20,
        latency_jitter_ms=300,
        drop_before=0.01,
        drop_after=0.01,
        garbage=0.005,
        error_before=0.01,
        error_status=503,
        error_retry_after_seconds=10,
        list_lag_ms=3000,
    )
    with tempfile.TemporaryDirectory() as folder, running_server() as server, Sandbox(faults=faults) as sandbox:
        trial = Trial(Path(folder), server, sandbox, rows=rows, seed=seed, campaigns=campaigns)
        return trial.play(seconds, events_each)


def main() -> int:
    """Play one trial; tell its figures, and return the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=30.0)
    arguments.add_argument("--rows", type=int, default=300, help="people of one campaign")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    figures = torture(options.minutes * 60, rows=options.rows, seed=options.seed, events_each=(3.0, 12.0))
    figures.tell()
    return 1 if figures.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
