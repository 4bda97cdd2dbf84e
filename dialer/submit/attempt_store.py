"""The submitter's side of the ledger: claims before a request, outcomes after it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from dialer.calls.attempt import CLAIM_LIFE_SECONDS, Claim, PlannedCall, Settlement
from dialer.calls.outcome import Kind, Outcome, Stop, StopCode, repeated_id
from dialer.clock import Clock
from dialer.errors import (
    BudgetSpent,
    CallIdKnown,
    CampaignPaused,
    CreatedMeanwhile,
    LedgerUnusable,
    LedgerWriteFailed,
    LockLost,
    NumberSuppressed,
    StopRequested,
    TransitionRefused,
)
from dialer.reasons import Reason
from dialer.submit.stop_remedies import ledger_stop


class AttemptStore(Protocol):
    """Where attempts are written. `claim` and `settle` begin at once; they have ended when the disk has them.

    Each takes all that one request carries, and answers for each of them, in order: of a call in a batch, an answer of
    its own took a seventh of the processor time.
    """

    def claim(self, claims: Sequence[Claim]) -> Awaitable[Sequence[Claim | Exception]]:
        """Store the attempts of one request; return each as stored: its slot moves by milliseconds where it was taken.

        In place of one that is not stored stands `NumberSuppressed` when its number must not be called any more,
        `BudgetSpent` when the campaign may not make another call, `CreatedMeanwhile` when the contact turned out to
        have its call, `CampaignPaused` and `StopRequested` when somebody has asked for it, `TransitionRefused` when it
        may not be claimed, `LedgerWriteFailed` when the disk refuses, `LockLost` when the run was taken over.
        """

    def settle(self, settlements: Sequence[Settlement]) -> Awaitable[Sequence[object]]:
        """Store the outcomes of claimed attempts; return errors as `claim` does, and `CallIdKnown` for another's id.

        An outcome that `repeats` an id makes the call of this run unknown, too, that has it.
        One that was not sent because its number is suppressed takes its contact out of the run, which tells the row so.
        """

    async def suppressed(self, claims: Sequence[Claim]) -> frozenset[int]:
        """Return the contacts of *claims* whose numbers must not be called any more, as of now.

        Raises `LedgerUnusable` when the ledger cannot tell.
        """


SETTLE_TRIES = 3
"""How often an outcome is tried to be written, each time as long as the ledger waits for its lock: a reader that holds
it too long must not turn a known call into an unknown one."""

_NOT_ITS_FAULT = (Reason.STOPPED, Reason.WAITING, Reason.SUPPRESSED)
_TRIED_AGAIN = (Reason.BATCH_REFUSED, Reason.CLAIM_EXPIRED)


@dataclass(frozen=True, slots=True)
class Try:
    """A planned call and how often this run has tried it; *given_back* of the tries ended before anything was sent."""

    call: PlannedCall
    made: int = 0
    given_back: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """A try whose claim is in the ledger: it may be sent, once, before *expires_at* by the monotonic clock."""

    try_: Try
    claim: Claim
    expires_at: float


class Writing(NamedTuple):
    """Outcomes that are being written, and the tries that follow from them in this run."""

    settlements: list[Settlement]
    begun: Awaitable[Sequence[object]]
    retries: list[Try]


class ClaimWriter:
    """Writes one run's claims and outcomes. *stop* ends the run; *max_attempts* bounds the tries of one call.

    *hold* is told why nothing may be claimed until somebody resumes.
    """

    def __init__(
        self,
        store: AttemptStore,
        run_id: str,
        *,
        max_attempts: int,
        clock: Clock,
        stop: Callable[[Stop], None],
        hold: Callable[[str], None],
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._max_attempts = max_attempts
        self._clock = clock
        self._stop = stop
        self._hold = hold
        self._repeated: set[str] = set()  # ids that came twice: no call is told apart by one any more

    async def write_claims(self, tries: Sequence[Try]) -> tuple[list[Claimed], list[Try]]:
        """Claim each of *tries*; return those that may be sent, and those that a pause holds back.

        A ledger or a budget that refuses one ends the run.
        """
        expires_at = self._clock.monotonic() + CLAIM_LIFE_SECONDS
        now_ms = self._clock.now_ms()
        answers = await self._store.claim([self._claim_of(item, now_ms) for item in tries])
        claimed, held = [], []
        for item, answer in zip(tries, answers, strict=True):
            if isinstance(answer, LedgerWriteFailed):
                message = f"{answer} Nothing is sent that the ledger cannot hold."
                self._stop(ledger_stop(answer, message))
            elif isinstance(answer, BudgetSpent):
                self._stop(Stop(StopCode.BUDGET_SPENT, str(answer)))
            elif isinstance(answer, LockLost):
                self._stop(Stop(StopCode.LOCK_LOST, str(answer)))
            elif isinstance(answer, StopRequested):
                self._stop(Stop(StopCode.STOP_REQUESTED, str(answer)))
            elif isinstance(answer, CampaignPaused):
                self._hold(str(answer))
                held.append(item)
            elif isinstance(answer, NumberSuppressed | CreatedMeanwhile):
                continue  # the ledger tells its row
            elif isinstance(answer, Exception):
                raise answer
            else:
                claimed.append(Claimed(item, answer, expires_at))
        return claimed, held

    def _claim_of(self, item: Try, now_ms: int) -> Claim:
        call, number = item.call, item.call.attempts + item.made + 1
        at = (call.slot_ms + item.made, now_ms)
        return Claim(call.contact_id, number, self._run_id, call.phone, *at, call.call_template_id, call.from_number)

    def begin(self, claimed: Sequence[Claimed], outcomes: Sequence[Outcome]) -> Writing:
        """Begin to write the outcome of each of *claimed*; `finish` waits for it."""
        retries, settlements, now_ms = [], [], self._clock.now_ms()
        for item, outcome in zip(claimed, outcomes, strict=True):
            given_back = item.try_.given_back + (outcome.reason == Reason.CLAIM_EXPIRED)
            tried = replace(item.try_, made=item.try_.made + 1, given_back=given_back)
            retry = outcome.kind == Kind.NOT_SENT and tried.made - given_back < self._max_attempts
            retry = retry and outcome.reason != Reason.SUPPRESSED
            retry = retry or outcome.reason in _TRIED_AGAIN
            again = retry or outcome.stop is not None or outcome.reason in _NOT_ITS_FAULT
            settlements.append(self._told_apart(Settlement(item.claim, outcome, now_ms, again=again)))
            retries += [tried] if retry else []
        return Writing(settlements, self._store.settle(settlements), retries)

    async def finish(self, writing: Writing) -> list[Settlement]:
        """Wait until the outcomes are written, and return those that were. One that cannot be written ends the run."""
        written = []
        for settlement, answer in zip(writing.settlements, await writing.begun, strict=True):
            item = await self._written(settlement, answer) if isinstance(answer, Exception) else settlement
            if isinstance(item, LedgerWriteFailed):
                self._stop(_not_written(settlement, item))
            elif isinstance(item, LockLost):
                self._stop(Stop(StopCode.LOCK_LOST, str(item)))
            elif isinstance(item, Exception):
                raise item
            else:
                written.append(item)
        return written

    async def _written(self, settlement: Settlement, answer: object) -> Settlement | Exception:
        """Write one outcome again where *answer* is no last word; return it as written, or what stands in the way.

        The id of another call makes it unknown.
        """
        for tried in range(SETTLE_TRIES):
            if isinstance(answer, CallIdKnown):
                self._repeated.add(str(settlement.outcome.call_id))
                return await self._settled(self._told_apart(settlement))
            if isinstance(answer, TransitionRefused) and tried:
                break  # the try before was written, though the answer to its commit was lost
            if not isinstance(answer, LedgerWriteFailed) or tried + 1 == SETTLE_TRIES:
                return answer if isinstance(answer, Exception) else settlement
            settlement = self._told_apart(settlement)
            (answer,) = await self._store.settle([settlement])
        return settlement

    async def _settled(self, settlement: Settlement) -> Settlement | Exception:
        (answer,) = await self._store.settle([settlement])
        return await self._written(settlement, answer)

    def _told_apart(self, settlement: Settlement) -> Settlement:
        """Return the settlement, as an unknown one where its call's id has come twice."""
        if settlement.outcome.call_id not in self._repeated:
            return settlement
        return replace(settlement, outcome=repeated_id(settlement.outcome))

    async def suppressed(self, claimed: Sequence[Claimed]) -> frozenset[int] | None:
        """Return the contacts that must not be called any more; None, with the run ended, where nobody can say."""
        try:
            return await self._store.suppressed([item.claim for item in claimed])
        except LedgerUnusable as error:
            message = f"{error} Nothing is sent to a number that may have been suppressed meanwhile."
            self._stop(ledger_stop(error, message))
            return None


def _not_written(settlement: Settlement, error: LedgerWriteFailed) -> Stop:
    outcome, claim = settlement.outcome, settlement.claim
    what = f"{outcome.kind} {outcome.call_id or outcome.reason}"
    return ledger_stop(
        error,
        f"{error} The outcome of contact {claim.contact_id}, attempt {claim.number}, could not be written"
        f" (it was: {what}); the next run holds it as unknown.",
    )
