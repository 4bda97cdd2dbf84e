"""Notices to people, to a real server on this machine: what they say, and that they never end or betray anything."""

import email
import email.policy
import json
import logging
import socketserver
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
from apprise.plugins.slack import NotifySlack
from pydantic import SecretStr

from dialer.calls.outcome import Stop, StopCode
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.notice import Notice, hand_over, no_receivers, notice_of, notify
from dialer.jobs.sending.summary import RunSummary
from dialer.nightly.folder import run_nightly
from dialer.reasons import Status
from dialer.results.tally import Tally
from dialer.sandbox import Faults, Sandbox
from dialer.settings import Settings
from docs.generate.pages import ROOT
from docs.generate.samples import SLACK, example_notices
from tests.jobs.test_run import hurried, settings_for
from tests.support import ANY_HOUR, FAST, NOON_MS, CampaignFolder, number

SECRET = "canary-password"  # noqa: S105 - what must be told nowhere
SUMMARY = RunSummary("r", "spring", NOON_MS, NOON_MS, Tally(), Path("/calls/spring.csv"))


class Receiver:
    """Takes what is posted to a port of this machine, and answers *status*; *hold* lets it answer at all."""

    def __init__(self, status: int = 200, context: ssl.SSLContext | None = None) -> None:
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
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"ok")  # as Slack says

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"json://user:{SECRET}@127.0.0.1:{self.server.server_port}/{SECRET}"


@contextmanager
def receiving(status: int = 200, context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver meanwhile, with TLS where there is a *context*."""
    receiver = Receiver(status, context)
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
                "Next: What",
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


EXAMPLE, _ = example_notices()
PAGE = (ROOT / "docs" / "how-to" / "nightly.md").read_text("utf-8")


def documented(kind: str) -> Any:
    """Return the example on the page about nights of what is posted."""
    block = PAGE.partition(f"<!-- generated: notice-posted {kind} -->\n")[2].partition("<!-- end -->")[0]
    return json.loads(block[block.index("{") : block.rindex("}") + 1])


def without_time(posted: Any) -> Any:
    """Return what was posted to Slack without the instant in it."""
    return posted | {"attachments": [part | {"ts": 0} for part in posted["attachments"]]}


@pytest.mark.slow
def test_what_is_posted_as_json_is_the_documented_example() -> None:
    """A server gets the very object that the page shows."""
    with receiving() as receiver:
        notify(to(receiver.address), EXAMPLE)
    assert receiver.posts == [documented("json")]


@pytest.mark.slow
def test_what_slack_is_sent_is_the_documented_example() -> None:
    """Its address cannot be another's, so apprise's own class gets that of a server here; it loads no image."""
    receivers, library = no_receivers(), cast("Any", NotifySlack)
    with receiving() as receiver:
        here = type("Here", (library,), {"webhook_url": f"http://127.0.0.1:{receiver.server.server_port}"})
        receivers.add(here(**library.parse_url(SLACK), asset=receivers.asset))
        assert hand_over(EXAMPLE, receivers)
    (posted,) = receiver.posts
    assert without_time(posted) == without_time(documented("slack"))
    assert "http" not in json.dumps(posted)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")  # the certificate is the test's own
def test_what_teams_is_sent_is_the_documented_example(server_context: ssl.SSLContext) -> None:
    """A workflow's address may name any host: a server with TLS on this machine gets the card that the page shows."""
    with receiving(context=server_context) as receiver:
        port = receiver.server.server_port
        notify(to(f"workflows://127.0.0.1:{port}/WORKFLOW/{SECRET}?verify=no"), EXAMPLE)
    assert receiver.posts == [documented("workflows")]


class Mailbox(socketserver.StreamRequestHandler):
    """Speaks SMTP as far as one mail needs it (RFC 5321), and keeps what comes."""

    timeout = 5

    def handle(self) -> None:
        """Greet, say yes to everything, and take the mail until its dot."""
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            self.wfile.write({b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 yes\r\n"))
            if verb == b"QUIT":
                return
            if verb == b"DATA":
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(b"".join(lines))  # type: ignore[attr-defined]
                self.wfile.write(b"250 taken\r\n")


@pytest.mark.slow
def test_what_comes_by_mail_is_the_documented_example() -> None:
    """A mail server on this machine gets the subject and the five lines that the page shows."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.mails = []  # type: ignore[attr-defined]
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        port = server.server_address[1]
        notify(to(f"mailto://127.0.0.1:{port}?from=dialer@example.com&to=ops@example.com&mode=insecure"), EXAMPLE)
        server.shutdown()
        thread.join()
    (mail,) = server.mails  # type: ignore[attr-defined]
    read = email.message_from_bytes(mail, policy=email.policy.default)
    body = read.get_body(("plain",))
    assert body is not None
    assert f"Subject: {read['subject']}\n\n{chr(10).join(body.get_content().strip().splitlines())}\n```" in PAGE
    assert read["to"] == "ops@example.com"


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
