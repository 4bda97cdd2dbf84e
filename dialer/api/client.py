"""The one place that speaks HTTP: sends one POST and gives back exactly one outcome.

One client is one connection. Each worker has its own, so that a broken exchange cannot touch another's, and the
throughput does not fall with the number of workers as it does with a shared pool (httpx 0.28: from 1,400 requests
a second with 4 workers to 330 with 64).
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from dialer.api.batch import batch_body, judge_batch_reply
from dialer.api.call_status import Look, judge_look
from dialer.api.connection import MAX_REPLY_BYTES, REPLY_LIMIT, Progress, SingleConnection, unheld
from dialer.api.echo import Request, contradiction, differs, requested
from dialer.api.failure import Withheld, judge_failure, tls_stop, unreachable, what_failed
from dialer.api.listing import parse_listing
from dialer.api.reply import clock_wrong, judge_reply, told_call, with_clock
from dialer.calls.attempt import CONNECT_SECONDS
from dialer.calls.outcome import Outcome, StopCode, never_sent
from dialer.calls.reconciliation import Listing
from dialer.clock import Clock

WRITE_SECONDS = 30.0
WHOLE_REPLY_READS = 2
"""A reply that trickles in is given up after so many times what one read may take: each byte would begin it anew."""

MAX_LISTING_BYTES = 1 << 28
CALLS_PATH = "/v1/phoneCalls"
BATCH_PATH = f"{CALLS_PATH}/batch"
_PROBE_PATH = f"{CALLS_PATH}/000000000000000000000000"


class Client:
    """One connection to the API. Use as an async context manager.

    `asked_at` holds when the last requests ended, by the monotonic clock. Connections can share it.

    It works on a transport of httpx and not on its client: no redirect, cookie, proxy variable or log line can
    come in between.
    """

    def __init__(
        self,
        base_url: str,
        key: SecretStr,
        *,
        clock: Clock,
        read_seconds: float,
        context: ssl.SSLContext,
        transport: httpx.AsyncBaseTransport | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        self.asked_at = deque[float](maxlen=1)
        self._calls_url = httpx.URL(base_url + CALLS_PATH)
        self._batch_url = httpx.URL(base_url + BATCH_PATH)
        self._probe_url = httpx.URL(base_url + _PROBE_PATH)
        self._key = key
        self._headers = httpx.Headers(
            {
                "host": self._calls_url.netloc.decode("ascii"),
                "accept": "application/json",
                "accept-encoding": "identity",
                "content-type": "application/json",
                "aicaller-api-key": key.get_secret_value(),
                "user-agent": "dialer",
            }
        )
        self._clock = clock
        self._timeout = {
            "connect": connect_seconds,
            "read": read_seconds,
            "write": write_seconds,
            "pool": connect_seconds,
        }
        self._whole_seconds = connect_seconds + write_seconds + WHOLE_REPLY_READS * read_seconds
        self._transport = transport or SingleConnection(context, monotonic=clock.monotonic)

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def create(
        self, body: bytes, *, sent: Request | None = None, may_leave: Callable[[], bool] = unheld
    ) -> Outcome:
        """POST one call, unless *may_leave* says no when it would leave. *sent* is what *body* asks for, if known.

        Never raises for anything the network or the API does: that is an outcome.
        """
        progress, began = Progress(may_leave), self._clock.now()
        try:
            status, headers, content = await self._exchange("POST", self._calls_url, body, progress)
        except Exception as error:  # noqa: BLE001 - unmapped errors escape httpx too, and doubt means unknown
            return judge_failure(error, leaving=progress.leaving)
        now = self._clock.now()
        secret = self._key.get_secret_value()
        if sent is None and httpx.codes.is_success(status):
            sent = requested(body)
        outcome = judge_reply(status, headers, content, now=now, secret=secret, sent=sent)
        return with_clock(outcome, clock_wrong(headers, began, now))

    async def confirm(self, body: bytes, outcome: Outcome, may_leave: Callable[[], bool] = unheld) -> Outcome:
        """Read back the call that a POST of *body* created, by its *outcome*, and return that, or one that stops.

        A call that cannot be read back contradicts nothing.
        """
        if outcome.call_id is None:
            return outcome
        try:
            status, _, content = await self._exchange("GET", self._url_of(outcome.call_id), b"", Progress(may_leave))
        except Exception:  # noqa: BLE001 - whatever went wrong, it says nothing about the call
            return outcome
        call = told_call(content) if status == httpx.codes.OK else {}
        what = contradiction(call, requested(body)) if call.get("_id") == outcome.call_id else ""
        return differs(what, outcome.call_id, status) if what else outcome

    async def create_batch(
        self,
        bodies: Sequence[bytes],
        *,
        sent: Sequence[Request] | None = None,
        may_leave: Callable[[], bool] = unheld,
    ) -> list[Outcome]:
        """POST several calls in one request, as `create` does; return one outcome for each, in order."""
        progress, began = Progress(may_leave), self._clock.now()
        limit = MAX_REPLY_BYTES * len(bodies)
        try:
            status, headers, content = await self._exchange(
                "POST", self._batch_url, batch_body(bodies), progress, limit=limit
            )
        except Exception as error:  # noqa: BLE001 - as above
            return [judge_failure(error, leaving=progress.leaving)] * len(bodies)
        now, secret = self._clock.now(), self._key.get_secret_value()
        if sent is None:
            sent = [requested(body) for body in bodies]
        outcomes = judge_batch_reply(status, headers, content, sent=sent, now=now, secret=secret)
        wrong = clock_wrong(headers, began, now)
        return [with_clock(outcome, wrong) for outcome in outcomes]

    async def probe(self, may_leave: Callable[[], bool] = unheld) -> Outcome | None:
        """Open the connection with a harmless GET; an outcome only when it says something about sending.

        Looks for a refused key, an address that redirects, an API out of reach or down, a pause that is asked for,
        and a clock more than `MAX_SKEW_SECONDS` off the API's `Date`.
        """
        progress, began = Progress(may_leave), self._clock.now()
        try:
            status, headers, content = await self._exchange("GET", self._probe_url, b"", progress)
        except Exception as error:  # noqa: BLE001 - as above
            return unreachable(error)
        now = self._clock.now()
        wrong = clock_wrong(headers, began, now)
        if wrong:
            return never_sent(wrong, stop=StopCode.CLOCK_WRONG)
        outcome = judge_reply(status, headers, content, now=now, secret=self._key.get_secret_value())
        tells = outcome.stop is not None or outcome.pause_seconds is not None or outcome.is_outage
        return outcome if tells else None

    async def connect(self) -> Outcome | None:
        """Open the connection, without a request; an outcome only when that cannot be done."""
        try:
            await self._exchange("GET", self._probe_url, b"", Progress(lambda: False))
        except Withheld:
            return None
        except Exception as error:  # noqa: BLE001 - as above
            return unreachable(error)
        return None

    async def list_calls(self, call_template_id: str, may_leave: Callable[[], bool] = unheld) -> Listing | None:
        """List the calls of a template; None when the listing cannot be had or read, so that nothing is settled.

        The only documented filter is the template's id; no page, order or total is documented.
        """
        url = self._calls_url.copy_set_param("callTemplateId", call_template_id)
        try:
            status, _, content = await self._exchange("GET", url, b"", Progress(may_leave), limit=MAX_LISTING_BYTES)
        except Exception:  # noqa: BLE001 - whatever went wrong, it says nothing about any call
            return None
        return parse_listing(content) if status == httpx.codes.OK else None

    async def look(
        self, *, call_template_id: str = "", call_id: str | None = None, may_leave: Callable[[], bool] = unheld
    ) -> Look:
        """Read how one call stands, or those of a template that the listing holds. Never raises, as `create`."""
        url = self._calls_url.copy_set_param("callTemplateId", call_template_id)
        if call_id is not None:
            url = self._url_of(call_id)
        try:
            status, headers, content = await self._exchange(
                "GET", url, b"", Progress(may_leave), limit=MAX_LISTING_BYTES
            )
        except Exception as error:  # noqa: BLE001 - as above
            reason = f"the API cannot be reached ({what_failed(error)})"
            return Look(trouble=never_sent(reason, stop=tls_stop(error)))
        now, secret = self._clock.now(), self._key.get_secret_value()
        trouble = judge_reply(status, headers, content, now=now, secret=secret)
        return judge_look(status, content, trouble, call_id=call_id)

    def _url_of(self, call_id: str) -> httpx.URL:
        return httpx.URL(f"{self._calls_url}/{quote(call_id, safe='')}")

    async def _exchange(
        self, method: str, url: httpx.URL, body: bytes, progress: Progress, *, limit: int = MAX_REPLY_BYTES
    ) -> tuple[int, Mapping[str, str], bytes]:
        request = httpx.Request(
            method,
            url,
            headers=self._headers,
            stream=httpx.ByteStream(body),  # not content, for which it looks at each header anew: 11 µs a call
            extensions={"timeout": self._timeout, "trace": progress, REPLY_LIMIT: limit},
        )
        if method == "POST":
            request.headers["content-length"] = str(len(body))
        try:
            async with asyncio.timeout(self._whole_seconds):
                response = await self._transport.handle_async_request(request)
                assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - what such a transport returns
                content = [part async for part in response.stream]  # not aread, whose decoders take 9 µs a call
                return response.status_code, response.headers, b"".join(content)
        finally:
            if progress.leaving:
                self.asked_at.append(self._clock.monotonic())
