"""`dialer rules` as a person and a program meet it."""

import json
from datetime import date
from pathlib import Path

import pytest

from dialer.schedule.rules_page import page
from tests.cli.command_line import dialer


def test_rules_shows_all_and_one(tmp_path: Path) -> None:
    """Without a region every row is listed; with one, what holds there, its source and its end."""
    everything = dialer("rules", cwd=tmp_path)
    florida = dialer("rules", "us-fl", cwd=tmp_path)
    nowhere = dialer("rules", "CZ", cwd=tmp_path)
    rhode_island = dialer("rules", "US-RI", cwd=tmp_path)

    assert everything.returncode == 0
    for region in ("US-FL", "GB", "strictest"):
        assert region in everything.stdout
    assert "Fla. Stat. 501.616" in florida.stdout
    assert "47 CFR 64.1200" in florida.stdout
    assert "2027-11-23" in florida.stdout
    assert "10:00-13:00, 14:00-17:00" in nowhere.stdout
    assert "Rhode Island Independence Day" in rhode_island.stdout
    assert "not legal advice" in everything.stderr


def test_rules_in_json_hold_every_field(tmp_path: Path) -> None:
    """A program reads hours and caps as a campaign file writes them."""
    told = json.loads(dialer("rules", "US-FL", "--json", cwd=tmp_path).stdout)["rules"]

    assert [rule["region"] for rule in told] == ["US", "US-FL"]
    assert told[1]["caps"] == ["3/24h"]
    assert told[1]["hours"]["Mon-Fri"] == "08:00-20:00"
    assert told[1]["expired"] is False


@pytest.mark.parametrize("region", ["XX", "US-XX", "USA", "Florida"])
def test_a_region_that_nobody_knows_is_refused(tmp_path: Path, region: str) -> None:
    """A slip of the pen is not answered with the strictest hours as if it were a country."""
    ended = dialer("rules", region, cwd=tmp_path)

    assert ended.returncode == 2
    assert "no country or state" in ended.stderr


def test_rules_about_to_expire_end_with_three(tmp_path: Path) -> None:
    """What ends within the time given is shown, the first first, and the exit code tells; of a region only its own."""
    soon = dialer("rules", "--expiring", "36500d", "--json", cwd=tmp_path)
    of_ohio = dialer("rules", "US-OH", "--expiring", "36500d", cwd=tmp_path)
    told = json.loads(soon.stdout)["rules"]

    assert (soon.returncode, of_ohio.returncode) == (3, 3)
    ends = [date.fromisoformat(rule["expires"]) for rule in told]
    assert ends == sorted(ends)
    assert "strictest" not in [rule["region"] for rule in told]
    assert "Ohio" in of_ohio.stdout
    assert "Florida" not in of_ohio.stdout


def test_rules_that_never_expire_end_with_zero(tmp_path: Path) -> None:
    """The strictest hours have no end, and it is said that none comes."""
    ended = dialer("rules", "strictest", "--expiring", "60d", cwd=tmp_path)

    assert ended.returncode == 0
    assert "No rule expires within that time" in ended.stdout


@pytest.mark.parametrize("within", ["soon", "60", "99999999d"])
def test_a_time_that_cannot_be_read_is_refused(tmp_path: Path, within: str) -> None:
    """A slip in CI is an error, and no silent 0."""
    ended = dialer("rules", "--expiring", within, cwd=tmp_path)

    assert ended.returncode == 2
    assert "--expiring" in ended.stderr


@pytest.mark.slow
def test_the_data_can_be_checked_by_anybody(tmp_path: Path) -> None:
    """`--check` says that all is well and ends with 0, or a list of faults for a program."""
    people = dialer("rules", "--check", cwd=tmp_path)
    program = dialer("rules", "--check", "--json", cwd=tmp_path)

    assert (people.returncode, people.stdout.strip()) == (0, "No problems found.")
    assert (program.returncode, json.loads(program.stdout)["faults"]) == (0, [])


def test_the_page_is_printed_as_it_stands_in_the_documentation(tmp_path: Path) -> None:
    """Sent into the file, it is the file."""
    assert dialer("rules", "--markdown", cwd=tmp_path).stdout == page()
