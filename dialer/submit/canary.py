"""The first call of a run, or a batch of two, goes alone: only an API that creates it as asked gets the others."""

import asyncio
from collections.abc import Sequence

from dialer.api.client import Client
from dialer.calls.outcome import Kind, Outcome
from dialer.submit.gate import Gate

CANARY_CALLS = 2
"""So many calls a batch carries meanwhile: the fewest by which the API shows what it makes of a batch."""


class Canary:
    """Shared by the workers of one run. Until `is_over`, a worker sends only while it holds `turn`."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.is_over = False

    async def confirm(
        self,
        client: Client,
        bodies: Sequence[bytes],
        outcomes: Sequence[Outcome],
        gate: Gate,
    ) -> list[Outcome]:
        """Read back what was created, at the pace of *gate*; return the *outcomes*, those that differ as such.

        One call that exists as its body asked ends the canary.
        """
        confirmed = []
        for body, outcome in zip(bodies, outcomes, strict=True):
            await gate.take_turn()
            confirmed.append(await client.confirm(body, outcome, gate.leaving()))
        self.is_over = any(outcome.kind == Kind.CREATED for outcome in confirmed)
        return confirmed
