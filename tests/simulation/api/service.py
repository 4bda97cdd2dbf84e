"""The simulated API: it takes requests, creates calls in its book, and answers as the weather has it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx

from dialer.clock import iso_ms, to_ms
from tests.simulation.api.call_book import CallBook, person_of
from tests.simulation.api.chance import Chance
from tests.simulation.api.listing import Lister
from tests.simulation.api.refusals import Refusals
from tests.simulation.api.replies import reply
from tests.simulation.weather import CALM, Weather
from tests.simulation.world import World

BAD_REQUEST = 400
MOSTLY = 0.8
SHIFT_MS = 5 * 3_600_000


class Api:
    """The API, with its *calls* and its moods."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._weather = CALM
        self._on_the_wire: list[Mapping[str, Any]] = []
        self._cuts = 0
        self._told = ""  # the id in the last reply that told one
        self.chance = Chance(world)
        self.calls = CallBook(world)
        self._refusals = Refusals(world, self.chance)
        self._lister = Lister(world, self.chance, self.calls)

    def start_process(self, weather: Weather, run: int, posts: int = 0) -> None:
        """Meet a process, number *run*, in this *weather*, which has sent so many *posts*."""
        self._weather, self.calls.run = weather, run
        self._refusals.start_process(weather, posts)

    @contextmanager
    def other_process(self) -> Iterator[None]:
        """Meet another process while the present one stands still: what that had on the wire gets no reply."""
        self.end_process()
        kept = self._weather, self.calls.run, self._refusals.posts
        yield
        self.start_process(*kept)

    def end_process(self) -> None:
        """Lose a process: what it had on the wire may still arrive, soon or later."""
        self._cuts += 1
        for body in self._on_the_wire:
            if self.chance.random.random() < 0.5:
                self._world.fault("arrives after the kill", person_of(body))
                self.calls.accept(body, delay=self.chance.travel(0, 60))
        self._on_the_wire.clear()

    async def post(self, body: Mapping[str, Any]) -> httpx.Response:
        """Take one call, or a batch of them, as the weather has it."""
        bodies = body.get("phoneCalls", [body])
        await self._arrive(bodies)
        self.calls.settle_everything()
        refusal = self._refusals.refusal(bodies[0])
        if refusal is not None:
            return self._refuse(refusal, bodies)
        person = person_of(bodies[0])
        if len(bodies) == 1 and self.chance.happens(self._weather.refused_after, "400 after creating", person):
            self.calls.refused.add(self.calls.make(bodies[0]))
            return reply(self._world, BAD_REQUEST, {"message": "refused"})
        if self.chance.happens(self._weather.timeout, "timeout", person):
            self._create_late(bodies)
            raise httpx.ReadTimeout("simulated")
        made = [self._create(item) for item in bodies]
        self._world.moment("reply: on its way")
        self._world.happened["batch"] += len(made) > 1
        return self._reply_to_created(made if "phoneCalls" in body else made[0], person, len(made))

    async def _arrive(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        self._on_the_wire += bodies
        cuts = self._cuts
        await asyncio.sleep(self.chance.travel(0.001, 0.3))
        if self._cuts != cuts:
            raise httpx.ReadError("simulated")
        for item in bodies:
            self._on_the_wire.remove(item)

    def _create(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Create one call, at the time that was asked for or at another, and return what the reply tells of it."""
        body = self._shifted(asked)
        call_id = self.calls.make(body)
        if body is not asked:
            self.calls.shifted[call_id] = self.calls.run
        self.calls.unanswered.append(call_id)
        self._world.moment("request: taken by the API")
        return dict(body) | {"_id": call_id}

    def _create_late(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        for item in bodies:
            if self.chance.random.random() < 0.6:
                self._world.fault("created late", person_of(item))
                self.calls.accept(item, delay=self.chance.travel(0, 150))

    def _shifted(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._weather.shifts_from is None or self._refusals.posts < self._weather.shifts_from:
            return body
        self._world.fault("slot shifted", person_of(body))
        slot_ms = to_ms(datetime.fromisoformat(body["callDelayedUntil"])) + SHIFT_MS
        return dict(body) | {"callDelayedUntil": iso_ms(slot_ms)}

    def _refuse(self, refusal: httpx.Response, bodies: Sequence[Mapping[str, Any]]) -> httpx.Response:
        """Refuse a batch for one of its calls, when those before that one have been created."""
        random = self.chance.random
        if refusal.status_code == BAD_REQUEST and len(bodies) > 1 and random.random() < MOSTLY:
            self._world.fault("batch created up to the bad call", person_of(bodies[0]))
            for item in bodies[: random.randrange(1, len(bodies))]:
                self.calls.unanswered.append(self.calls.make(item))
                self.calls.of_refused_batches.add(self.calls.unanswered[-1])
        return refusal

    def _reply_to_created(self, made: Any, person: str, count: int) -> httpx.Response:
        weather, chance = self._weather, self.chance
        if chance.happens(weather.error_after, "5xx after creating", person):
            return reply(self._world, 500, {"message": "oops"})
        if chance.happens(weather.dropped_after, "dropped after creating", person):
            raise httpx.ReadError("simulated")
        if chance.happens(weather.truncated, "truncated reply", person):
            return httpx.Response(200, content=b'{"data": {"_id": "call')
        if chance.happens(weather.garbage, "garbage reply", person):
            unclear = (b"\xff\x00", b"[]", b"<html>", b'{"data": {}}')
            return httpx.Response(200, content=chance.random.choice(unclear))
        last = made if isinstance(made, dict) else made[-1]
        if self._told and chance.happens(weather.id_repeated, "id repeated", person):
            last["_id"] = self._told
            return reply(self._world, 200, {"data": made})
        self._told = last["_id"]
        del self.calls.unanswered[-count:]
        return reply(self._world, 200, {"data": made})

    def probe(self) -> httpx.Response:
        """Answer the harmless GET with which a worker opens its connection."""
        return reply(self._world, 404, {})

    def listing(self) -> httpx.Response:
        """List the calls of the template, those of others among them."""
        return self._lister.listing(self._weather)
