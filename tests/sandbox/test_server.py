"""Promises about the life of a sandbox: where it listens, how it starts and ends, what outlives it."""

import signal
import socket
import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest

import dialer.sandbox
from dialer.sandbox import Faults, Sandbox, serve
from tests.sandbox.client import ask, call, connect, post


def port_of(sandbox: Sandbox) -> int:
    """Return the port that *sandbox* listens on."""
    return urlsplit(sandbox.url).port or 0


def read_to_the_end(connection: socket.socket) -> int:
    """Read until the other side closes, and return the number of bytes."""
    total = 0
    while received := len(connection.recv(65_536)):
        total += received
    return total


def test_all_public_names_are_listed() -> None:
    """`__all__` names exactly what the package offers: its modules are nobody's business."""
    offered = {
        name
        for name, value in vars(dialer.sandbox).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }

    assert set(dialer.sandbox.__all__) == offered


def test_a_sandbox_leaves_nothing_behind() -> None:
    """After the end its thread is gone and its port is closed."""
    before = set(threading.enumerate())
    with Sandbox() as sandbox:
        assert len(set(threading.enumerate()) - before) == 1
        post(sandbox.url, call())
        url = sandbox.url

    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        connect(url)


def test_sandboxes_run_side_by_side() -> None:
    """Each has its own port and its own list."""
    with Sandbox() as one, Sandbox() as other:
        post(one.url, call())

        assert one.url != other.url
        assert (len(one.created), len(other.created)) == (1, 0)


def test_what_was_created_is_known_after_the_end() -> None:
    """The judge may look when everything is over."""
    with Sandbox() as sandbox:
        made = post(sandbox.url, call()).data

    assert sandbox.created == [made]
    assert sandbox.requests == {"POST": 1}


def test_the_list_is_a_copy() -> None:
    """Nobody changes what was created by changing what was told."""
    with Sandbox() as sandbox:
        post(sandbox.url, call())
        told = sandbox.created
        told[0]["nameOfHuman"] = "someone else"
        told.clear()
        sandbox.requests.clear()

        assert sandbox.created[0]["nameOfHuman"] == call()["nameOfHuman"]
        assert sandbox.requests == {"POST": 1}


def test_every_reply_carries_the_date() -> None:
    """A client can compare its clock with the reply's `Date`: it is of the sandbox's life, errors included."""
    began = datetime.now(UTC).replace(microsecond=0)
    with Sandbox(faults=Faults(error_before=1.0)) as sandbox:
        for answer in (post(sandbox.url, call()), ask(sandbox.url, "GET", "/v1/phoneCalls")):
            assert began <= parsedate_to_datetime(answer.headers["date"]) <= datetime.now(UTC)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])  # noqa: S104 - refused
def test_only_loopback_is_served(host: str) -> None:
    """A stand-in that accepts any key must not be reachable from elsewhere."""
    with pytest.raises(ValueError, match="only on this machine"):
        Sandbox(host=host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_loopback_has_three_names(host: str) -> None:
    """Each usual name of this machine works, and the address tells how to reach it."""
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with Sandbox(host=host) as sandbox:
        assert post(sandbox.url, call()).status == 200


def test_a_port_can_be_chosen() -> None:
    """A free port asked for is used, and a taken one is an `OSError` that leaves nothing open."""
    with Sandbox() as first:
        port = port_of(first)
        with pytest.raises(OSError, match=r".+"), Sandbox(port=port):
            pass
    with Sandbox(port=port) as again:
        assert port_of(again) == port
        assert post(again.url, call()).status == 200


def test_a_wrong_journal_stops_the_start(tmp_path: Path) -> None:
    """A file that holds something else is refused, and no port stays open."""
    journal = tmp_path / "notes.txt"
    journal.write_text("notes\n")
    before = set(threading.enumerate())

    with pytest.raises(ValueError, match="line 1"), Sandbox(journal=journal):
        pass

    assert set(threading.enumerate()) == before


def test_a_restarted_sandbox_lists_old_calls(tmp_path: Path) -> None:
    """With a journal a new sandbox lists, reads and adds to what an older one created."""
    journal = tmp_path / "calls.jsonl"
    with Sandbox(journal=journal) as first:
        old = post(first.url, call()).data
    with Sandbox(journal=str(journal)) as second:
        new = post(second.url, call()).data

        assert ask(second.url, "GET", "/v1/phoneCalls").data == [old, new]
        assert ask(second.url, "GET", f"/v1/phoneCalls/{old['_id']}").data == old


def test_a_sandbox_can_start_again(tmp_path: Path) -> None:
    """One object entered twice goes on with its list, with a journal and without."""
    for sandbox in (Sandbox(), Sandbox(journal=tmp_path / "calls.jsonl")):
        with sandbox:
            post(sandbox.url, call())
        with sandbox:
            post(sandbox.url, call())
        assert len(sandbox.created) == 2


@pytest.mark.slow
def test_open_connections_do_not_hold_up_the_end() -> None:
    """Idle, half-sent and waiting requests are cut: the end does not wait for an answer that takes an hour."""
    with Sandbox(faults=Faults(latency_ms=3_600_000)) as sandbox:
        idle, half, waiting = (connect(sandbox.url) for _connection in range(3))
        half.sendall(b"POST /v1/phoneCalls HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 10\r\n\r\n{")
        waiting.sendall(b"GET /v1/phoneCalls HTTP/1.1\r\nHost: sandbox\r\naicaller-api-key: a key\r\n\r\n")
        while sandbox.requests != {"POST": 1, "GET": 1}:
            pass

    for connection in (idle, half, waiting):
        with connection:
            read_to_the_end(connection)


@pytest.mark.slow
def test_a_client_that_never_reads_does_not_hold_up_the_end() -> None:
    """A reply larger than all buffers, never read, is cut off at the end."""
    batch = {"phoneCalls": [call(nameOfHuman="Ada " * 1_000)] * 4_000}
    with Sandbox() as sandbox:
        assert ask(sandbox.url, "POST", "/v1/phoneCalls/batch", batch).status == 200
        connection = connect(sandbox.url)
        connection.sendall(b"GET /v1/phoneCalls HTTP/1.1\r\nHost: sandbox\r\naicaller-api-key: a key\r\n\r\n")
        start = connection.recv(1)

    with connection:
        assert start == b"H"
        assert read_to_the_end(connection) < 16_000_000


def test_serve_refuses_what_a_sandbox_refuses() -> None:
    """The blocking form has the same rules, and gives the signals back."""
    former = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    with pytest.raises(ValueError, match="only on this machine"):
        serve(host="192.0.2.1")

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == former
