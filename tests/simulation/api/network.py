"""The network before the simulated API: what it loses and delays."""

import asyncio
import json

import httpx

from tests.simulation.api.chance import Chance
from tests.simulation.api.service import Api
from tests.simulation.weather import Weather
from tests.simulation.world import World


class Network(httpx.AsyncBaseTransport):
    """One connection to the simulated API."""

    def __init__(self, world: World, api: Api, weather: Weather) -> None:
        self._world = world
        self.api = api
        self._chance: Chance = api.chance
        self._weather = weather

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry *request* there and the reply back, as far as the weather lets it."""
        if self._chance.happens(self._weather.not_connected, "not connected", request.method):
            raise httpx.ConnectError("simulated")
        self._world.moment("look: leaves" if request.method == "GET" else "request: leaves")
        await request.extensions["trace"]("http11.send_request_headers.started", {})
        if request.method == "GET":
            await asyncio.sleep(self._chance.travel(0.001, 0.1))
            return self.api.listing() if request.url.params else self.api.probe()
        if self._chance.happens(self._weather.dropped_before, "dropped before the API"):
            await asyncio.sleep(self._chance.travel(0.001, 0.1))
            raise httpx.ReadError("simulated")
        try:
            reply = await self.api.post(json.loads(await request.aread()))
        except httpx.ReadTimeout:
            await asyncio.sleep(request.extensions["timeout"]["read"])
            raise
        slow = self._chance.happens(self._weather.slow, "20 s slow")
        await asyncio.sleep(20 if slow else self._chance.travel(0.001, 0.1))
        self._world.moment("reply: read")
        return reply
