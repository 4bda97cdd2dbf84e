"""What is known of other calls while a run goes on: by it a look at the API's listing is judged. Pure."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from dialer.calls.attempt import Claim, Settlement
from dialer.calls.outcome import Kind
from dialer.calls.reconciliation import ExpectedCalls, UnknownAttempt

MAX_WITNESSES = 1_000
"""How many of the calls created last a listing must hold before it is believed about a refused batch."""


class KnownCalls:
    """Calls known to exist and attempts whose call may exist, of every campaign; the run's own are noted as it goes.

    *known* are the calls that the ledger knew when the run began, those that the listing must hold from the oldest to
    the newest; *unknown* its attempts whose call may exist. A template is that of single people, or None: the run's.
    *listed_under* are the calls, with their slots, that the listings of other templates must hold.
    """

    def __init__(
        self,
        known: ExpectedCalls | None = None,
        unknown: Iterable[UnknownAttempt] = (),
        listed_under: Mapping[str, Mapping[str, int]] | None = None,
    ) -> None:
        known = known or ExpectedCalls()
        self._witnesses = defaultdict[str | None, deque[tuple[str, int]]](lambda: deque(maxlen=MAX_WITNESSES))
        self._witnesses[None].extend(known.listed.items())
        for template, calls in (listed_under or {}).items():
            self._witnesses[template].extend(calls.items())
        self._claimed_at_ms = defaultdict[str | None, deque[tuple[str, int]]](lambda: deque(maxlen=MAX_WITNESSES))
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
            self._witnesses[claim.call_template_id].append((outcome.call_id, claim.slot_ms))
            self._claimed_at_ms[claim.call_template_id].append((outcome.call_id, claim.claimed_at_ms))

    def witnesses(self, template: str | None = None) -> dict[str, int]:
        """Return the template's calls created last, with their slots: a listing read from now on must hold them."""
        return dict(self._witnesses[template])

    def known(self, witnesses: Mapping[str, int], template: str | None = None) -> ExpectedCalls:
        """Return every call known now, of which the listing looked at, the template's, must hold the *witnesses*."""
        return ExpectedCalls(witnesses, self._created, dict(self._claimed_at_ms[template]))

    def has_newer(self, than_ms: int, template: str | None = None) -> bool:
        """Return whether a call was created under the template whose claim is newer than an instant."""
        return any(claimed_at_ms > than_ms for _, claimed_at_ms in self._claimed_at_ms[template])

    def unknown(self, *, now_ms: int) -> list[UnknownAttempt]:
        """Return every attempt whose call may exist, those under way among them."""
        under_way = [as_unknown(claim, until_ms=now_ms) for claim in self._under_way.values()]
        return [*self._unknown.values(), *under_way]


def as_unknown(claim: Claim, *, until_ms: int) -> UnknownAttempt:
    """Return a claimed attempt as one whose call may have been created until *until_ms*."""
    return UnknownAttempt(claim.contact_id, claim.number, claim.phone, claim.slot_ms, claim.claimed_at_ms, until_ms)
