"""Nights of a folder of campaigns, against the sandbox: each done once, each told, none keeping another back."""

import asyncio
import json
import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.campaign.file import load_campaign
from dialer.errors import NightDone, UsageError
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.jobs.sending.preview import RunPreview
from dialer.ledger.database.open import Ledger
from dialer.nightly.folder import NightlySummary, run_nightly
from dialer.sandbox import Faults, Sandbox
from dialer.settings import Settings
from tests.api.raw_server import RawServer, answering, reply
from tests.nightly.nights import EVERY_NIGHT, Folder
from tests.support import ANY_HOUR, MONDAY_NOON, FakeClock, column, number, read_results


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return an empty folder."""
    return Folder(tmp_path)


def codes(summary: NightlySummary) -> list[int]:
    """Return the exit codes of the campaigns, in order."""
    return [night.exit_code for night in summary.nights]


@pytest.mark.slow
def test_every_enabled_campaign_has_its_night(folder: Folder) -> None:
    """Each is run with its results named after the night; one that is not enabled is left alone."""
    folder.campaign("autumn", [0, 1])
    folder.campaign("spring", [2])
    folder.campaign("summer", [3], ANY_HOUR)
    summary = folder.night()
    assert (codes(summary), summary.exit_code, summary.disabled.names) == ([0, 0], 0, ("summer",))
    assert sorted(folder.called) == [number(0), number(1), number(2)]
    assert [night.date for night in summary.nights] == [date(2026, 11, 23)] * 2
    assert column(read_results(folder.path / "results/autumn-2026-11-23.csv"), "dialer_status") == ["created"] * 2


@pytest.mark.slow
def test_a_second_start_of_a_night_does_nothing(folder: Folder) -> None:
    """A timer that fires twice, hours apart, finds the night done; the next night is another one."""
    folder.campaign("spring", [0])
    folder.night()
    folder.sheet("spring", [0, 1])
    folder.clock.advance(6 * 3600)
    again = folder.night()
    assert (codes(again), len(folder.called)) == ([0], 1)
    assert "done already" in again.nights[0].message
    assert again.nights[0].summary is None
    folder.clock.advance(18 * 3600)
    folder.sheet("spring", [0, 1])
    assert codes(folder.night()) == [0]
    assert folder.called == [number(0), number(1)]


@pytest.mark.slow
def test_a_night_that_was_done_since_somebody_looked_is_not_done_again(folder: Folder) -> None:
    """A start that froze before it had the campaign finds the other's run, and neither asks nor calls."""
    folder.campaign("spring", [0, 1])
    campaign = load_campaign(folder.path / "spring.toml")
    with Sandbox(now_ms=folder.clock.now_ms) as sandbox:
        runtime = Runtime(settings=Settings(base_url=sandbox.url, api_key=SecretStr("a-key")), clock=folder.clock)
        options = RunOptions(night=MONDAY_NOON.date())
        done = run_campaign(campaign, options=options, runtime=runtime)
        requests = sandbox.requests
        with pytest.raises(NightDone, match=f"done already by {done.run_id}"):
            run_campaign(campaign, options=options, runtime=runtime)
        assert sandbox.requests == requests
        assert done.exit_code == 0


def test_a_second_start_finishes_what_the_first_left(folder: Folder) -> None:
    """A night that an API out of reach cut short is done by the next start, under a name of its own."""
    folder.campaign("spring", [0, 1])
    assert codes(folder.night(up=False)) == [5]
    folder.clock.advance(1800)
    summary = folder.night()
    assert (codes(summary), sorted(folder.called)) == ([0], [number(0), number(1)])
    assert sorted(path.name for path in (folder.path / "results").glob("spring-*.csv")) == [
        "spring-2026-11-23-2.csv",
        "spring-2026-11-23.csv",
    ]


@pytest.mark.slow
def test_the_sheet_of_the_night_decides(folder: Folder) -> None:
    """Grown, shrunk and reordered from night to night: only who is new is called, and who vanished before is not."""
    folder.campaign("spring", [0, 1, 2, 3])
    slow = (
        (folder.path / "spring.toml").read_text("utf-8").replace("calls_per_minute = 6000", "calls_per_minute = 0.02")
    )
    (folder.path / "spring.toml").write_text(slow.replace("[submit]", 'horizon = "1h"\n[submit]', 1), "utf-8")
    folder.night()
    first = set(folder.called)
    assert len(first) == 2
    folder.clock.advance(24 * 3600)
    left = next(index for index in (3, 2) if number(index) not in first)
    folder.sheet("spring", [left, 1, 0, 9])
    folder.night()
    gone = ({number(2), number(3)} - first) - {number(left)}
    assert set(folder.called) == first | {number(left), number(9)}
    assert not gone & set(folder.called)
    assert len(folder.called) == len(set(folder.called))


@pytest.mark.slow
def test_the_newest_file_of_a_pattern_is_read(folder: Folder) -> None:
    """An export with a date in its name needs no change of the campaign."""
    folder.campaign("spring", [0], file="export-*.csv")
    folder.sheet("export-1", [1], hours_ago=20)
    folder.sheet("export-2", [2], hours_ago=2)
    assert codes(folder.night()) == [0]
    assert folder.called == [number(2)]


@pytest.mark.slow
def test_one_campaigns_failure_stops_no_other(folder: Folder) -> None:
    """A stale sheet, a file that is no campaign, a wrong zone: each is told, the others have their night."""
    folder.campaign("a-stale", [0], EVERY_NIGHT + 'max_age = "12h"\n')
    folder.sheet("a-stale", [0], hours_ago=30)
    (folder.path / "b-broken.toml").write_text("[nightly\n", "utf-8")
    folder.campaign("c-zone", [1], EVERY_NIGHT + 'timezone = "Moon/Sea"\n')
    folder.campaign("d-good", [2])
    summary = folder.night()
    assert (codes(summary), summary.exit_code) == ([2, 2, 2, 0], 2)
    assert folder.called == [number(2)]
    told = summary.text.splitlines()
    assert "30 hours old" in told[0]
    assert "line 1" in told[1]
    assert "Moon/Sea" in told[2]
    assert "1 created" in told[3]


@pytest.mark.slow
def test_a_night_is_not_begun_too_late(folder: Folder) -> None:
    """A start that makes up for a missed one after `not_after` leaves the rows to the next night, and says so."""
    folder.campaign("spring", [0], EVERY_NIGHT + 'not_after = "20:00"\n')
    folder.clock.advance(4 * 3600)
    summary = folder.night()
    assert (codes(summary), folder.called) == ([5], [])
    assert "too late" in summary.text
    folder.clock.advance(20 * 3600)
    folder.sheet("spring", [0])
    assert codes(folder.night()) == [0]


@pytest.mark.slow
def test_a_ledger_that_a_run_holds_is_told(folder: Folder) -> None:
    """While somebody runs the campaign by hand its night waits for the next start."""
    folder.campaign("spring", [0])
    with (
        Ledger.open(folder.path / ".dialer/ledger.db") as ledger,
        ledger.lock(what="a run by hand", since=MONDAY_NOON),
    ):
        held = folder.night()
    assert (codes(held), folder.called) == ([75], [])
    assert "a run by hand" in held.text
    assert codes(folder.night()) == [0]


@pytest.mark.slow
def test_the_morning_finds_one_summary(folder: Folder) -> None:
    """It is one object, for its owner only, and holds no number."""
    folder.campaign("spring", [0])
    summary = folder.night()
    assert summary.file is not None
    assert stat.S_IMODE(summary.file.stat().st_mode) == 0o600
    kept = json.loads(summary.file.read_text("utf-8"))
    assert kept == summary.as_json()
    assert kept["campaigns"][0]["run"]["counts"]["created"] == 1
    assert number(0)[2:] not in json.dumps(kept)


@pytest.mark.slow
def test_whoever_is_named_is_told(folder: Folder) -> None:
    """A monitor hears of the start, and of the end with what came of it; a receiver gets the summary as JSON."""
    heard = asyncio.run(_heard(folder, status=200))
    assert [line.split()[1] for line in heard] == ["/m/start", "/m", "/hook", "/m/start", "/m/fail", "/hook"]
    assert "1 created" in heard[1]
    assert '"created": 1' in heard[2]
    assert "unknown" in heard[4]


@pytest.mark.slow
def test_a_monitor_that_fails_fails_no_night(folder: Folder) -> None:
    """Whatever it answers, the calls are created and the night is good."""
    asyncio.run(_heard(folder, status=500))
    assert number(0) in folder.called


async def _heard(folder: Folder, *, status: int) -> list[str]:
    """Live through a good night and a bad one, and return the requests that a monitor heard, each on one line."""
    async with RawServer(answering(reply(status, b""))) as server:
        told = f'ping_url = "{server.url}/m"\non_finish = "{server.url}/hook"\n'
        folder.campaign("spring", [0], EVERY_NIGHT + told)
        await asyncio.to_thread(folder.night)
        folder.clock.advance(24 * 3600)
        folder.sheet("spring", [0, 1])
        await asyncio.to_thread(folder.night, Faults(drop_after=1.0))
        return [" ".join(request.decode().split()) for request in server.requests]


def test_a_wrong_name_for_results_is_told(folder: Folder) -> None:
    """Only the campaign's name and the date can stand in it."""
    folder.campaign("spring", [0], EVERY_NIGHT + 'results = "results/{month}.csv"\n')
    summary = folder.night()
    assert codes(summary) == [2]
    assert "{name} and {date}" in summary.text


def test_a_place_that_is_not_there_has_no_night(folder: Folder) -> None:
    """A wrong name in a timer ends as a mistake, and not as a night without campaigns."""
    with pytest.raises(UsageError, match="no such folder"):
        run_nightly(folder.path / "none", runtime=Runtime(settings=Settings()))


@pytest.mark.slow
def test_the_night_of_one_file_is_that_campaigns_alone(folder: Folder) -> None:
    """One file is run as its folder would run it: a second start finds it done, another's night is left to itself.

    Each has a summary of its own, so that schedulers that start them side by side overwrite none.
    """
    for name, person in (("spring", 0), ("summer", 1)):
        folder.campaign(name, [person])
    one = folder.night(file="spring.toml")
    assert (codes(one), folder.called) == ([0], [number(0)])
    assert one.file == folder.path / "results/nightly-spring-2026-11-23.json"
    whole = folder.night()
    assert (codes(whole), folder.called) == ([0, 0], [number(0), number(1)])
    assert "done already" in whole.nights[0].message


def test_the_night_of_one_file_that_is_disabled_is_told(folder: Folder) -> None:
    """A file that is named and has no night is a mistake, though another of its folder has one."""
    folder.campaign("spring", [0], ANY_HOUR)
    folder.campaign("summer", [1])
    summary = folder.night(file="spring.toml")
    assert (summary.exit_code, folder.called) == (2, [])
    assert f"{folder.path / 'spring.toml'}: no campaign is enabled" in summary.text


@pytest.mark.slow
def test_a_start_that_finds_everything_done_leaves_the_mornings_summary_alone(folder: Folder) -> None:
    """What the first start did is what the morning reads; one that had something to do writes a summary of its own."""
    folder.campaign("spring", [0])
    first = folder.night()
    again = folder.night()
    folder.campaign("summer", [1])
    third = folder.night()
    assert first.file is not None
    assert again.file is None
    assert json.loads(first.file.read_text("utf-8")) == first.as_json()
    assert third.file is not None
    assert third.file.name == first.file.stem + "-2.json"


class Interrupting(SilentListener):
    """Is interrupted while a plan is shown: nothing is being sent then."""

    def planned(self, preview: RunPreview) -> bool:
        """Press Ctrl-C."""
        del preview
        raise KeyboardInterrupt


@pytest.mark.slow
def test_an_interrupted_night_leaves_a_summary_too(folder: Folder) -> None:
    """Ended between two requests, the morning still reads how far it came, and the next start finishes it."""
    folder.campaign("a-done", [0])
    folder.night()
    folder.campaign("b-next", [1])
    with Sandbox(journal=folder.journal, now_ms=folder.clock.now_ms) as sandbox:
        settings = Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))
        with pytest.raises(KeyboardInterrupt):
            run_nightly(folder.path, listener=Interrupting(), runtime=Runtime(settings=settings, clock=folder.clock))
    (kept,) = folder.path.glob("results/nightly-*-2.json")
    told = [(night["campaign"], night["exit_code"]) for night in json.loads(kept.read_text("utf-8"))["campaigns"]]
    assert told == [("a-done", 0), ("b-next", 130)]
    assert codes(folder.night()) == [0, 0]
    assert number(1) in folder.called


@pytest.mark.slow
def test_two_campaigns_of_one_name_are_told(folder: Folder) -> None:
    """The second would pass for done: it is refused by its file's name, and the first has its night."""
    folder.campaign("spring", [0])
    text = (folder.path / "spring.toml").read_text("utf-8")
    (folder.path / "twin.toml").write_text('name = "spring"\n' + text, "utf-8")
    summary = folder.night()
    assert codes(summary) == [0, 2]
    assert "twin.toml" in summary.text


@pytest.mark.slow
def test_a_summary_that_cannot_be_written_is_told(folder: Folder) -> None:
    """The calls are created, the text says which file is missing, and the exit code is not 0."""
    folder.campaign("spring", [0], EVERY_NIGHT + 'results = "{name}.csv"\n')
    (folder.path / "results").write_text("in the way", "utf-8")
    summary = folder.night()
    assert folder.called == [number(0)]
    assert (summary.exit_code, summary.file) == (5, None)
    assert "cannot be written" in summary.text


@pytest.mark.parametrize(
    ("at", "named"), [(datetime(2026, 11, 28, 22, tzinfo=UTC), False), (datetime(2027, 11, 1, 22, tzinfo=UTC), True)]
)
def test_rules_that_expire_soon_are_named_every_night(tmp_path: Path, at: datetime, *, named: bool) -> None:
    """Whoever reads the summary in the morning has two months to read the sources again; today's rules are fresh."""
    runtime = Runtime(settings=Settings(), clock=FakeClock(at))
    summary = run_nightly(tmp_path, runtime=runtime)

    assert ("US" in summary.rules_expiring) is named
    assert ("rules that expire within 60 days" in summary.text) is named
    assert summary.as_json()["rules_expiring"] == summary.rules_expiring


@pytest.mark.parametrize(
    ("tables", "code"),
    [(None, 2), (ANY_HOUR, 2), ("[nightly]\nenabled = false\n", 0), ('[nightly]\nat = "22:00"\n', 2)],
)
def test_a_folder_without_a_night_is_a_mistake_unless_it_says_so(folder: Folder, tables: str | None, code: int) -> None:
    """No campaign, or none that speaks of nights: the timer is told. One that was switched off is quiet."""
    if tables is not None:
        folder.campaign("spring", [0], tables)
    summary = folder.night()
    assert (summary.exit_code, folder.called) == (code, [])
    assert "no campaign is enabled for the night" in summary.text


@pytest.mark.slow
def test_a_guess_stays_in_the_nights_summary(folder: Folder) -> None:
    """Nobody looks on at night: which encoding was taken, with words from the sheet, is there in the morning."""
    folder.campaign("spring", [1])
    path = folder.sheet("spring", [1])
    path.write_bytes(f"Name,Phone\nJ\u00fcrgen M\u00fcller,{number(1)}\n".encode("cp1252"))

    (night,) = folder.night().nights
    told = night.as_json()["run"]
    assert told is not None
    (note,) = told["notes"]
    assert 'read as cp1252: line 2 "J\u00fcrgen"' in note


def test_a_sheet_that_can_be_read_in_two_ways_calls_nobody_at_night(folder: Folder) -> None:
    """Both readings are told, and what to write; the night ends as one whose sheet cannot be used."""
    folder.campaign("spring", [1])
    path = folder.sheet("spring", [1])
    path.write_bytes(f"Name,Phone\nIba\u00f1ez,{number(1)}\nNu\u00f1ez,{number(2)}\n".encode("mac-roman"))

    (night,) = folder.night().nights
    assert (night.exit_code, folder.called) == (2, [])
    assert 'encoding = "mac-roman"' in night.message
