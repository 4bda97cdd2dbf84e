"""A campaign's process that dies in its night: the others have theirs, and the morning finds it told."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import active_children
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.jobs.runtime import Runtime
from dialer.nightly.folder import NightlyOptions, run_nightly
from dialer.settings import Settings
from tests.support import ANY_HOUR, CampaignFolder

NIGHTLY = (
    '[nightly]\nenabled = true\nat = "00:00"\ntimezone = "UTC"\n[submit]\nrequests_per_second = 2000\nconcurrency = 1\n'
)


@contextmanager
def _api(strike: signal.Signals, *, at_parent: bool = False) -> Iterator[str]:
    """Serve an API that creates every call; at its first one it strikes the process that sends it, or its parent."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer({"data": []})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            calls.append(f"call-{len(calls)}")
            if len(calls) == 1:
                for pid in [os.getpid()] if at_parent else [child.pid for child in active_children()]:
                    os.kill(pid or 0, strike)
            self._answer({"data": {"_id": calls[-1]}})

        def _answer(self, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_parts: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            """Bear a client that is gone."""
            with suppress(ConnectionError):
                super().handle()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def _folder(path: Path) -> None:
    """Write two campaigns with a ledger each."""
    for name in ("first", "second"):
        (path / name).mkdir()
        folder = CampaignFolder(path / name)
        folder.campaign(ANY_HOUR + NIGHTLY)
        text = folder.campaign_file.read_text("utf-8").replace("contacts.csv", f"{name}/contacts.csv")
        (path / f"{name}.toml").write_text(text, "utf-8")


def _night(path: Path, url: str, name: str) -> tuple[list[tuple[str, int]], dict[str, object]]:
    settings = Settings(base_url=url, api_key=SecretStr("a-key"))
    options = NightlyOptions(ledger=path / name, apart=True)
    summary = run_nightly(path, options=options, runtime=Runtime(settings=settings))
    told = json.loads((summary.file or Path()).read_text("utf-8"))
    assert told["exit_code"] == summary.exit_code
    return [(night.campaign, night.exit_code) for night in summary.nights], told


@pytest.mark.slow
def test_one_that_dies_leaves_the_others_their_night(tmp_path: Path) -> None:
    """Whatever killed it: its entry names the signal, the next campaign is done, and all is kept."""
    _folder(tmp_path)
    with _api(signal.SIGKILL) as url:
        nights, told = _night(tmp_path, url, "ledger.db")
    assert nights == [("first", 1), ("second", 0)]
    assert told["exit_code"] == 1
    assert "SIGKILL" in json.dumps(told)


@pytest.mark.slow
def test_a_signal_to_the_night_ends_it_with_what_is_in_flight_finished(tmp_path: Path) -> None:
    """It is passed on once: the first campaign ends as interrupted, its call is created, the second is not begun."""
    _folder(tmp_path)
    with _api(signal.SIGTERM, at_parent=True) as url:
        nights, told = _night(tmp_path, url, "ledger.db")
    assert nights == [("first", 143)]
    assert '"created": 1' in json.dumps(told)
