"""What is asked and sent with one key shares its limit, which the stand-in enforces over every sliding second."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from dialer.calls.permit import permits_of
from dialer.campaign.file import Campaign, load_campaign
from dialer.jobs.call_oneself import call_oneself
from dialer.jobs.doctor import diagnose
from dialer.jobs.reconcile import reconcile_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.sync import sync_campaign
from dialer.ledger.database.open import Ledger
from dialer.ledger.fleet.key_bucket import open_bucket
from dialer.reasons import Status
from dialer.sandbox import NO_FAULTS, CallLifecycle, Faults, Sandbox
from tests.fleet.hands import campaign_file
from tests.jobs.test_sync import SURE, LaterClock
from tests.support import ANY_HOUR, number

RATE = 12


def _campaign(folder: Path, name: str, first: int) -> Campaign:
    campaign_file(folder, name, first, tables=ANY_HOUR)
    rows = [f"Person {index},{number(index)}" for index in range(first, first + RATE)]
    (folder / f"{name}.csv").write_text("\n".join(["Name,Phone", *rows, ""]), "utf-8")
    path = folder / f"{name}.toml"
    path.write_text(f'profile = "acme"\n{path.read_text("utf-8")}', "utf-8")
    return load_campaign(path)


def _profile(folder: Path, url: str, ledger: str, rate: int = RATE) -> None:
    (folder / "dialer.toml").write_text(
        f'[profiles.acme]\napi_key_env = "ACME_API_KEY"\nbase_url = "{url}"\nledger = "{ledger}"\n'
        f"requests_per_second = {rate}\n"
    )
    os.environ["ACME_API_KEY"] = "acme-key"


@pytest.mark.slow
def test_two_runs_of_a_key_stay_within_its_limit(tmp_path: Path, database: str) -> None:
    """Side by side, each at the whole rate that the key has, they are never told that it was too much."""
    Ledger.open(database).close()
    with Sandbox(faults=Faults(requests_per_second=RATE)) as sandbox:
        _profile(tmp_path, sandbox.url, database)
        campaigns = [_campaign(tmp_path, name, first) for name, first in (("spring", 0), ("summer", RATE))]

        def live(campaign: Campaign) -> RunSummary:
            return run_campaign(campaign, runtime=Runtime())

        with ThreadPoolExecutor(2) as threads:
            ended = list(threads.map(live, campaigns))
    assert [summary.counts[Status.CREATED] for summary in ended] == [RATE, RATE]
    assert [summary.pace for summary in ended] == [None, None]


@pytest.mark.slow
def test_whoever_asks_how_calls_ended_takes_permits_too(tmp_path: Path, database: str) -> None:
    """A `sync` that goes on beside a run of its key counts in the same limit: it waits while that is used up."""
    clock = LaterClock()
    with Sandbox(life=CallLifecycle(), now_ms=clock.now_ms) as sandbox:
        _profile(tmp_path, sandbox.url, database)
        campaign = _campaign(tmp_path, "spring", 0)
        run_campaign(campaign, runtime=Runtime(clock=clock))
        clock.advance(2 * 3600)
        asked = sandbox.requests.copy()
        with Ledger.open(database) as ledger, open_bucket(ledger, "acme", *permits_of(RATE)) as bucket:
            bucket.hold(2.0)
            held = time.monotonic()
            ended = sync_campaign(campaign, runtime=Runtime(clock=clock))
            assert time.monotonic() - held >= 1.5
        assert sandbox.requests != asked
    assert sum(ended.ended.values()) == RATE


FAST_RATE = 200

TELL_PERMITS = """
CREATE TABLE given (name varchar);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN INSERT INTO given VALUES (new.name); RETURN new; END';
"""


def _permits_told(database: str) -> None:
    """Let the database write down every permit of the key that it gives."""
    with Ledger.open(database) as ledger:
        with open_bucket(ledger, "acme", *permits_of(FAST_RATE)), ledger.read() as tx:
            table = tx.scalar(text("SELECT relname FROM pg_class WHERE relname LIKE 'ratelimit%' AND relkind = 'r'"))
        with ledger.write() as tx:
            tx.exec_driver_sql(TELL_PERMITS)
            tx.exec_driver_sql(f"CREATE TRIGGER told AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION tell()")


@pytest.mark.slow
def test_every_request_of_a_key_takes_a_permit(tmp_path: Path, database: str) -> None:
    """Whoever sends it: `doctor`, `test-call`, a run, `reconcile` for what it left unknown, and `sync`."""
    _permits_told(database)
    requests, clock, folder = 0, LaterClock(), tmp_path / "campaigns"
    folder.mkdir()

    def doctor(campaign: Campaign, runtime: Runtime) -> None:
        assert diagnose(campaign, database, runtime=runtime).exit_code == 0

    def call_tester(campaign: Campaign, runtime: Runtime) -> None:
        assert call_oneself(campaign, row=2, number=number(99), runtime=runtime).exit_code == 0

    def run(campaign: Campaign, runtime: Runtime) -> None:
        assert run_campaign(campaign, runtime=runtime).counts[Status.UNKNOWN]

    def reconcile(campaign: Campaign, runtime: Runtime) -> None:
        assert reconcile_campaign(campaign, runtime=runtime).unknown == 0

    def sync(campaign: Campaign, runtime: Runtime) -> None:
        assert sync_campaign(campaign, runtime=runtime).ended

    dropping = Faults(drop_after=1.0)
    for job, faults in ((doctor, None), (call_tester, None), (run, dropping), (reconcile, None), (sync, None)):
        place = tmp_path / ("test-call.jsonl" if job is call_tester else "calls.jsonl")
        with Sandbox(faults=faults or NO_FAULTS, life=SURE, journal=place, now_ms=clock.now_ms) as sandbox:
            _profile(folder, sandbox.url, database, FAST_RATE)
            job(_campaign(folder, "spring", 0), Runtime(clock=clock))
            asked = sum(sandbox.requests.values())
        with Ledger.open(database) as ledger, ledger.read() as tx:
            given = int(tx.scalar(text("SELECT count(*) FROM given")) or 0)
        assert 0 < asked <= given - requests, job.__name__
        requests = given
        clock.advance(3 * 3600)
