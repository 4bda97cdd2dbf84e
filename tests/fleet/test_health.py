"""What an orchestrator is answered that asks a worker how it is."""

import json
import socket
import urllib.error
import urllib.request
from typing import Any

import pytest

from dialer.fleet.health import HealthJson, answering


def _asked(health: HealthJson, path: str = "/health") -> tuple[int, Any]:
    with answering("127.0.0.1", 0, lambda: health) as (host, port):
        try:
            with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=10) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def test_a_worker_that_takes_jobs_is_well() -> None:
    """200, and how many it does."""
    assert _asked({"state": "ready", "jobs": 2}) == (200, {"state": "ready", "jobs": 2})


@pytest.mark.parametrize("state", ["draining", "unreachable"])
def test_a_worker_that_takes_none_is_not(state: str) -> None:
    """503: it is to get no more work, and a body says why."""
    code, body = _asked({"state": state, "jobs": 1})
    assert (code, json.loads(body)) == (503, {"state": state, "jobs": 1})


def test_there_is_one_path() -> None:
    """Any other is not found."""
    assert _asked({"state": "ready", "jobs": 0}, "/")[0] == 404


def test_a_port_that_is_taken_is_told() -> None:
    """Nobody listens in secret on another one."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        with (
            pytest.raises(OSError, match="in use"),
            answering("127.0.0.1", bound.getsockname()[1], lambda: {"state": "ready", "jobs": 0}),
        ):
            pass
