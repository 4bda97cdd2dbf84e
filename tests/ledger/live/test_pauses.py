"""Pauses and requests to stop as the ledger keeps them: seen by the next claim, whoever asked, wherever."""

import threading

import pytest
from sqlalchemy import Engine

from dialer.calls.pause import Pause, PauseReason
from dialer.errors import CampaignPaused, StopRequested
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.lock import Holder, RunLock, holding_run
from dialer.ledger.live.pauses import (
    Request,
    ask_to_stop,
    pause_campaign,
    paused_by,
    pauses_of,
    record_pauses,
    refuse_claims,
    resume_campaign,
)
from tests.ledger.books import NOON_MS, begin
from tests.support import MONDAY_NOON

ADA, BOB = Request("ada@office", NOON_MS), Request("bob@home", NOON_MS + 60_000)


def _refused(engine: Engine, run_id: str) -> str:
    """Return why a claim of the run is refused; "" where it is not."""
    try:
        with write(engine) as tx:
            refuse_claims(tx, run_id)
    except (CampaignPaused, StopRequested) as refused:
        return f"{type(refused).__name__}: {refused}"
    return ""


def test_a_pause_holds_every_run_of_the_campaign_and_of_no_other(engine: Engine) -> None:
    """Whichever run goes on or begins claims nothing until somebody resumes; other campaigns go on."""
    begin(engine, "r1")
    begin(engine, "w1", campaign="winter")
    with write(engine) as tx:
        pause_campaign(tx, "spring", ADA)
    begin(engine, "r2", content="b")
    why = "CampaignPaused: Paused by ada@office, 2026-11-23T17:00:00.000Z."
    assert [_refused(engine, run) for run in ("r1", "r2", "w1")] == [why, why, ""]
    with write(engine) as tx:
        assert resume_campaign(tx, "spring") == ADA
        assert resume_campaign(tx, "spring") is None
    assert [_refused(engine, run) for run in ("r1", "r2", "w1")] == [""] * 3


def test_the_first_pause_stays(engine: Engine) -> None:
    """Whoever pauses a paused campaign is told who did so before."""
    begin(engine, "r1")
    with write(engine) as tx:
        assert pause_campaign(tx, "spring", ADA) == ADA
        assert pause_campaign(tx, "spring", BOB) == ADA
        assert paused_by(tx, "spring") == ADA
        assert paused_by(tx, "winter") is None


def test_a_stop_is_for_one_run_and_comes_before_a_pause(engine: Engine) -> None:
    """A run that is asked to stop ends, though its campaign is paused too; the next run is not asked."""
    begin(engine, "r1")
    begin(engine, "r2", content="b")
    with write(engine) as tx:
        ask_to_stop(tx, "spring", "r1", BOB)
        ask_to_stop(tx, "spring", "r1", ADA)
    assert _refused(engine, "r1").startswith(
        "StopRequested: Stopped by bob@home, 2026-11-23T17:01:00.000Z. What was in"
    )
    assert _refused(engine, "r2") == ""
    with write(engine) as tx:
        pause_campaign(tx, "spring", ADA)
    assert _refused(engine, "r1").startswith("StopRequested")
    assert _refused(engine, "r2").startswith("CampaignPaused")


@pytest.mark.slow
def test_no_claim_is_committed_after_a_pause(engine: Engine) -> None:
    """A pause that is stored while a claim is being written comes after it; a claim that begins meanwhile sees it."""
    begin(engine, "r1")
    order: list[str] = []
    with RunLock(engine, Holder("a run of spring", MONDAY_NOON, "spring", "r1")) as held:
        held.begin_epoch()

        def ask() -> None:
            with write(engine) as tx:
                pause_campaign(tx, "spring", ADA)
            order.append("paused")

        asking = threading.Thread(target=ask)
        with write(engine) as tx:
            held.refuse_older(tx)
            refuse_claims(tx, "r1")
            asking.start()
            asking.join(timeout=0.2)
            order.append("claimed")
        asking.join()
        assert order == ["claimed", "paused"]
        assert _refused(engine, "r1").startswith("CampaignPaused")


def test_pauses_are_kept_with_their_run(engine: Engine) -> None:
    """A pause is stored while it goes on, and gets its end; the run's pauses are read in their order."""
    begin(engine, "r1")
    later = Pause(PauseReason.ASKED, NOON_MS + 5_000, None, "by ada@office")
    first = Pause(PauseReason.API, NOON_MS, NOON_MS + 2_000, "Retry-After: 2 s")
    with write(engine) as tx:
        record_pauses(tx, "r1", [later, first])
    with write(engine) as tx:
        ended = Pause(later.reason, later.from_ms, NOON_MS + 9_000, later.message)
        record_pauses(tx, "r1", [ended])
    with read(engine) as tx:
        assert pauses_of(tx, "r1") == [first, ended]
        assert pauses_of(tx, "r2") == []


def test_a_run_that_goes_on_is_known_by_its_lock(engine: Engine) -> None:
    """The run that holds the campaign's lock is told, none after its end, and no other work that holds the lock."""
    assert holding_run(engine, "spring") is None
    with RunLock(engine, Holder("a run of spring", MONDAY_NOON, "spring", "r1")) as held:
        held.begin_epoch()
        assert holding_run(engine, "spring") == "r1"
        assert holding_run(engine, "winter") is None
    assert holding_run(engine, "spring") is None
    with RunLock(engine, Holder("a sync of spring", MONDAY_NOON, "spring")) as held:
        held.begin_epoch()
        assert holding_run(engine, "spring") is None
