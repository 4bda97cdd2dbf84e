"""A canary key and a canary number: where they must never show, however a POST fails."""

import asyncio
import json
import logging
import ssl
import traceback
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from dialer.api.client import Client
from dialer.calls.outcome import Outcome
from dialer.settings import Settings
from tests.api.raw_server import (
    CREATED,
    Connection,
    RawServer,
    Script,
    answer,
    answering,
    answering_then_closing,
    answering_then_hanging,
    reply,
)
from tests.support import FakeClock, number

KEY = "sk-canary-7f3a"
PHONE = number(99)
BODY = json.dumps({"nameOfHuman": "Canary Example", "toPhoneNumber": PHONE}).encode()
CANARIES = (KEY, PHONE[1:], "Canary Example")
ECHO = json.dumps({"message": f"no call to {PHONE} with {KEY}"}).encode()


async def _reset(connection: Connection) -> None:
    await connection.request()
    connection.reset()


GARBLED_ECHO = answering(b"HTTP/9 " + KEY.encode() + PHONE.encode() + b"\r\n\r\n")

FATES = {
    "created": answer,
    "refused, echoing": answering(reply(400, ECHO)),
    "key refused, echoing": answering(reply(401, ECHO)),
    "put off, echoing": answering(reply(429, ECHO)),
    "server error, echoing": answering(reply(500, ECHO)),
    "success without id, echoing": answering(reply(200, ECHO)),
    "redirect": answering(reply(307, b"", "Location: https://example.com/")),
    "reset": _reset,
    "finished": answering_then_closing(b""),
    "truncated": answering_then_closing(reply(200, CREATED)[:-3]),
    "garbage": answering(b"HTTP/9 garbage\r\n\r\n"),
    "no reply": answering_then_hanging(b""),
    "broken gzip": answering(reply(200, ECHO, "Content-Encoding: gzip")),
}


class _Kept(logging.Handler):
    """Keeps every line, with its traceback, as a log file would."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Return all that any logger says at the most talkative level, also those that the package keeps quiet."""
    names = {"httpx", "httpcore", "asyncio", "dialer", *logging.root.manager.loggerDict}
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in sorted(names))]
    levels = [logger.level for logger in loggers]
    kept = _Kept()
    logging.getLogger().addHandler(kept)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield kept.lines
    logging.getLogger().removeHandler(kept)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def assert_clean(text: str) -> None:
    """Find no canary in *text*."""
    for canary in CANARIES:
        assert canary not in text


async def _create(script: Script, context: ssl.SSLContext) -> tuple[Outcome, str]:
    async with RawServer(script) as server:
        client = Client(server.url, SecretStr(KEY), clock=FakeClock(), read_seconds=0.1, context=context)
        async with client:
            return await client.create(BODY), repr(client) + str(client)


@pytest.mark.parametrize("fate", FATES)
def test_no_way_of_failing_tells_the_key_or_the_person(fate: str, context: ssl.SSLContext, log: list[str]) -> None:
    """Neither the outcome nor the client's own words nor any log line at DEBUG holds the key, number or name."""
    outcome, shown = asyncio.run(_create(FATES[fate], context), debug=True)

    assert_clean(repr(outcome) + outcome.message + shown)
    assert_clean("\n".join(log))


def test_the_log_is_listened_to(context: ssl.SSLContext, log: list[str]) -> None:
    """The log that is searched for canaries does hear what is said during a POST."""
    asyncio.run(_create(answer, context), debug=True)

    assert any(line.startswith("asyncio") for line in log)


def test_a_cancelled_call_tells_nothing(context: ssl.SSLContext, log: list[str]) -> None:
    """The traceback of a POST that was cancelled holds neither key nor person."""

    async def run() -> str:
        arrived = asyncio.Event()

        async def never_answers(connection: Connection) -> None:
            await connection.request()
            arrived.set()
            await connection.hang()

        async with RawServer(never_answers) as server:
            client = Client(server.url, SecretStr(KEY), clock=FakeClock(), read_seconds=5, context=context)
            async with client:
                task = asyncio.create_task(client.create(BODY))
                await arrived.wait()
                shown = repr(task)
                task.cancel()
                try:
                    await task
                except asyncio.CancelledError as error:
                    return shown + "".join(traceback.format_exception(error))
        return ""

    told = asyncio.run(run(), debug=True)
    assert "CancelledError" in told
    assert_clean(told + "\n".join(log))


def test_the_package_keeps_the_http_libraries_quiet(context: ssl.SSLContext) -> None:
    """They log what the server sent below WARNING; a root logger at DEBUG does not get to hear it, echo or not."""
    kept, root = _Kept(), logging.getLogger()
    level = root.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    try:
        outcome, _ = asyncio.run(_create(GARBLED_ECHO, context))
    finally:
        root.removeHandler(kept)
        root.setLevel(level)

    assert not [line for line in kept.lines if line.startswith("http")]
    assert_clean("\n".join(kept.lines) + repr(outcome))


def test_settings_never_show_the_key() -> None:
    """Whether printed, dumped or written as JSON, settings show that there is a key and not which."""
    settings = Settings(api_key=SecretStr(KEY), base_url="http://127.0.0.1:1")

    assert_clean(repr(settings) + str(settings) + str(settings.model_dump()) + settings.model_dump_json())
    assert_clean(repr(settings.require_key()))
