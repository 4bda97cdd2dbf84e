"""The simulated API and the network before it. Its own list of created calls is what everything is judged by."""

import asyncio
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import httpx

from dialer.clock import iso_ms, to_ms
from tests.simulation.weather import CALM, Weather
from tests.simulation.world import World

KEY = "sk-simulated-0123456789"
BAD_REQUEST = 400
MOSTLY = 0.8
PAGE = 10
SHIFT_MS = 5 * 3_600_000
FOREIGN_PHONE = "+442079460123"
PAGE_LENGTHS = {10, 15, 20, 25, 30, 40, 50, 60, 75, 100}
"""Lengths at which a listing looks like a page; a calm listing is never exactly so long."""


@dataclass(frozen=True)
class Created:
    """A call that exists. *arrived_ms*: when its request reached the API; *made_ms*: since when it exists."""

    call_id: str
    phone: str
    slot_ms: int
    arrived_ms: int
    made_ms: int
    in_run: int


@dataclass(frozen=True)
class _Accepted:
    """A request that the API has, and will turn into a call at *due*."""

    body: Mapping[str, Any]
    arrived_ms: int
    due: float
    in_run: int


class Api:
    """The API, with its memory and its moods."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = world.random("api")
        self._weather = CALM
        self._posts = 0
        self._run = 0
        self._arrivals: deque[float] = deque()
        self._on_the_wire: list[Mapping[str, Any]] = []
        self._cuts = 0
        self._late: list[_Accepted] = []
        self._stale_before = False
        self._unanswered: list[str] = []
        self.created: list[Created] = []
        self.shifted: dict[str, int] = {}
        self.refused: set[str] = set()
        self.of_refused_batches: set[str] = set()
        self._told = ""

    def start_process(self, weather: Weather, run: int) -> None:
        """Meet a new process, number *run*, in this *weather*."""
        self._weather, self._run, self._posts = weather, run, 0

    @contextmanager
    def other_process(self) -> Iterator[None]:
        """Meet another process while the present one stands still: what that had on the wire gets no reply."""
        self.end_process()
        kept = self._weather, self._run, self._posts
        yield
        self._weather, self._run, self._posts = kept

    def end_process(self) -> None:
        """Lose a process: what it had on the wire may still arrive, soon or later."""
        self._cuts += 1
        for body in self._on_the_wire:
            if self._random.random() < 0.5:
                self._world.fault("arrives after the kill", _person(body))
                self._accept(body, delay=self._random.uniform(0, 60))
        self._on_the_wire.clear()

    def settle_everything(self) -> None:
        """Turn everything accepted so far into calls."""
        for item in [item for item in self._late if item.due <= self._world.seconds]:
            self._late.remove(item)
            self._unanswered.append(self._make(item.body, item.arrived_ms, item.in_run))

    @property
    def awaited(self) -> set[str]:
        """The numbers whose calls will still appear."""
        return {item.body["toPhoneNumber"] for item in self._late}

    def _accept(self, body: Mapping[str, Any], delay: float) -> None:
        self._late.append(_Accepted(body, self._world.now_ms(), self._world.seconds + delay, self._run))

    def _make(self, body: Mapping[str, Any], arrived_ms: int, in_run: int) -> str:
        slot_ms = to_ms(datetime.fromisoformat(body["callDelayedUntil"]))
        call_id = f"call-{len(self.created)}"
        phone = body["toPhoneNumber"]
        self.created.append(Created(call_id, phone, slot_ms, arrived_ms, self._world.now_ms(), in_run))
        self._world.note("created", f"{call_id} {_person(body)} {body['callDelayedUntil']}")
        return call_id

    def happens(self, chance: float, what: str, detail: object = "") -> bool:
        """Throw the dice for one fault, and record it when it comes."""
        if self._random.random() >= chance:
            return False
        self._world.fault(what, detail)
        return True

    def travel(self, least: float, most: float) -> float:
        """Return how long a way takes, in seconds."""
        return self._random.uniform(least, most)

    async def post(self, body: Mapping[str, Any]) -> httpx.Response:
        """Take one call, or a batch of them, as the weather has it."""
        bodies = body.get("phoneCalls", [body])
        self._on_the_wire += bodies
        cuts = self._cuts
        await asyncio.sleep(self.travel(0.001, 0.3))
        if self._cuts != cuts:
            raise httpx.ReadError("simulated")
        for item in bodies:
            self._on_the_wire.remove(item)
        self.settle_everything()
        refusal = self._refusal(bodies[0])
        if refusal is not None:
            return self._refuse(refusal, bodies)
        if len(bodies) == 1 and self.happens(self._weather.refused_after, "400 after creating", _person(bodies[0])):
            self.refused.add(self._make(bodies[0], self._world.now_ms(), self._run))
            return self._reply(400, {"message": "refused"})
        if self.happens(self._weather.timeout, "timeout", _person(bodies[0])):
            for item in bodies:
                if self._random.random() < 0.6:
                    self._world.fault("created late", _person(item))
                    self._accept(item, delay=self.travel(0, 150))
            raise httpx.ReadTimeout("simulated")
        arrived_ms, made = self._world.now_ms(), []
        for asked in bodies:
            item = self._shifted(asked)
            made.append(dict(item) | {"_id": self._make(item, arrived_ms, self._run)})
            if item is not asked:
                self.shifted[made[-1]["_id"]] = self._run
            self._unanswered.append(made[-1]["_id"])
            self._world.moment("request: taken by the API")
        self._world.moment("reply: on its way")
        self._world.happened["batch"] += len(made) > 1
        return self._reply_to_created(made if "phoneCalls" in body else made[0], _person(made[0]), len(made))

    def _shifted(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._weather.shifts_from is None or self._posts < self._weather.shifts_from:
            return body
        self._world.fault("slot shifted", _person(body))
        slot_ms = to_ms(datetime.fromisoformat(body["callDelayedUntil"])) + SHIFT_MS
        return dict(body) | {"callDelayedUntil": iso_ms(slot_ms)}

    def _refuse(self, refusal: httpx.Response, bodies: Sequence[Mapping[str, Any]]) -> httpx.Response:
        """Refuse a batch for one of its calls, when those before that one have been created."""
        if refusal.status_code == BAD_REQUEST and len(bodies) > 1 and self._random.random() < MOSTLY:
            self._world.fault("batch created up to the bad call", _person(bodies[0]))
            for item in bodies[: self._random.randrange(1, len(bodies))]:
                self._unanswered.append(self._make(item, self._world.now_ms(), self._run))
                self.of_refused_batches.add(self._unanswered[-1])
        return refusal

    def _refusal(self, body: Mapping[str, Any]) -> httpx.Response | None:
        """Return the reply to calls that are not created; None when nothing stands against the first of them."""
        self._posts += 1
        return self._refused_account(_person(body)) or self._put_off(_person(body)) or self._refused_call(body)

    def _refused_account(self, person: str) -> httpx.Response | None:
        revoked_from, broke_from = self._weather.revoked_from, self._weather.broke_from
        if revoked_from is not None and self._posts >= revoked_from:
            self._world.fault("401", person)
            return self._reply(401, {"message": f"unknown key {KEY}"})
        if broke_from is not None and self._posts >= broke_from:
            self._world.fault("402", person)
            return self._reply(402, {"message": "no credit"})
        return None

    def _put_off(self, person: str) -> httpx.Response | None:
        now = self._world.seconds
        while self._arrivals and self._arrivals[0] <= now - 1:
            self._arrivals.popleft()
        self._arrivals.append(now)
        if len(self._arrivals) > self._weather.requests_per_second:
            self._world.fault("429", person)
            return self._reply(429, {}, **{"retry-after": str(self._random.randint(1, 30))})
        if self.happens(self._weather.unavailable, "503", person):
            return self._reply(503, {}, **{"retry-after": str(self._random.choice((2, 20, 90, 2_000)))})
        return None

    def _refused_call(self, body: Mapping[str, Any]) -> httpx.Response | None:
        if self.happens(self._weather.refused, "400", _person(body)):
            return self._reply(400, {"message": f"{body['toPhoneNumber']} is refused for {KEY}"})
        if self.happens(self._weather.error_before, "5xx before creating", _person(body)):
            return self._reply(self._random.choice((500, 502, 504)), {})
        return None

    def _reply_to_created(self, made: Any, person: str, count: int) -> httpx.Response:
        weather = self._weather
        if self.happens(weather.error_after, "5xx after creating", person):
            return self._reply(500, {"message": "oops"})
        if self.happens(weather.dropped_after, "dropped after creating", person):
            raise httpx.ReadError("simulated")
        if self.happens(weather.truncated, "truncated reply", person):
            return httpx.Response(200, content=b'{"data": {"_id": "call')
        if self.happens(weather.garbage, "garbage reply", person):
            return httpx.Response(200, content=self._random.choice((b"\xff\x00", b"[]", b"<html>", b'{"data": {}}')))
        last = made if isinstance(made, dict) else made[-1]
        if self._told and self.happens(weather.id_repeated, "id repeated", person):
            last["_id"] = self._told
            return self._reply(200, {"data": made})
        self._told = last["_id"]
        del self._unanswered[-count:]
        return self._reply(200, {"data": made})

    def _reply(self, status: int, content: object, **headers: str) -> httpx.Response:
        dated = headers | {"date": format_datetime(self._world.now(), usegmt=True)}
        return httpx.Response(status, json=content, headers=dated)

    def probe(self) -> httpx.Response:
        """Answer the harmless GET with which a worker opens its connection."""
        return self._reply(404, {})

    def listing(self) -> httpx.Response:
        """List the calls of the template, those of others among them."""
        self.settle_everything()
        if self.happens(self._weather.listing_unreadable, "listing unreadable"):
            return self._random.choice((self._reply(500, {}), httpx.Response(200, content=b'{"data": [{"_id": 4}')))
        calls = [_listed(call) for call in self.created]
        if calls and not self._stale_before and self.happens(self._weather.listing_stale, "listing stale"):
            self._stale_before = True  # a second look sees what the first one missed
            hidden = self._random.choice(self._unanswered[-3:] or [str(calls[-1]["_id"])])
            calls = [call for call in calls if call["_id"] != hidden]
        else:
            self._stale_before = False
        for index in range(1 + (len(calls) + 1 in PAGE_LENGTHS)):
            calls.insert(0, {"_id": f"foreign-{index}", "toPhoneNumber": FOREIGN_PHONE, "callDelayedUntil": None})
        if len(calls) > PAGE and self.happens(self._weather.listing_cut, "listing cut"):
            marks: list[dict[str, object]] = [{}, {"hasMore": True}, {"total": len(calls)}]
            return self._reply(200, {"data": calls[:PAGE]} | self._random.choice(marks))
        if self._weather.oldest_only is not None and len(calls) > self._weather.oldest_only:
            self._world.fault("listing of the oldest")
            calls = calls[: self._weather.oldest_only]
        return self._reply(200, {"data": calls})


def _listed(call: Created) -> dict[str, object]:
    return {
        "_id": call.call_id,
        "toPhoneNumber": call.phone,
        "callDelayedUntil": iso_ms(call.slot_ms),
        "createdAt": iso_ms(call.made_ms),
    }


def _person(body: Mapping[str, Any]) -> str:
    return str(body["nameOfHuman"])


class Network(httpx.AsyncBaseTransport):
    """One connection to the simulated API."""

    def __init__(self, world: World, api: Api, weather: Weather) -> None:
        self._world = world
        self.api = api
        self._weather = weather

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry *request* there and the reply back, as far as the weather lets it."""
        if self.api.happens(self._weather.not_connected, "not connected", request.method):
            raise httpx.ConnectError("simulated")
        self._world.moment("request: leaves")
        await request.extensions["trace"]("http11.send_request_headers.started", {})
        if request.method == "GET":
            await asyncio.sleep(self.api.travel(0.001, 0.1))
            return self.api.listing() if request.url.params else self.api.probe()
        if self.api.happens(self._weather.dropped_before, "dropped before the API"):
            await asyncio.sleep(self.api.travel(0.001, 0.1))
            raise httpx.ReadError("simulated")
        try:
            reply = await self.api.post(json.loads(request.content))
        except httpx.ReadTimeout:
            await asyncio.sleep(request.extensions["timeout"]["read"])
            raise
        slow = self.api.happens(self._weather.slow, "20 s slow")
        await asyncio.sleep(20 if slow else self.api.travel(0.001, 0.1))
        self._world.moment("reply: read")
        return reply
