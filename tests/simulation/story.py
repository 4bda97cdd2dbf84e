"""One seed's story: a campaign run again and again in bad weather, then in calm, and judged after each run."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

from dialer.calls.outcome import StopCode
from dialer.errors import DialerError, LedgerUnusable, TransitionRefused, UsageError
from dialer.jobs.results import rebuild_results
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from tests.simulation.api.service import Api
from tests.simulation.campaigns import draw_campaign
from tests.simulation.disk import Disk
from tests.simulation.judge import Judge, Violation, require
from tests.simulation.kinds import KINDS, TAKEOVERS
from tests.simulation.mishap import Mishap
from tests.simulation.parts import SOUND, Parts
from tests.simulation.people import People
from tests.simulation.program import Program
from tests.simulation.takeover import Takeover
from tests.simulation.weather import CALM, Weather, draw, lying, shifting
from tests.simulation.world import Death, Gone, Killed, World
from tests.support import CampaignFolder

CALM_ROUNDS = 12
HALF = 0.5
UNVOUCHED_ROUNDS = 3
"""After so many rounds a person has looked at the API, and vouches for a listing without newer calls."""

MISHAPS = {"lost", "restored"}
"""Kinds of stories in which the ledger lacks what happened, so that the listing alone cannot tell everything."""

NEVER_RUN = re.compile("has never run|has not run")


class Story:
    """A campaign of one seed, in an empty *folder*."""

    def __init__(self, seed: int, folder: Path, parts: Parts = SOUND) -> None:
        self.world = World(seed)
        self._random = self.world.random("story")
        self._parts = parts
        self._folder = CampaignFolder(folder)
        self._people = People(self.world.random("people"))
        self._people.grow(self._random.randint(8, 14), run=0)
        self._people.write(self._folder)
        self._campaign = draw_campaign(self._folder, self._random)
        self._api = Api(self.world)
        self._calls = self._api.calls
        self._disk = Disk(self.world, folder)
        self._judge = Judge(self._calls, self._people, self._campaign)
        self._ledger = folder / ".dialer/ledger.db"
        self._runs = 0
        kind = self.world.random("kind").choices(list(KINDS), list(KINDS.values()))[0]
        self._kind = kind if parts.kind is None else parts.kind
        self._takeover = Takeover(
            self.world, self._api, self._disk, self._work_elsewhere, share=TAKEOVERS.get(self._kind, 0.0)
        )
        self._program = Program(
            self._campaign,
            self._ledger,
            parts=parts,
            world=self.world,
            api=self._api,
            disk=self._disk,
            sends_with=self._takeover.sends_with,
        )
        self._mishap = Mishap(self._ledger, self._campaign, self._calls, self._judge)

    def play(self) -> None:
        """Play it to its end. Raises `Violation` when a promise is broken."""
        with self._disk.watched(), self._judge.listening():
            weather = self.world.random("weather")
            for _ in range(self._random.randint(2, 4)):
                job = self._random.choice(self._jobs())
                self._step(job, self._parts.worse(self._weather(weather)))
                self._people.is_list_broken = False
                self._people.change(self._runs + 1)
                self._people.write(self._folder)
                self.world.advance(timedelta(minutes=self._random.choice((1, 3, 10, 120, 600, 1440))))
            if self._kind in MISHAPS:
                self.world.advance(timedelta(minutes=10))
                self._step(self._suffer_mishap, CALM)
            self._play_calm()

    def _jobs(self) -> Sequence[Callable[[Weather], None]]:
        if self._kind == "taken over":
            return (self._run,)
        if self._kind == "released":
            return (self._release if self._runs % 2 else self._run,)
        return (*[self._run] * 4, *[self._retry] * 2, self._reconcile, self._release)

    def _weather(self, random: Random) -> Weather:
        drawn = draw(random)
        if self._kind == "lying":
            return lying(drawn)
        return shifting(drawn, random) if self._kind == "shifting" else drawn

    def _play_calm(self) -> None:
        for count in range(CALM_ROUNDS):
            self.world.advance(timedelta(minutes=10))
            self._step(self._release if count < UNVOUCHED_ROUNDS else self._vouch, CALM)
            if count > UNVOUCHED_ROUNDS and self._kind in MISHAPS:
                self._step(self._decide, CALM)
            self._step(self._run, CALM)
            called = {call.phone for call in self._calls.created}
            if self._people.callable <= called and not self._judge.doubtful():
                break
            self.world.advance(timedelta(hours=6))
        self._judge.judge_end()

    def _step(self, job: Callable[[Weather], None], weather: Weather) -> None:
        """Live through one process, and judge what it left."""
        self._runs += 1
        self._parts.before_run(self._ledger)
        self._api.start_process(weather, self._runs)
        self._disk.start_process(weather)
        self.world.start_process(weather.death)
        self.world.note("process", f"{self._runs}: {job.__name__.strip('_')}")
        if weather is not CALM:
            self._plan_interruption()
        before = set(self._folder.path.glob("results/*.csv"))
        ended = self._ends(job, weather)
        self._takeover.raise_what_failed()
        self.world.start_process(None)
        self._disk.start_process(CALM)
        self._api.end_process()
        self._calls.settle_everything()
        self._judge.judge()
        for path in sorted(set(self._folder.path.glob("results/*.csv")) - before):
            self._judge.judge_rows(path, of_sheet=job != self._retry)
        if not ended:
            self._judge_standing()

    def _ends(self, job: Callable[[Weather], None], weather: Weather) -> bool:
        """Do *job*; return whether it came to its end: it was not killed, and refused for no reason that is known."""
        try:
            job(weather)
        except (Killed, Gone):  # the latter where something on the way out still wanted to write
            return False
        except (TransitionRefused, UsageError) as error:
            if not isinstance(error, UsageError) or not NEVER_RUN.search(str(error)):
                raise Violation(f"the job ends without a bug: {error}") from error
            return False
        except DialerError as error:
            self._judge.said.append(str(error))
            self.world.fault(f"ended by {type(error).__name__}")
            if weather.full_from is None and weather.failing_from is None:
                raise Violation(f"the job ends as promised: {error}") from error
            return False
        return True

    def _plan_interruption(self) -> None:
        nth = self._random.randint(1, 4)
        if self._kind == "spared":
            self.world.freeze_at(Death("request: taken by the API", nth), self._spare)
        elif self._kind == "restored":
            self.world.freeze_at(Death("outcome: committed", nth), self._mishap.back_up)
        else:
            self._takeover.plan(self._runs)

    def _spare(self) -> None:
        """Put somebody's other number on the suppression list, with or without a line that cannot be read."""
        called, broken = {call.phone for call in self._calls.created}, self._random.random() < HALF
        self.world.fault("list with a bad line" if broken else "number put on the list")
        self._people.spare(self._folder, called, run=self._runs, at_ms=self.world.now_ms(), broken=broken)

    def _suffer_mishap(self, weather: Weather) -> None:
        """Lose the ledger, or put its backup in its place; a run must refuse it until somebody takes it over."""
        self._calls.settle_everything()
        self.world.fault(f"ledger {self._kind}")
        is_older = self._mishap.befall(self._kind)
        try:
            self._run(weather)
        except LedgerUnusable as error:
            self._judge.said.append(str(error))
            self._mishap.adopt(self.world)
        else:
            require(not is_older, "(a) no run begins with a ledger that lacks calls")

    def _work_elsewhere(self) -> None:
        """Do on another machine, in long calm, all that it may."""
        self._runs += 1
        self._api.start_process(CALM, self._runs)
        self._reconcile(CALM)
        self.world.advance(timedelta(minutes=10))
        self._vouch(CALM)
        self._run(CALM)

    def _run(self, weather: Weather) -> None:
        self._tell(self._program.run(weather))

    def _retry(self, weather: Weather) -> None:
        summary = self._program.retry(weather)
        self.world.happened["retried"] += summary.counts[Status.CREATED]
        if not summary.idle:
            self._tell(summary, of_sheet=False)

    def _reconcile(self, weather: Weather) -> None:
        self._program.reconcile(weather, release=False, vouched=False)

    def _release(self, weather: Weather) -> None:
        self._program.reconcile(weather, release=True, vouched=False)

    def _vouch(self, weather: Weather) -> None:
        self._program.reconcile(weather, release=True, vouched=True)

    def _decide(self, weather: Weather) -> None:
        """Say which call is whose, where a ledger lacks the try that made it: its slot is none that it knows."""
        self._program.decide(weather, {call.phone: call.call_id for call in self._calls.created})

    def _tell(self, summary: RunSummary, *, of_sheet: bool = True) -> None:
        told = {str(status): count for status, count in summary.counts.items() if count}
        self.world.note("ran", f"{told} {summary.stop.code if summary.stop else ''}")
        self.world.happened[f"exit {summary.exit_code}"] += 1
        if summary.stop is not None:
            self.world.happened[f"stop {summary.stop.code}"] += 1
        self._calls.settle_everything()
        was_taken_over = summary.stop is not None and summary.stop.code == StopCode.LOCK_LOST
        self._judge.judge_summary(summary, of_sheet=of_sheet, run=self._takeover.of_run if was_taken_over else None)

    def _judge_standing(self) -> None:
        """Hold what the ledger tells, after whatever end of the process, against the API's list."""
        ledger = Ledger.open_existing(self._ledger)
        if ledger is None:
            return
        path = self._folder.path / "standing.csv"
        with ledger, suppress(UsageError):  # there is nothing to tell of a process that died before its run began
            rebuild_results(ledger, self._campaign.name, path)
            self._judge.judge_results(path)
