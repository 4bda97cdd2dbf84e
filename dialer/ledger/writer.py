"""The one thread that writes attempts while a run is sending.

Claims and settlements of all workers that arrive while a commit is under way share the next one, so durability
costs one disk sync for the group and not one for each call.
"""

import asyncio
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from dialer.calls.attempt import Claim, Settlement
from dialer.calls.outcome import Kind
from dialer.errors import (
    BudgetSpent,
    CallIdKnown,
    CampaignPaused,
    CreatedMeanwhile,
    LedgerConflict,
    LedgerWriteFailed,
    LockLost,
    NumberSuppressed,
    StopRequested,
    TransitionRefused,
)
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.pauses import refuse_claims
from dialer.ledger.spending import BudgetGuard
from dialer.ledger.suppression_list import suppressed_contacts
from dialer.ledger.transitions.claims import claim_all, claim_one, hold_suppressed, settle_all
from dialer.ledger.transitions.late import settle_late, skip_created

MAX_GROUP = 1_024
"""So many claims and outcomes share a commit at most. With 256, batches of 50 took a sixth longer."""

OUTCOME_SECONDS = 0.01
"""So long outcomes wait for claims that share their commit. Their calls are as unknown in that time as before their
replies came. With a commit of its own for each, 500 calls a second took twice the processor's time."""

_FOR_EACH_ALONE = (
    BudgetSpent,
    CampaignPaused,
    StopRequested,
    TransitionRefused,
    CallIdKnown,
    IntegrityError,
    LedgerConflict,
)
"""What a group may meet that its members, each in a transaction of its own, may not."""


_Work = Claim | Settlement
_Answer = Claim | Exception


@dataclass(frozen=True, slots=True)
class _Request:
    """What was asked together, and who waits for it: one answer for each, in order."""

    works: Sequence[_Work]
    done: asyncio.Future[list[_Answer]]


class LedgerWriter:
    """Writes attempts for the submitter: the `AttemptStore` of `dialer.submit`. Use as an async context manager.

    Leaving it writes what was asked for before and ends the thread; whoever asks later gets `LedgerWriteFailed`.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._asked: list[_Request] = []  # in this turn of the loop, and outcomes since the last claim
        self._handing_over: asyncio.Handle | None = None
        self._is_urgent = False
        self._queue: queue.SimpleQueue[list[_Request] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="dialer-ledger")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._left = False
        self._budgets = BudgetGuard()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left = True
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def claim(self, claims: Sequence[Claim]) -> asyncio.Future[list[Claim | Exception]]:
        """Store the attempts and return each as stored; see `AttemptStore`."""
        return self._ask(claims)

    def settle(self, settlements: Sequence[Settlement]) -> asyncio.Future[list[Claim | Exception]]:
        """Store the outcomes of claimed attempts; see `AttemptStore`."""
        return self._ask(settlements)

    async def suppressed(self, claims: Sequence[Claim]) -> frozenset[int]:
        """Return the contacts whose numbers must not be called any more; see `AttemptStore`."""
        return await asyncio.to_thread(self._suppressed, [claim.contact_id for claim in claims])

    def _suppressed(self, contact_ids: Sequence[int]) -> frozenset[int]:
        with self._ledger.read() as tx:
            return suppressed_contacts(tx, contact_ids)

    def _ask(self, works: Sequence[_Work]) -> asyncio.Future[list[_Answer]]:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[list[_Answer]] = loop.create_future()
        if not works:
            done.set_result([])
        elif self._left:  # nobody reads the queue any more: the asker would wait for ever
            message = "The ledger's writer has ended with its run: nothing more can be written."
            done.set_result([LedgerWriteFailed(message)] * len(works))
        else:
            self._asked.append(_Request(works, done))
            if isinstance(works[0], Claim) and not self._is_urgent:
                self._is_urgent = True
                self._schedule(loop.call_soon(self._hand_over))
            elif self._handing_over is None:
                self._schedule(loop.call_later(OUTCOME_SECONDS, self._hand_over))
        return done

    def _schedule(self, handing_over: asyncio.Handle) -> None:
        if self._handing_over is not None:
            self._handing_over.cancel()
        self._handing_over = handing_over

    def _hand_over(self) -> None:
        """Put what was asked into the queue together: it shares a commit."""
        asked, self._asked = self._asked, []
        self._handing_over, self._is_urgent = None, False
        if asked:
            self._queue.put(asked)

    def _work(self) -> None:
        while (group := self._queue.get()) is not None:
            last, count = False, _count(group)
            while count < MAX_GROUP:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    last = True
                    break
                group += following
                count += _count(following)
            self._answer(group, self._write([work for item in group for work in item.works]))
            if last:
                return

    def _write(self, group: Sequence[_Work]) -> list[_Answer]:
        """Write a group in one transaction; where the database objects to one, or to the moment, each half in its own.

        So one that is refused costs a group of 1,024 some twenty transactions, and not one for each.
        """
        try:
            with self._ledger.write() as tx:
                settle_all(tx, [work for work in group if isinstance(work, Settlement)])
                claims = [work for work in group if isinstance(work, Claim)]
                if claims:
                    refuse_claims(tx, claims[0].run_id)
                    self._budgets.admit(tx, claims[0].run_id, len(claims))
                    claim_all(tx, claims)
        except _FOR_EACH_ALONE:
            if len(group) == 1:
                return [self._write_alone(group[0])]
            half = len(group) // 2
            return [*self._write(group[:half]), *self._write(group[half:])]
        except LockLost as error:
            return [self._write_late(work, error) for work in group]
        except Exception as error:  # noqa: BLE001 - whoever asked must be answered, or it would wait for ever
            return [error] * len(group)
        return [work.claim if isinstance(work, Settlement) else work for work in group]

    def _write_alone(self, work: _Work) -> _Answer:
        try:
            try:
                with self._ledger.write() as tx:
                    return self._apply(tx, work)
            except TransitionRefused:  # perhaps something came between the look and the claim: a server does not wait
                with self._ledger.write() as tx:
                    if isinstance(work, Claim) and hold_suppressed(tx, work):
                        return _number_suppressed(work)
                    if isinstance(work, Claim) and skip_created(tx, work):
                        return CreatedMeanwhile(f"contact {work.contact_id}: its call turned out to exist")
                raise
        except Exception as error:  # noqa: BLE001 - as above
            return error

    def _apply(self, tx: Connection, work: _Work) -> Claim | NumberSuppressed:
        if isinstance(work, Settlement):
            settle_all(tx, [work])
            return work.claim
        refuse_claims(tx, work.run_id)
        if hold_suppressed(tx, work):
            return _number_suppressed(work)
        self._budgets.admit(tx, work.run_id)
        return claim_one(tx, work)

    def _write_late(self, work: _Work, lost: LockLost) -> _Answer:
        """Record what is known of a call, though another has the lock by now: it was created, or another has its id.

        Anything else is answered with *lost*.
        """
        if isinstance(work, Claim) or (work.outcome.kind != Kind.CREATED and work.outcome.repeats is None):
            return lost
        try:
            with self._ledger.write_own() as tx:
                settle_late(tx, work)
        except Exception as error:  # noqa: BLE001 - as above
            return error
        return work.claim

    def _answer(self, group: Sequence[_Request], answers: Sequence[_Answer]) -> None:
        assert self._loop is not None  # noqa: S101 - the thread starts after the loop is known
        self._loop.call_soon_threadsafe(_resolve, group, answers)


def _number_suppressed(claim: Claim) -> NumberSuppressed:
    return NumberSuppressed(f"contact {claim.contact_id}: its number has been suppressed since it was planned")


def _count(group: Sequence[_Request]) -> int:
    return sum(len(item.works) for item in group)


def _resolve(group: Sequence[_Request], answers: Sequence[_Answer]) -> None:
    begin = 0
    for item in group:
        end = begin + len(item.works)
        if not item.done.cancelled():
            item.done.set_result(list(answers[begin:end]))
        begin = end
