"""One summary of a night, of all its campaigns, composed from the database: whoever did it, and whoever died."""

import asyncio
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from dialer.clock import SYSTEM_CLOCK
from dialer.exit_codes import EXIT_HELD, EXIT_STOPPED, EXIT_USAGE
from dialer.fleet.housekeeping import Housekeeping
from dialer.fleet.listing import JobState
from dialer.fleet.morning import Morning, read_morning
from dialer.fleet.nights import tonight
from dialer.fleet.orders import Order, defer_night
from dialer.fleet.queue import open_queue
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from dialer.sandbox import Sandbox
from tests.fleet.hands import Hands, campaign_file, worker
from tests.support import ANY_HOUR, FAST

pytestmark = pytest.mark.slow

AN_HOUR_AGO = SYSTEM_CLOCK.now() - timedelta(hours=1)
TABLES = ANY_HOUR + FAST + f'[nightly]\nenabled = true\nat = "{AN_HOUR_AGO:%H:00}"\n'
"""Campaigns whose night has begun an hour or two ago, whatever the time is."""


async def _ask(location: str, night: date, *campaigns: str) -> None:
    """Ask for the nights of campaigns whose files lie somewhere."""
    async with open_queue(location) as app:
        for name in campaigns:
            await defer_night(app, Order(name, f"{name}.toml", "default", "ada@office", 0, night), night)


async def _read(location: str, ledger: Ledger, folder: Path, night: date) -> Morning:
    async with open_queue(location) as app:
        return await read_morning(app, ledger, folder, night, SYSTEM_CLOCK)


def test_a_morning_has_one_summary_of_all_campaigns(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """What was done, what failed and what to do, what still waits, what nobody asked for: from the database, and kept.

    It is kept once every job has ended, in the place of an earlier one.
    """
    for index, name in enumerate(("done", "broken", "later", "nobodys")):
        night = tonight(campaign_file(tmp_path, name, 3 * index, TABLES), SYSTEM_CLOCK.now())
    good = (tmp_path / "broken.toml").read_text("utf-8")
    (tmp_path / "broken.toml").write_text("[call\n", "utf-8")
    kept = tmp_path / f"results/morning-{night}.json"
    with Sandbox() as sandbox:
        hands = Hands(sandbox, location, tmp_path)
        asyncio.run(_ask(location, night, "done", "broken"))
        asyncio.run(worker(ledger, hands).run())

        first = json.loads(kept.read_text("utf-8"))
        broken, done = first["campaigns"]
        assert (broken["state"], broken["exit_code"], broken["run_id"]) == (JobState.FAILED, EXIT_USAGE, None)
        assert broken["next"]
        assert (done["state"], done["exit_code"], done["counts"][Status.CREATED]) == (JobState.SUCCEEDED, 0, 3)
        assert (done["message"], done["next"]) == ("", "")
        assert first["not_asked"] == ["later", "nobodys"]
        assert [str(tmp_path / "broken.toml") in error for error in first["unreadable"]] == [True]
        assert first["exit_code"] == EXIT_USAGE

        (tmp_path / "broken.toml").write_text(good, "utf-8")
        asyncio.run(hands(Order("broken", "broken.toml", "default", "ada", 0, night), asyncio.Event()))  # by hand
        asyncio.run(_ask(location, night, "later"))
        waits = asyncio.run(_read(location, ledger, tmp_path, night))
        assert (waits.exit_code, waits.not_asked, waits.unreadable) == (EXIT_STOPPED, ("nobodys",), ())
        assert [each.state for each in waits.campaigns] == [JobState.SUCCEEDED, JobState.SUCCEEDED, JobState.WAITS]
        assert waits.text.startswith(f"night {night}: 3 campaigns, 1 waits, 2 succeeded\n")
        (tmp_path / "nobodys.toml").unlink()
        assert asyncio.run(_read(location, ledger, tmp_path, night)).exit_code == EXIT_HELD

        asyncio.run(worker(ledger, hands).run())
        last = json.loads(kept.read_text("utf-8"))
        assert (last["exit_code"], len(last["campaigns"]), last["not_asked"]) == (0, 3, [])
    assert [path.name for path in tmp_path.glob("results/morning-*")] == [kept.name]


def test_a_worker_that_did_nothing_keeps_the_summary_too(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """The host that did the night may be gone with its disk: any that lives writes the same."""
    night = tonight(campaign_file(tmp_path, "spring", tables=TABLES), SYSTEM_CLOCK.now())
    kept = tmp_path / f"results/morning-{night}.json"
    with Sandbox() as sandbox:
        asyncio.run(_ask(location, night, "spring"))
        asyncio.run(worker(ledger, Hands(sandbox, location, tmp_path)).run())
    before = kept.read_bytes()
    kept.unlink()

    async def look() -> None:
        async with open_queue(location) as app:
            await Housekeeping(ledger, location, tmp_path, SYSTEM_CLOCK, "", nights=False).look(app)

    asyncio.run(look())
    assert kept.read_bytes() == before
