"""A lock that another takes over just before any one write of any job: the job ends with 5, says so, loses nothing."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, takewhile
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from dialer.campaign.file import Campaign
from dialer.errors import LockLost
from dialer.exit_codes import EXIT_STOPPED, exit_code_of
from dialer.jobs.reconcile import ReconcileOptions, reconcile_campaign
from dialer.jobs.results import rebuild_results
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import SilentListener
from dialer.ledger.database.open import Ledger
from dialer.nightly.campaign_night import NightJob
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_run import hurried
from tests.kills import age_unknown
from tests.ledger.postgres import Server, end_sessions
from tests.support import ANY_HOUR, MONDAY_NOON, CampaignFolder, read_results

SUBMIT = '[submit]\nrequests_per_second = 2000\nconcurrency = 2\nsettle_time = "0s"\nmax_attempts = 1\n'
NIGHTLY = "[nightly]\nenabled = true\n"
PEOPLE = 3


@dataclass(frozen=True)
class End:
    """How a job ended: its exit code, and what was told of it."""

    code: int
    told: str


Job = Callable[[Campaign, Runtime], End]


def _run(campaign: Campaign, runtime: Runtime) -> End:
    summary = run_campaign(campaign, runtime=runtime)
    return End(summary.exit_code, "" if summary.stop is None else f"{summary.stop.code}: {summary.stop.message}")


def _retry(campaign: Campaign, runtime: Runtime) -> End:
    summary = retry_campaign(campaign, runtime=runtime)
    return End(summary.exit_code, "" if summary.stop is None else f"{summary.stop.code}: {summary.stop.message}")


def _reconcile(campaign: Campaign, runtime: Runtime) -> End:
    summary = reconcile_campaign(campaign, options=ReconcileOptions(release=True), runtime=runtime)
    return End(summary.exit_code, "")


def _night(campaign: Campaign, runtime: Runtime) -> End:
    night = NightJob(runtime, SilentListener()).live(campaign)
    return End(night.exit_code, night.message)


def _take_over(file: Path) -> int:
    """Let another take every lock of an SQLite ledger; return how many there were."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(file, timeout=0)) as other, other:
        return other.execute("UPDATE locks SET epoch = epoch + 1").rowcount
    return 0


def _end_session(address: str) -> int:
    """Let the server end the sessions with locks, and another take the campaign over; return how many there were."""
    if ended := end_sessions(address, only_locks=True):
        with Ledger.open(address) as ledger, ledger.lock(what="another", since=MONDAY_NOON, campaign="campaign"):
            pass
    return ended


@contextmanager
def _lost_before(nth: int, lose: Callable[[], int]) -> Iterator[Counter[str]]:
    """Let every lock of the ledger be lost just before the *nth* write that is begun meanwhile."""
    passed: Counter[str] = Counter()

    def begin(connection: Connection) -> None:
        if passed["losing"]:
            return
        passed["begun"] += bool(connection.get_execution_options().get("dialer_writes"))
        if passed["begun"] == nth and not passed["lost"]:
            passed["losing"] = 1
            passed["lost"] = lose()
            passed["losing"] = 0

    event.listen(Engine, "begin", begin)
    try:
        yield passed
    finally:
        event.remove(Engine, "begin", begin)


@dataclass(frozen=True)
class Story:
    """A campaign of its own, on a ledger at *location*, whose locks *lose* takes away."""

    place: CampaignFolder
    location: str
    lose: Callable[[], int]

    def end_of(self, job: Job, nth: int) -> End | None:
        """Do *job* without its lock from its *nth* write on, and hold what it leaves against the stand-in's list.

        None where it has fewer writes.
        """
        self.place.people(PEOPLE)
        campaign = self.place.campaign(ANY_HOUR + SUBMIT + NIGHTLY)
        with Sandbox(faults=Faults(seed=3, error_after=0.4, refuse_name="Person 1")) as sandbox:
            runtime = hurried(sandbox)
            runtime = replace(runtime, settings=runtime.settings.model_copy(update={"ledger": self.location}))
            if job in {_retry, _reconcile}:
                run_campaign(campaign, runtime=runtime)
                age_unknown(self.location)
            with _lost_before(nth, self.lose) as passed:
                try:
                    end = job(campaign, runtime)
                except LockLost as error:
                    end = End(exit_code_of(error), str(error))
            if passed["begun"] < nth:
                return None
            created = {str(call["_id"]) for call in sandbox.created}
            reconcile_campaign(campaign, runtime=runtime)  # which makes claims that were left open unknown
            age_unknown(self.location)
            run_campaign(campaign, runtime=runtime)
            calls = Counter(str(call["toPhoneNumber"]) for call in sandbox.created)
        assert set(calls.values()) == {1}
        with Ledger.open(self.location) as ledger:
            rebuild_results(ledger, campaign.name, self.place.path / "standing.csv")
        assert created <= {row["dialer_call_id"] for row in read_results(self.place.path / "standing.csv")}
        return end


def _stories(folder: CampaignFolder, server: Server | None, name: str) -> Iterator[Story]:
    """Yield stories without end, each with a folder and a ledger of its own, on *server* or in a file."""
    for index in count():
        path = folder.path / str(index)
        path.mkdir()
        if server is None:
            file = path / "ledger.db"
            yield Story(CampaignFolder(path), str(file), partial(_take_over, file))
        else:
            address = server.create_database(f"lost{name}_{index}")
            yield Story(CampaignFolder(path), address, partial(_end_session, address))


def _judge_ends(job: Job, step: int, stories: Iterator[Story]) -> None:
    """Lose the lock before every *step*th write, and hold that this is told wherever it was noticed."""
    ends = (story.end_of(job, nth) for nth, story in zip(count(step, step), stories))
    told = [end for end in takewhile(lambda end: end is not None, ends) if end is not None]
    codes = Counter(end.code for end in told)
    assert all("lock" in end.told for end in told if end.code == EXIT_STOPPED)
    assert codes[EXIT_STOPPED] > 1
    assert set(codes) <= {0, 3, 4, EXIT_STOPPED}


@pytest.mark.slow
@pytest.mark.parametrize(("job", "step"), [(_run, 4), (_retry, 5), (_reconcile, 2), (_night, 5)])
def test_a_lock_lost_at_any_moment_ends_every_job_with_5(folder: CampaignFolder, job: Job, step: int) -> None:
    """Taken over before every *step*th write.

    Whatever was not done yet is left, whatever was created is in the ledger, and nobody is called twice.
    """
    _judge_ends(job, step, _stories(folder, None, job.__name__))


@pytest.mark.slow
@pytest.mark.parametrize(("job", "step"), [(_run, 7), (_retry, 7), (_reconcile, 2), (_night, 8)])
def test_a_lock_whose_session_the_server_ends_ends_every_job_with_5(
    folder: CampaignFolder, postgres: Server, job: Job, step: int
) -> None:
    """The same on PostgreSQL, which ends the session of a machine that it does not hear of."""
    _judge_ends(job, step, _stories(folder, postgres, job.__name__))
