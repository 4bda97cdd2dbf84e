"""What is asked and sent with one key shares its limit, which the stand-in enforces over every sliding second."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dialer.campaign.file import Campaign, load_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.sync import sync_campaign
from dialer.ledger.database.open import Ledger
from dialer.ledger.fleet.key_bucket import open_bucket
from dialer.reasons import Status
from dialer.sandbox import CallLifecycle, Faults, Sandbox
from dialer.submit.limits.key_limit import permits_of
from tests.fleet.hands import campaign_file
from tests.jobs.test_sync import LaterClock
from tests.support import ANY_HOUR, number

RATE = 12


def _campaign(folder: Path, name: str, first: int) -> Campaign:
    campaign_file(folder, name, first, tables=ANY_HOUR)
    rows = [f"Person {index},{number(index)}" for index in range(first, first + RATE)]
    (folder / f"{name}.csv").write_text("\n".join(["Name,Phone", *rows, ""]), "utf-8")
    path = folder / f"{name}.toml"
    path.write_text(f'profile = "acme"\n{path.read_text("utf-8")}', "utf-8")
    return load_campaign(path)


def _profile(folder: Path, url: str, ledger: str) -> None:
    (folder / "dialer.toml").write_text(
        f'[profiles.acme]\napi_key_env = "ACME_API_KEY"\nbase_url = "{url}"\nledger = "{ledger}"\n'
        f"requests_per_second = {RATE}\n"
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
    clock = LaterClock(hurried=True)
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
