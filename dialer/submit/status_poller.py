"""Asks the API how calls stand: by one listing, then call by call, at the pace at which calls are sent."""

from collections.abc import AsyncIterator, Sequence

from dialer.api.call_status import Look
from dialer.api.client import Client
from dialer.calls.disposition import Disposition
from dialer.calls.outcome import Kind, Stop, StopCode
from dialer.campaign.tables import Submit
from dialer.submit.circuit_breaker import OUTAGE_FAILURES
from dialer.submit.gate import Gate


class Poller:
    """Reads through one connection, and through *gate*, which it closes when asking on makes no sense.

    *unread* counts the calls that could not be read, because of the API or because the gate was closed.
    """

    def __init__(self, client: Client, gate: Gate, settings: Submit) -> None:
        self._client = client
        self._gate = gate
        self._settings = settings
        self._in_vain = 0
        self.unread = 0

    async def poll(self, call_ids: Sequence[str], call_template_id: str) -> AsyncIterator[list[Disposition]]:
        """Return how the calls stand, in portions: what the listing holds first, then one by one what it does not.

        A call that the API does not know any more is reported as `gone`.
        """
        if not await self._gate.opened(self._client):
            self.unread += len(call_ids)
            return
        listed = await self._look(call_template_id=call_template_id)
        found = {} if listed is None else listed.found
        yield [found[call_id] for call_id in call_ids if call_id in found]
        for call_id in call_ids:
            if call_id not in found:
                look = await self._look(call_id=call_id)
                if look is None:
                    self.unread += 1
                else:
                    yield list(look.found.values())

    async def read(self, call_id: str) -> Disposition | None:
        """Return how one call stands; None when it could not be read."""
        look = await self._look(call_id=call_id)
        return None if look is None else look.found[call_id]

    async def _look(self, *, call_template_id: str = "", call_id: str | None = None) -> Look | None:
        """Ask until the API tells, `max_attempts` times at most; None when it did not."""
        for attempt in range(self._settings.max_attempts):
            if not await self._gate.may_ask(self._client):
                return None
            look = await self._client.look(
                call_template_id=call_template_id, call_id=call_id, may_leave=self._gate.leaving()
            )
            trouble = look.trouble
            if trouble is None:
                self._in_vain = 0
                return look
            self._gate.hear(trouble)
            if trouble.stop is not None:
                self._gate.close(Stop(trouble.stop, trouble.why_stop))
                return None
            if trouble.kind == Kind.REFUSED:  # asked again, the answer would be the same
                break
            await self._gate.back_off(trouble, attempt)
        self._in_vain += 1
        if self._in_vain >= OUTAGE_FAILURES:
            message = f"The API did not tell how calls stand, {self._in_vain} times in a row. Try again later."
            self._gate.close(Stop(StopCode.UNREACHABLE, message))
        return None
