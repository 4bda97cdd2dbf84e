"""`dialer check` and `dialer init` from outside: what is on stdout, what on stderr, and how they end."""

import json
from pathlib import Path

import pytest

from tests.cli.command_line import dialer
from tests.support import CampaignFolder, number

BAD = [["Ada", number(0)], ["Bob", "1.21E+10"], ["Cid", number(0)]]


def test_check_answers_on_stdout(folder: CampaignFolder) -> None:
    """Counts, reasons and cells, the path of the problems file in the last line; 3 for rejected rows."""
    folder.sheet(["Name", "Phone"], BAD)
    ended = dialer("check", folder.campaign_file)

    assert ended.returncode == 3, ended.stderr
    assert Path(ended.stdout.splitlines()[-1]).name == "campaign-problems.csv"
    assert "1 can be called, 1 rejected, 1 skipped." in ended.stdout
    assert "1 phone_damaged: a spreadsheet program has damaged the number" in ended.stdout
    assert "row 3: phone_damaged: B3: " in ended.stdout


def test_check_answers_also_where_its_file_cannot_be_written(folder: CampaignFolder) -> None:
    """All that was found is told, then what is in the way of the rejected rows."""
    folder.sheet(["Name", "Phone"], BAD)
    (folder.path / "results").touch()
    ended = dialer("check", folder.campaign_file)

    assert ended.returncode == 5
    assert "1 can be called, 1 rejected, 1 skipped." in ended.stdout
    assert "problems.csv: cannot be written: a file of that name is in the way; move it" in ended.stderr


@pytest.mark.slow
def test_check_prints_one_object(folder: CampaignFolder) -> None:
    """With `--json`, counts, reasons, first problems and notes for a program."""
    folder.path.joinpath("contacts.csv").write_bytes(
        "Report\n\nName;Phone;Town\nZo\u00eb;+12025550100;Rome\n".encode("cp1252")
    )
    ended = dialer("check", folder.campaign_file, "--json", "--strict")
    told = json.loads(ended.stdout)

    assert (ended.returncode, told["exit_code"]) == (3, 3)
    assert told["counts"] == {"callable": 1, "rejected": 0, "skipped": 0}
    assert told["unmapped"] == ["Town"]
    assert [note.split(";")[0] for note in told["notes"]][1:] == ["The header is row 3"]
    assert dialer("check", folder.campaign_file, "--quiet").returncode == 0


@pytest.mark.slow
def test_check_shows_the_call_of_a_row(folder: CampaignFolder) -> None:
    """The body stands on stdout; a row that is not called says why and ends with 2."""
    folder.sheet(["Name", "Phone"], BAD)
    ended = dialer("check", folder.campaign_file, "--preview", "2")

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["toPhoneNumber"] == number(0)
    held = dialer("check", folder.campaign_file, "--preview", "3")
    assert (held.returncode, held.stdout) == (2, "")
    assert "Row 3 is not called: phone_damaged" in held.stderr


@pytest.mark.slow
def test_init_without_a_terminal_leaves_questions_in_the_file(tmp_path: Path) -> None:
    """Nobody is there to be asked: 2, and the file says what is open; with the answer, 0, and check accepts it."""
    (tmp_path / "people.csv").write_text("Name,Phone\nAda,(202) 555-0100\n", "utf-8")
    ended = dialer("init", "people.csv", cwd=tmp_path)

    assert ended.returncode == 2
    assert ended.stdout.strip() == str(tmp_path / "campaigns" / "people.toml")
    assert "Open: which country numbers without + are of." in ended.stderr
    assert "already exists" in dialer("init", "people.csv", cwd=tmp_path).stderr
    again = dialer("init", "people.csv", "--region", "US", "--output", "spring.toml", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["questions"] == []
    assert again.returncode == 0
    assert dialer("check", "spring.toml", cwd=tmp_path).returncode == 0
