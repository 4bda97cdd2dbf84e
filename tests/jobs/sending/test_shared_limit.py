"""Runs of one key share its limit, which the stand-in enforces over every sliding second."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dialer.campaign.file import Campaign, load_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from tests.fleet.hands import campaign_file
from tests.support import ANY_HOUR, number

RATE = 12


def _campaign(folder: Path, name: str, first: int) -> Campaign:
    campaign_file(folder, name, first, tables=ANY_HOUR)
    rows = [f"Person {index},{number(index)}" for index in range(first, first + RATE)]
    (folder / f"{name}.csv").write_text("\n".join(["Name,Phone", *rows, ""]), "utf-8")
    path = folder / f"{name}.toml"
    path.write_text(f'profile = "acme"\n{path.read_text("utf-8")}', "utf-8")
    return load_campaign(path)


@pytest.mark.slow
def test_two_runs_of_a_key_stay_within_its_limit(tmp_path: Path, database: str) -> None:
    """Side by side, each at the whole rate that the key has, they are never told that it was too much."""
    os.environ["ACME_API_KEY"] = "acme-key"
    Ledger.open(database).close()
    with Sandbox(faults=Faults(requests_per_second=RATE)) as sandbox:
        (tmp_path / "dialer.toml").write_text(
            f'[profiles.acme]\napi_key_env = "ACME_API_KEY"\nbase_url = "{sandbox.url}"\nledger = "{database}"\n'
            f"requests_per_second = {RATE}\n"
        )
        campaigns = [_campaign(tmp_path, name, first) for name, first in (("spring", 0), ("summer", RATE))]

        def live(campaign: Campaign) -> RunSummary:
            return run_campaign(campaign, runtime=Runtime())

        with ThreadPoolExecutor(2) as threads:
            ended = list(threads.map(live, campaigns))
    assert [summary.counts[Status.CREATED] for summary in ended] == [RATE, RATE]
    assert [summary.pace for summary in ended] == [None, None]
