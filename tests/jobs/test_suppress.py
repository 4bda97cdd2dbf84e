"""The suppression list as a job: numbers read, told, and never called by a run that is going on."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from dialer.calls.outcome import Outcome, StopCode
from dialer.errors import SheetError, UsageError
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.suppress import (
    look_up_numbers,
    one_each,
    read_number_file,
    read_numbers,
    suppress,
    suppression_list,
    unsuppress,
)
from dialer.ledger.database.open import Ledger
from dialer.ledger.suppression_list import suppressed_among
from dialer.sandbox import Sandbox
from dialer.settings import Settings
from tests.jobs.virtual import run_virtually, unlisted
from tests.simulation.world import World
from tests.support import ANY_HOUR, CampaignFolder, FakeClock, column, number, read_results

SLOWLY = """
[submit]
requests_per_second = 20
concurrency = 1
"""


def test_numbers_are_read_one_a_line() -> None:
    """Written as people write them, with empty lines between; one that is no number stops everything, by its line."""
    read = read_numbers(["(202) 555-0101", "", "+44 7700 900123"], region="US")
    assert read == [frozenset([phone]) for phone in ("+12025550101", "+447700900123")]
    with pytest.raises(UsageError, match=r"line 2: .* Nothing was changed"):
        read_numbers([number(1), "tomorrow"], region="US")
    with pytest.raises(UsageError, match="line 1"):
        read_numbers(["2025550101"], region=None)


def test_what_may_be_two_numbers_is_put_on_the_list_as_both_and_never_taken_off() -> None:
    """A country code without + leaves open who asked: both are held, and off the list goes only who is surely meant."""
    found = read_numbers(["4917612345678"], region="DE")
    assert found == [frozenset(["+4917612345678", "+494917612345678"])]
    with pytest.raises(UsageError, match=r"number 1: may mean 2 numbers"):
        one_each(found)
    assert one_each(read_numbers([number(1)], region="US")) == [number(1)]


def test_file_of_numbers_is_read_as_a_suppression_file(tmp_path: Path) -> None:
    """A sheet with a phone column and a bare column are both read; a row without a number is refused by its row."""
    sheet = CampaignFolder(tmp_path).sheet(["Name", "Phone"], [["A", number(1)], ["B", number(2)]], name="no.csv")
    assert read_number_file(sheet, region="US") == sorted([number(1), number(2)])
    broken = CampaignFolder(tmp_path).sheet(["Name", "Phone"], [["A", "?"]], name="broken.csv")
    with pytest.raises(SheetError, match="row 2"):
        read_number_file(broken, region="US")


def test_file_of_numbers_is_read_in_every_country_that_the_campaign_calls(tmp_path: Path) -> None:
    """A number written without its country may be one of each: who asked for no call is not called in the other."""
    (tmp_path / "no.csv").write_text("phone\n0664 1234567\n", "utf-8")
    read = read_number_file(tmp_path / "no.csv", region="DE", others=("DE", "AT"))
    assert read == ["+436641234567", "+496641234567"]


def test_list_is_changed_and_told(tmp_path: Path) -> None:
    """What was added is told with its reason and instant, what is removed is gone, and order is kept when asked."""
    clock = FakeClock()
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        added = suppress(ledger, [number(1), number(2)], reason="asked", clock=clock)
        assert (added.given, added.changed, added.open_calls) == (2, 2, ())
        again = suppress(ledger, [number(1), number(3), number(1), number(3)], reason="asked", clock=clock)
        assert (again.given, again.changed) == (2, 1)
        removed = unsuppress(ledger, [number(3), number(3)])
        assert (removed.given, removed.changed) == (1, 1)
        found = look_up_numbers(ledger, [frozenset([number(3)]), frozenset([number(4), number(2)])])
        assert found[0] is None
        assert found[1] is not None
        assert found[1].reason == "asked"
        assert unsuppress(ledger, [number(2), number(3)]).changed == 1
        assert [entry.ending for entry in suppression_list(ledger)] == [number(1)[-2:]]


class OptOut(SilentListener):
    """Does something once, when the first call has been created."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act: Callable[[], object] | None = act

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Act the first time."""
        del outcome, final
        act, self._act = self._act, None
        if act is not None:
            act()


def _told(summary: RunSummary) -> dict[str, str]:
    """Return the status and reason of each number."""
    rows = read_results(summary.results or Path())
    told = [f"{row['dialer_status']} {row['dialer_reason']}" for row in rows]
    return dict(zip(column(rows, "Phone"), told, strict=True))


@pytest.mark.slow
def test_number_added_during_a_run_is_not_called_from_then_on(tmp_path: Path) -> None:
    """Planned already and suppressed while the run sends: no call is created, and its row is skipped."""
    folder, location = CampaignFolder(tmp_path), tmp_path / ".dialer/ledger.db"
    folder.people(12)

    def opt_out() -> None:
        with Ledger.open(location) as ledger:
            suppress(ledger, [number(11)], reason="asked")

    with Sandbox() as sandbox:
        settings = Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))
        campaign, options = folder.campaign(ANY_HOUR + SLOWLY), RunOptions(ledger=location)
        summary = run_campaign(campaign, options=options, listener=OptOut(opt_out), runtime=Runtime(settings=settings))
        called = {call["toPhoneNumber"] for call in sandbox.created}
    assert called == {number(index) for index in range(11)}
    assert _told(summary)[number(11)] == "skipped suppressed"


class WatchedFile:
    """An API in the same process that creates every call; before some of them the suppression file changes."""

    def __init__(self, changes: dict[int, Callable[[], object]]) -> None:
        self._changes = changes
        self.called: list[str] = []

    async def serve(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.method == "GET":
            return unlisted(request)
        self.called.append(json.loads(request.content)["toPhoneNumber"])
        self._changes.get(len(self.called), lambda: None)()
        return httpx.Response(200, json={"data": {"_id": f"call-{len(self.called)}"}})


def _watched(folder: CampaignFolder, api: WatchedFile) -> RunSummary:
    """Run sixty calls at four a second with a suppression file."""
    folder.people(60)
    (folder.path / "do_not_call.csv").write_text("phone\n", "utf-8")
    slowly = "[submit]\nrequests_per_second = 4\nconcurrency = 1\n"
    campaign = folder.campaign(f'{ANY_HOUR}{slowly}[suppression]\nfiles = ["do_not_call.csv"]\n')
    return run_virtually(campaign, World(1), api.serve)


@pytest.mark.slow
def test_number_added_to_a_suppression_file_during_a_run_is_not_called(tmp_path: Path) -> None:
    """The files are watched: who is written into one while the run sends is held like anybody on the list."""
    file = tmp_path / "do_not_call.csv"
    api = WatchedFile({1: lambda: file.write_text(f"phone\n{number(59)}\n", "utf-8")})
    summary = _watched(CampaignFolder(tmp_path), api)
    assert api.called == [number(index) for index in range(59)]
    assert _told(summary)[number(59)] == "skipped suppressed"


@pytest.mark.slow
def test_file_that_is_broken_for_a_while_is_waited_for(tmp_path: Path) -> None:
    """A half-written export with a cell that no reader takes holds everybody back; mended, it counts, and all go on."""
    file = tmp_path / "do_not_call.csv"

    def break_it() -> None:
        file.write_text(f"phone\n{'9' * 200_000}\n", "utf-8")
        asyncio.get_running_loop().call_later(5, file.write_text, f"phone\n{number(59)}\n", "utf-8")

    api = WatchedFile({2: break_it})
    summary = _watched(CampaignFolder(tmp_path), api)
    assert summary.stop is None
    assert api.called == [number(index) for index in range(59)]


BAD_LINES = {
    "a bad line": "phone\n{}\n?\n{}\n",
    "an empty line of a table": 'name,phone\nA,{}\nB,""\nC,{}\n',
    "another country's digits": "phone\n{}\n1234\n{}\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("content", BAD_LINES.values(), ids=BAD_LINES)
def test_bad_line_holds_everybody_back_and_no_good_line(tmp_path: Path, content: str) -> None:
    """The numbers above and below it count at once; nobody is called while it stands, and the run ends with 5."""
    file = tmp_path / "do_not_call.csv"
    api = WatchedFile({2: lambda: file.write_text(content.format(number(58), number(59)), "utf-8")})
    summary = _watched(CampaignFolder(tmp_path), api)
    assert len(api.called) <= 8  # four a second, and a look every second
    assert summary.exit_code == 5
    assert summary.stop is not None
    assert summary.stop.code == StopCode.SUPPRESSION_UNREADABLE
    assert f"{file}" in summary.stop.message
    assert ": row 3" in summary.stop.message
    with Ledger.open(tmp_path / ".dialer/ledger.db") as ledger, ledger.read() as tx:
        assert set(suppressed_among(tx, [number(58), number(59)], campaign_id=1)) == {number(58), number(59)}


@pytest.mark.slow
def test_run_that_ends_before_the_next_look_does_not_end_well(tmp_path: Path) -> None:
    """The bad line comes with the last call: everybody was called, and somebody may have been who asked not to be."""
    file = tmp_path / "do_not_call.csv"
    api = WatchedFile({60: lambda: file.write_text("phone\n?\n", "utf-8")})
    summary = _watched(CampaignFolder(tmp_path), api)
    assert len(api.called) == 60
    assert summary.exit_code == 5
    assert summary.stop is not None
    assert "row 2" in summary.stop.message


@pytest.mark.slow
def test_watch_that_fails_in_a_way_nobody_thought_of_ends_the_run(tmp_path: Path) -> None:
    """Without the watch nobody knows whom not to call; the run says so instead of going on without it."""
    file, ledger = tmp_path / "do_not_call.csv", tmp_path / ".dialer/ledger.db"

    def break_it() -> None:
        with closing(sqlite3.connect(ledger)) as connection:
            connection.execute("CREATE TRIGGER t BEFORE INSERT ON suppressed BEGIN SELECT RAISE(ABORT, 'no'); END")
        file.write_text(f"phone\n{number(59)}\n", "utf-8")

    api = WatchedFile({2: break_it})
    summary = _watched(CampaignFolder(tmp_path), api)
    assert summary.stop is not None
    assert summary.stop.code == StopCode.SUPPRESSION_UNREADABLE
    assert number(59) not in api.called
