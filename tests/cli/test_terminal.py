"""The command line on a real terminal: it shows the plan, asks, and draws its progress."""

import os
import re
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from dialer.calls.outcome import Outcome
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import SilentListener
from dialer.sandbox import Faults, Sandbox
from tests.cli.command_line import dialer, on_terminal, on_terminal_of_its_own
from tests.jobs.test_run import settings_for
from tests.support import ANY_HOUR, TEMPLATE, CampaignFolder, number


@pytest.mark.slow
def test_the_plan_is_shown_and_a_yes_creates_the_calls(folder: CampaignFolder) -> None:
    """A person sees how many calls and when before she says yes, and then a bar with the counts."""
    with Sandbox() as sandbox:
        code, shown = on_terminal_of_its_own("run", folder.campaign_file, answer="y\n", url=sandbox.url)
        created = len(sandbox.created)

    assert (code, created) == (0, 3)
    assert "3 calls to create, ringing from" in shown
    assert "Create these calls?" in shown
    before = shown[: shown.index("Create these calls?")]
    assert sandbox.url in before
    assert TEMPLATE in before
    assert re.search(r"first +[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} E[SD]T", before)
    assert '"nameOfHuman": "Person 0"' in before
    assert number(0) not in shown
    assert "3 created, 0 failed, 0 unknown" in shown


def test_a_test_call_asks_for_ones_number_and_shows_the_body(folder: CampaignFolder) -> None:
    """The number is typed and not an argument; what will be said is shown before the question, the number masked."""
    with Sandbox() as sandbox:
        answer = "+12125550199\ny\n"
        code, shown = on_terminal("test-call", folder.campaign_file, "--row", "3", answer=answer, url=sandbox.url)
        made = [(call["toPhoneNumber"], call["nameOfHuman"]) for call in sandbox.created]

    assert code == 0, shown
    assert made == [("+12125550199", "Person 1")]
    assert '"nameOfHuman": "Person 1"' in shown[: shown.index("Create these calls?")]
    assert "+1…99" in shown


def test_a_wrong_key_is_told_before_the_question(folder: CampaignFolder) -> None:
    """Nobody agrees to calls that cannot be created: the run ends as one that the API stops, its rows pending."""
    with Sandbox(faults=Faults(key_refused_after=0)) as sandbox:
        code, shown = on_terminal("run", folder.campaign_file, answer="y\n", url=sandbox.url)

    assert code == 5
    assert "Create these calls?" not in shown
    assert "refused the key" in shown
    assert not sandbox.created


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["n\n", "no\n"])
def test_a_no_creates_nothing(folder: CampaignFolder, answer: str) -> None:
    """Whoever says no calls nobody; every row stays pending."""
    with Sandbox() as sandbox:
        code, shown = on_terminal("run", folder.campaign_file, answer=answer, url=sandbox.url)

    assert code == 2
    assert "Nothing was sent" in shown
    assert not sandbox.created


@pytest.mark.slow
def test_no_colour_where_it_is_not_wanted(folder: CampaignFolder) -> None:
    """With NO_COLOR set no colour is sent to the terminal."""
    with Sandbox() as sandbox:
        _, coloured = on_terminal("run", folder.campaign_file, "--yes", answer="", url=sandbox.url)
    with Sandbox() as sandbox:
        extra = {"NO_COLOR": "1"}
        _, plain = on_terminal("run", folder.campaign_file, "--sandbox", answer="", url=sandbox.url, extra=extra)

    assert "\x1b[3" in coloured
    assert "\x1b[3" not in plain


class Starting(SilentListener):
    """Knows when the first call is settled."""

    def __init__(self) -> None:
        self.first = Event()

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Let whoever waits go on."""
        del outcome, final
        self.first.set()


@pytest.mark.slow
def test_a_status_follows_a_run_to_its_end(folder: CampaignFolder) -> None:
    """While it goes on, since when, where and how far; then, once, where everything stands."""
    folder.people(25)
    campaign = folder.campaign(ANY_HOUR + "[submit]\nrequests_per_second = 15\nconcurrency = 2\n")
    listener = Starting()
    with Sandbox() as sandbox:
        settings = settings_for(sandbox)
        run = Thread(target=partial(run_campaign, campaign, listener=listener, runtime=Runtime(settings=settings)))
        run.start()
        assert listener.first.wait(30)
        code, shown = on_terminal("status", folder.campaign_file, "--watch", answer="", url=sandbox.url)
        run.join()

    assert code == 0
    frames = re.findall(r"(\d+) of 25 done: (\d+) created, 0 failed, 0 unknown", shown)
    assert frames
    assert all(done == created for done, created in frames)
    assert re.search(rf"running since 20\S+Z: process {os.getpid()} on ", shown)
    assert "is going on" in shown
    assert "A run is going on. Next: dialer status" in " ".join(shown.split())
    last = shown[shown.rindex("campaign: ") :]
    assert last.startswith("campaign: 25 created")
    assert "going on" not in last


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("plan",), ("check",), ("status",)])
def test_what_is_asked_for_is_the_answer_on_stdout(folder: CampaignFolder, arguments: tuple[str, ...]) -> None:
    """A pipe or a file gets the whole answer of `plan`, `check` and `status`; nothing of it is on stderr."""
    with Sandbox() as sandbox:
        dialer("run", folder.campaign_file, "--yes", "--quiet", url=sandbox.url)
        ended = dialer(*arguments, folder.campaign_file, url=sandbox.url)
    assert ended.stderr == ""
    assert len(ended.stdout.splitlines()) > 2


def test_init_asks_what_the_headers_leave_open(tmp_path: Path) -> None:
    """A person is shown the columns that could be meant, with values, and the country that fits, and answers."""
    sheet = tmp_path / "people.csv"
    sheet.write_text("Name,Tel,Mobile,City\nAda,0,(415) 555-0100,Rome\n", "utf-8")
    output = tmp_path / "spring.toml"
    code, shown = on_terminal("init", sheet, "--output", output, answer="7\n2\nUS\n", url="http://127.0.0.1:9")

    assert code == 0, shown
    assert "Which column is the phone?" in shown
    assert '  1. Tel: "0"' in shown
    assert "  2. Mobile: ((a number of 10 digits)" in shown
    assert "555-0100" not in shown
    assert "  3. Tel, else Mobile" in shown
    assert "Write a number from 1 to 3, or a header." in shown
    assert "Most of them fit US." in shown
    assert "such as US (empty: leave it open)" in shown
    assert "city: Rome" in shown
    text = output.read_text("utf-8")
    assert 'phone = "Mobile"' in text
    assert '\nregion = "US"' in text


def test_an_empty_answer_takes_no_country(tmp_path: Path) -> None:
    """Enter leaves the country open, as the question says: a guess that nobody looked at would call other people."""
    sheet = tmp_path / "people.csv"
    sheet.write_text("Name,Mobile\nAda,(415) 555-0100\n", "utf-8")
    output = tmp_path / "spring.toml"
    code, shown = on_terminal("init", sheet, "--output", output, answer="\n", url="http://127.0.0.1:9")

    assert code == 2, shown
    assert '# region = "US"' in output.read_text("utf-8")


def test_init_leaves_open_what_is_not_answered(tmp_path: Path) -> None:
    """An empty answer is none: the question stands in the file, and the command ends with 2."""
    sheet = tmp_path / "people.csv"
    sheet.write_text("Name,Tel,Mobile\nAda,+14155550100,+14155550101\n", "utf-8")
    output = tmp_path / "spring.toml"
    code, shown = on_terminal("init", sheet, "--output", output, answer="\n", url="http://127.0.0.1:9")

    assert code == 2, shown
    assert '# phone = "Tel"' in output.read_text("utf-8")
