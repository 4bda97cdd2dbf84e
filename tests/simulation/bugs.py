"""Known bugs, planted on purpose: the simulation is worth something only if it catches each of them."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from dialer.api.client import Client
from dialer.calls.attempt import Claim
from dialer.calls.outcome import Kind, Outcome, never_sent
from dialer.calls.reconciliation import Listing
from dialer.reasons import Reason
from tests.simulation.api import Network
from tests.simulation.disk import SimulatedWriter
from tests.simulation.story import Parts


class RetryingClient(Client):
    """Takes a request without a reply for one that was not sent, so that it is sent again."""

    async def create(self, body: bytes, *, may_leave: Callable[[], bool] = lambda: True) -> Outcome:
        """POST one call, and misjudge silence."""
        outcome = await super().create(body, may_leave=may_leave)
        silent = outcome.kind == Kind.UNKNOWN and outcome.reason == Reason.NO_REPLY
        return never_sent("no reply") if silent else outcome


class HastyWriter(SimulatedWriter):
    """Says that a claim is stored before it is: the commit comes after the request has left."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._unwritten: list[asyncio.Future[Claim]] = []

    async def claim(self, claim: Claim) -> Claim:
        """Ask for the claim to be stored, and do not wait for it."""
        self._unwritten.append(asyncio.ensure_future(super().claim(claim)))
        await asyncio.sleep(0)
        return claim


class OneLookClient(Client):
    """Shows a reconciliation its first look at the listing again, instead of a second look."""

    _seen: Listing | None = None

    async def list_calls(self, call_template_id: str) -> Listing | None:
        """List the calls, once."""
        if self._seen is None:
            self._seen = await super().list_calls(call_template_id)
        return self._seen


def release_open_claims(ledger: Path) -> None:
    """Take claims without an outcome for calls that were never sent, as a careless start-up would."""
    if not ledger.exists():
        return
    with closing(sqlite3.connect(ledger)) as connection, connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempts'").fetchone():
            connection.execute("UPDATE contacts SET state = 'pending' WHERE state = 'claimed'")
            connection.execute(
                "UPDATE attempts SET outcome = 'not_sent', left_state = 'pending', settled_at_ms = claimed_at_ms"
                " WHERE outcome IS NULL"
            )


class TrustingClient(Client):
    """Takes a refused batch for one of which nothing was created: what it is shown of the listing is empty."""

    _refused = False

    async def create_batch(
        self, bodies: Sequence[bytes], *, may_leave: Callable[[], bool] = lambda: True
    ) -> list[Outcome]:
        """POST several calls, and remember a refusal."""
        outcomes = await super().create_batch(bodies, may_leave=may_leave)
        self._refused = outcomes[0].kind == Kind.REFUSED
        return outcomes

    async def list_calls(self, call_template_id: str) -> Listing | None:
        """List nothing after a refusal, else what there is."""
        return Listing((), "") if self._refused else await super().list_calls(call_template_id)


class BlindClient(Client):
    """Overlooks in the listing what the API refused and created all the same."""

    async def list_calls(self, call_template_id: str) -> Listing | None:
        """List everything but that."""
        listing = await super().list_calls(call_template_id)
        assert isinstance(self._transport, Network)
        refused = self._transport.api.refused
        return listing and replace(listing, calls=tuple(call for call in listing.calls if call.call_id not in refused))


class LateClient(Client):
    """Sends whatever it is given, however old its claim, and whoever has the lock by now."""

    async def create(self, body: bytes, *, may_leave: Callable[[], bool] = lambda: True) -> Outcome:  # noqa: ARG002
        """POST one call without the last look."""
        return await super().create(body)

    async def create_batch(
        self,
        bodies: Sequence[bytes],
        *,
        may_leave: Callable[[], bool] = lambda: True,  # noqa: ARG002 - as its parent
    ) -> list[Outcome]:
        """POST several calls without the last look."""
        return await super().create_batch(bodies)


BUGS: dict[str, Parts] = {
    "silence is taken for not sent": Parts(client=RetryingClient),
    "a claim is committed after its request": Parts(writer=HastyWriter),
    "one look at the listing settles": Parts(client=OneLookClient),
    "a refused batch is taken for uncreated": Parts(client=TrustingClient),
    "a refused call is sent again unseen": Parts(client=BlindClient),
    "open claims are sent again": Parts(before_run=release_open_claims),
    "a claim that was taken over is still sent": Parts(client=LateClient),
}
