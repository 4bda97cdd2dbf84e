"""Promises about what a sender of webhooks is answered, and that nothing of it is logged."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from dialer.webhooks.receiver import MAX_BODY_BYTES, receiver
from dialer.webhooks.signature import SecretCheck, SecretStyle

BODY = json.dumps({"event": "phoneCall.completed", "data": {"_id": "a", "toPhoneNumber": "+12025550142"}}).encode()
RIGHT = {"x-proof": "canary-secret"}


class Desk:
    """Takes ids until it is full."""

    def __init__(self, room: int = 100) -> None:
        self.room = room
        self.taken: list[str] = []

    def take(self, call_id: str) -> bool:
        """Take an id if there is room."""
        if len(self.taken) >= self.room:
            return False
        self.taken.append(call_id)
        return True


def sent(desk: Desk, method: str, path: str, headers: dict[str, str], body: bytes | AsyncIterator[bytes]) -> int:
    """Send one request to a receiver and return the status of its answer."""
    app = receiver(SecretCheck(SecretStyle.HEADER, "X-Proof", ("canary-secret",)), desk.take)

    async def ask() -> int:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
            return (await client.request(method, path, headers=headers, content=body)).status_code

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (RIGHT, BODY, 202),
        ({}, BODY, 401),
        ({"x-proof": "wrong"}, BODY, 401),
        (RIGHT, b"nonsense", 400),
        (RIGHT, b'{"event": "phoneCall.started"}', 202),
        (RIGHT, b"x" * (MAX_BODY_BYTES + 1), 413),
    ],
)
def test_each_webhook_has_its_answer(headers: dict[str, str], body: bytes, status: int) -> None:
    """Taken, refused without the secret, not understood, none of ours, too long; an id is taken only with 202."""
    desk = Desk()
    assert sent(desk, "POST", "/any/path", headers, body) == status
    assert desk.taken == (["a"] if body == BODY and status == 202 else [])


def test_a_body_without_an_announced_length_is_bounded_too() -> None:
    """A stream that does not end is cut off where a body must end."""
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 50:
            given += 1
            yield b"x" * 100_000

    assert sent(Desk(), "POST", "/", RIGHT, endless()) == 413


def test_when_too_many_wait_the_sender_may_come_again() -> None:
    """503 is a temporary no, in the language of senders that try again."""
    assert sent(Desk(room=0), "POST", "/", RIGHT, BODY) == 503


def test_it_can_be_asked_whether_it_lives() -> None:
    """A monitor needs no secret for that, and nothing else is answered to a GET."""
    assert sent(Desk(), "GET", "/health", {}, b"") == 200
    assert sent(Desk(), "GET", "/", {}, b"") == 405


def test_nothing_of_a_webhook_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither body, number nor secret is in any log line, at whatever level."""
    caplog.set_level(logging.DEBUG)
    for headers in (RIGHT, {"x-proof": "canary-wrong"}):
        sent(Desk(), "POST", "/", headers, BODY)
        sent(Desk(), "POST", "/", headers, b'"+12025550142"')
    assert len(caplog.records) >= 3
    assert not any(word in caplog.text for word in ("canary", "5550142", "toPhoneNumber"))
