"""The submitter's side of the ledger: what is written, tried again, or given up."""

import asyncio
from collections.abc import Sequence

import pytest

from dialer.calls.attempt import Claim, PlannedCall, Settlement
from dialer.calls.outcome import Kind, Outcome, Stop, StopCode, never_sent
from dialer.errors import (
    CallIdKnown,
    CampaignPaused,
    LedgerWriteFailed,
    NumberSuppressed,
    StopRequested,
    TransitionRefused,
)
from dialer.reasons import Reason
from dialer.submit.attempt_store import SETTLE_TRIES, ClaimWriter, Try
from tests.support import FakeClock, answers_of, number

CREATED = Outcome(Kind.CREATED, call_id="call-1", http_status=200)


class Shelf:
    """A book in memory: refuses the settlement of each call *busy* times, and never claims *suppressed* contacts."""

    def __init__(self, *, busy: int = 0, suppressed: frozenset[int] = frozenset()) -> None:
        self.settled: list[Settlement] = []
        self._busy = busy
        self._suppressed = suppressed

    async def claim(self, claims: Sequence[Claim]) -> Sequence[Claim | Exception]:
        """Store claims."""
        return await answers_of(map(self.claim_one, claims))

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[object]:
        """Store outcomes."""
        return await answers_of(map(self.settle_one, settlements))

    async def claim_one(self, claim: Claim) -> Claim:
        """Store a claim."""
        if claim.contact_id in self._suppressed:
            raise NumberSuppressed("suppressed meanwhile")
        return claim

    async def settle_one(self, settlement: Settlement) -> None:
        """Store an outcome, when it is not busy any more."""
        if self._busy:
            self._busy -= 1
            raise LedgerWriteFailed("locked")
        self.settled.append(settlement)

    async def suppressed(self, claims: Sequence[Claim]) -> frozenset[int]:
        """Return who is suppressed."""
        return self._suppressed & {claim.contact_id for claim in claims}


class Forgetful(Shelf):
    """Writes an outcome the first time, and its answer is lost; as any ledger it refuses to write it again."""

    async def settle_one(self, settlement: Settlement) -> None:
        """Store an outcome."""
        if settlement in self.settled:
            raise TransitionRefused("not claimed")
        self.settled.append(settlement)
        raise LedgerWriteFailed("the server closed the connection at COMMIT")


class Ledger(Shelf):
    """Refuses an id that it has; the first holder loses it with the second, as in the ledger."""

    async def settle_one(self, settlement: Settlement) -> None:
        """Store an outcome."""
        if settlement.outcome.call_id in [item.outcome.call_id for item in self.settled if item.outcome.call_id]:
            raise CallIdKnown("known")
        self.settled = [item for item in self.settled if item.outcome.call_id != settlement.outcome.repeats]
        self.settled.append(settlement)


class Broken(Shelf):
    """Fails in a way that nobody has thought of, or says that a contact is not claimed."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def claim_one(self, claim: Claim) -> Claim:
        """Fail for one contact."""
        if claim.contact_id == 1:
            raise self._error
        return claim

    async def settle_one(self, settlement: Settlement) -> None:
        """Fail."""
        del settlement
        raise self._error


def _writer(shelf: Shelf, stops: list[Stop], max_attempts: int = 2, holds: list[str] | None = None) -> ClaimWriter:
    return ClaimWriter(
        shelf,
        "a-run",
        max_attempts=max_attempts,
        clock=FakeClock(),
        stop=stops.append,
        hold=([] if holds is None else holds).append,
    )


def _tries(count: int) -> list[Try]:
    return [Try(PlannedCall(index, number(index), "{}", 1_000 + index, 0)) for index in range(count)]


def _settle(shelf: Shelf, *outcomes: Outcome, max_attempts: int = 2) -> tuple[list[Settlement], list[Try], list[Stop]]:
    """Claim one call for each outcome and settle it so; return what was written, what is tried again, and the stops."""

    async def run() -> tuple[list[Settlement], list[Try], list[Stop]]:
        stops: list[Stop] = []
        writer = _writer(shelf, stops, max_attempts)
        claimed, _ = await writer.write_claims(_tries(len(outcomes)))
        writing = writer.begin(claimed, outcomes)
        return await writer.finish(writing), writing.retries, stops

    return asyncio.run(run())


def test_an_outcome_is_written_though_the_ledger_is_busy_for_a_while() -> None:
    """A reader that holds the ledger longer than one wait does not turn a known call into an unknown one."""
    shelf = Shelf(busy=SETTLE_TRIES - 1)
    written, _, stops = _settle(shelf, CREATED)
    assert [item.outcome.call_id for item in written] == ["call-1"]
    assert shelf.settled == written
    assert stops == []


def test_an_outcome_that_is_refused_every_time_stops_the_run() -> None:
    """After every try the run ends, and the message holds the id that only the API knows otherwise."""
    written, _, (stop,) = _settle(Shelf(busy=SETTLE_TRIES), CREATED)
    assert written == []
    assert stop.code == StopCode.LEDGER_FAILED
    assert "call-1" in stop.message


def test_a_suppressed_number_is_left_out_and_stops_nothing() -> None:
    """The others of its batch are claimed; the ledger itself tells its row."""

    async def run() -> tuple[list[int], list[Stop]]:
        stops: list[Stop] = []
        claimed, _ = await _writer(Shelf(suppressed=frozenset({1})), stops).write_claims(_tries(3))
        return [item.claim.contact_id for item in claimed], stops

    assert asyncio.run(run()) == ([0, 2], [])


def test_a_pause_holds_back_what_is_not_claimed_yet_and_stops_nothing() -> None:
    """What a pause came before is told apart from what may be sent, and whoever holds the rest back is told why."""
    stops: list[Stop] = []
    holds: list[str] = []
    writer = _writer(Broken(CampaignPaused("Paused by ada@office.")), stops, holds=holds)
    claimed, held = asyncio.run(writer.write_claims(_tries(3)))
    assert [item.claim.contact_id for item in claimed] == [0, 2]
    assert [item.call.contact_id for item in held] == [1]
    assert (stops, holds) == ([], ["Paused by ada@office."])


def test_a_request_to_stop_ends_the_run() -> None:
    """A claim that finds the request is not written, and says who asked."""
    stops: list[Stop] = []
    claimed, held = asyncio.run(_writer(Broken(StopRequested("Stopped by bob.")), stops).write_claims(_tries(2)))
    assert ([item.claim.contact_id for item in claimed], held) == ([0], [])
    assert [(stop.code, stop.message) for stop in stops] == [(StopCode.STOP_REQUESTED, "Stopped by bob.")]


def test_an_outcome_whose_answer_was_lost_counts_as_written() -> None:
    """The database has it and refuses the second writing: the run goes on, with the call known as created."""
    shelf = Forgetful()
    written, again, stops = _settle(shelf, CREATED)
    assert [item.outcome.call_id for item in written] == ["call-1"]
    assert shelf.settled == written
    assert (again, stops) == ([], [])


def test_an_id_that_came_twice_is_nobodys_when_it_comes_again() -> None:
    """Neither of the first two has it any more, and the third does not get it for that."""
    shelf = Ledger()

    async def settle() -> list[Outcome]:
        writer = _writer(shelf, [])
        claimed, _ = await writer.write_claims(_tries(3))
        written = [(await writer.finish(writer.begin([item], [CREATED])))[0] for item in claimed]
        return [item.outcome for item in written]

    outcomes = asyncio.run(settle())

    assert [(outcome.kind, outcome.repeats) for outcome in outcomes] == [
        (Kind.CREATED, None),
        (Kind.UNKNOWN, "call-1"),
        (Kind.UNKNOWN, "call-1"),
    ]
    assert {outcome.stop for outcome in outcomes[1:]} == {StopCode.ID_REPEATED}


def test_an_outcome_of_what_is_not_claimed_is_a_bug() -> None:
    """Refused at the first writing, it is no lost answer: it is raised, and not taken for written."""
    with pytest.raises(TransitionRefused):
        _settle(Broken(TransitionRefused("not claimed")), CREATED)


@pytest.mark.parametrize("count", [2, 5])
def test_an_unexpected_error_of_a_claim_is_raised(count: int) -> None:
    """A bug is neither a suppressed number nor a full disk: nothing of the request is sent."""
    writer = _writer(Broken(ValueError("a bug")), [])
    with pytest.raises(ValueError, match="a bug"):
        asyncio.run(writer.write_claims(_tries(count)))


def test_what_a_stop_gives_back_stays_pending_though_its_tries_are_spent() -> None:
    """No credit is not the row's fault: the next run sends it, and this one does not count it as failed."""
    no_credit = Outcome(Kind.REFUSED, "api_402", "No credit.", http_status=402, stop=StopCode.NO_CREDIT)
    refused = Outcome(Kind.REFUSED, "api_400", "Refused.", http_status=400)
    written, again, _ = _settle(Shelf(), no_credit, refused, max_attempts=1)
    assert [item.again for item in written] == [True, False]
    assert again == []


@pytest.mark.parametrize("max_attempts", [1, 4])
def test_a_number_suppressed_while_it_waited_is_not_tried_again(max_attempts: int) -> None:
    """However many tries are left, it is not claimed again, and it is no failure."""
    suppressed = never_sent("its number was suppressed", reason=Reason.SUPPRESSED)
    written, again, _ = _settle(Shelf(), suppressed, max_attempts=max_attempts)
    assert again == []
    assert written[0].again


def test_only_what_surely_was_not_sent_is_tried_again() -> None:
    """A call that was put off is, up to `max_attempts`; one whose fate is unknown never is."""
    unknown = Outcome(Kind.UNKNOWN, Reason.NO_REPLY, "No reply.")
    _, again, _ = _settle(Shelf(), never_sent("refused"), unknown, CREATED)
    assert [(item.call.contact_id, item.made) for item in again] == [(0, 1)]
    assert _settle(Shelf(), never_sent("refused"), max_attempts=1)[1] == []


def test_a_call_of_a_refused_batch_is_tried_alone_whatever_the_attempts() -> None:
    """The refusal was its batch's, not its own."""
    refused = never_sent("its batch was refused", reason=Reason.BATCH_REFUSED)
    written, again, _ = _settle(Shelf(), refused, max_attempts=1)
    assert len(again) == 1
    assert written[0].again
