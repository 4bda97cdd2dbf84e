"""What the program says of the sample campaign: its plan at a fixed instant, and what a night posts to an address."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, cast

from apprise.plugins.slack import NotifySlack
from apprise.plugins.workflows import NotifyWorkflows
from pydantic import SecretStr

from dialer.campaign.file import load_campaign
from dialer.clock import SystemClock, to_ms
from dialer.exit_codes import EXIT_USAGE
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.planning.summary import PlanJson
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.notice import Notice as Notification
from dialer.jobs.sending.notice import hand_over, no_receivers, notice_of
from dialer.jobs.sending.summary import RunSummary
from dialer.nightly.folder import run_nightly
from dialer.reasons import Status
from dialer.results.tally import Tally
from dialer.sandbox import Sandbox
from dialer.settings import Settings
from docs.generate.normalise import HOME, normalise
from docs.generate.pages import ROOT

SAMPLE = ROOT / "campaigns" / "sample.toml"
MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""Noon in New York; the rules of hours that the plan goes by were read that day, so that none has expired."""

_NIGHT = """
[call]
team_id = "363573667364666473667332"
call_template_id = "363573667364666473667332"

[contacts]
file = "{file}"
region = "US"

[submit]
requests_per_second = 1000

[nightly]
enabled = true
ping_url = "{url}/ping"
on_finish = "{url}/finished"
"""

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
TEAMS = "workflows://example.com/WORKFLOW/SIGNATURE"
"""Addresses as these services give them out, of nobody."""

_SHEET = "Name,Phone\nAda Whitfield,+12125550101\nBruno Castellano,+16465550102\nChidi Okafor,212-555-01\n"


class Notice(NamedTuple):
    """One request that a night sends: its line and kind of content as *title*, and its body."""

    title: str
    language: str
    content: str


def example_notices() -> tuple[Notification, Notification]:
    """Return what people are told of a run that left a row to mend, and of a night that did not begin."""
    tally = Tally(Counter({Status.CREATED: 2, Status.REJECTED: 1}), Counter({"phone_invalid": 1}))
    tally.first_problem = 'row 4, phone_invalid: The number in column "Phone" is no valid number of region US.'
    at_ms, folder = to_ms(MONDAY_NOON), Path(HOME)
    results, page = (folder / f"results/spring-20261123T170000Z.{suffix}" for suffix in ("csv", "html"))
    file = folder / "spring.toml"
    summary = RunSummary("20261123T170000Z-5ad03e", "spring", at_ms, at_ms, tally, results, file=file, report=page)
    problem = (
        f"{folder}/summer-*.csv: there is no such file. Check file under [contacts], which starts at the campaign."
    )
    return notice_of(summary), Notification("summer", EXIT_USAGE, problem=problem, night=MONDAY_NOON.date())


def sent_to_chat(kind: str) -> dict[str, Any]:
    """Return what apprise posts of the first of `example_notices`: *kind* is `json`, `slack` or `workflows` (Teams).

    What is posted goes to this machine: Slack's address cannot be another's, so its own class gets this one; that of
    Teams speaks TLS alone, so it is kept where it would be sent.
    """
    first, _ = example_notices()
    receivers, posted = no_receivers(), list[Any]()
    slack_class, teams_class = cast("Any", NotifySlack), cast("Any", NotifyWorkflows)

    def keep(teams: Any, body: str, title: str = "", **_: object) -> bool:
        posted.append(teams.gen_payload(body=body, title=title))
        return True

    with _receiver() as (url, received):
        if kind == "json":
            receivers.add(url.replace("http://", "json://"))
        elif kind == "slack":
            here = type("Slack", (NotifySlack,), {"webhook_url": url})
            receivers.add(here(**slack_class.parse_url(SLACK), asset=receivers.asset))
        else:
            kept = type("Teams", (NotifyWorkflows,), {"send": keep})
            receivers.add(kept(**teams_class.parse_url(TEAMS), asset=receivers.asset))
        hand_over(first, receivers)
    (found,) = posted or (json.loads(body) for _, _, body in received)
    if kind == "slack":
        found["attachments"][0]["ts"] = MONDAY_NOON.timestamp()
    return cast("dict[str, Any]", found)


class _At(SystemClock):
    """A clock that stands still."""

    def now(self) -> datetime:
        """Return the same instant each time."""
        return MONDAY_NOON


def plan_as_json() -> PlanJson:
    """Return what `dialer plan sample --why 2 --json` prints on the day of `MONDAY_NOON`."""
    with TemporaryDirectory() as folder:
        options = PlanOptions(ledger=Path(folder) / "ledger.db", why=2)
        return plan_campaign(load_campaign(SAMPLE), options=options, runtime=Runtime(clock=_At())).as_json()


def notices() -> list[Notice]:
    """Return what two campaigns' night posts, in order: one that has rows to mend, and one whose sheet is not there."""
    with TemporaryDirectory() as name, _receiver() as (url, received), Sandbox() as sandbox:
        folder = Path(name)
        (folder / "spring.csv").write_text(_SHEET, "utf-8")
        (folder / "spring.toml").write_text(_NIGHT.format(file="spring.csv", url=url), "utf-8")
        (folder / "summer.toml").write_text(_NIGHT.format(file="summer-*.csv", url=url), "utf-8")
        run_nightly(folder, runtime=Runtime(settings=Settings(base_url=sandbox.url, api_key=SecretStr("sandbox"))))
        return [_notice(path, kind, normalise(body, folder)) for path, kind, body in received]


def _notice(path: str, kind: str, body: str) -> Notice:
    is_json = kind == "application/json"
    content = json.dumps(json.loads(body), indent=2) if is_json else body or "(an empty body)"
    return Notice(f"`POST {path}` with `content-type: {kind}`:", "json" if is_json else "text", content)


@contextmanager
def _receiver() -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Listen on a free loopback port; yield its address, and the list of (path, kind, body) that it fills."""
    received: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server calls
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            received.append((self.path, self.headers["content-type"], body.decode()))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", received
        finally:
            server.shutdown()
            thread.join()
