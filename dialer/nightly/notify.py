"""Notifies somebody outside how a night went: a ping for a dead man's switch, a webhook with the summary.

A notice never decides anything: one that fails is logged and nothing else.
"""

import logging
import ssl

import httpx

from dialer.api.failure import what_failed

NOTICE_SECONDS = 10.0
"""How long one notice may take: a monitor that is down must not hold a night up."""

MAX_PING_BYTES = 10_000
"""The most that a ping's body carries; healthchecks.io keeps 100 kB, others less."""

_log = logging.getLogger(__name__)

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # they log addresses and headers below that


async def ping(url: str, *, what: str = "", body: str = "", context: ssl.SSLContext) -> bool:
    """POST to *url* or, with *what* (`start`, `fail`), to the address below it, as healthchecks.io and its kin expect.

    Tell whether it was taken. The address may be a secret, so it is in no message.
    """
    return await _send(url, what, body.encode()[:MAX_PING_BYTES], "text/plain; charset=utf-8", context)


async def post_summary(url: str, content: bytes, *, context: ssl.SSLContext) -> bool:
    """POST the JSON *content* to *url*; return whether it was taken."""
    return await _send(url, "", content, "application/json", context)


async def _send(url: str, below: str, content: bytes, kind: str, context: ssl.SSLContext) -> bool:
    headers = {"content-type": kind, "user-agent": "dialer"}
    try:
        address = httpx.URL(url)
        if below:
            address = address.copy_with(path=f"{address.path.rstrip('/')}/{below}")
        async with httpx.AsyncClient(verify=context, trust_env=False, timeout=NOTICE_SECONDS) as client:
            reply = await client.post(address, content=content, headers=headers)
    except Exception as error:  # noqa: BLE001 - whatever it is, the night goes on
        _log.warning("a notice was not taken: %s", what_failed(error), extra={"action": "notice"})
        return False
    if not reply.is_success:
        _log.warning("a notice was answered %d", reply.status_code, extra={"action": "notice"})
    return reply.is_success
