"""Finding out how calls ended, against the sandbox: whole runs, real sockets, and time that is told."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dialer.campaign.file import Campaign
from dialer.clock import to_ms
from dialer.errors import LedgerHeld, UsageError
from dialer.jobs.results import rebuild_results
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.suppress import suppression_list
from dialer.jobs.sync import SyncSummary, sync_campaign
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import runs
from dialer.reasons import Status
from dialer.sandbox import NO_FAULTS, CallLifecycle, End, Faults, Sandbox
from tests.jobs.test_run import settings_for
from tests.support import ANY_HOUR, FAST, MONDAY_NOON, CampaignFolder, HurriedClock, column, number, read_results

SURE = CallLifecycle(script={number(0): (End.NORMAL,), number(1): (End.DO_NOT_CALL,), number(2): (End.CANCELLED,)})
HOUR = 3600.0


class LaterClock(HurriedClock):
    """The machine's time, moved on when it is told to; *hurried*, its sleeps take no time."""

    def __init__(self, shift_seconds: float = 0.0, *, hurried: bool = False) -> None:
        super().__init__()
        self.shift_seconds = shift_seconds
        self._hurried = hurried

    def now(self) -> datetime:
        """Return the wall-clock time, as far on as it was moved."""
        return super().now() + timedelta(seconds=self.shift_seconds)

    def now_ms(self) -> int:
        """Return the same in milliseconds."""
        return to_ms(self.now())

    async def sleep(self, seconds: float) -> None:
        """Wait *seconds*, or only let them have passed."""
        await (super().sleep(seconds) if self._hurried else asyncio.sleep(seconds))

    def advance(self, seconds: float) -> None:
        """Move on by *seconds*."""
        self.shift_seconds += seconds


def sandbox_at(
    clock: LaterClock, *, life: CallLifecycle = SURE, faults: Faults = NO_FAULTS, journal: Path | None = None
) -> Sandbox:
    """Make a sandbox whose calls live by *clock*."""
    return Sandbox(life=life, faults=faults, journal=journal, now_ms=clock.now_ms)


def ran(sandbox: Sandbox, campaign: Campaign, clock: LaterClock) -> None:
    """Run *campaign* at the clock's time; nobody was called before."""
    runtime = Runtime(settings=settings_for(sandbox), clock=LaterClock(clock.shift_seconds, hurried=True))
    options = RunOptions(accept_earlier_calls=True)
    assert run_campaign(campaign, options=options, runtime=runtime).counts[Status.CREATED] == 3


def synced(sandbox: Sandbox, campaign: Campaign, clock: LaterClock) -> SyncSummary:
    """Sync *campaign* at the clock's time."""
    return sync_campaign(
        campaign, runtime=Runtime(settings=settings_for(sandbox), clock=LaterClock(clock.shift_seconds, hurried=True))
    )


def standing(folder: CampaignFolder) -> list[dict[str, str]]:
    """Read where every row stands."""
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        rebuild_results(ledger, "campaign", folder.path / "now.csv")
    return read_results(folder.path / "now.csv")


@pytest.mark.slow
def test_ends_are_found_by_one_listing_and_join_the_results(folder: CampaignFolder) -> None:
    """Status, code, length and values stand in the results, formula-safe; a second sync has nothing to ask."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        clock.advance(HOUR)
        before = sandbox.requests["GET"]
        summary = synced(sandbox, folder.campaign(), clock)
        asked = sandbox.requests["GET"] - before
        again = synced(sandbox, folder.campaign(), clock)
        asked_again = sandbox.requests["GET"] - before - asked
        lived = {call["toPhoneNumber"]: call for call in sandbox.lived}

    assert summary.ended == {"completed ENDED_NORMALLY": 1, "completed DO_NOT_CALL": 1, "cancelled": 1}
    assert (summary.exit_code, asked) == (0, 2)  # the probe and the listing
    assert (again.ended, again.exit_code, asked_again) == ({}, 0, 0)
    rows = standing(folder)
    assert column(rows, "dialer_call_status") == ["completed", "completed", "cancelled"]
    assert column(rows, "dialer_status_code") == ["ENDED_NORMALLY", "DO_NOT_CALL", ""]
    assert rows[0]["dialer_call_duration_seconds"] == str(lived[number(0)]["callDuration"])
    assert rows[0]["dialer_call_ended_at"] == lived[number(0)]["callEndedAt"]
    assert rows[0]["dialer_result_interested"] in ("yes", "no")
    assert rows[0]["dialer_result_said"] == "'+1-1 is =1+1"
    assert rows[2]["dialer_result_said"] == ""


@pytest.mark.slow
def test_who_asked_for_no_more_calls_is_suppressed_and_calls_that_will_ring_are_told(folder: CampaignFolder) -> None:
    """The number is on the list with the same commit; a call of another campaign that exists already is named."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        tomorrow = f'start = "{clock.now() + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"\n'
        other = folder.campaign(ANY_HOUR + tomorrow + FAST).model_copy(update={"name": "other"})
        ran(sandbox, other, clock)
        clock.advance(HOUR)
        summary = synced(sandbox, folder.campaign(), clock)
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        entries = suppression_list(ledger)

    assert summary.opted_out == 1
    assert [call.campaign for call in summary.still_open] == ["other"]
    assert [entry.ending for entry in entries] == [number(1)[-2:]]
    assert "asked during a call" in entries[0].reason


@pytest.mark.slow
def test_calls_whose_slot_has_not_passed_are_not_asked_about(folder: CampaignFolder) -> None:
    """Right after a run there is nothing to ask, and no request is made."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        before = sandbox.requests["GET"]
        summary = synced(sandbox, folder.campaign(), clock)
        assert sandbox.requests["GET"] == before
    assert summary == SyncSummary("campaign")


@pytest.mark.slow
def test_a_call_that_is_still_going_on_is_asked_about_again(folder: CampaignFolder) -> None:
    """Ringing is no end: it stands in the results as it is, until the end comes."""
    clock = LaterClock()
    life = CallLifecycle(script=SURE.script, ring_seconds=3_000)
    with sandbox_at(clock, life=life) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        clock.advance(60)
        first = synced(sandbox, folder.campaign(), clock)
        seen = column(standing(folder), "dialer_call_status")
        clock.advance(2 * HOUR)
        second = synced(sandbox, folder.campaign(), clock)

    assert first.running["ringing"] == 2
    assert set(seen) == {"ringing", "cancelled"}
    assert sum(second.ended.values()) == 2


@pytest.mark.slow
@pytest.mark.parametrize("faults", [Faults(list_cap=1), Faults(list_errors=1.0)], ids=["cut", "failing"])
def test_what_the_listing_does_not_hold_is_read_by_id(folder: CampaignFolder, faults: Faults) -> None:
    """A cut or failing listing costs requests and loses no end."""
    clock = LaterClock()
    with sandbox_at(clock, faults=faults) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        clock.advance(HOUR)
        summary = synced(sandbox, folder.campaign(), clock)
    assert sum(summary.ended.values()) == 3
    assert summary.exit_code == 0


@pytest.mark.slow
def test_a_call_that_is_gone_is_said_once_and_watched_on(folder: CampaignFolder) -> None:
    """An API that no longer knows a call is an alarm, exit 3; it is asked again for a week, and then no more."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
    clock.advance(HOUR)
    with sandbox_at(clock) as empty:
        first = synced(empty, folder.campaign(), clock)
        told = column(standing(folder), "dialer_call_status")
        second = synced(empty, folder.campaign(), clock)
        clock.advance(timedelta(days=7).total_seconds())
        before = empty.requests
        last = synced(empty, folder.campaign(), clock)
        assert empty.requests == before

    assert (first.gone, first.exit_code, told) == (3, 3, ["gone"] * 3)
    assert (second.gone, second.exit_code) == (0, 0)
    assert last == SyncSummary("campaign")


@pytest.mark.slow
def test_a_refused_key_stops_it_and_keeps_what_was_found(folder: CampaignFolder) -> None:
    """401 ends the asking with exit 5; the calls stay open for the next sync."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
    clock.advance(HOUR)
    with Sandbox(api_key="another", now_ms=clock.now_ms) as refusing:
        summary = synced(refusing, folder.campaign(), clock)
    assert (summary.exit_code, summary.unread) == (5, 3)
    assert summary.stop is not None
    assert summary.stop.code == "key_refused"


@pytest.mark.slow
def test_an_api_out_of_reach_ends_it_in_time(folder: CampaignFolder) -> None:
    """With nobody there the sync gives up after a few tries and says so."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        settings = settings_for(sandbox)
    clock.advance(HOUR)
    summary = sync_campaign(folder.campaign(), runtime=Runtime(settings=settings, clock=LaterClock(HOUR, hurried=True)))
    assert (summary.exit_code, summary.unread) == (5, 3)
    assert summary.stop is not None
    assert summary.stop.code == "unreachable"


@pytest.mark.slow
def test_a_sync_takes_the_ledgers_lock(folder: CampaignFolder) -> None:
    """While a run goes on a sync waits for nobody: it says who holds the ledger."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        with (
            Ledger.open(folder.path / ".dialer/ledger.db") as ledger,
            ledger.lock(what="a run of test", since=MONDAY_NOON),
            pytest.raises(LedgerHeld, match="a run of test"),
        ):
            synced(sandbox, folder.campaign(), clock)


def test_a_campaign_that_never_ran_has_nothing_to_sync(folder: CampaignFolder) -> None:
    """Without a ledger the message says what to do, and none is made."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox, pytest.raises(UsageError, match="never run"):
        synced(sandbox, folder.campaign(), clock)
    assert not (folder.path / ".dialer").exists()


@pytest.mark.slow
def test_calls_that_were_sent_elsewhere_are_not_asked_about_here(folder: CampaignFolder) -> None:
    """Another API would say that it knows none of them: they are counted, exit 3, and nothing is asked or stored."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        ran(sandbox, folder.campaign(), clock)
        clock.advance(HOUR)
        before = dict(sandbox.requests)
        with Ledger.open(folder.path / ".dialer/ledger.db") as ledger, ledger.write() as tx:
            facts = tx.scalar(select(runs.c.facts)) or ""
            tx.execute(update(runs).values(facts=facts.replace(sandbox.url, "https://api.example.com")))
        summary = synced(sandbox, folder.campaign(), clock)
        assert sandbox.requests == before

    assert (summary.elsewhere, summary.exit_code) == (3, 3)
    assert column(standing(folder), "dialer_call_status") == ["", "", ""]
