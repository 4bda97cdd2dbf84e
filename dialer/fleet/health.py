"""Answers an orchestrator that asks whether a worker is well: `GET /health`."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from typing_extensions import TypedDict

READY = "ready"

_POLL_SECONDS = 0.05
"""How soon the end of the worker ends its answers."""


class HealthJson(TypedDict):
    """What `/health` answers: "ready", "draining" or "unreachable" (the database); how many jobs are being done."""

    state: str
    jobs: int


@contextmanager
def answering(host: str, port: int, ask: Callable[[], HealthJson]) -> Iterator[tuple[str, int]]:
    """Answer requests meanwhile; yield where. The status is 200 while the worker takes jobs, else 503.

    Raises `OSError` where nobody can listen there.
    """

    class Handler(BaseHTTPRequestHandler):
        """Knows one path."""

        timeout = 5.0

        def do_GET(self) -> None:
            if self.path != "/health":
                self.send_error(404)
                return
            health = ask()
            body = json.dumps(health).encode() + b"\n"
            self.send_response(200 if health["state"] == READY else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: orchestrators ask every few seconds."""

    with ThreadingHTTPServer((host, port), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield host, server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
