"""Looks, where no mark vouches for a ledger, for calls that the API lists and the ledger has not made."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialer.calls.outcome import Stop, StopCode
from dialer.calls.reconciliation import ListedCall
from dialer.campaign.file import Campaign
from dialer.jobs.runtime import Runtime
from dialer.ledger.campaign_places import place_of
from dialer.ledger.choices.own_choices import own_templates
from dialer.ledger.database.open import Ledger
from dialer.ledger.earlier_calls import accept_earlier_calls, remember_earlier_calls

if TYPE_CHECKING:
    from dialer.api.client import Client
    from dialer.submit.gate import Gate


def hold_earlier_calls(campaign: Campaign, ledger: Ledger, runtime: Runtime, *, accept: bool) -> Stop | None:
    """Look once at the listings of the templates that the campaign and its rows name; remember the calls of others.

    Those are calls that this ledger has not made. With *accept* nobody is held for that, and nothing is looked at; nor
    in a rehearsal. Returns why the run must not send anything, where a listing cannot be had, read, or taken for all
    there is.
    """
    if runtime.rehearsal:
        return None
    with ledger.read() as tx:
        place = place_of(tx, campaign.name)
    if place is None or not (accept or place.must_look):
        return None
    if accept:
        with ledger.write() as tx:
            accept_earlier_calls(tx, place.id)
        return None
    with ledger.read() as tx:
        templates = dict.fromkeys((*campaign.call.templates, *own_templates(tx, place.id)))
    look = _Look(campaign, ledger, runtime, tuple(templates))
    listed = runtime.runner(look.take())
    if isinstance(listed, Stop):
        return listed
    with ledger.write() as tx:
        remember_earlier_calls(tx, place.id, listed)
    return None


@dataclass(frozen=True)
class _Look:
    campaign: Campaign
    ledger: Ledger
    runtime: Runtime
    templates: tuple[str, ...]

    async def take(self) -> list[ListedCall] | Stop:
        """List the templates' calls twice, unless there are none: one look may miss what is only just appearing."""
        from dialer.api.list_twice import BETWEEN_PASSES_SECONDS, PASSES  # noqa: PLC0415 - 0.2 s that most runs spare

        found = dict[str, ListedCall]()
        async with self.runtime.to_ask(self.campaign, self.ledger, self.campaign.submit) as (client, gate):
            if not await gate.opened(client):
                return gate.stop or self._unread("it cannot be reached")
            for again in range(PASSES):
                if again:
                    await self.runtime.clock.sleep(BETWEEN_PASSES_SECONDS)
                for template in self.templates:
                    why_not = await self._list(client, gate, template, found)
                    if why_not:
                        return self._unread(why_not)
                if not found:
                    break
        return list(found.values())

    async def _list(self, client: "Client", gate: "Gate", template: str, found: dict[str, ListedCall]) -> str:
        listing = await client.list_calls(template, gate.leaving()) if await gate.may_ask(client) else None
        if listing is None:
            return "it cannot be read"
        found |= {call.call_id: call for call in listing.calls}
        return listing.cut

    def _unread(self, why: str) -> Stop:
        return Stop(
            StopCode.EARLIER_CALLS_UNREAD,
            f"Nothing was sent: this ledger may not know everybody whom {self.campaign.name} has called, and the API's"
            f" listing of its template does not tell: {why}. Look at AICALLER_BASE_URL (now"
            f" {self.runtime.settings.base_url}), then run again; or, if nobody of the sheet was called before, with"
            " --accept-earlier-calls.",
        )
