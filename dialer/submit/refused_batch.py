"""A batch that the API refused or put off: finds out whether some of its calls were created all the same.

The API documents no answer for a batch that it cannot take whole. It may take nothing of it, or create what came before
the bad call, before the credit ran out or before the limit was reached, and answer with what stopped it. So nothing of
such a batch is sent again before the listing shows that it is not there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dialer.api.client import Client
from dialer.api.list_twice import take_passes
from dialer.calls.attempt import Claim
from dialer.calls.known_calls import KnownCalls, as_unknown
from dialer.calls.outcome import Kind, Outcome, Stop, never_sent
from dialer.calls.reconciliation import Finding, Found, find_attempts
from dialer.campaign.tables import Submit
from dialer.clock import Clock
from dialer.reasons import Reason
from dialer.submit.gate import Gate

UNAUTHORIZED = 401

_NOT_CREATED = "its batch was refused, and the listing shows that it was not created; it is sent alone"
_IN_DOUBT = (
    "The API refused the batch that held this call, and its listing does not show whether the call was created all the"
    " same. The call may exist."
)


def needs_look(outcome: Outcome) -> bool:
    """Return whether the reply to a batch, which seems to say that nothing was created, may hide created calls.

    Every status that would settle a single call as refused or not sent does, but for 401, which is answered before
    anybody reads the body.
    """
    if outcome.http_status in (None, UNAUTHORIZED):
        return False
    return outcome.kind in (Kind.REFUSED, Kind.NOT_SENT)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What looking for the calls of a refused batch takes; spans in seconds."""

    call_template_id: str
    settle_seconds: float
    gate: Gate
    known_calls: KnownCalls
    clock: Clock

    async def resolve(self, client: Client, claims: Sequence[Claim], outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return the *outcomes* of one batch, the doubtful ones replaced by what the listing shows of their calls.

        The refusal of a request with one call is about that call, and not doubtful.
        """
        doubtful = [index for index, outcome in enumerate(outcomes) if needs_look(outcome)]
        resolved = list(outcomes)
        if len(doubtful) > 1:
            for template in dict.fromkeys(claims[index].call_template_id for index in doubtful):
                of_it = [index for index in doubtful if claims[index].call_template_id == template]
                found = await self.outcomes(client, [claims[index] for index in of_it], outcomes[of_it[0]])
                for index, outcome in zip(of_it, found, strict=True):
                    resolved[index] = outcome
        return resolved

    async def outcomes(self, client: Client, claims: Sequence[Claim], refusal: Outcome) -> list[Outcome]:
        """Return one outcome for each of *claims*, of one template, in order: created, surely not, or unknown.

        A pause that the refusal asked for has begun, and the looks keep it; a stop closes the gate at once, and
        the looks come all the same unless the run is stopped for another reason as well. The listing may grow, for
        other workers go on: where one of them has claimed and created a call since, it must hold such a one, for one
        that is cut after its oldest calls looks whole. Where nobody has, it must hold all that are known by then; it
        may be empty where none is, for it is asked with the key and for the template that the batch was sent with.
        """
        if refusal.stop is not None:
            self.gate.close(Stop(refusal.stop, refusal.why_stop))
        own = claims[0].call_template_id
        witnesses, refused_ms, has_newer = self.known_calls.witnesses(own), self.clock.now_ms(), False
        passes = None
        if await self.gate.wait(self.settle_seconds, own=refusal.stop):
            has_newer = self.known_calls.has_newer(refused_ms, own)
            witnesses = witnesses if has_newer else self.known_calls.witnesses(own)
            passes = await take_passes(
                client,
                own or self.call_template_id,
                self.clock,
                may_look=lambda: self.gate.may_ask(client, own=refusal.stop),
                leaving=self.gate.leaving,
            )
        now_ms = self.clock.now_ms()
        found = find_attempts(
            [as_unknown(claim, until_ms=refused_ms) for claim in claims],
            passes or [],
            self.known_calls.known(witnesses, own),
            rivals=self.known_calls.unknown(now_ms=now_ms),
            may_be_empty=not has_newer,
            may_grow=True,
        )
        return [_outcome(item, refusal) for item in found]


def _outcome(found: Found, refusal: Outcome) -> Outcome:
    if found.finding == Finding.CREATED:
        return Outcome(Kind.CREATED, call_id=found.call_id, http_status=refusal.http_status)
    if found.finding != Finding.NOT_FOUND:
        return Outcome(Kind.UNKNOWN, Reason.BAD_REPLY, _IN_DOUBT, http_status=refusal.http_status)
    if refusal.stop is not None or refusal.kind == Kind.NOT_SENT:  # not the calls' fault, so they stay together
        return replace(refusal, kind=Kind.NOT_SENT, pause_seconds=None)  # the pause is over
    return never_sent(_NOT_CREATED, reason=Reason.BATCH_REFUSED)


def aftermath_of(
    settings: Submit, template: str, gate: Gate, known_calls: KnownCalls, clock: Clock
) -> Aftermath | None:
    """Return what looks behind refused batches; None where each request carries one call."""
    if settings.batch_size == 1:
        return None
    return Aftermath(template, settings.settle_time.total_seconds(), gate, known_calls, clock)
