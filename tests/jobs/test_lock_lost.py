"""A lock that another takes over just before any one write of any job: the job ends with 5, says so, loses nothing."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
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
from tests.support import ANY_HOUR, CampaignFolder, read_results

SUBMIT = '[submit]\nrequests_per_second = 2000\nconcurrency = 2\nsettle_time = "0s"\nmax_attempts = 1\n'
NIGHTLY = "[nightly]\nenabled = true\n"
PEOPLE = 3


@dataclass(frozen=True)
class End:
    """How a job ended: its exit code, and what was told of it."""

    code: int
    told: str


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


@contextmanager
def _taken_over_before(nth: int, file: Path) -> Iterator[Counter[str]]:
    """Let another take every lock of the ledger just before the *nth* write that is begun meanwhile."""
    passed: Counter[str] = Counter()

    def begin(connection: Connection) -> None:
        passed["begun"] += bool(connection.get_execution_options().get("dialer_writes"))
        if passed["begun"] == nth and not passed["lost"]:
            with suppress(sqlite3.OperationalError), closing(sqlite3.connect(file, timeout=0)) as other, other:
                passed["lost"] = other.execute("UPDATE locks SET epoch = epoch + 1").rowcount

    event.listen(Engine, "begin", begin)
    try:
        yield passed
    finally:
        event.remove(Engine, "begin", begin)


@pytest.mark.slow
@pytest.mark.parametrize(("job", "step"), [(_run, 2), (_retry, 3), (_reconcile, 1), (_night, 3)])
def test_a_lock_lost_at_any_moment_ends_every_job_with_5(
    folder: CampaignFolder, job: Callable[[Campaign, Runtime], End], step: int
) -> None:
    """Taken over before every *step*th write.

    Whatever was not done yet is left, whatever was created is in the ledger, and nobody is called twice.
    """
    ends: Counter[int] = Counter()
    for nth in count(step, step):
        path = folder.path / str(nth)
        path.mkdir()
        place = CampaignFolder(path)
        place.people(PEOPLE)
        campaign = place.campaign(ANY_HOUR + SUBMIT + NIGHTLY)
        file = place.path / ".dialer/ledger.db"
        with Sandbox(faults=Faults(seed=3, error_after=0.4, refuse_name="Person 1")) as sandbox:
            runtime = hurried(sandbox)
            if job in {_retry, _reconcile}:
                run_campaign(campaign, runtime=runtime)
            with _taken_over_before(nth, file) as passed:
                try:
                    end = job(campaign, runtime)
                except LockLost as error:
                    end = End(exit_code_of(error), str(error))
            if passed["begun"] < nth:
                break
            ends[end.code] += 1
            if end.code == EXIT_STOPPED:
                assert "lock" in end.told
            created = {str(call["_id"]) for call in sandbox.created}
            run_campaign(campaign, runtime=runtime)
            calls = Counter(str(call["toPhoneNumber"]) for call in sandbox.created)
        assert set(calls.values()) == {1}
        with Ledger.open(file) as ledger:
            rebuild_results(ledger, campaign.name, place.path / "standing.csv")
        assert created <= {row["dialer_call_id"] for row in read_results(place.path / "standing.csv")}
    assert ends[EXIT_STOPPED] > 2
    assert set(ends) <= {0, 3, 4, EXIT_STOPPED}
