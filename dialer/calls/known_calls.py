"""What is known of other calls while a run goes on: by it a look at the API's listing is judged. Pure."""

from collections import deque
from collections.abc import Iterable, Mapping

from dialer.calls.attempt import Claim, Settlement
from dialer.calls.outcome import Kind
from dialer.calls.reconciliation import ExpectedCalls, UnknownAttempt

MAX_WITNESSES = 1_000
"""How many of the calls created last a listing must hold before it is believed about a refused batch."""


class KnownCalls:
    """Calls known to exist and attempts whose call may exist, of every campaign; the run's own are noted as it goes.

    *known* are the calls that the ledger knew when the run began, those that the listing must hold from the oldest to
    the newest; *unknown* its attempts whose call may exist.
    """

    def __init__(self, known: ExpectedCalls | None = None, unknown: Iterable[UnknownAttempt] = ()) -> None:
        known = known or ExpectedCalls()
        self._witnesses = deque(known.listed.items(), maxlen=MAX_WITNESSES)
        self._claimed_at_ms = deque[tuple[str, int]](maxlen=MAX_WITNESSES)
        self._created = {*known.listed, *known.elsewhere}
        self._unknown = {(attempt.contact_id, attempt.number): attempt for attempt in unknown}
        self._under_way: dict[tuple[int, int], Claim] = {}

    def claimed(self, claim: Claim) -> None:
        """Learn of a claim: from now on its call may exist."""
        self._under_way[claim.contact_id, claim.number] = claim

    def settled(self, settlement: Settlement) -> None:
        """Learn what became of a claim."""
        claim, outcome = settlement.claim, settlement.outcome
        self._under_way.pop((claim.contact_id, claim.number), None)
        if outcome.kind == Kind.UNKNOWN:
            attempt = as_unknown(claim, until_ms=settlement.settled_at_ms)
            self._unknown[claim.contact_id, claim.number] = attempt
        elif outcome.call_id is not None:
            self._created.add(outcome.call_id)
            self._witnesses.append((outcome.call_id, claim.slot_ms))
            self._claimed_at_ms.append((outcome.call_id, claim.claimed_at_ms))

    def witnesses(self) -> dict[str, int]:
        """Return the calls created last, with their slots: a listing asked for from now on must hold them."""
        return dict(self._witnesses)

    def known(self, witnesses: Mapping[str, int]) -> ExpectedCalls:
        """Return every call known now, of which the listing looked at must hold the *witnesses*."""
        return ExpectedCalls(witnesses, self._created, dict(self._claimed_at_ms))

    def has_newer(self, than_ms: int) -> bool:
        """Return whether a call was created whose claim is newer than an instant."""
        return any(claimed_at_ms > than_ms for _, claimed_at_ms in self._claimed_at_ms)

    def unknown(self, *, now_ms: int) -> list[UnknownAttempt]:
        """Return every attempt whose call may exist, those under way among them."""
        under_way = [as_unknown(claim, until_ms=now_ms) for claim in self._under_way.values()]
        return [*self._unknown.values(), *under_way]


def as_unknown(claim: Claim, *, until_ms: int) -> UnknownAttempt:
    """Return a claimed attempt as one whose call may have been created until *until_ms*."""
    return UnknownAttempt(claim.contact_id, claim.number, claim.phone, claim.slot_ms, claim.claimed_at_ms, until_ms)
