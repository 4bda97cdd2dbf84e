"""Sends the planned calls of a run: feeds the submitter, plans anew what came too late, keeps the results fresh."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from dialer.api.client import Client
from dialer.calls.attempt import PlannedCall
from dialer.calls.known_calls import KnownCalls
from dialer.calls.outcome import Outcome, Stop, StopCode
from dialer.campaign.file import Campaign
from dialer.clock import Clock
from dialer.errors import DialerError, LedgerUnusable, ResultsNotWritten
from dialer.jobs.intake.suppression_watch import SuppressionWatch
from dialer.jobs.planning.layout import PlanFacts
from dialer.jobs.runtime import Wiring
from dialer.jobs.sending.slot_guard import SlotGuard
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import Run
from dialer.ledger.slots import PAGE_ROWS, Page, page_to_judge, refuse_slot
from dialer.ledger.transitions.reconciled import known_calls_of
from dialer.schedule.compliance import Compliance
from dialer.submit.submitter import Sender, Submitter

REFRESH_SECONDS = 10.0
WATCH_SECONDS = 1.0
"""How often the suppression files are looked at while a run goes on."""

MAX_UNREADABLE_LOOKS = 10
"""So long a file may be half-written; after that nobody knows who must not be called, and the run ends."""

MAX_PLANS_IN_VAIN = 5
"""So many plans in a row without one call created mean that waiting does not help."""

REFRESH_SHARE = 0.05
"""The results file is rewritten every few seconds, but never takes more than this share of the time."""

_log = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Listener(Protocol):
    """Told how a run goes; the command line draws it, a test or a task may record it."""

    def planned(self, facts: PlanFacts) -> bool:
        """Learn what is about to be created; False ends the run before anything is sent."""

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Learn the outcome of one attempt; not *final* when the call is tried again."""


class SilentListener:
    """Agrees to every plan and says nothing."""

    def planned(self, facts: PlanFacts) -> bool:
        """Agree."""
        del facts
        return True

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Ignore."""


@dataclass(frozen=True)
class Sending:
    """Everything that sending a run needs; `send` does it.

    *plan_again* plans what came too late anew, from an instant (ms) on.
    """

    campaign: Campaign
    ledger: Ledger
    run: Run
    sender: Sender
    plan_again: Callable[[int], PlanFacts]
    clock: Clock
    listener: Listener
    connect: Callable[[], Client]
    refresh: Callable[[], None]
    wiring: Wiring
    suppression: SuppressionWatch
    take_signals: bool = False


@dataclass
class _Caught:
    number: int | None = None


async def send(job: Sending) -> tuple[Stop | None, int | None]:
    """Send until nothing is left or the run stops; give why it stopped and the signal that did it, if any."""
    around = await asyncio.to_thread(_surroundings, job)
    async with job.wiring.book(job.ledger) as book:
        submitter = Submitter(
            job.sender,
            book,
            connect=job.connect,
            clock=job.clock,
            random=job.wiring.random,
            on_outcome=lambda outcome, final: job.listener.settled(outcome, final=final),
            around=around,
        )
        besides = [asyncio.create_task(_keep_fresh(job))]
        if job.suppression.is_needed:
            besides.append(asyncio.create_task(_watch_suppression(job, submitter)))
        try:
            with _signals(submitter, take=job.take_signals) as caught:
                await _submit_all(job, submitter)
        finally:
            for task in besides:
                task.cancel()
            await asyncio.gather(*besides, return_exceptions=True)
    return submitter.stopped, caught.number


def _surroundings(job: Sending) -> KnownCalls | None:
    """Read what a refused batch is looked for by; nothing where each request carries one call."""
    if job.campaign.submit.batch_size == 1:
        return None
    with job.ledger.read() as tx:
        return known_calls_of(tx, job.run.id)


async def _submit_all(job: Sending, submitter: Submitter) -> None:
    """Submit; whatever came too close to its slot is planned anew and submitted again."""
    await submitter.submit(_feed(job))
    in_vain, created = 0, 0
    while submitter.late and submitter.stopped is None:
        in_vain = 0 if submitter.created > created else in_vain + 1
        created = submitter.created
        if in_vain >= MAX_PLANS_IN_VAIN:
            submitter.stop(StopCode.FELL_BEHIND, "The API keeps putting calls off until their slots have passed.")
            return
        again = await asyncio.to_thread(job.plan_again, job.clock.now_ms())
        if not again.planned:
            submitter.stop(StopCode.FELL_BEHIND, "The run fell behind, and no permitted time is left for the rest.")
            return
        await submitter.submit(_feed(job))


async def _feed(job: Sending) -> AsyncIterator[PlannedCall]:
    compliance = Compliance(job.campaign.schedule, job.campaign.limits)
    guard = SlotGuard(
        compliance, under_way=job.campaign.submit.concurrency * job.campaign.submit.batch_size + PAGE_ROWS
    )
    after_ms = -1
    while (page := await asyncio.to_thread(_page, job, after_ms, compliance.longest_cap_ms)).calls:
        for call in page.calls:
            refusal = guard.refusal(call, page)
            if refusal is None:
                yield call
            else:
                await asyncio.to_thread(_refuse, job, call, refusal)
        after_ms = page.calls[-1].slot_ms


def _page(job: Sending, after_ms: int, cap_ms: int) -> Page:
    since_ms = job.clock.now_ms() - cap_ms
    with job.ledger.read() as tx:
        return page_to_judge(tx, job.run.id, after_ms=after_ms, since_ms=since_ms)


def _refuse(job: Sending, call: PlannedCall, message: str) -> None:
    told = {"action": "refused_slot", "run_id": job.run.id, "contact_id": call.contact_id}
    _log.warning("run %s contact %d: %s", job.run.id, call.contact_id, message, extra=told)
    with job.ledger.write() as tx:
        refuse_slot(tx, job.run.id, call.contact_id, message)


async def _keep_fresh(job: Sending) -> None:
    wait = REFRESH_SECONDS
    while True:
        await job.clock.sleep(wait)
        began = job.clock.monotonic()
        with suppress(ResultsNotWritten, LedgerUnusable):  # the end of the run tries again, and says so
            await asyncio.to_thread(job.refresh)
        wait = max(REFRESH_SECONDS, (job.clock.monotonic() - began) / REFRESH_SHARE)


async def _watch_suppression(job: Sending, submitter: Submitter) -> None:
    """Let numbers that are added to a suppression file meanwhile be held; end the run when nobody can read it."""
    unreadable = 0
    while unreadable < MAX_UNREADABLE_LOOKS:
        await job.clock.sleep(WATCH_SECONDS)
        try:
            at_ms = job.clock.now_ms()
            await asyncio.to_thread(job.suppression.take_changes, job.ledger, job.run, at_ms=at_ms)
            unreadable = 0
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the watch without a word
            unreadable += 1
            what = str(error) if isinstance(error, DialerError) else f"The suppression files: {type(error).__name__}."
            told = f"{what} Until they can be read, nobody knows whom not to call."
    submitter.stop(StopCode.SUPPRESSION_UNREADABLE, told)


@contextmanager
def _signals(submitter: Submitter, *, take: bool) -> Iterator[_Caught]:
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

    if take:
        for number in SIGNALS:
            loop.add_signal_handler(number, stop, number)
    try:
        yield caught
    finally:
        if take:
            for number in SIGNALS:
                loop.remove_signal_handler(number)
