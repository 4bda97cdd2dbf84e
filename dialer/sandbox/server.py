"""Runs the stand-in on a loopback port: in a thread for tests and rehearsals, or blocking for a command."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import uvicorn

from dialer.sandbox.app import Api
from dialer.sandbox.call_lifecycle import CallLifecycle, lived
from dialer.sandbox.calls import Calls, wall_clock_ms
from dialer.sandbox.connection import TransportProtocol
from dialer.sandbox.faults import NO_FAULTS, Faults
from dialer.sandbox.loopback import LOOPBACK, base_url, listen, loopback
from dialer.sandbox.webhook_delivery import WebhookDelivery

_GRACE_SECONDS = 0.5
"""How long requests in flight may take to finish when the sandbox stops; most take a millisecond."""

_KEEP_ALIVE_SECONDS = 75
"""Above any pause in a test: an idle connection that closes by itself would be a fault nobody asked for."""


class Sandbox:
    """A stand-in for the API on a loopback port, served by a thread of its own while the context lasts.

    `with Sandbox(faults=Faults(drop_after=0.1)) as sandbox:` gives `sandbox.url`, the base address, and
    `sandbox.created`, the calls that really exist; the latter also after the end. *port* 0 takes a free
    one. Without an *api_key* any key that is not empty is accepted. A *journal* keeps the calls in a file
    for the next start. With a *life* calls ring and end as time goes by, and webhooks are posted; without one they
    stay as they were created. *now_ms* tells the time, in ms since the epoch, by which calls are created and live:
    the machine's, or one that a test sets; then webhooks go out only by `deliver_webhooks`. Raises `ValueError` for
    a *host* that is not loopback; entering raises `OSError` when the port or the journal cannot be had, `ValueError`
    when the journal holds something else.
    """

    def __init__(
        self,
        *,
        faults: Faults = NO_FAULTS,
        api_key: str | None = None,
        journal: Path | str | None = None,
        host: str = LOOPBACK,
        port: int = 0,
        allow_unknown_fields: bool = False,
        life: CallLifecycle | None = None,
        now_ms: Callable[[], int] = wall_clock_ms,
    ) -> None:
        self._address = (loopback(host), port)
        self._calls = Calls(None if journal is None else Path(journal), now_ms=now_ms)
        self._life = life
        self._own_time = now_ms is not wall_clock_ms
        self._api = Api(
            self._calls,
            faults=faults,
            api_key=api_key,
            allow_unknown_fields=allow_unknown_fields,
            life=life,
            dated=self._own_time,
        )
        self._postman: WebhookDelivery | None = None
        self._url = ""
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        listener = listen(self._address)
        try:
            self._calls.open()
        except BaseException:
            listener.close()
            raise
        self._url = base_url(listener)
        self._server = _Server(self._api, date_header=not self._own_time)
        self._thread = threading.Thread(target=self._server.serve_until_stopped, args=(listener,), daemon=True)
        self._thread.start()
        self._server.ready.wait()
        if not self._server.started:
            self.__exit__(None, None, None)
            raise OSError(f"the sandbox could not start on {self._url}")
        if self._life is not None:
            self._postman = WebhookDelivery(self._calls, self._life, self._calls.now_ms)
            if not self._own_time:
                self._postman.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._postman is not None:
            self._postman.stop()
        if self._server is not None and self._thread is not None:
            self._server.stop()
            self._thread.join()
        self._calls.close()

    @property
    def url(self) -> str:
        """The base address, such as `http://127.0.0.1:43210`; empty before the start."""
        return self._url

    @property
    def created(self) -> list[dict[str, Any]]:
        """Every call that exists, as it was created, oldest first: a copy of this moment."""
        return [json.loads(call.body) for call in self._calls.listed()]

    @property
    def lived(self) -> list[dict[str, Any]]:
        """Every call as the API tells it now, oldest first; without a life the same as `created`."""
        calls, now_ms = self._calls.listed(), self._calls.now_ms()
        if self._life is None:
            return self.created
        return [lived(self._life, call.born, json.loads(call.body), now_ms) for call in calls]

    def deliver_webhooks(self) -> int:
        """Post the webhooks that are due now, and tell how many were taken; 0 without a life."""
        return 0 if self._postman is None else self._postman.deliver()

    def wait_until_created(self, count: int, *, timeout_seconds: float = 30.0) -> bool:
        """Wait until at least *count* calls exist; return whether they do when the time is up."""
        return self._calls.wait_for(count, timeout_seconds=timeout_seconds)

    @property
    def requests(self) -> dict[str, int]:
        """How many requests came in, by method, refused ones included: a copy of this moment."""
        return dict(self._api.requests)


def serve(
    *,
    host: str = LOOPBACK,
    port: int = 0,
    faults: Faults = NO_FAULTS,
    api_key: str | None = None,
    journal: Path | str | None = None,
    allow_unknown_fields: bool = False,
    life: CallLifecycle | None = None,
    as_json: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM, then return; to be called in the main thread.

    Prints `listening on URL` once it listens, or one object with the URL. Arguments and errors as for `Sandbox`.
    """
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        sandbox = Sandbox(
            faults=faults,
            api_key=api_key,
            journal=journal,
            host=host,
            port=port,
            allow_unknown_fields=allow_unknown_fields,
            life=life,
        )
        with sandbox:
            told = {"schema_version": 1, "listening": sandbox.url}
            sys.stdout.write(json.dumps(told) + "\n" if as_json else f"listening on {sandbox.url}\n")
            sys.stdout.flush()
            stopping.wait()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


class _Server(uvicorn.Server):
    """uvicorn without its polling: it stops when told, in milliseconds, and leaves no connection behind."""

    def __init__(self, api: Api, *, date_header: bool) -> None:
        super().__init__(
            uvicorn.Config(
                api,
                http=TransportProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=date_header,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            )
        )
        self.ready = threading.Event()
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def serve_until_stopped(self, listener: socket.socket) -> None:
        """Serve on *listener*, which is closed at the end, in an event loop of this thread."""
        try:
            asyncio.run(self.serve(sockets=[listener]))
        finally:
            listener.close()
            self.ready.set()  # whoever waits must not wait for ever when the start fails

    def stop(self) -> None:
        """Ask the server to stop, from another thread."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.ready.set()

    async def main_loop(self) -> None:
        # Each tick renews the Date header.
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - the base's shape
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(list(self.server_state.tasks), timeout=_GRACE_SECONDS)
        for task in (unfinished := list(self.server_state.tasks)):
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # the loop tells each connection that it is lost
