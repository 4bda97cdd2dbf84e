"""Serves the receiver until a signal ends it."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn

from dialer.webhooks.connections import DEFAULT_LIMITS, Limits, limited
from dialer.webhooks.inbox import CallSource, Inbox
from dialer.webhooks.receiver import receiver
from dialer.webhooks.signature import SecretCheck

LAST_SECONDS = 5
"""How long requests in flight, and ids already taken, may take to finish at the end."""


class _Server(uvicorn.Server):
    """uvicorn that leaves the signals to us: it would end the process with them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Listen at *host*; port 0 takes a free one. Raises `OSError` when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        host.encode("idna")
    except UnicodeError as error:  # what no name of a machine can be
        raise OSError(errno.EADDRNOTAVAIL, "no machine has such an address") from error
    return socket.create_server((host, port), family=family)


async def serve(
    listener: socket.socket,
    check: SecretCheck,
    source: CallSource,
    on_ready: Callable[[], None],
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Receive webhooks on *listener* until SIGINT or SIGTERM; what was taken by then is looked up if there is time."""
    inbox = Inbox(source)
    server = _Server(_config(check, inbox, limits))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    working = asyncio.create_task(inbox.work())
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        on_ready()
        await asyncio.wait({serving, working}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True  # also where the work has ended with a bug: nobody may think that he is heard
        await serving
        if not working.done():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(inbox.join(), LAST_SECONDS)
    finally:
        working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


def _config(check: SecretCheck, inbox: Inbox, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        receiver(check, inbox.put, body_seconds=limits.body_seconds),
        http=limited(limits),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # it would log addresses, and what clients send wrongly
        access_log=False,
        server_header=False,
        headers=[("connection", "close")],  # requests sent one behind the other would keep a place for minutes
        backlog=limits.connections,  # asyncio accepts as many at once, whatever the limit of open files
        timeout_graceful_shutdown=LAST_SECONDS,
    )
