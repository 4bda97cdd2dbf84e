"""The calls that the simulated API does not create, and says so: the account, the limit, the call itself."""

from collections import deque
from collections.abc import Mapping
from typing import Any

import httpx

from tests.simulation.api.call_book import person_of
from tests.simulation.api.chance import Chance
from tests.simulation.api.replies import KEY, reply
from tests.simulation.weather import CALM, Weather
from tests.simulation.world import World


class Refusals:
    """What stands against a request. *posts* counts those of the present process."""

    def __init__(self, world: World, chance: Chance) -> None:
        self._world, self._chance = world, chance
        self._weather = CALM
        self._arrivals: deque[float] = deque()
        self.posts = 0

    def start_process(self, weather: Weather, posts: int) -> None:
        """Meet a process in this *weather*, which has sent so many *posts*."""
        self._weather, self.posts = weather, posts

    def refusal(self, body: Mapping[str, Any]) -> httpx.Response | None:
        """Return the reply to calls that are not created; None when nothing stands against the first of them."""
        self.posts += 1
        return self._of_account(person_of(body)) or self._put_off(person_of(body)) or self._of_call(body)

    def _of_account(self, person: str) -> httpx.Response | None:
        revoked_from, broke_from = self._weather.revoked_from, self._weather.broke_from
        if revoked_from is not None and self.posts >= revoked_from:
            self._world.fault("401", person)
            return reply(self._world, 401, {"message": f"unknown key {KEY}"})
        if broke_from is not None and self.posts >= broke_from:
            self._world.fault("402", person)
            return reply(self._world, 402, {"message": "no credit"})
        return None

    def _put_off(self, person: str) -> httpx.Response | None:
        now, random = self._world.seconds, self._chance.random
        while self._arrivals and self._arrivals[0] <= now - 1:
            self._arrivals.popleft()
        self._arrivals.append(now)
        if len(self._arrivals) > self._weather.requests_per_second:
            self._world.fault("429", person)
            return reply(self._world, 429, {}, **{"retry-after": str(random.randint(1, 30))})
        if self._chance.happens(self._weather.unavailable, "503", person):
            return reply(self._world, 503, {}, **{"retry-after": str(random.choice((2, 20, 90, 2_000)))})
        return None

    def _of_call(self, body: Mapping[str, Any]) -> httpx.Response | None:
        if self._chance.happens(self._weather.refused, "400", person_of(body)):
            return reply(self._world, 400, {"message": f"{body['toPhoneNumber']} is refused for {KEY}"})
        if self._chance.happens(self._weather.error_before, "5xx before creating", person_of(body)):
            return reply(self._world, self._chance.random.choice((500, 502, 504)), {})
        return None
