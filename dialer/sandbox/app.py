"""The routes of the stand-in: what the API's public pages promise, unless a fault was asked for."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from itertools import takewhile
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from dialer.sandbox.call_lifecycle import CallLifecycle, lived
from dialer.sandbox.calls import Calls, StoredCall
from dialer.sandbox.connection import HangUp
from dialer.sandbox.faults import (
    NO_FAULTS,
    Fate,
    Faults,
    SlidingWindow,
    judge_get,
    judge_post,
    retry_after_value,
    wanted_call,
)
from dialer.sandbox.replies import data, datum, error_reply, journal_failed, json_reply, no_such_route
from dialer.sandbox.validation import complaints_about_batch, complaints_about_call, decode_json

KEY_HEADER = "aicaller-api-key"

Complaints = Callable[..., list[str]]


class Api:
    """The stand-in as an ASGI application; *requests* counts what came in, by method.

    Without an *api_key* any key that is not empty is accepted. Without a *life* calls stay as they were created.
    *monotonic_ns* tells the nanoseconds by which the rate limit counts; *dated* replies bear the time of the
    calls' clock, for a server that adds no `Date` of its own. Everything runs on one event loop, so code between
    two awaits needs no lock: a POST is admitted and numbered in one step.
    """

    def __init__(
        self,
        calls: Calls,
        *,
        faults: Faults = NO_FAULTS,
        api_key: str | None = None,
        allow_unknown_fields: bool = False,
        life: CallLifecycle | None = None,
        dated: bool = False,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self.requests: Counter[str] = Counter()
        self._calls = calls
        self._faults = faults
        self._api_key = api_key
        self._allow_unknown_fields = allow_unknown_fields
        self._life = life
        self._dated = dated
        self._accepted_posts = 0
        self._first_id = ""
        self._accepted_gets = 0
        self._window = SlidingWindow(faults.requests_per_second) if faults.requests_per_second else None
        self._routes = Starlette(
            routes=[
                Route("/v1/phoneCalls", self._create_call, methods=["POST"]),
                Route("/v1/phoneCalls", self._list_calls, methods=["GET"]),
                Route("/v1/phoneCalls/batch", self._create_batch, methods=["POST"]),
                Route("/v1/phoneCalls/{call_id}", self._read_call, methods=["GET"]),
            ],
            exception_handlers={HTTPException: no_such_route, OSError: journal_failed},
        )
        self._routes.router.redirect_slashes = False  # the API's addresses have no second spelling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request, then answer it."""
        self.requests[scope["method"]] += 1
        await self._routes(scope, receive, self._dating(send) if self._dated else send)

    def _dating(self, send: Send) -> Send:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self._calls.now_ms() // 1000, usegmt=True).encode("ascii")
                message["headers"] = [*message["headers"], (b"date", date)]
            await send(message)

        return dated

    async def _create_call(self, request: Request) -> Response:
        return await self._create(request, complaints_about_call)

    async def _create_batch(self, request: Request) -> Response:
        return await self._create(request, complaints_about_batch)

    async def _create(self, request: Request, complaints: Complaints) -> Response:
        raw = await request.body()
        if refusal := self._refuse_key(request) or self._refuse_pace():
            return refusal
        verdict = judge_post(self._faults, self._accepted_posts)
        self._accepted_posts += 1
        await _wait(verdict.delay_seconds)
        if early := self._reply_before(verdict.fate):
            return early
        try:
            body = _decode(request, raw)
        except ValueError as error:
            return error_reply(400, [str(error)])
        if found := complaints(body, allow_unknown_fields=self._allow_unknown_fields):
            return error_reply(400, found)
        wanted = body["phoneCalls"] if complaints is complaints_about_batch else [body]
        if refusal := self._refuse_name(wanted) or self._refuse_credit(len(wanted)):
            return refusal
        created = [
            self._answered(call) for call in self._calls.add([wanted_call(self._faults, call) for call in wanted])
        ]
        content = data(created) if complaints is complaints_about_batch else datum(created[0])
        return self._reply_after(verdict.fate, content)

    def _answered(self, call: StoredCall) -> bytes:
        if not self._faults.same_id:
            return call.body
        self._first_id = self._first_id or call.call_id
        return call.body.replace(call.call_id.encode("ascii"), self._first_id.encode("ascii"))

    async def _list_calls(self, request: Request) -> Response:
        if refusal := await self._admit_get(request, listing=True):
            return refusal
        calls = self._calls.listed(
            call_template_id=request.query_params.get("callTemplateId"),
            until_ms=self._calls.now_ms() - self._faults.list_lag_ms if self._faults.list_lag_ms else None,
            most=self._faults.list_cap,
            oldest=self._faults.list_oldest,
        )
        return json_reply(data(map(self._told, calls)))

    async def _read_call(self, request: Request) -> Response:
        if refusal := await self._admit_get(request, listing=False):
            return refusal
        call = self._calls.find(request.path_params["call_id"])
        if call is None:
            return error_reply(404, ["there is no phone call with this id"])
        return json_reply(datum(self._told(call)))

    def _told(self, call: StoredCall) -> bytes:
        if self._life is None:
            return call.body
        return json.dumps(lived(self._life, call.born, json.loads(call.body), self._calls.now_ms())).encode("ascii")

    async def _admit_get(self, request: Request, *, listing: bool) -> Response | None:
        if refusal := self._refuse_key(request):
            return refusal
        verdict = judge_get(self._faults, self._accepted_gets, listing=listing)
        self._accepted_gets += 1
        await _wait(verdict.delay_seconds)
        return None if verdict.fate is Fate.NORMAL else error_reply(500, ["the listing failed, as asked for"])

    def _refuse_key(self, request: Request) -> Response | None:
        key, limit = request.headers.get(KEY_HEADER, ""), self._faults.key_refused_after
        if not key:
            return error_reply(401, [f"the header {KEY_HEADER} is missing"])
        if (self._api_key is not None and key != self._api_key) or (
            limit is not None and self._accepted_posts >= limit
        ):
            return error_reply(401, [f"the {KEY_HEADER} is not valid"])
        return None

    def _refuse_pace(self) -> Response | None:
        wait_ns = self._window.admit(self._monotonic_ns()) if self._window else 0
        if not wait_ns:
            return None
        pause = retry_after_value(self._faults.retry_after, wait_ns, now_seconds=self._calls.now_ms() / 1000)
        return error_reply(429, ["too many requests"], {"retry-after": pause})

    def _refuse_name(self, wanted: Sequence[Mapping[str, Any]]) -> Response | None:
        name = self._faults.refuse_name
        if not name or name not in (call["nameOfHuman"] for call in wanted):
            return None
        if self._faults.split_batches:
            self._calls.add(list(takewhile(lambda call: call["nameOfHuman"] != name, wanted)))
        return error_reply(400, ["a call to this name is refused, as asked for"])

    def _refuse_credit(self, wanted: int) -> Response | None:
        limit = self._faults.no_credit_after
        if limit is None or len(self._calls) + wanted <= limit:
            return None
        return error_reply(402, ["there is no credit left"])

    def _reply_before(self, fate: Fate) -> Response | None:
        if fate is Fate.DROP_BEFORE:
            return HangUp(reset=self._faults.reset)
        if fate is Fate.ERROR_BEFORE:
            return self._asked_error()
        return error_reply(400, ["refused, as asked for"]) if fate is Fate.REFUSE else None

    def _reply_after(self, fate: Fate, content: bytes) -> Response:
        match fate:
            case Fate.DROP_AFTER:
                return HangUp(reset=self._faults.reset)
            case Fate.ERROR_AFTER:
                return self._asked_error()
            case Fate.GARBAGE_HTML:
                return Response("<!doctype html><title>OK</title>", media_type="text/html")
            case Fate.GARBAGE_CUT:
                return json_reply(content[: len(content) // 2])
            case Fate.GARBAGE_NO_ID:
                return json_reply(content.replace(b'"_id"', b'"reference"'))
            case _:
                return json_reply(content)

    def _asked_error(self) -> Response:
        pause = self._faults.error_retry_after_seconds
        headers = None if pause is None else {"retry-after": str(pause)}
        return error_reply(self._faults.error_status, ["failed, as asked for"], headers)


async def _wait(seconds: float) -> None:
    if seconds > 0:
        await asyncio.sleep(seconds)


def _decode(request: Request, raw: bytes) -> Any:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ValueError("the header Content-Type must be application/json")
    try:
        return decode_json(raw)
    except ValueError as error:
        raise ValueError("the body is not valid JSON") from error
