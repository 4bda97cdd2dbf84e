"""Known bugs, planted on purpose: the simulation is worth something only if it catches each of them."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete

from dialer.api.client import Client
from dialer.api.connection import unheld
from dialer.api.echo import Request
from dialer.calls.attempt import Claim, Settlement
from dialer.calls.outcome import Kind, Outcome, never_sent
from dialer.calls.reconciliation import Listing
from dialer.jobs.intake.suppression_watch import FILE_REASON
from dialer.ledger.database.schema import contact_numbers, suppressed
from dialer.reasons import Reason
from tests.simulation.api.call_book import CallBook
from tests.simulation.api.network import Network
from tests.simulation.disk import SimulatedWriter
from tests.simulation.parts import Parts
from tests.simulation.weather import CALM, Weather
from tests.simulation.world import Death


class RetryingClient(Client):
    """Takes a request without a reply for one that was not sent, so that it is sent again."""

    async def create(
        self, body: bytes, *, sent: Request | None = None, may_leave: Callable[[], bool] = lambda: True
    ) -> Outcome:
        """POST one call, and misjudge silence."""
        outcome = await super().create(body, sent=sent, may_leave=may_leave)
        silent = outcome.kind == Kind.UNKNOWN and outcome.reason == Reason.NO_REPLY
        return never_sent("no reply") if silent else outcome


class HastyWriter(SimulatedWriter):
    """Says that a claim is stored before it is: the commit comes after the request has left."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._unwritten: list[asyncio.Future[list[Claim | Exception]]] = []

    def claim(self, claims: Sequence[Claim]) -> asyncio.Future[list[Claim | Exception]]:
        """Ask for the claims to be stored, and do not wait for it."""
        self._unwritten.append(super().claim(claims))
        hasty: asyncio.Future[list[Claim | Exception]] = asyncio.get_running_loop().create_future()
        hasty.set_result(list(claims))
        return hasty


class OneLookClient(Client):
    """Shows a reconciliation its first look at the listing again, instead of a second look."""

    _seen: Listing | None = None

    async def list_calls(self, call_template_id: str, may_leave: Callable[[], bool] = unheld) -> Listing | None:
        """List the calls, once."""
        if self._seen is None:
            self._seen = await super().list_calls(call_template_id, may_leave)
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
    """Takes a refused batch for one of which nothing was created: it overlooks in the listing what was."""

    async def list_calls(self, call_template_id: str, may_leave: Callable[[], bool] = unheld) -> Listing | None:
        """List everything but that."""
        return _without(await super().list_calls(call_template_id, may_leave), _calls_of(self).of_refused_batches)


class BlindClient(Client):
    """Overlooks in the listing what the API refused and created all the same."""

    async def list_calls(self, call_template_id: str, may_leave: Callable[[], bool] = unheld) -> Listing | None:
        """List everything but that."""
        return _without(await super().list_calls(call_template_id, may_leave), _calls_of(self).refused)


def _calls_of(client: Client) -> CallBook:
    assert isinstance(client._transport, Network)
    return client._transport.api.calls


def _without(listing: Listing | None, hidden: set[str]) -> Listing | None:
    return listing and replace(listing, calls=tuple(call for call in listing.calls if call.call_id not in hidden))


class LateClient(Client):
    """Sends whatever it is given, however old its claim, and whoever has the lock by now."""

    async def create(
        self,
        body: bytes,
        *,
        sent: Request | None = None,
        may_leave: Callable[[], bool] = lambda: True,  # noqa: ARG002 - as its parent
    ) -> Outcome:
        """POST one call without the last look."""
        return await super().create(body, sent=sent)

    async def create_batch(
        self,
        bodies: Sequence[bytes],
        *,
        sent: Sequence[Request] | None = None,
        may_leave: Callable[[], bool] = lambda: True,  # noqa: ARG002 - as its parent
    ) -> list[Outcome]:
        """POST several calls without the last look."""
        return await super().create_batch(bodies, sent=sent)


class BelievingClient(Client):
    """Takes a call for created as asked, whatever its reply says."""

    async def create(
        self, body: bytes, *, sent: Request | None = None, may_leave: Callable[[], bool] = lambda: True
    ) -> Outcome:
        """POST one call, and believe the reply."""
        outcome = await super().create(body, sent=sent, may_leave=may_leave)
        call_id = re.search(r"created call (\S+) otherwise", outcome.message)
        return outcome if call_id is None else Outcome(Kind.CREATED, call_id=call_id[1])


class OneNumberWriter(SimulatedWriter):
    """Knows of each person the one number that is called."""

    def _write(self, group: Sequence[Any]) -> list[Any]:
        with self._ledger.write_own() as tx:
            tx.execute(delete(contact_numbers))
        return super()._write(group)


class DeafWriter(SimulatedWriter):
    """Does not hear of numbers that join a suppression file during a run, because one of its lines is bad."""

    def _write(self, group: Sequence[Any]) -> list[Any]:
        with self._ledger.write_own() as tx:
            tx.execute(delete(suppressed).where(suppressed.c.reason == FILE_REASON))
        return super()._write(group)


class FirstComeWriter(SimulatedWriter):
    """Leaves an id that comes twice with the call that brought it first."""

    def settle(self, settlements: Sequence[Settlement]) -> asyncio.Future[list[Claim | Exception]]:
        """Store the second call's outcome, and not what it says of the first."""
        return super().settle([replace(item, outcome=replace(item.outcome, repeats=None)) for item in settlements])


def forget_traces(ledger: Path) -> None:
    """Lose the marks that a campaign has run, its results and the second copy of the ledger's mark."""
    folder = ledger.parent.parent
    for path in (*folder.glob("*.ran"), *folder.glob("results/*.csv"), *ledger.parent.glob("*.owner")):
        path.unlink()


def _in(**faults: Any) -> Callable[[Weather], Weather]:
    """Return what makes every weather one of these *faults* alone, so that a bug shows in many stories."""
    return lambda _weather: replace(CALM, **faults)


_KILLED = _in(death=Death("request: taken by the API", 2))

BUGS: dict[str, Parts] = {
    "silence is taken for not sent": Parts(client=RetryingClient, worse=_in(dropped_after=0.2)),
    "a claim is committed after its request": Parts(
        writer=HastyWriter, worse=_in(slow_disk=1.0, death=Death("reply: read", 1))
    ),
    "one look at the listing settles": Parts(
        client=OneLookClient, kind="released", worse=_in(dropped_after=0.2, listing_stale=0.9)
    ),
    "a refused batch is taken for uncreated": Parts(client=TrustingClient, worse=_in(refused=0.3)),
    "a refused call is sent again unseen": Parts(client=BlindClient, kind="lying"),
    "open claims are sent again": Parts(before_run=release_open_claims, worse=_KILLED),
    "a claim that was taken over is still sent": Parts(client=LateClient, kind="taken over", worse=_in()),
    "a reply is believed without a look": Parts(client=BelievingClient, kind="shifting", worse=_in(shifts_from=2)),
    "an id that comes twice stays with the first": Parts(writer=FirstComeWriter, worse=_in(id_repeated=0.5, slow=0.5)),
    "a person's other number does not count": Parts(writer=OneNumberWriter, kind="spared", worse=_in(slow=1.0)),
    "a bad line holds the good ones back": Parts(writer=DeafWriter, kind="spared", worse=_in(slow=1.0)),
    "a lost ledger is not missed": Parts(before_run=forget_traces, kind="lost"),
    "an older ledger is taken for the newest": Parts(before_run=forget_traces, kind="restored"),
}
