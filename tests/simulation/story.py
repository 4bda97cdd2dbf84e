"""One seed's story: a campaign run again and again in bad weather, then in calm, and judged after each run."""

import re
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from pydantic import SecretStr

from dialer.api.client import Client
from dialer.calls.outcome import StopCode
from dialer.campaign.file import Campaign
from dialer.errors import DialerError, LedgerUnusable, TransitionRefused, UsageError
from dialer.jobs.reconcile import ReconcileOptions, reconcile_campaign
from dialer.jobs.results import rebuild_results
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from dialer.settings import Settings
from tests.simulation.api import KEY, Api, Network
from tests.simulation.disk import Disk, SimulatedWriter
from tests.simulation.judge import Judge, Violation, require
from tests.simulation.mishap import Mishap
from tests.simulation.people import People
from tests.simulation.takeover import Takeover
from tests.simulation.weather import CALM, Weather, draw, lying, shifting
from tests.simulation.world import Death, Killed, World
from tests.support import CampaignFolder

CONTEXT = ssl.create_default_context()
READ_SECONDS = 30.0
CALM_ROUNDS = 12
KINDS = {"": 0.54, "released": 0.06, "lying": 0.14, "shifting": 0.06, "spared": 0.08, "lost": 0.06, "restored": 0.06}
"""What the stories are about besides bad weather, each with its share.

People look at the listing after each run; the API creates calls and answers that it has refused them, or creates them
at another time than asked; numbers join the suppression list during a run; the ledger is lost, or a backup restored.
"""

TAKEOVERS = {"": 0.35, "released": 0.3, "lying": 0.3, "lost": 0.3, "taken over": 1.0}
"""Of so many stories of a kind the runs in bad weather may be taken over."""

HALF = 0.5
UNVOUCHED_ROUNDS = 3
"""After so many rounds a person has looked at the API, and vouches for a listing without newer calls."""

NEVER_RUN = re.compile("has never run|has not run")


@dataclass(frozen=True)
class Parts:
    """The parts of the program that a story is played with; a planted bug replaces one of them.

    A bug also names the *kind* of story in which it shows, and makes the weather *worse* in that it shows more often.
    """

    client: type[Client] = Client
    writer: type[SimulatedWriter] = SimulatedWriter
    before_run: Callable[[Path], None] = lambda _ledger: None
    kind: str | None = None
    worse: Callable[[Weather], Weather] = lambda weather: weather


SOUND = Parts()


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
        self._campaign = _campaign(self._folder, self._random)
        self._api = Api(self.world)
        self._disk = Disk(self.world, folder)
        self._judge = Judge(self._api, self._people, self._campaign)
        self._ledger = folder / ".dialer/ledger.db"
        self._settings = Settings(base_url="https://api.test", api_key=SecretStr(KEY))
        self._runs = 0
        kind = self.world.random("kind").choices(list(KINDS), list(KINDS.values()))[0]
        self._kind = kind if parts.kind is None else parts.kind
        self._takeover = Takeover(
            self.world, self._api, self._disk, self._work_elsewhere, share=TAKEOVERS.get(self._kind, 0.0)
        )
        self._mishap = Mishap(self._ledger, self._campaign, self._api, self._judge)

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
            if self._kind in {"lost", "restored"}:
                self.world.advance(timedelta(minutes=10))
                self._step(self._suffer_mishap, CALM)
            self._play_calm()

    def _jobs(self) -> Sequence[Callable[[Weather], None]]:
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
            self._step(self._run, CALM)
            called = {call.phone for call in self._api.created}
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
        ended = False
        try:
            job(weather)
            ended = True
        except Killed:
            pass
        except (TransitionRefused, UsageError) as error:
            if not isinstance(error, UsageError) or not NEVER_RUN.search(str(error)):
                raise Violation(f"the job ends without a bug: {error}") from error
        except DialerError as error:
            self._judge.said.append(str(error))
            self.world.fault(f"ended by {type(error).__name__}")
            if weather.full_from is None and weather.failing_from is None:
                raise Violation(f"the job ends as promised: {error}") from error
        self._takeover.raise_what_failed()
        self.world.start_process(None)
        self._disk.start_process(CALM)
        self._api.end_process()
        self._api.settle_everything()
        self._judge.judge()
        for path in sorted(set(self._folder.path.glob("results/*.csv")) - before):
            self._judge.judge_rows(path, of_sheet=job != self._retry)
        if not ended:
            self._judge_standing()

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
        called, broken = {call.phone for call in self._api.created}, self._random.random() < HALF
        self.world.fault("list with a bad line" if broken else "number put on the list")
        self._people.spare(self._folder, called, run=self._runs, at_ms=self.world.now_ms(), broken=broken)

    def _suffer_mishap(self, weather: Weather) -> None:
        """Lose the ledger, or put its backup in its place; a run must refuse it until somebody takes it over."""
        self._api.settle_everything()
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
        self._tell(self._sent_by(run_campaign, weather))

    def _retry(self, weather: Weather) -> None:
        summary = self._sent_by(retry_campaign, weather)
        self.world.happened["retried"] += summary.counts[Status.CREATED]
        if not summary.idle:
            self._tell(summary, of_sheet=False)

    def _sent_by(self, job: Callable[..., RunSummary], weather: Weather) -> RunSummary:
        options = RunOptions(ledger=self._ledger)
        return job(self._campaign, options=options, runtime=self._runtime(weather))

    def _tell(self, summary: RunSummary, *, of_sheet: bool = True) -> None:
        told = {str(status): count for status, count in summary.counts.items() if count}
        self.world.note("ran", f"{told} {summary.stop.code if summary.stop else ''}")
        self.world.happened[f"exit {summary.exit_code}"] += 1
        if summary.stop is not None:
            self.world.happened[f"stop {summary.stop.code}"] += 1
        self._api.settle_everything()
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

    def _reconcile(self, weather: Weather, *, release: bool = False, vouched: bool = False) -> None:
        summary = reconcile_campaign(
            self._campaign,
            options=ReconcileOptions(ledger=self._ledger, release=release, accept_empty=vouched),
            runtime=self._runtime(weather),
        )
        found = {str(finding): count for finding, count in sorted(summary.findings.items()) if count}
        self.world.happened["released"] += summary.released
        for finding, count in found.items():
            self.world.happened[f"finding {finding}"] += count
        self.world.note("reconciled", f"{found} young {summary.too_young} released {summary.released}")

    def _release(self, weather: Weather) -> None:
        self._reconcile(weather, release=True)

    def _vouch(self, weather: Weather) -> None:
        self._reconcile(weather, release=True, vouched=True)

    def _runtime(self, weather: Weather) -> Runtime:
        return Runtime(
            settings=self._settings,
            clock=self.world,
            connect=lambda: self._client(weather),
            attempt_store=self._writer,
            random=self.world.random(f"pacing {self._runs}"),
            runner=self.world.run,
        )

    def _writer(self, ledger: Ledger) -> SimulatedWriter:
        self._takeover.sends_with(ledger)
        return self._parts.writer(ledger, world=self.world, disk=self._disk)

    def _client(self, weather: Weather) -> Client:
        return self._parts.client(
            "https://api.test",
            SecretStr(KEY),
            clock=self.world,
            read_seconds=READ_SECONDS,
            context=CONTEXT,
            transport=Network(self.world, self._api, weather),
        )


def _campaign(folder: CampaignFolder, random: Random) -> Campaign:
    window, days = random.choice(
        (
            ("00:00-24:00", '"mon", "tue", "wed", "thu", "fri", "sat", "sun"'),
            ("09:00-17:30", '"mon", "tue", "wed", "thu", "fri"'),
            ("10:00-13:00, 14:00-20:00", '"mon", "tue", "sat"'),
        )
    )
    tables = f"""
[schedule]
calls_per_minute = {random.choice((3, 20, 600))}
window = "{window}"
days = [{days}]
horizon = "{random.choice(("1h", "24h", "3d"))}"
rules = "{"off" if window == "00:00-24:00" else "built-in"}"
holidays = {str(window != "00:00-24:00").lower()}
[submit]
requests_per_second = {random.choice((3, 20, 200))}
concurrency = {random.choice((1, 3, 8))}
batch_size = {random.choice((1, 1, 4))}
max_attempts = {random.choice((1, 2, 4))}
max_unknown = {random.choice((2, 10, 1000))}
max_failures_in_a_row = {random.choice((3, 20))}
read_timeout = "{READ_SECONDS:.0f}s"
settle_time = "120s"
[redial]
max_calls = 20
[suppression]
files = ["do_not_call.csv"]
"""
    return folder.campaign(tables, 'region = "US"\n[contacts.columns]\nphone = ["Phone", "Home"]')
