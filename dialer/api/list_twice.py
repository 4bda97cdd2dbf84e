"""Looks at the API's listing as often as it takes to believe it."""

from collections.abc import Awaitable, Callable

from dialer.api.client import Client
from dialer.api.connection import unheld
from dialer.calls.reconciliation import Listing
from dialer.clock import Clock

PASSES = 2
BETWEEN_PASSES_SECONDS = 2.0
"""Two passes show that the listing stands still: a call that is only just appearing would make them differ."""


async def _at_once() -> bool:
    return True


async def take_passes(
    client: Client,
    call_template_id: str,
    clock: Clock,
    *,
    may_look: Callable[[], Awaitable[bool]] = _at_once,
    leaving: Callable[[], Callable[[], bool]] = lambda: unheld,
) -> list[Listing] | None:
    """List the template's calls `PASSES` times, each when *may_look* has waited for leave.

    *leaving* makes what each calls when it leaves.

    None when one pass was not allowed or could not be read: then nothing is settled.
    """
    passes = []
    for index in range(PASSES):
        if index:
            await clock.sleep(BETWEEN_PASSES_SECONDS)
        listing = await client.list_calls(call_template_id, leaving()) if await may_look() else None
        if listing is None:
            return None
        passes.append(listing)
    return passes
