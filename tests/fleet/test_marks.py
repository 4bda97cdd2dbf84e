"""A fleet whose server was set back: no job of yesterday's queue calls anybody on any machine."""

import asyncio
import logging
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, update

from dialer.campaign.file import Campaign, load_campaign
from dialer.clock import SYSTEM_CLOCK
from dialer.errors import LedgerUnusable
from dialer.fleet.housekeeping import Housekeeping
from dialer.fleet.listing import list_jobs
from dialer.fleet.marks import KEEP_SECONDS, keep_marks
from dialer.fleet.orders import Order, defer_run
from dialer.fleet.own_process import Ended
from dialer.fleet.queue import open_queue
from dialer.jobs.run_mark import read_mark, write_mark
from dialer.jobs.safeguards import adopt_ledger
from dialer.ledger.database.copy_guard import sign_rows
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import campaign_places
from dialer.sandbox import Sandbox
from tests.fleet.hands import Hands, campaign_file, order, rung, worker
from tests.jobs.stories import Backup, run
from tests.ledger.postgres import Server
from tests.support import ANY_HOUR, FAST, FakeClock, number

pytestmark = pytest.mark.slow

NIGHTS = ANY_HOUR + FAST + '[nightly]\nenabled = true\nat = "12:00"\ntimezone = "America/New_York"\n'


async def _ask_for_runs(location: str, folder: Path, *names: str) -> None:
    async with open_queue(location) as app:
        for name in names:
            await defer_run(app, order(load_campaign(folder / f"{name}.toml")))


class _AnyNight(Hands):
    """Hands that run a night's campaign whatever the time is: the night is that of the worker's clock."""

    def _night(self, order: Order) -> Ended:
        return self._run(order)


async def _die_at_work(location: str) -> None:
    """Take the next job, as a worker does that dies then."""
    async with open_queue(location) as app:
        await app.job_manager.fetch_job(queues=None, worker_id=await app.job_manager.register_worker())


async def _work(location: str, ledger: Ledger, hands: Hands) -> dict[str, str]:
    """Do everything that waits, was left by dead workers or is due; return what became of each campaign's last job."""
    keeping = Housekeeping(ledger, location, hands.folder, FakeClock(), "ada", nights=True)
    async with open_queue(location, connections=2) as app:
        await keeping.take_over(app, dead_seconds=0)
        await keeping.ask_for_nights(app)
        await worker(ledger, hands, clock=FakeClock()).run()
        return {job.order.campaign: job.text for job in await list_jobs(app, ledger)}


def _add(sheet: Path, *indices: int) -> None:
    sheet.write_text(sheet.read_text("utf-8") + "".join(f"New,{number(index)}\n" for index in indices), "utf-8")


def test_a_queue_that_was_put_back_calls_nobody_again(tmp_path: Path, location: str, postgres: Server) -> None:
    """A run that waits again, one whose worker died, a night that is asked for again: held, with the command to give.

    That holds on a machine that made the calls and on one that has no mark of them. After the command whoever was
    called is held, and whoever was not is called.
    """
    names, database = ("spring", "summer", "winter"), make_url(location).database
    for index, name in enumerate(names):
        campaign_file(tmp_path, name, 3 * index, NIGHTS if name == "winter" else ANY_HOUR + FAST)
    _add(tmp_path / "spring.csv", 9, 10)  # a listing of exactly ten calls may be cut
    called = dict.fromkeys(map(number, range(11)), 1)
    with Sandbox() as sandbox:
        hands = _AnyNight(sandbox, location, tmp_path)
        run(sandbox, load_campaign(tmp_path / "spring.toml"), location, limit=1)
        asyncio.run(_ask_for_runs(location, tmp_path, "summer"))
        asyncio.run(_die_at_work(location))
        asyncio.run(_ask_for_runs(location, tmp_path, "spring"))
        postgres.execute(f"CREATE DATABASE {database}_backup TEMPLATE {database}")
        with Ledger.open(location) as ledger:
            asyncio.run(_work(location, ledger, hands))
        assert rung(sandbox) == called
        postgres.execute(
            f"DROP DATABASE {database} WITH (FORCE)", f"CREATE DATABASE {database} TEMPLATE {database}_backup"
        )
        with Ledger.open(location) as ledger:
            told = [asyncio.run(_work(location, ledger, hands))]
            for name in names:
                (tmp_path / f"{name}.ran").unlink()
            asyncio.run(_ask_for_runs(location, tmp_path, *names))
            told.append(asyncio.run(_work(location, ledger, hands)))
            assert [name for name in names for each in told if "--adopt" not in each[name]] == []
            assert rung(sandbox) == called
            _add(tmp_path / "spring.csv", 20)
            for name in names:
                adopt_ledger(location, load_campaign(tmp_path / f"{name}.toml"), clock=SYSTEM_CLOCK)
            asyncio.run(_ask_for_runs(location, tmp_path, *names))
            after = asyncio.run(_work(location, ledger, hands))
    assert rung(sandbox) == called | {number(20): 1}
    assert all("exit 3" in after[name] for name in names), after


def _on_another_machine(ledger: Ledger) -> None:
    with ledger.write() as tx:
        tx.execute(update(campaign_places).values(host="another-machine"))


def test_every_worker_knows_of_the_calls_of_the_others(
    tmp_path: Path, location: str, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """A data folder that was copied back shows nothing, and the machine that made the calls may be lost with it.

    A mark is left alone while a run here may count into it, and one that counts more than the ledger holds stays.
    """
    (tmp_path / "here").mkdir()
    here, later = campaign_file(tmp_path / "here", "spring"), datetime.now(UTC) + timedelta(seconds=2 * KEEP_SECONDS)
    with Sandbox() as sandbox:
        run(sandbox, here, location, limit=1)
        there = load_campaign(shutil.copytree(tmp_path / "here", tmp_path / "there") / "spring.toml")
        _on_another_machine(ledger)
        backup = Backup(location)
        backup.take()
        run(sandbox, here, location)
        _on_another_machine(ledger)
        keep_marks(ledger, location, there.folder, datetime.now(UTC))
        assert _claims(there) == 1
        keep_marks(ledger, location, there.folder, later)
        assert _claims(there) == 3
        backup.put_back()
        with ledger.write() as tx:
            sign_rows(tx, anew=True)  # as files that are copied back leave it
        with caplog.at_level(logging.WARNING):
            keep_marks(ledger, location, there.folder, later)
        assert _claims(there) == 3
        assert "2 of the 3 calls that spring has claimed are not in it" in caplog.text
        with pytest.raises(LedgerUnusable, match=r"2 of the 3 calls .* --adopt"):
            run(sandbox, there, location)
    assert set(rung(sandbox).values()) == {1}


def _claims(campaign: Campaign) -> int:
    mark = read_mark(campaign)
    return 0 if mark is None else mark.claims


def test_marks_of_other_ledgers_are_left_alone(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """A campaign of another ledger, one that never ran and a file that cannot be read keep no mark from being kept."""
    (tmp_path / "dialer.toml").write_text('[profiles.acme]\nledger = "acme.db"\n', "utf-8")
    (tmp_path / "broken.toml").write_text("[", "utf-8")
    campaign_file(tmp_path, "never", 6)
    other, own = campaign_file(tmp_path, "acme", 3), campaign_file(tmp_path, "spring")
    with Sandbox() as sandbox:
        run(sandbox, other, tmp_path / "acme.db")
        run(sandbox, own, location)
    other.path.write_text('profile = "acme"\n' + other.path.read_text("utf-8"), "utf-8")
    for campaign in (other, own):
        mark = read_mark(campaign)
        assert mark is not None
        write_mark(campaign, replace(mark, claims=1))
    keep_marks(ledger, location, tmp_path, datetime.now(UTC) + timedelta(seconds=2 * KEEP_SECONDS))
    assert (_claims(other), _claims(own)) == (1, 3)
    assert not (tmp_path / "never.ran").exists()
