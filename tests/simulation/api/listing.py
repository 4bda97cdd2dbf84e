"""The simulated API's listing: as whole, as fresh and as readable as the weather lets it be."""

from math import inf

import httpx

from dialer.clock import iso_ms
from tests.simulation.api.call_book import CallBook, Created
from tests.simulation.api.chance import Chance
from tests.simulation.api.replies import reply
from tests.simulation.weather import Weather
from tests.simulation.world import World

PAGE = 10
FOREIGN_PHONE = "+442079460123"
SEEN_SECONDS = 60.0
PAGE_LENGTHS = {10, 15, 20, 25, 30, 40, 50, 60, 75, 100}
"""Lengths at which a listing looks like a page; a calm listing is never exactly so long."""


class Lister:
    """Lists the calls of the template, those of others among them."""

    def __init__(self, world: World, chance: Chance, calls: CallBook) -> None:
        self._world, self._chance, self._calls = world, chance, calls
        self._hidden_at: dict[str, float] = {}

    def listing(self, weather: Weather) -> httpx.Response:
        """Answer one request for the listing."""
        self._calls.settle_everything()
        random = self._chance.random
        if self._chance.happens(weather.listing_unreadable, "listing unreadable"):
            return random.choice((reply(self._world, 500, {}), httpx.Response(200, content=b'{"data": [{"_id": 4}')))
        calls = self._seen(weather)
        if calls and self._chance.happens(weather.listing_cut, "listing cut"):
            kept = calls[: random.randrange(min(PAGE, len(calls)))]
            marks: list[dict[str, object]] = [{}, {"hasMore": True}, {"total": PAGE + len(calls)}]
            return reply(self._world, 200, {"data": _foreign(PAGE - len(kept)) + kept} | random.choice(marks))
        calls = _foreign(1 + (len(calls) + 1 in PAGE_LENGTHS)) + calls
        if weather.oldest_only is not None and len(calls) > weather.oldest_only:
            self._world.fault("listing of the oldest")
            calls = calls[: weather.oldest_only]
        return reply(self._world, 200, {"data": calls})

    def _seen(self, weather: Weather) -> list[dict[str, object]]:
        """Return the calls that this look sees: a stale one misses a call that every look of the next minute sees.

        Whoever asks: several workers may look at once, each of them twice.
        """
        calls = [_listed(call) for call in self._calls.created]
        if not calls or not self._chance.happens(weather.listing_stale, "listing stale"):
            return calls
        hidden = self._chance.random.choice(self._calls.unanswered[-3:] or [str(calls[-1]["_id"])])
        if self._world.seconds - self._hidden_at.get(hidden, -inf) < SEEN_SECONDS:
            return calls
        self._hidden_at[hidden] = self._world.seconds
        return [call for call in calls if call["_id"] != hidden]


def _foreign(count: int) -> list[dict[str, object]]:
    """Return so many calls of others."""
    ids = (f"foreign-{index}" for index in range(count))
    return [{"_id": call_id, "toPhoneNumber": FOREIGN_PHONE, "callDelayedUntil": None} for call_id in ids]


def _listed(call: Created) -> dict[str, object]:
    return {
        "_id": call.call_id,
        "toPhoneNumber": call.phone,
        "callDelayedUntil": iso_ms(call.slot_ms),
        "createdAt": iso_ms(call.made_ms),
    }
