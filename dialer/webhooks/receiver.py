"""The receiver as an ASGI application: it checks, takes the id and answers; everything else is done behind it."""

import asyncio
import logging
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from dialer.webhooks.connections import DEFAULT_LIMITS
from dialer.webhooks.signature import SecretCheck, read_hint

MAX_BODY_BYTES = 1 << 20
"""A call with all its values is a few kilobytes; nothing longer is read."""

_log = logging.getLogger(__name__)


def receiver(
    check: SecretCheck, take: Callable[[str], bool], *, body_seconds: float = DEFAULT_LIMITS.body_seconds
) -> Starlette:
    """Make the application. *take* is given each call's id and tells whether there was room for it.

    A body has *body_seconds* to arrive.

    It answers any path: 202 for what it takes, 401 without the secret, 400 for what it cannot understand, 413 and 408
    for a body too long or too slow, 503 when too many wait. Neither body nor header is ever logged.
    """

    async def receive(request: Request) -> Response:
        try:
            async with asyncio.timeout(body_seconds):
                body = await _read(request)
        except TimeoutError:
            return Response(status_code=408)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        return Response(status_code=_answer(check, take, request, body))

    async def health(_request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    async def bug(_request: Request, error: Exception) -> Response:
        _log.error("unexpected %s while a webhook was taken", type(error).__name__)
        return Response(status_code=500)

    routes = [Route("/health", health), Route("/{path:path}", receive, methods=["POST"])]
    return Starlette(routes=routes, exception_handlers={Exception: bug})


def _answer(check: SecretCheck, take: Callable[[str], bool], request: Request, body: bytes) -> int:
    if not check.accepts(request.headers, body):
        _log.warning("a webhook without the right secret was refused")
        return 401
    hint = read_hint(body)
    if hint is None:
        _log.warning("a webhook with the right secret could not be understood")
        return 400
    return 202 if hint.call_id is None or take(hint.call_id) else 503


async def _read(request: Request) -> bytes | None:
    """Read the body; None for one that is too long, of which no more than allowed is kept."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)
