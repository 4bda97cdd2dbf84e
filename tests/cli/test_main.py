"""The command line as a whole: arguments in, streams and exit codes out."""

import json
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dialer.sandbox import Faults, Sandbox
from dialer.sandbox.calls import wall_clock_ms
from tests.cli.command_line import CANARY_KEY, dialer, running
from tests.jobs.sending.test_notice import receiving
from tests.support import ANY_HOUR, FAST, CampaignFolder, column, number, read_results


@contextmanager
def stopped_after(count: int) -> Iterator[tuple[Sandbox, Callable[[], None]]]:
    """Run a sandbox that creates *count* calls and answers nobody more until the function beside it is called.

    What a test does in the middle of a run is so never too late, however slow the machine is.
    """
    opened = threading.Event()

    def now_ms() -> int:
        if len(sandbox.created) >= count:
            opened.wait()
        return wall_clock_ms()

    with Sandbox(now_ms=now_ms) as sandbox:
        try:
            yield sandbox, opened.set
        finally:
            opened.set()


@pytest.mark.slow
def test_run_tells_people_on_stderr_and_programs_on_stdout(folder: CampaignFolder) -> None:
    """Stdout holds the path of the results and nothing else; the story is on stderr."""
    with Sandbox() as sandbox:
        ended = dialer("run", folder.campaign_file, "--yes", url=sandbox.url)

    assert ended.returncode == 0
    assert column(read_results(Path(ended.stdout.strip())), "dialer_status") == ["created"] * 3
    assert "3 calls to create" in ended.stderr
    assert "created" in ended.stderr


@pytest.mark.slow
def test_json_is_one_object_with_the_documented_fields(folder: CampaignFolder) -> None:
    """`--json` prints one object on stdout, with the fields that docs/reference/json.md names."""
    with Sandbox() as sandbox:
        ended = dialer("run", folder.campaign_file, "--yes", "--json", url=sandbox.url)

    told = json.loads(ended.stdout)
    assert set(told) == {
        "run_id", "campaign", "started_at", "ended_at", "counts", "reasons", "first_slot", "last_slot", "results",
        "stop", "notes", "pace", "dry_run", "idle", "sync", "report", "next", "exit_code", "schema_version",
    }  # fmt: skip
    assert told["counts"] == {
        "created": 3, "failed": 0, "unknown": 0, "rejected": 0, "skipped": 0, "pending": 0,
    }  # fmt: skip
    assert told["exit_code"] == ended.returncode == 0
    assert ended.stderr == ""


def test_without_a_terminal_yes_is_wanted(folder: CampaignFolder) -> None:
    """Nobody is rung by a script that did not say `--yes`."""
    with Sandbox() as sandbox:
        ended = dialer("run", folder.campaign_file, url=sandbox.url)

    assert ended.returncode == 2
    assert "--yes" in ended.stderr
    assert not sandbox.requests


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    """A script is mended once: the word of consent, both ids, each webhook's secret and the key, in one message."""
    (tmp_path / "people.csv").write_text("Name,Phone\nAda,+12025550100\n", "utf-8")
    hooks = "".join(
        f'[[call.webhooks]]\nurl = "https://example.com"\nsecret_env = "{name}"\n' for name in ("ONE", "TWO")
    )
    (tmp_path / "c.toml").write_text(f'{hooks}[contacts]\nfile = "people.csv"\n', "utf-8")
    asked = dialer("run", "c.toml", cwd=tmp_path)
    told = dialer("run", "c.toml", "--yes", cwd=tmp_path)

    assert (asked.returncode, told.returncode) == (2, 2)
    for part in ("team_id and call_template_id are missing", "names ONE and TWO", "No API key. Set AICALLER_API_KEY"):
        assert part in asked.stderr
        assert part in told.stderr
    assert "Give --yes" in asked.stderr


@pytest.mark.slow
def test_a_rehearsal_needs_no_key_and_marks_nobody(folder: CampaignFolder) -> None:
    """`--sandbox` works without a key or ids, twice the same, and the real ledger never hears of it."""
    first = dialer("run", folder.campaign_file, "--sandbox", "--json")
    again = dialer("run", folder.campaign_file, "--sandbox", "--json")

    assert json.loads(first.stdout)["counts"]["created"] == 3
    assert json.loads(again.stdout)["reasons"] == {"already_created": 3}
    assert not (folder.path / ".dialer/ledger.db").exists()
    calls = (folder.path / ".dialer/sandbox-calls.jsonl").read_text("utf-8").splitlines()
    assert len(calls) == 3


@pytest.mark.slow
def test_a_dry_run_needs_no_key(folder: CampaignFolder) -> None:
    """`--dry-run` shows the plan to somebody who has nothing but the files."""
    ended = dialer("run", folder.campaign_file, "--dry-run")

    assert ended.returncode == 0
    assert "3 calls would be created" in ended.stderr
    assert not (folder.path / ".dialer").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "missing.toml", "--yes"], "missing.toml"),
        (["run", "campaign.toml", "--yes", "--contacts", "nowhere.csv"], "nowhere.csv"),
        (["run", "campaign.toml", "--yes", "--results", "out.pdf"], ".xlsx"),
        (["run", "campaign.toml", "--yes", "--limit", "0"], "--limit"),
        (["run", "campaign.toml", "--sandbox", "--ledger", "x.db"], "--sandbox"),
        (["run", "campaign.toml", "--nonsense"], "--nonsense"),
        (["check", "missing.toml"], "missing.toml"),
        (["results", "campaign.toml"], "never run"),
        (["dial"], "dial"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes_get_a_sentence_and_exit_2(folder: CampaignFolder, arguments: list[str], told: str) -> None:
    """What cannot be used is named, nothing is sent, and there is no traceback."""
    with Sandbox() as sandbox:
        ended = dialer(*arguments, url=sandbox.url, cwd=folder.path)

    assert ended.returncode == 2
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr
    assert sandbox.requests.get("POST", 0) == 0


@pytest.mark.slow
def test_a_missing_key_is_exit_2_and_a_refused_one_is_exit_5(folder: CampaignFolder) -> None:
    """The one can be mended here, the other only at the API; nothing is sent or lost in either."""
    missing = dialer("run", folder.campaign_file, "--yes")
    with Sandbox(api_key="another") as sandbox:
        refused = dialer("run", folder.campaign_file, "--yes", url=sandbox.url)

    assert (missing.returncode, refused.returncode) == (2, 5)
    assert "AICALLER_API_KEY" in missing.stderr
    assert "key" in refused.stderr
    assert column(read_results(Path(refused.stdout.strip())), "dialer_status") == ["pending"] * 3


@pytest.mark.slow
@pytest.mark.parametrize(("number_of_signal", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_finishes_what_is_in_flight(folder: CampaignFolder, number_of_signal: int, code: int) -> None:
    """Ctrl-C or SIGTERM is answered at once with what is in flight; nothing is unknown; a second run does the rest."""
    folder.people(40)
    folder.campaign(ANY_HOUR + FAST)
    with stopped_after(5) as (sandbox, go_on):
        with running("run", folder.campaign_file, "--yes", url=sandbox.url) as process:
            assert sandbox.wait_until_created(5)
            process.send_signal(number_of_signal)
            assert process.stderr is not None
            said = next(
                line for line in process.stderr if "again" in line
            )  # while the API still holds its replies back
            go_on()
            statuses = column(read_results(Path(process.communicate()[0].strip())), "dialer_status")
        created = len(sandbox.created)
        rest = dialer("run", folder.campaign_file, "--yes", "--json", url=sandbox.url)
        numbers = [call["toPhoneNumber"] for call in sandbox.created]

    assert process.returncode == code
    assert re.fullmatch(r"finishing \d+ requests?; again ends now and leaves them unknown\n", said)
    assert Counter(statuses) == {"created": created, "pending": 40 - created}
    assert created < 40
    assert sorted(numbers) == sorted(number(index) for index in range(40))
    assert rest.returncode == 0


@pytest.mark.slow
def test_a_kill_leaves_claims_that_the_next_run_holds_as_unknown(folder: CampaignFolder) -> None:
    """After SIGKILL nobody is called twice: what was in flight is unknown, the rest is created by the next run."""
    folder.people(40)
    folder.campaign(ANY_HOUR + FAST)
    with stopped_after(5) as (sandbox, go_on):
        with running("run", folder.campaign_file, "--yes", url=sandbox.url) as process:
            assert sandbox.wait_until_created(5)
            process.kill()
            process.wait()
        go_on()
        rest = dialer("run", folder.campaign_file, "--yes", "--json", url=sandbox.url)
        numbers = [call["toPhoneNumber"] for call in sandbox.created]

    told = json.loads(rest.stdout)
    assert len(set(numbers)) == len(numbers)
    assert rest.returncode == 4
    assert 1 <= told["counts"]["unknown"] <= 4
    assert told["reasons"]["interrupted"] == told["counts"]["unknown"]
    assert sum(told["counts"].values()) == 40
    assert len(numbers) >= 40 - told["counts"]["unknown"]


@pytest.mark.slow
def test_a_second_run_at_the_same_time_is_exit_75(folder: CampaignFolder) -> None:
    """The ledger has one run at a time; the second is told who has it and leaves at once."""
    with (
        stopped_after(1) as (sandbox, go_on),
        running("run", folder.campaign_file, "--yes", url=sandbox.url) as process,
    ):
        assert sandbox.wait_until_created(1)
        second = dialer("run", folder.campaign_file, "--yes", url=sandbox.url)
        go_on()
        process.communicate()

    assert second.returncode == 75
    assert f"process {process.pid}" in second.stderr


@pytest.mark.slow
def test_no_key_and_no_number_is_ever_told(folder: CampaignFolder) -> None:
    """At the highest verbosity, through failures of all kinds, neither the key nor a whole number is printed."""
    folder.people(30)
    folder.campaign(ANY_HOUR + FAST + "max_unknown = 100\nmax_failures_in_a_row = 100\n")
    faults = Faults(drop_after=0.2, error_after=0.2, refuse=0.2, garbage=0.2)
    with Sandbox(faults=faults) as sandbox:
        ended = dialer("run", folder.campaign_file, "--yes", "--verbose", url=sandbox.url)
        (folder.path / "contacts.csv").write_text('Name,Phone\n"A,+12025550100\n', "utf-8")
        broken = dialer("run", folder.campaign_file, "--yes", "--verbose", url=sandbox.url)

    told = ended.stdout + ended.stderr + broken.stdout + broken.stderr
    assert ended.returncode == 4
    assert CANARY_KEY not in told
    assert not [index for index in range(30) if number(index)[2:] in told]
    assert "2025550100" not in told


@pytest.mark.slow
def test_check_judges_without_network_or_key(folder: CampaignFolder) -> None:
    """`check` counts, names the first problems and writes the rejected rows as a sheet that can be mended."""
    folder.sheet(["Name", "Phone"], [["A", number(0)], ["B", "123"], ["C", number(0)]])
    ended = dialer("check", folder.campaign_file)
    as_json = json.loads(dialer("check", folder.campaign_file, "--json").stdout)

    assert ended.returncode == 3
    assert "row 3: phone_invalid" in ended.stdout
    assert column(read_results(Path(ended.stdout.splitlines()[-1])), "Name") == ["B"]
    assert as_json["counts"] == {"callable": 1, "rejected": 1, "skipped": 1}
    assert not (folder.path / ".dialer").exists()


@pytest.mark.slow
def test_status_and_results_tell_where_everything_stands(folder: CampaignFolder) -> None:
    """After a run, `status` counts its contacts and `results` writes its table anew, as CSV, XLSX or JSON."""
    before = dialer("status", folder.campaign_file)
    with Sandbox() as sandbox:
        dialer("run", folder.campaign_file, "--yes", "--limit", "2", url=sandbox.url)
    after = dialer("status", folder.campaign_file)
    as_json = json.loads(dialer("status", folder.campaign_file, "--json").stdout)
    table = dialer("results", folder.campaign_file, "--results", folder.path / "all.json", "--json")

    assert "never run" in (before.stdout + before.stderr).lower() or "no run yet" in before.stderr
    assert "2 created" in after.stdout
    assert as_json["campaigns"][0]["counts"]["created"] == 2
    assert json.loads(table.stdout)["counts"]["pending"] == 1
    rows = json.loads((folder.path / "all.json").read_text("utf-8"))
    assert column(rows, "dialer_status") == ["created", "created", "pending"]


@pytest.mark.slow
def test_a_warning_is_for_people_and_json_for_programs(folder: CampaignFolder) -> None:
    """An address that cannot be understood is told on stderr, and nothing stands there with `--json`."""
    with Sandbox() as sandbox:
        for options, told in (((), "DIALER_NOTIFY cannot be understood"), (("--json",), "")):
            os.environ["DIALER_NOTIFY"] = "carrier-pigeon://user:password@example.com"
            ended = dialer("run", folder.campaign_file, "--yes", *options, url=sandbox.url)
            assert (ended.returncode, "password" in ended.stderr) == (0, False)
            assert told in ended.stderr if told else not ended.stderr


@pytest.mark.slow
def test_a_report_is_written_where_it_is_wanted(folder: CampaignFolder) -> None:
    """The path goes to stdout, the page beside the results unless another is named; what is no page is refused.

    The run before has told whom the environment names.
    """
    with Sandbox() as sandbox, receiving() as receiver:
        os.environ["DIALER_NOTIFY"] = receiver.address
        dialer("run", folder.campaign_file, "--yes", url=sandbox.url)
    assert [post["title"] for post in receiver.posts] == ["dialer: campaign: exit 0"]
    wanted = folder.path / "here.html"
    done = dialer("report", folder.campaign_file, "--output", wanted, "--json")

    assert json.loads(done.stdout) == {
        "schema_version": 1,
        "campaign": "campaign",
        "run_id": None,
        "report": str(wanted),
        "exit_code": 0,
    }
    assert "Every contact has its call. Nothing to do." in wanted.read_text("utf-8")
    refused = dialer("report", folder.campaign_file, "--output", "here.pdf")
    assert (refused.returncode, "ends in .html" in refused.stderr) == (2, True)


@pytest.mark.slow
def test_the_sandbox_command_serves_until_it_is_told_to_stop() -> None:
    """`dialer sandbox` prints its address once it listens and ends cleanly."""
    with running("sandbox", "--port", "0", url="http://127.0.0.1:1") as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.wait()

    assert told.startswith("listening on http://127.0.0.1:")
    assert process.returncode == 0


@pytest.mark.slow
def test_help_and_version_are_there() -> None:
    """Every command explains itself, and the program tells its version."""
    for command in ("run", "check", "status", "results", "sandbox"):
        ended = dialer(command, "--help")
        assert ended.returncode == 0
        assert command in ended.stdout
    assert dialer("--version").stdout.startswith("dialer ")


def test_the_doctor_prints_a_line_for_each_check(folder: CampaignFolder) -> None:
    """Each line begins with how much it matters; the key is not among them, and `--json` holds the same."""
    with Sandbox() as sandbox:
        shown = dialer("doctor", folder.campaign_file, url=sandbox.url)
        told = dialer("doctor", folder.campaign_file, "--json", url=sandbox.url)
    unready = dialer("doctor", folder.campaign_file)
    lines = [line.split(maxsplit=2) for line in shown.stdout.splitlines()]

    assert (shown.returncode, told.returncode, unready.returncode) == (0, 0, 2)
    findings = [(found["level"], found["check"]) for found in json.loads(told.stdout)["findings"]]
    assert [(level, check) for level, check, _ in lines] == findings
    assert "problem  key" in unready.stdout
    assert CANARY_KEY not in shown.stdout + told.stdout


def test_the_schema_that_init_names_is_the_one_printed(tmp_path: Path) -> None:
    """The drafted file's first line leads an editor to the schema beside it, without any network."""
    (tmp_path / "people.csv").write_text("Name,Phone\nAda,+14155550100\n", "utf-8")
    drafted = dialer("init", "people.csv", cwd=tmp_path)
    printed = dialer("schema", "campaign")
    campaign = Path(drafted.stdout.strip())
    named = campaign.read_text("utf-8").splitlines()[0].removeprefix("#:schema ")

    assert (drafted.returncode, printed.returncode) == (0, 0)
    assert (campaign.parent / named).read_text("utf-8") == printed.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "spring", "--limit", "0"), "is not a whole number from 1 up"),
        (("plan", "spring", "--limit", "many"), "is not a whole number from 1 up"),
        (("test-call", "spring", "--row", "-1"), "is not a whole number from 1 up"),
        (("schema", "foo"), "dialer schema campaign"),
        (("init", "people.csv", "--region", "usa"), "--region: 'usa' is no country code"),
        (("suppress", "import", "num", "--ledger", "x.db"), "has no ending that tells what kind of sheet"),
    ],
)
def test_a_wrong_argument_is_answered_in_plain_words(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """Each names what is wrong, and what belongs there."""
    (tmp_path / "num").write_text("1", "utf-8")
    ended = dialer(*arguments, cwd=tmp_path)
    assert (ended.returncode, said in ended.stderr) == (2, True), ended.stderr


def test_a_test_call_of_a_row_that_is_not_called_asks_for_no_number(folder: CampaignFolder) -> None:
    """It is told before anybody types one."""
    ended = dialer("test-call", folder.campaign_file, "--row", "99", "--sandbox", "--yes")

    assert ended.returncode == 2
    assert "there is no row 99" in ended.stderr


@pytest.mark.slow
def test_a_test_call_is_shown_also_where_nobody_is_asked(folder: CampaignFolder) -> None:
    """The row, the masked number and what is said stand there before it rings."""
    campaign = folder.campaign(ANY_HOUR)
    folder.campaign_file.write_text(
        folder.campaign_file.read_text("utf-8").replace("[call]\n", '[call]\ntest_number = "+12125550199"\n'), "utf-8"
    )
    ended = dialer("test-call", campaign.path, "--row", "2", "--sandbox", "--yes")
    assert ended.returncode == 0, ended.stderr
    for shown in ("row 2", "Person 0", "+1\u202699"):
        assert shown in ended.stderr
    assert "2125550199" not in ended.stderr
