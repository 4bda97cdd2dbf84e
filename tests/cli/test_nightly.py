"""`dialer nightly` and the alarm that does not live in its timer, from outside."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.sandbox import Sandbox
from tests.cli.command_line import dialer
from tests.docs.test_json_schemas import told_by
from tests.support import ANY_HOUR, FAST, CampaignFolder, number

pytestmark = pytest.mark.slow


@pytest.fixture
def nights(folder: CampaignFolder) -> CampaignFolder:
    """Return a folder whose campaign has its night now."""
    at = f"{datetime.now(UTC) - timedelta(minutes=1):%H:%M}"
    folder.campaign(f'{ANY_HOUR}{FAST}[nightly]\nenabled = true\nat = "{at}"\n')
    return folder


def test_a_night_is_run_told_and_not_run_again(nights: CampaignFolder) -> None:
    """One line a campaign on stdout, or one object; the exit code is the worst; the second start does nothing."""
    with Sandbox() as sandbox:
        first = dialer("nightly", nights.path, url=sandbox.url)
        second = dialer("nightly", nights.path, "--json", url=sandbox.url)
        created = len(sandbox.created)
    assert (first.returncode, second.returncode, created) == (0, 0, 3)
    assert "3 created" in first.stdout
    (told,) = told_by("nightly", second)["campaigns"]
    assert "done already" in told["message"]
    assert number(0)[2:] not in first.stdout + first.stderr + second.stdout


def test_status_raises_the_alarm_when_the_last_good_night_is_old(nights: CampaignFolder) -> None:
    """Asked from another timer, it ends with 5 until a night went well, and then with 0."""
    before = dialer("status", nights.campaign_file, "--max-age", "26h")
    with Sandbox() as sandbox:
        night = told_by("nightly", dialer("nightly", nights.path, "--json", url=sandbox.url))
    after = dialer("status", nights.campaign_file, "--max-age", "26h")
    old = dialer("status", nights.campaign_file, "--max-age", "1ms")
    wrong = dialer("status", nights.campaign_file, "--max-age", "a day")
    assert [ended.returncode for ended in (before, after, old, wrong)] == [5, 0, 5, 2]
    assert night["campaigns"][0]["run"]["counts"]["created"] == 3
    assert "No good night within 26h" in before.stderr
    assert told_by("status", dialer("status", nights.campaign_file, "--max-age", "1ms", "--json"))["exit_code"] == 5
    assert "--max-age" in wrong.stderr


def test_the_files_that_have_a_night_are_listed(nights: CampaignFolder) -> None:
    """One absolute path a line for a shell, an object for a program; nothing is called. Without any it ends with 2."""
    here = nights.path.parent
    shown = dialer("nightly", nights.path.name, "--list", cwd=here)
    told = told_by("nightly", dialer("nightly", nights.path.name, "--list", "--json", cwd=here))
    both = dialer("nightly", nights.path, "--list", "--print", "cron")
    nights.campaign()
    none = dialer("nightly", nights.path, "--list")
    assert (shown.stdout, shown.returncode) == (f"{nights.campaign_file}\n", 0)
    assert (told["files"], told["disabled"], told["exit_code"]) == ([str(nights.campaign_file)], [], 0)
    assert (both.returncode, none.returncode, none.stdout) == (2, 2, "")
    assert "give one of them" in both.stderr
    assert "no campaign is enabled" in none.stderr


def test_a_unit_is_printed_for_the_folder(nights: CampaignFolder) -> None:
    """Each timer's unit names the folder; a timer that is none is refused with those there are."""
    for timer in ("systemd", "cron", "github-actions", "airflow", "kubernetes"):
        ended = dialer("nightly", nights.path, "--print", timer)
        assert ended.returncode == 0
        assert nights.path.name in ended.stdout
        as_json = told_by("nightly", dialer("nightly", nights.path, "--print", timer, "--json"))
        told = (text.strip().splitlines() for text in (as_json["units"], ended.stdout))
        without_start = [[line for line in lines if "start_date" not in line] for lines in told]  # when it was printed
        assert without_start[0] == without_start[1]
    wrong = dialer("nightly", nights.path, "--print", "sundial")
    assert wrong.returncode == 2
    assert "systemd, cron" in wrong.stderr
