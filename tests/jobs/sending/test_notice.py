"""Notices to people, to a real server on this machine: what they say, and that they never end or betray anything."""

import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dialer.calls.outcome import Stop, StopCode
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.notice import Notice, notice_of, notify
from dialer.jobs.sending.summary import RunSummary
from dialer.nightly.folder import run_nightly
from dialer.reasons import Status
from dialer.results.tally import Tally
from dialer.sandbox import Faults, Sandbox
from dialer.settings import Settings
from tests.jobs.test_run import hurried, settings_for
from tests.support import ANY_HOUR, FAST, NOON_MS, CampaignFolder, number

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise looks whether it is there
SECRET = "canary-password"  # noqa: S105 - what must be told nowhere
SUMMARY = RunSummary("r", "spring", NOON_MS, NOON_MS, Tally(), Path("/calls/spring.csv"))


class Receiver:
    """Takes what is posted to a port of this machine, and answers *status*; *hold* lets it answer at all."""

    def __init__(self, status: int = 200) -> None:
        self.posts: list[dict[str, Any]] = []
        self.status = status
        self.hold = threading.Event()
        self.hold.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.hold.wait(10)
                receiver.posts.append(json.loads(body))
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"json://user:{SECRET}@127.0.0.1:{self.server.server_port}/{SECRET}"


@contextmanager
def receiving(status: int = 200) -> Iterator[Receiver]:
    """Run a receiver meanwhile."""
    receiver = Receiver(status)
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.02,))
    thread.start()
    yield receiver
    receiver.hold.set()
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


def to(address: str | None) -> Settings:
    """Return an environment that names *address*."""
    return Settings(notify=None if address is None else SecretStr(address))


@pytest.mark.parametrize(
    ("notice", "lines"),
    [
        (
            notice_of(SUMMARY),
            ["spring: done", "Rows: 0 created", "First problem: none", "Next: nothing", "Results: /calls/spring.csv"],
        ),
        (
            notice_of(
                replace(SUMMARY, stop=Stop(StopCode.NO_CREDIT, "No\ncredit."), report=Path("/calls/spring.html"))
            ),
            [
                "spring: stopped early",
                "Rows: ",
                "First problem: No credit.",
                "Next: Mend",
                "Report: /calls/spring.html",
            ],
        ),
        (
            Notice("summer", 2, problem="there is no +12015550100", night=date(2026, 11, 23)),
            ["summer: usage", "Rows: none", "First problem: there is no (a number", "Next: mend", "Report: none"],
        ),
    ],
)
def test_a_notice_has_five_lines(notice: Notice, lines: list[str]) -> None:
    """How it ended, counts, the first problem, what to do, where to look: whatever happened, and no number in it."""
    told = notice.text.split("\n")
    assert [line[: len(start)] for line, start in zip(told, lines, strict=True)] == lines


def test_a_run_names_its_first_problem() -> None:
    """The first row of the sheet that somebody has to look at stands in the notice, with its reason."""
    tally = Tally(Counter({Status.REJECTED: 2}))
    tally.first_problem = "row 4, phone_invalid: no number"
    assert "First problem: row 4, phone_invalid: no number" in notice_of(replace(SUMMARY, tally=tally)).text


@pytest.mark.slow
def test_whoever_the_environment_names_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Each of several addresses gets the title and the text; nothing is logged about it."""
    with receiving() as one, receiving() as other:
        notify(to(f"{one.address} {other.address}"), notice_of(SUMMARY))

    assert [post["title"] for post in one.posts] == ["dialer: spring: exit 0"]
    assert one.posts[0]["message"] == notice_of(SUMMARY).text
    assert one.posts == other.posts
    assert caplog.text == ""


def test_nobody_is_told_where_nobody_is_named() -> None:
    """Without an address nothing is sent, and nothing is imported."""
    notify(to(None), notice_of(SUMMARY))
    with receiving() as receiver:
        notify(to(None), notice_of(SUMMARY))
    assert receiver.posts == []


@pytest.mark.parametrize("address", ["json://127.0.0.1:1/{0}", "nonsense://{0}", "{0}", "json://[", "mailto://{0}"])
def test_an_address_that_fails_is_only_logged(
    address: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A port that nobody listens on and an address that is none: a warning, and the address is told nowhere."""
    with caplog.at_level(logging.DEBUG):
        notify(to(address.format(SECRET)), notice_of(SUMMARY))

    assert [record.levelname for record in caplog.records if record.name.startswith("dialer")] == ["WARNING"]
    assert SECRET not in caplog.text
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.slow
def test_a_receiver_that_refuses_or_hangs_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An answer of 500 is a notice that was not taken; one that does not come is waited for no longer than allowed."""
    with receiving(500) as receiver:
        notify(to(receiver.address), notice_of(SUMMARY))
    with receiving() as receiver:
        receiver.hold.clear()
        notify(to(receiver.address), notice_of(SUMMARY), seconds=0.2)

    assert [record.getMessage() for record in caplog.records if record.name.startswith("dialer")] == [
        "a notice was not taken",
        "a notice was not taken within 0.2 seconds",
    ]


def test_the_settings_never_show_an_address() -> None:
    """The environment's addresses hold passwords."""
    settings = to(f"mailtos://me:{SECRET}@example.com")
    assert SECRET not in f"{settings!r} {settings}"


@pytest.mark.slow
def test_a_night_tells_of_each_campaign(folder: CampaignFolder) -> None:
    """Each campaign's night is one notice, also one that could not begin."""
    night = "[nightly]\nenabled = true\n[report]\nwrite = true\n"
    folder.sheet(["Name", "Phone"], [["A", number(0)], ["B", "12"]])
    folder.campaign(ANY_HOUR + FAST + night)
    broken = folder.campaign_file.read_text("utf-8").replace("contacts.csv", "missing.csv")
    (folder.path / "broken.toml").write_text(broken, "utf-8")
    with receiving() as receiver, Sandbox() as sandbox:
        settings = settings_for(sandbox).model_copy(update={"notify": SecretStr(receiver.address)})
        run_nightly(folder.path, runtime=replace(hurried(sandbox), settings=settings))

    failed, done = (post["message"].split("\n") for post in receiver.posts)
    assert failed[0].startswith("broken: usage")
    assert "missing.csv" in failed[2]
    assert done[1] == "Rows: 1 created, 0 failed, 0 unknown, 1 rejected, 0 skipped, 0 pending."
    assert done[2].startswith("First problem: row 3, phone_invalid: ")
    assert done[4].startswith("Report: ")
    assert done[4].endswith(".html")


@pytest.mark.slow
def test_a_run_from_python_tells_nobody_by_itself(folder: CampaignFolder) -> None:
    """Whoever calls the library has the summary, and tells whom they like."""
    with receiving() as receiver, Sandbox(faults=Faults()) as sandbox:
        settings = settings_for(sandbox).model_copy(update={"notify": SecretStr(receiver.address)})
        run_campaign(folder.campaign(), runtime=Runtime(settings=settings))
    assert receiver.posts == []
