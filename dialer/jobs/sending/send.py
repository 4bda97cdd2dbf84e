"""Sends the planned calls of a run: feeds the submitter, plans anew what came too late, keeps the results fresh."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, replace

from dialer.api.client import Client
from dialer.calls.attempt import PlannedCall
from dialer.calls.known_calls import KnownCalls
from dialer.calls.outcome import StopCode
from dialer.calls.pause import PauseReason
from dialer.clock import Clock
from dialer.errors import DialerError, LedgerUnusable, ResultsNotWritten
from dialer.jobs.planning.layout import PlanFacts
from dialer.jobs.sending.counted_claims import open_store
from dialer.jobs.sending.options import Listener, Progress, RunJob
from dialer.jobs.sending.outputs import REFRESH_SECONDS
from dialer.jobs.sending.requests import RequestWatch
from dialer.jobs.sending.slot_guard import SlotGuard
from dialer.jobs.sending.stops import Sent
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import Run
from dialer.ledger.slots import PAGE_ROWS, Page, page_to_judge, refuse_slot
from dialer.ledger.transitions.reconciled import known_calls_of
from dialer.schedule.compliance import Compliance
from dialer.submit.shared_request import SharedRequest
from dialer.submit.submitter import Submitter
from dialer.submit.workers import MOST_WORKERS

TELL_SECONDS = 1.0
WATCH_SECONDS = 1.0
"""How often the suppression files are looked at while a run goes on."""

MAX_UNREADABLE_LOOKS = 10
"""So long a file may be half-written, and nothing is sent meanwhile; then the run ends."""

MAX_PLANS_IN_VAIN = 5
"""So many plans in a row without one call created mean that waiting does not help."""

REFRESH_SHARE = 0.05
"""The results file is rewritten every few seconds, but never takes more than this share of the time."""

_log = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Sending:
    """Everything that sending the calls of a run needs; `send_calls` does it.

    *planned* is how many calls have a slot. *plan_again* plans anew what came too late, from an instant (ms) on;
    *refresh* writes the results as they stand.
    """

    job: RunJob
    ledger: Ledger
    run: Run
    shared: SharedRequest
    connect: Callable[[], Client]
    planned: int
    plan_again: Callable[[int], PlanFacts]
    refresh: Callable[[], object]

    @property
    def clock(self) -> Clock:
        """The run's clock."""
        return self.job.runtime.clock


@dataclass
class _Caught:
    number: int | None = None


async def send_calls(sending: Sending) -> Sent:
    """Send until nothing is left or the run stops."""
    job = sending.job
    known_calls = await asyncio.to_thread(_known_calls, sending)
    async with AsyncExitStack() as kept:
        store = await kept.enter_async_context(open_store(job, sending.ledger))
        limit = kept.enter_context(job.runtime.key_limit(job.campaign, sending.ledger))
        submitter = Submitter(
            replace(sending.shared, limit=limit),
            store,
            connect=sending.connect,
            clock=job.runtime.clock,
            random=job.runtime.random,
            on_outcome=lambda outcome, final: job.listener.settled(outcome, final=final),
            known_calls=known_calls,
            lock=sending.ledger,
        )
        is_night = job.options.night is not None
        of_run = (sending.ledger, sending.run.id, submitter, job.campaign)
        watch = RequestWatch(*of_run, clock=job.runtime.clock, is_night=is_night)
        works = (submitter.keep_lock(), _keep_fresh(sending), watch.go_on(), _tell(sending, submitter))
        besides = [asyncio.create_task(work) for work in works]
        if job.suppression.is_needed:
            besides.append(asyncio.create_task(_watch_suppression(sending, submitter)))
        try:
            with _signals(submitter, job.listener, take=job.options.take_signals) as caught:
                await _submit_all(sending, submitter)
        finally:
            for task in besides:
                task.cancel()
            await asyncio.gather(*besides, return_exceptions=True)
            if submitter.pauses.made():
                await asyncio.to_thread(watch.keep, ended=True)
        if job.suppression.is_needed and submitter.stopped is None:
            await _take_suppression(sending, submitter)
    notes = tuple(filter(None, [submitter.shortfall, submitter.share.described]))
    for note in notes:
        _log.warning("%s", note, extra={"action": "pace", "run_id": sending.run.id})
    return Sent(submitter.stopped, caught.number, notes, submitter.share.as_json())


def _known_calls(sending: Sending) -> KnownCalls | None:
    """Read what a refused batch is looked for by; nothing where each request carries one call."""
    if sending.job.campaign.submit.batch_size == 1:
        return None
    with sending.ledger.read() as tx:
        return known_calls_of(tx, sending.run.id)


async def _submit_all(sending: Sending, submitter: Submitter) -> None:
    """Submit; whatever came too close to its slot is planned anew and submitted again."""
    in_vain = 0
    submitted = await submitter.submit(_feed(sending), expected=sending.planned)
    while submitted.is_late and submitter.stopped is None:
        in_vain = 0 if submitted.created else in_vain + 1
        if in_vain >= MAX_PLANS_IN_VAIN:
            submitter.stop(StopCode.FELL_BEHIND, "The API keeps putting calls off until their slots have passed.")
            return
        again = await asyncio.to_thread(sending.plan_again, sending.clock.now_ms())
        if not again.planned:
            submitter.stop(StopCode.FELL_BEHIND, "The run fell behind, and no permitted time is left for the rest.")
            return
        submitted = await submitter.submit(_feed(sending), expected=again.planned)


async def _feed(sending: Sending) -> AsyncIterator[PlannedCall]:
    campaign = sending.job.campaign
    compliance = Compliance(campaign.schedule, campaign.limits)
    workers = campaign.submit.concurrency or MOST_WORKERS
    guard = SlotGuard(compliance, under_way=workers * campaign.submit.batch_size + PAGE_ROWS)
    after_ms = -1
    while (page := await asyncio.to_thread(_page, sending, after_ms, compliance.longest_cap_ms)).calls:
        for call in page.calls:
            refusal = guard.refusal(call, page)
            if refusal is None:
                yield call
            else:
                await asyncio.to_thread(_refuse, sending, call, refusal)
        after_ms = page.calls[-1].slot_ms


def _page(sending: Sending, after_ms: int, cap_ms: int) -> Page:
    since_ms = sending.clock.now_ms() - cap_ms
    with sending.ledger.read() as tx:
        return page_to_judge(tx, sending.run.id, after_ms=after_ms, since_ms=since_ms)


def _refuse(sending: Sending, call: PlannedCall, message: str) -> None:
    extra = {"action": "refused_slot", "run_id": sending.run.id, "contact_id": call.contact_id, "row": call.row}
    _log.warning("run %s row %s: %s", sending.run.id, call.row, message, extra=extra)
    with sending.ledger.write() as tx:
        refuse_slot(tx, sending.run.id, call.contact_id, message)


async def _keep_fresh(sending: Sending) -> None:
    wait = REFRESH_SECONDS
    while True:
        await sending.clock.sleep(wait)
        began = sending.clock.monotonic()
        with suppress(ResultsNotWritten, LedgerUnusable):  # the end of the run tries again, and says so
            await asyncio.to_thread(sending.refresh)
        wait = max(REFRESH_SECONDS, (sending.clock.monotonic() - began) / REFRESH_SHARE)


async def _tell(sending: Sending, submitter: Submitter) -> None:
    while True:
        sending.job.listener.going(_progress(submitter))
        await sending.clock.sleep(TELL_SECONDS)


def _progress(submitter: Submitter) -> Progress:
    return Progress(submitter.in_flight, submitter.claimed_slot_ms, submitter.pauses.current())


async def _watch_suppression(sending: Sending, submitter: Submitter) -> None:
    """Look at the suppression files while the run goes on."""
    while submitter.stopped is None:
        await sending.clock.sleep(WATCH_SECONDS)
        await _take_suppression(sending, submitter)


async def _take_suppression(sending: Sending, submitter: Submitter) -> None:
    """Let the numbers that were added to a suppression file be held.

    Nothing is sent while a part of it cannot be read, and soon the run ends: nobody knows whom that part names.
    """
    for _ in range(MAX_UNREADABLE_LOOKS):
        try:
            at_ms = sending.clock.now_ms()
            await asyncio.to_thread(sending.job.suppression.take_changes, sending.ledger, sending.run, at_ms=at_ms)
        except DialerError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the watch without a word
            problem = f"The suppression files cannot be read: unexpected {type(error).__name__}, this is a bug."
        else:
            return
        submitter.pause(2 * WATCH_SECONDS, PauseReason.SUPPRESSION, problem)
        await sending.clock.sleep(WATCH_SECONDS)
    message = f"{problem} Until they can be read, nobody knows whom not to call."
    submitter.stop(StopCode.SUPPRESSION_UNREADABLE, message)


@contextmanager
def _signals(submitter: Submitter, listener: Listener, *, take: bool) -> Iterator[_Caught]:
    """Turn the first Ctrl-C or SIGTERM into a stop; a second one ends the process as it would any other.

    What is in flight when the process dies is a claim without an outcome: unknown at the next start.
    """
    caught = _Caught()
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        caught.number = number
        submitter.stop(StopCode.INTERRUPTED, "Interrupted. What was in flight is finished, the rest stays pending.")
        for taken in SIGNALS:
            loop.remove_signal_handler(taken)
        listener.going(replace(_progress(submitter), is_interrupted=True))

    if take:
        for number in SIGNALS:
            loop.add_signal_handler(number, stop, number)
    try:
        yield caught
    finally:
        if take:
            for number in SIGNALS:
                loop.remove_signal_handler(number)
