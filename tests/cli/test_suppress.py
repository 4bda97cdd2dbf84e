"""`dialer suppress` from outside: numbers through standard input, never as arguments, never shown whole."""

import json
from pathlib import Path

import pytest

from dialer.sandbox import Sandbox
from tests.cli.command_line import Ended, dialer
from tests.support import CampaignFolder, number


def suppress(command: str, folder: CampaignFolder, *options: str, typed: str = "") -> Ended:
    """Run `dialer suppress` on the folder's ledger with *typed* on standard input."""
    return dialer("suppress", command, *options, "--campaign", folder.campaign_file, typed=typed)


@pytest.mark.slow
def test_list_is_kept_from_the_command_line(folder: CampaignFolder) -> None:
    """Added, imported, listed, checked and removed; nothing that is shown holds a whole number."""
    sheet = folder.sheet(["Phone"], [[number(8)]], name="opted_out.csv")
    added = suppress("add", folder, "--reason", "wrote an e-mail", typed=f"{number(7)}\n\n")
    imported = suppress("import", folder, str(sheet))
    listed = suppress("list", folder, "--json")
    checked = suppress("check", folder, typed=f"{number(9)}\n{number(7)}\n")
    removed = suppress("remove", folder, typed=number(7))
    after = suppress("list", folder)
    every = (added, imported, listed, checked, removed, after)
    assert [ended.returncode for ended in every] == [0] * 6
    assert {(entry["ending"], entry["reason"]) for entry in json.loads(listed.stdout)["entries"]} == {
        (number(7)[-2:], "wrote an e-mail"),
        (number(8)[-2:], "imported"),
    }
    first, second = checked.stdout.splitlines()
    assert first == "1: may be called"
    assert "wrote an e-mail" in second
    assert after.stdout.count("…") == 1
    assert not any(number(index)[2:] in ended.stdout + ended.stderr for ended in every for index in (7, 8, 9))


@pytest.mark.slow
def test_calls_that_still_ring_are_told_with_their_ids(folder: CampaignFolder) -> None:
    """Who is suppressed after a call was created for them still has it: the id says what to cancel."""
    folder.campaign('[schedule]\nstart = "2027-12-01T17:00:00Z"\nhorizon = "7d"\nwindow = "00:00-24:00"\n')
    with Sandbox() as sandbox:
        dialer("run", folder.campaign_file, "--yes", url=sandbox.url)
        (call,) = [call for call in sandbox.created if call["toPhoneNumber"] == number(1)]
        ended = suppress("add", folder, typed=number(1))
        again = dialer("run", folder.campaign_file, "--yes", "--json", url=sandbox.url)
    assert ended.stdout.split() == [call["_id"], call["callDelayedUntil"], "campaign"]
    assert "still ring" in ended.stderr
    assert json.loads(again.stdout)["reasons"] == {"already_created": 3}


@pytest.mark.slow
def test_what_only_looks_begins_no_ledger(folder: CampaignFolder) -> None:
    """Asked about a ledger that is not there, each command says so, and what to do; only adding begins one."""
    file = folder.path / ".dialer/ledger.db"
    for command, typed in (("list", ""), ("check", number(7)), ("remove", number(7))):
        ended = suppress(command, folder, typed=typed)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert f"{file}: there is no ledger" in ended.stderr
        assert not file.exists()
    assert f"from now on: {file}" in suppress("add", folder, typed=number(7)).stderr


@pytest.mark.slow
def test_what_is_no_number_changes_nothing(folder: CampaignFolder) -> None:
    """One bad line among good ones ends with 2, tells its line, and leaves the list as it was."""
    refused = suppress("add", folder, typed=f"{number(7)}\nmaybe\n")
    assert refused.returncode == 2
    assert "line 2" in refused.stderr
    assert "there is no ledger" in suppress("list", folder).stderr


@pytest.mark.parametrize("command", ["add", "remove", "check"])
def test_a_number_as_an_argument_is_refused(folder: CampaignFolder, command: str) -> None:
    """It stands in the shell's history by now: the message says so, and how numbers are given, and repeats none."""
    ended = suppress(command, folder, "2025550143")
    assert ended.returncode == 2
    assert "history" in ended.stderr
    assert f"dialer suppress {command} < numbers.txt" in " ".join(ended.stderr.split())
    assert "2025550143" not in ended.stderr
    assert not (folder.path / ".dialer/ledger.db").exists()


@pytest.mark.parametrize("command", [["add", "--region", "US"], ["import", "stop.csv"]])
def test_a_list_is_not_begun_where_no_campaign_reads_it(tmp_path: Path, command: list[str]) -> None:
    """In a folder without a ledger nothing is made: the message says where it looked, and how to name one."""
    (tmp_path / "stop.csv").write_text(f"phone\n{number(7)}\n", "utf-8")
    ended = dialer("suppress", *command, typed=f"{number(7)}\n", cwd=tmp_path)
    assert ended.returncode == 2
    assert str(tmp_path / "campaigns/.dialer/ledger.db") in ended.stderr.replace("\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["stop.csv"]
