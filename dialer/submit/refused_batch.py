"""A batch that the API refused: finds out whether some of its calls were created all the same.

The API documents no answer for a batch that holds one bad call. It may refuse the whole, or create what came before
the bad one. So nothing of a refused batch is sent again before the listing shows that it is not there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dialer.clock import Clock
from dialer.status import Reason
from dialer.submit.attempt import Claim
from dialer.submit.client import Client
from dialer.submit.listing import Finding, Found, KnownCalls, UnknownAttempt, find_attempts
from dialer.submit.lookup import take_passes
from dialer.submit.outcome import Kind, Outcome, never_sent

_NOT_CREATED = "its batch was refused, and the listing shows that it was not created; it is sent alone"
_IN_DOUBT = (
    "The API refused the batch that held this call, and its listing does not show whether the call was created all the"
    " same. The call may exist."
)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What looking for the calls of a refused batch takes. *known* are calls that the listing must hold."""

    call_template_id: str
    known: KnownCalls
    clock: Clock
    now_ms: int

    async def outcomes(self, client: Client, claims: Sequence[Claim], refusal: Outcome) -> list[Outcome]:
        """Give one outcome for each of *claims*, in order: created, surely not created, or unknown.

        The listing may be empty, for it is asked with the key and for the template that the batch was sent with; and it
        may grow, for other workers go on.
        """
        passes = await take_passes(client, self.call_template_id, self.clock)
        attempts = [
            UnknownAttempt(claim.contact_id, claim.number, claim.phone, claim.slot_ms, claim.claimed_at_ms, self.now_ms)
            for claim in claims
        ]
        found = find_attempts(attempts, passes or [], self.known, may_be_empty=True, may_grow=True)
        return [_outcome(item, refusal.http_status) for item in found]


def _outcome(found: Found, http_status: int | None) -> Outcome:
    if found.finding == Finding.CREATED:
        return Outcome(Kind.CREATED, call_id=found.call_id, http_status=http_status)
    if found.finding == Finding.NOT_FOUND:
        return never_sent(_NOT_CREATED, reason=Reason.BATCH_REFUSED)
    return in_doubt(http_status)


def in_doubt(http_status: int | None) -> Outcome:
    """Judge a call of a refused batch of which nothing is known."""
    return Outcome(Kind.UNKNOWN, Reason.BAD_REPLY, _IN_DOUBT, http_status=http_status)
