"""Whole submittings that end early: what is finished, what is given back, what is never sent."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import cached_property

import httpx
import pytest

from dialer.calls.attempt import MIN_LEAD_MS, PlannedCall, Settlement
from dialer.calls.outcome import Kind, StopCode
from dialer.errors import LedgerUnusable, LedgerWriteFailed, TransitionRefused
from dialer.reasons import Reason
from dialer.submit.submitter import Submitter
from tests.submit.rehearsal import Post, Rehearsal, after, always, create, failing, put_off_once
from tests.support import number


@pytest.mark.parametrize(
    ("status", "code"), [(401, StopCode.KEY_REFUSED), (403, StopCode.KEY_REFUSED), (402, StopCode.NO_CREDIT)]
)
def test_a_refused_key_or_account_stops_the_run_and_loses_no_row(status: int, code: StopCode) -> None:
    """What is in flight is finished, what is claimed and unsent is given back, nothing more is claimed or sent."""

    async def answer(post: Post) -> httpx.Response:
        if post.contact_id == 1:
            return await after(1, always(status))(post)
        return await after(5 if post.contact_id else 0, create)(post)

    # Contact 0 is the canary; contact 4 is claimed so slowly that the run has stopped before its POST.
    done = Rehearsal(answer, count=20, commit_seconds=lambda contact: 2 if contact == 4 else 0).run()
    settled = {settlement.claim.contact_id: settlement for settlement in done.settlements}

    assert done.stop_code == code
    assert {event.contact_id for event in done.of("post")} == {0, 1, 2, 3}
    assert set(settled) == {0, 1, 2, 3, 4}
    assert (settled[1].outcome.kind, settled[1].again) == (Kind.REFUSED, True)
    assert [settled[contact].outcome.kind for contact in (0, 2, 3)] == [Kind.CREATED] * 3
    assert (settled[4].outcome.kind, settled[4].outcome.reason, settled[4].again) == (
        Kind.NOT_SENT,
        Reason.STOPPED,
        True,
    )


def test_many_refusals_in_a_row_stop_the_run() -> None:
    """When the API refuses one row after the other, the rows are not what is wrong."""
    done = Rehearsal(always(400), count=100, settings={"max_failures_in_a_row": 7, "concurrency": 1}).run()

    assert done.stop_code == StopCode.FAILURES_IN_A_ROW
    assert len(done.of("post")) == 7
    assert "7 calls in a row" in done.stop_message


@pytest.mark.slow
def test_a_created_call_begins_the_count_anew() -> None:
    """Refused rows among created ones never stop a run, however many they are."""

    async def every_fourth(post: Post) -> httpx.Response:
        return await (create if post.contact_id % 4 == 3 else always(400))(post)

    done = Rehearsal(every_fourth, count=100, settings={"max_failures_in_a_row": 4, "concurrency": 1}).run()

    assert done.stop_code is None
    assert len(done.of("post")) == 100


def test_a_call_that_is_tried_again_counts_once_as_a_failure() -> None:
    """The tries of one call are one failure of the row, not several."""
    limits = {"max_failures_in_a_row": 3, "max_attempts": 4, "concurrency": 1}
    done = Rehearsal(failing(httpx.ConnectError), count=10, settings=limits).run()

    assert done.stop_code == StopCode.FAILURES_IN_A_ROW
    assert len(done.of("post")) == 12


def test_too_many_unknown_calls_stop_the_run() -> None:
    """Unknown outcomes add up over the run, also where created ones lie between."""

    async def every_third(post: Post) -> httpx.Response:
        return await (always(500) if post.contact_id % 3 == 0 else create)(post)

    done = Rehearsal(every_third, count=100, settings={"max_unknown": 5, "concurrency": 1}).run()

    assert done.stop_code == StopCode.TOO_MANY_UNKNOWN
    assert done.kinds.count(Kind.UNKNOWN) == 5
    assert len(done.of("post")) == 13


@pytest.mark.parametrize("at", [0.05, 1.0, 4.0])
def test_a_stop_from_outside_finishes_what_is_in_flight(at: float) -> None:
    """After a stop nothing is claimed or sent; every POST that is out is waited for and settled."""

    async def stop(submitter: Submitter) -> None:
        await asyncio.sleep(at)
        submitter.stop(StopCode.INTERRUPTED, "The first reason.")
        submitter.stop(StopCode.WRONG_ADDRESS, "A later one.")

    done = Rehearsal(after(3, create), count=50, meanwhile=stop).run()

    assert (done.stop_code, done.stop_message) == (StopCode.INTERRUPTED, "The first reason.")
    assert done.of("post")
    assert all(event.at <= at + 0.001 for event in done.journal if event.what in {"claim", "post"})
    assert len(done.of("settle")) == len(done.of("claim"))
    assert len(done.of("replied")) == len(done.of("post"))
    assert done.kinds.count(Kind.CREATED) == len(done.of("post"))


def test_a_stop_during_a_pause_ends_at_once() -> None:
    """Nobody waits out a long pause of a run that has ended."""

    async def stop(submitter: Submitter) -> None:
        await asyncio.sleep(60)
        submitter.stop(StopCode.INTERRUPTED, "Interrupted.")

    done = Rehearsal(put_off_once(429, retry_after="600"), count=20, meanwhile=stop).run()

    assert max(event.at for event in done.journal) < 61


# Numbers suppressed between claim and request.


@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_number_suppressed_during_a_pause_is_not_called(batch_size: int) -> None:
    """Claimed before a long pause and suppressed in it: whoever else waited is called, and this one is not."""

    async def opt_out(_submitter: Submitter) -> None:
        await asyncio.sleep(15)
        done.opted_out.add(2)

    batches: list[dict[str, object]] = []

    async def batch(bodies: Sequence[dict[str, object]]) -> httpx.Response:
        batches.extend(bodies)
        return httpx.Response(200, json={"data": [body | {"_id": f"id-{n}"} for n, body in enumerate(bodies)]})

    done = Rehearsal(
        lambda post: always(429, retry_after="20")(post) if (post.contact_id, post.nth) == (1, 1) else create(post),
        count=9,
        alone={0, 1},
        settings={"batch_size": batch_size, "max_attempts": 4},
        commit_seconds=lambda contact: 0 if contact < 2 else 5,
        meanwhile=opt_out,
        batch=batch,
    )
    done.run()

    called = {event.contact_id for event in done.of("post")} | {
        index for index in range(9) if number(index) in {body["toPhoneNumber"] for body in batches}
    }
    assert 2 in {claim.contact_id for claim in done.claims}
    assert called == set(range(9)) - {2}
    (settlement,) = [item for item in done.settlements if item.claim.contact_id == 2]
    assert (settlement.outcome.kind, settlement.outcome.reason) == (Kind.NOT_SENT, Reason.SUPPRESSED)


def test_nothing_is_sent_after_a_pause_when_the_list_cannot_be_read() -> None:
    """Nobody knows who may be called, so the run ends, and what was claimed is given back."""
    done = Rehearsal(
        put_off_once(429, retry_after="20"),
        count=20,
        commit_seconds=lambda contact: 5 if contact > 2 else 0,
        list_fault=LedgerUnusable("The ledger cannot be read."),
    ).run()

    assert done.stop_code == StopCode.LEDGER_FAILED
    assert max(event.at for event in done.of("post")) < 20
    assert all(item.again for item in done.settlements if item.outcome.kind == Kind.NOT_SENT)


# Slots.


def test_a_slot_that_came_too_close_is_not_sent() -> None:
    """When a run falls behind its plan it says so and stops claiming; nothing leaves without its lead."""
    done = Rehearsal(after(1, create), count=200, lead_ms=16_000, settings={"concurrency": 2}).run()

    assert done.late
    assert done.stop_code is None
    assert 0 < len(done.of("post")) < 200
    assert min(done.lead_seconds(event) for event in done.of("post")) >= MIN_LEAD_MS / 1000
    assert len(done.of("settle")) == len(done.of("claim"))


def test_a_slot_that_came_too_close_while_it_was_claimed_is_given_back() -> None:
    """A claim whose commit took too long is settled as not sent, and the row waits for a new slot."""
    done = Rehearsal(count=1, lead_ms=15_000, commit_seconds=lambda _contact: 3.5).run()

    (settlement,) = done.settlements
    assert done.late
    assert done.of("post") == []
    assert (settlement.outcome.kind, settlement.outcome.reason, settlement.again) == (
        Kind.NOT_SENT,
        Reason.WAITING,
        True,
    )


def test_a_slot_that_came_too_close_in_a_pause_is_not_sent() -> None:
    """What a pause carried past its time is planned anew, not dialled late."""
    done = Rehearsal(put_off_once(429, retry_after="60"), count=20, lead_ms=30_000).run()

    assert done.late
    assert min(done.lead_seconds(event) for event in done.of("post")) >= MIN_LEAD_MS / 1000
    assert all(settlement.again for settlement in done.settlements if settlement.outcome.kind != Kind.CREATED)


def test_a_late_run_can_go_on() -> None:
    """Once planned anew, the same submitter submits again."""
    done = Rehearsal(count=2, lead_ms=0).run()
    assert done.late

    done.lead_ms = 3_600_000
    done.run()
    assert (done.late, done.kinds) == (False, [Kind.CREATED] * 2)


# The ledger, and bugs.


def test_nothing_is_sent_that_the_ledger_could_not_hold() -> None:
    """A claim that the disk refused has no POST, and the run stops."""
    done = Rehearsal(count=50, claim_faults={5: LedgerWriteFailed("The disk is full.")}).run()

    assert done.stop_code == StopCode.LEDGER_FAILED
    assert "The disk is full." in done.stop_message
    assert done.of("post", 5) == []
    assert len(done.of("post")) < 20
    assert len(done.of("settle")) == len(done.of("claim"))
    assert done.error is None


def test_an_outcome_that_the_ledger_could_not_hold_is_told() -> None:
    """The stop's message holds the call's id and the contact's, for nothing else does."""
    done = Rehearsal(count=50, settle_faults={5: LedgerWriteFailed("The disk is full.")}).run()

    assert done.stop_code == StopCode.LEDGER_FAILED
    assert "call-5" in done.stop_message
    assert "contact 5" in done.stop_message
    assert number(5) not in done.stop_message
    assert len(done.of("post", 5)) == 1
    assert len(done.of("post")) < 20


def test_a_bug_in_one_worker_cancels_nobodys_post() -> None:
    """Whatever one worker dies of, the others finish what they sent, and then the error is raised."""
    fault = TransitionRefused("contact 4 is not pending")
    slowly = {4: 1.0}

    async def answer(post: Post) -> httpx.Response:
        return await after(5 if post.contact_id else 0, create)(post)

    done = Rehearsal(
        answer, count=50, claim_faults={4: fault}, commit_seconds=lambda contact: slowly.get(contact, 0.0)
    ).run()

    assert done.error is fault
    assert {event.contact_id for event in done.of("post")} == {0, 1, 2, 3}
    assert done.kinds == [Kind.CREATED] * 4


# Before the first claim.


@pytest.mark.parametrize(
    ("probe", "code"),
    [
        (lambda: httpx.Response(401), StopCode.KEY_REFUSED),
        (lambda: httpx.Response(307), StopCode.WRONG_ADDRESS),
        (lambda: httpx.Response(404, headers={"date": "Mon, 23 Nov 2026 16:50:00 GMT"}), StopCode.CLOCK_WRONG),
    ],
)
def test_a_run_that_must_not_send_claims_nothing(probe: object, code: StopCode) -> None:
    """What the probe finds stops the run before any row is touched."""
    assert callable(probe)
    done = Rehearsal(probe=probe).run()

    assert (done.stop_code, done.journal) == (code, [])


def test_an_api_out_of_reach_is_asked_again_before_the_run_gives_up() -> None:
    """A moment's outage at the start delays a run; a lasting one ends it with every row pending."""
    asked = 0

    def refuse(times: int) -> httpx.Response:
        nonlocal asked
        asked += 1
        if asked <= times:
            raise httpx.ConnectError("made up")
        return httpx.Response(404)

    short = Rehearsal(probe=lambda: refuse(2), settings={"concurrency": 1}).run()
    assert (short.stop_code, short.kinds) == (None, [Kind.CREATED] * 10)

    lasting = Rehearsal(probe=lambda: refuse(1_000), settings={"concurrency": 1}).run()
    assert (lasting.stop_code, lasting.journal) == (StopCode.UNREACHABLE, [])


class BusyOnce(Rehearsal):
    """A ledger that refuses the first outcome of one contact for a while, and takes it the second time."""

    busy_contact = 0
    busy_seconds = (1.0, 0.0)

    async def _settle(self, settlement: Settlement) -> None:
        if settlement.claim.contact_id == self.busy_contact:
            first = settlement.claim.contact_id not in self.refused
            self.refused.add(settlement.claim.contact_id)
            await asyncio.sleep(self.busy_seconds[0 if first else 1])
            if first:
                raise LedgerWriteFailed("locked")
        await super()._settle(settlement)

    @cached_property
    def refused(self) -> set[int]:
        """Whose outcome was refused once."""
        return set()


def test_an_outcome_that_fails_unexpectedly_ends_the_run_at_once() -> None:
    """Other workers, who wait for the pace, send nothing more, though nobody waits for that outcome yet."""

    async def answer(post: Post) -> httpx.Response:
        await asyncio.sleep(3 if done.clock.monotonic() < 8 else 0.05)
        return await create(post)

    fault = TransitionRefused("contact 500: not in the state")
    settings = {"requests_per_second": 50, "concurrency": 64}
    done = Rehearsal(answer, count=1000, settings=settings, is_proved=True, lead_ms=36_000_000)
    done.settle_faults[500] = fault
    done.run()

    replied_at = done.of("replied", 500)[0].at
    assert done.error is fault
    assert [event for event in done.of("post") if event.at > replied_at] == []


def test_an_outcome_is_written_though_the_next_calls_cannot_be_read() -> None:
    """The worker ends because of the page of the plan, and not before its last call is settled."""

    class Unreadable(BusyOnce):
        async def _planned(self) -> AsyncIterator[PlannedCall]:
            async for call in super()._planned():
                if call.contact_id == 4:
                    raise LedgerUnusable("cannot be read")
                yield call

    done = Unreadable(create, count=6, settings={"requests_per_second": 100, "concurrency": 1}, is_proved=True)
    done.busy_contact = 3
    done.run()

    assert isinstance(done.error, LedgerUnusable)
    assert [item.claim.contact_id for item in done.settlements] == [0, 1, 2, 3]


def test_a_number_suppressed_while_the_last_outcome_is_written_is_not_called() -> None:
    """The claim is old by then, although nothing waited for the pace."""

    async def opt_out(_submitter: Submitter) -> None:
        await asyncio.sleep(5)
        done.opted_out.add(1)

    settings = {"requests_per_second": 100, "concurrency": 1}
    done = BusyOnce(create, count=3, settings=settings, is_proved=True, meanwhile=opt_out)
    done.busy_seconds = (0.02, 20.0)
    done.run()

    assert [event.contact_id for event in done.of("post")] == [0, 2]
