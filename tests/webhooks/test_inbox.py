"""Promises about what follows a webhook: the call is read from the API, stored beside a run, and once."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.api.client import Client
from dialer.campaign.tables import Submit
from dialer.jobs.purge import purge_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.suppress import suppression_list
from dialer.ledger.database.open import Ledger
from dialer.sandbox import CallLifecycle, End, Sandbox
from dialer.settings import Settings
from dialer.webhooks.inbox import AGAIN_SECONDS, MAX_WAITING, Inbox
from dialer.webhooks.setup import call_source
from tests.jobs.test_run import settings_for
from tests.jobs.test_sync import HOUR, SURE, LaterClock, ran, sandbox_at, standing
from tests.support import MONDAY_NOON, CampaignFolder, column, number


def heard(
    folder: CampaignFolder,
    settings: Settings,
    clock: LaterClock,
    ids: list[str],
    meanwhile: Callable[[Inbox], None] = lambda _inbox: None,
) -> list[bool]:
    """Hear of *ids* on the ledger of *folder*, and return whether each was taken."""

    async def work() -> list[bool]:
        with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
            inbox = Inbox(
                call_source(
                    [folder.campaign()],
                    ledger,
                    Runtime(settings=settings, clock=LaterClock(clock.shift_seconds, hurried=True)),
                )
            )
            taken = [inbox.put(call_id) for call_id in ids]
            meanwhile(inbox)
            working = asyncio.create_task(inbox.work())
            await asyncio.wait({working, asyncio.create_task(inbox.join())}, return_when=asyncio.FIRST_COMPLETED)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
        return taken

    return asyncio.run(work())


def ids_of(sandbox: Sandbox) -> list[str]:
    """Return the ids of the calls to the three persons, in the sheet's order."""
    return [call["_id"] for call in sorted(sandbox.created, key=lambda call: call["toPhoneNumber"])]


@pytest.mark.slow
def test_a_webhook_during_a_run_is_stored_beside_it(folder: CampaignFolder) -> None:
    """While somebody holds the ledger's lock the end is stored, an opt-out counts, and the lock is never asked for."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        clock.advance(HOUR)
        with (
            Ledger.open(folder.path / ".dialer/ledger.db") as ledger,
            ledger.lock(what="a run of test", since=MONDAY_NOON),
        ):
            heard(folder, settings_for(sandbox), clock, ids_of(sandbox)[:2])
            entries = suppression_list(ledger)

    assert column(standing(folder), "dialer_call_status") == ["completed", "completed", ""]
    assert column(standing(folder), "dialer_status_code") == ["ENDED_NORMALLY", "DO_NOT_CALL", ""]
    assert [entry.ending for entry in entries] == [number(1)[-2:]]


@pytest.mark.slow
def test_the_api_is_believed_and_not_the_webhook(folder: CampaignFolder) -> None:
    """A webhook that comes before the end stores what the API says now, and asks again a few times, then no more."""
    clock = LaterClock()
    life = CallLifecycle(script={number(0): (End.NORMAL,)}, ring_seconds=20_000)
    with sandbox_at(clock, life=life) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        clock.advance(60)
        before = sandbox.requests["GET"]
        heard(folder, settings_for(sandbox), clock, ids_of(sandbox)[:1])
        asked = sandbox.requests["GET"] - before

    assert column(standing(folder), "dialer_call_status")[0] == "ringing"
    assert 1 <= asked <= 1 + len(AGAIN_SECONDS)


@pytest.mark.slow
def test_a_known_end_and_a_stranger_cost_no_request(folder: CampaignFolder) -> None:
    """A webhook that comes twice, or speaks of another ledger's call, is looked up in the ledger alone."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        clock.advance(HOUR)
        ids = ids_of(sandbox)
        heard(folder, settings_for(sandbox), clock, [ids[2]])
        before = dict(sandbox.requests)
        taken = heard(folder, settings_for(sandbox), clock, [ids[2], ids[2], "another's"])
        assert sandbox.requests == before

    assert taken == [True, True, True]
    assert column(standing(folder), "dialer_call_status") == ["", "", "cancelled"]


@pytest.mark.slow
def test_too_many_are_refused_and_none_counts_twice(folder: CampaignFolder) -> None:
    """The memory is bounded: an id beyond it is not taken, one that waits already needs no second place."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        inbox = Inbox(call_source([], ledger, Runtime(settings=settings_for(sandbox), clock=clock)))
        taken = [inbox.put(f"call-{index}") for index in range(MAX_WAITING + 1)]
        assert inbox.put("call-0")
    assert taken == [True] * MAX_WAITING + [False]


@pytest.mark.slow
def test_an_api_that_is_down_is_asked_again_later(folder: CampaignFolder, tmp_path: Path) -> None:
    """A refused key holds the ids; when the API answers again they are looked up."""
    clock, journal = LaterClock(), tmp_path / "calls.jsonl"
    with sandbox_at(clock, journal=journal) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        ids = ids_of(sandbox)
    clock.advance(HOUR)
    good = Sandbox(life=SURE, now_ms=clock.now_ms, journal=journal)
    with Sandbox(api_key="another", now_ms=clock.now_ms) as refusing, good:
        settings = settings_for(refusing)

        async def work() -> int:
            with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
                runtime = Runtime(settings=settings, clock=LaterClock(clock.shift_seconds, hurried=True))
                better = Runtime(settings=settings_for(good), clock=clock)
                connects = iter([runtime.connector(Submit()), better.connector(Submit())])

                def connect() -> Client:
                    return next(connects)()

                inbox = Inbox(call_source([], ledger, replace(runtime, connect=connect)))
                inbox.put(ids[2])
                working = asyncio.create_task(inbox.work())
                await inbox.join()
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
            return refusing.requests["GET"]

        assert asyncio.run(work()) == 1
    assert column(standing(folder), "dialer_call_status") == ["", "", "cancelled"]


@pytest.mark.slow
def test_late_news_of_purged_people_are_dropped(folder: CampaignFolder, caplog: pytest.LogCaptureFixture) -> None:
    """After a purge a webhook finds nobody, stores nothing, and tells no number."""
    caplog.set_level(logging.DEBUG, logger="dialer")
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        clock.advance(HOUR)
        purge_campaign(folder.campaign(), runtime=Runtime(settings=Settings()))
        before = dict(sandbox.requests)
        heard(folder, settings_for(sandbox), clock, ids_of(sandbox))
        assert sandbox.requests == before
    assert "no call of this ledger and API" in caplog.text
    assert not any(number(index)[2:] in caplog.text for index in range(3))
