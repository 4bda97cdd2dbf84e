"""Promises about connections that end without a reply, seen on raw sockets."""

import pytest

from dialer.sandbox import Faults, Sandbox
from tests.sandbox.client import certain, connect, raw_post


@pytest.mark.parametrize(("fault", "created"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_ends_with_fin(fault: str, created: int) -> None:
    """The client reads the end of the stream and not one byte before it."""
    with Sandbox(faults=certain(fault)) as sandbox, connect(sandbox.url) as connection:
        raw_post(connection)

        assert connection.recv(1) == b""
        assert len(sandbox.created) == created


@pytest.mark.parametrize(("fault", "created"), [("drop_before", 0), ("drop_after", 1)])
def test_a_reset_connection_ends_with_rst(fault: str, created: int) -> None:
    """With `reset` the client is told of a reset, not of an end."""
    faults = Faults(drop_before=float(not created), drop_after=float(created), reset=True)
    with Sandbox(faults=faults) as sandbox, connect(sandbox.url) as connection:
        raw_post(connection)

        with pytest.raises(ConnectionResetError):
            connection.recv(1)
        assert len(sandbox.created) == created, fault


def test_a_kept_alive_connection_can_be_dropped_later() -> None:
    """A connection that has answered before is dropped at the POST whose turn it is."""
    faults = Faults(seed=1, drop_before=0.5)
    with Sandbox(faults=faults) as sandbox, connect(sandbox.url) as connection:
        answered = 0
        while True:
            raw_post(connection)
            head = connection.recv(65_536)
            if not head:
                break
            assert head.startswith(b"HTTP/1.1 200 ")
            while not head.endswith(b"}}"):
                head += connection.recv(65_536)
            answered += 1

        assert answered == len(sandbox.created) > 0


def test_a_drop_concerns_one_connection_only() -> None:
    """Others go on being served."""
    with (
        Sandbox(faults=Faults(drop_before=1.0)) as sandbox,
        connect(sandbox.url) as first,
        connect(sandbox.url) as second,
    ):
        raw_post(first)
        assert first.recv(1) == b""
        second.sendall(b"GET /v1/phoneCalls HTTP/1.1\r\nHost: sandbox\r\naicaller-api-key: a key\r\n\r\n")

        assert second.recv(65_536).startswith(b"HTTP/1.1 200 ")
