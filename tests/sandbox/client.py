"""A plain HTTP client on real sockets, a valid call, and the sandbox as a process: what these tests share."""

import contextlib
import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dialer.sandbox import Faults

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP reply."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        """The documented wrapper's content."""
        return self.json["data"]


def call(**changes: Any) -> dict[str, Any]:
    """Return a valid call with the required fields and *changes*."""
    required = {
        "teamId": "363573667364666473667332",
        "callTemplateId": "363573667364666473667332",
        "nameOfHuman": "Ada Example",
        "toPhoneNumber": "+12125550123",
        "promptVariableValues": [{"key": "customer_name", "value": "Ada"}],
    }
    return required | changes


def full_call() -> dict[str, Any]:
    """Return a valid call with every documented field."""
    return call(
        phoneNumberId="363573667364666473667332",
        fromPhoneNumber="+12125550100",
        toEmailAddress="ada@example.com",
        status="queued",
        telephonyProvider="twilio",
        record=False,
        callDelayedUntil="2026-10-12T09:08:00.387Z",
        phoneCallWebhooks=[
            {"url": "https://example.com/hook", "subscribedEvent": "phoneCall.completed", "secret": "s3cret"}
        ],
    )


def certain(fault: str) -> Faults:
    """Return faults under which *fault* happens to every POST."""
    changes: dict[str, Any] = {fault: 1.0}
    return Faults(**changes)


def ask(
    url: str, method: str, path: str, body: Any = None, *, key: str | None = "a key", as_json: bool = True
) -> Answer:
    """Send one request on a connection of its own; *body* goes as JSON, or as it is when it is bytes."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    headers = {"Content-Type": "application/json"} if as_json else {}
    if key is not None:
        headers["aicaller-api-key"] = key
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    with contextlib.closing(connection):
        connection.request(method, path, content, headers)
        with connection.getresponse() as reply:
            return Answer(reply.status, reply.headers, reply.read())


def post(url: str, body: Any, **options: Any) -> Answer:
    """Create one call."""
    return ask(url, "POST", "/v1/phoneCalls", body, **options)


def outcome(url: str, body: Any) -> str:
    """Create one call and name what came back: a status, `garbage`, `no id` or `dropped`."""
    try:
        answer = post(url, body)
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return "dropped"
    if answer.status != http.HTTPStatus.OK:
        return str(answer.status)
    try:
        return "200" if "_id" in answer.data else "no id"
    except ValueError:
        return "garbage"


def connect(url: str) -> socket.socket:
    """Open a bare connection to the sandbox at *url*."""
    address = urlsplit(url)
    return socket.create_connection((address.hostname or "", address.port or 0))


def raw_post(connection: socket.socket) -> None:
    """Send a valid POST, and read nothing."""
    body = json.dumps(call()).encode()
    head = (
        "POST /v1/phoneCalls HTTP/1.1\r\nHost: sandbox\r\naicaller-api-key: a key\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)


@contextlib.contextmanager
def process(
    *options: str, prefix: tuple[str, ...] = (), alive: bool = False
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `python -m dialer.sandbox` with *options*; yield the process and its base address.

    Unless they are to be *alive*, its calls stay as they were created: else what a test finds of them would depend on
    how long it takes.
    """
    still = () if alive else ("--still",)
    command = [*prefix, sys.executable, "-m", "dialer.sandbox", *still, *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            assert line.startswith("listening on http://")
            yield running, line.removeprefix("listening on ").strip()
        finally:
            running.kill()
