"""What a look during a run is judged by: other calls, of earlier runs and of this one, and attempts in doubt."""

from dialer.calls.attempt import Claim, Settlement
from dialer.calls.known_calls import MAX_WITNESSES, KnownCalls
from dialer.calls.outcome import Kind, Outcome
from dialer.calls.reconciliation import ExpectedCalls, UnknownAttempt
from dialer.reasons import Reason
from tests.support import number

CREATED = Outcome(Kind.CREATED, call_id="new", http_status=200)
UNKNOWN = Outcome(Kind.UNKNOWN, Reason.NO_REPLY, "No reply.")
NOT_SENT = Outcome(Kind.NOT_SENT, Reason.NOT_SENT, "Not sent.")


def claim(contact: int) -> Claim:
    """Return the first attempt of a contact."""
    return Claim(contact, 1, "a-run", number(contact), 5_000, 1_000)


def settled(contact: int, outcome: Outcome) -> Settlement:
    """Return what became of it."""
    return Settlement(claim(contact), outcome, 2_000)


def test_a_listing_must_hold_the_newest_calls_and_may_hold_the_others() -> None:
    """Of many known calls the newest are witnesses; none of them is ever taken for a call that is looked for."""
    many = {f"call-{index}": index for index in range(MAX_WITNESSES + 2)}
    around = KnownCalls(ExpectedCalls(many, {"elsewhere"}))
    around.settled(settled(1, CREATED))

    witnesses = around.witnesses()
    assert len(witnesses) == MAX_WITNESSES
    assert list(witnesses)[-1] == "new"
    assert witnesses["new"] == 5_000
    assert "call-2" not in witnesses
    assert all(call_id in around.known(witnesses) for call_id in (*many, "elsewhere", "new"))


def test_calls_created_during_a_look_are_known_and_need_not_be_listed() -> None:
    """Another worker's call may not have appeared yet, and it is nobody else's."""
    around = KnownCalls()
    witnesses = around.witnesses()
    around.settled(settled(1, CREATED))
    assert "new" in around.known(witnesses)
    assert around.known(witnesses).listed == {}


def test_whatever_may_exist_counts_as_unknown() -> None:
    """Attempts of the ledger, those under way, and those that ended so; not those whose fate is known."""
    before = UnknownAttempt(9, 2, number(9), 1, 1, 1)
    around = KnownCalls(unknown=[before])
    for contact in range(4):
        around.claimed(claim(contact))
    for contact, outcome in ((1, CREATED), (2, UNKNOWN), (3, NOT_SENT)):
        around.settled(settled(contact, outcome))
    told = {attempt.contact_id: attempt.until_ms for attempt in around.unknown(now_ms=3_000)}
    assert told == {9: 1, 0: 3_000, 2: 2_000}
