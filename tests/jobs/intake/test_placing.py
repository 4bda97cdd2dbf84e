"""Whom no hour of the campaign ever suits is told before a run, with the cell to mend, and in the results."""

from pathlib import Path

import pytest

from dialer.campaign.file import Campaign, parse_campaign
from dialer.contacts.loader import load_contacts
from dialer.jobs.check import check_campaign
from dialer.jobs.intake.parallel_check import verdicts
from dialer.jobs.intake.placing import Placing
from dialer.jobs.intake.read_rows import read_row
from dialer.ledger.intake import CallableRow
from dialer.reasons import Reason
from tests.support import NOON_MS

HEADER = "Name,Phone,State,ZIP,Time zone\n"


def _campaign(folder: Path, row: str, **schedule: object) -> Campaign:
    (folder / "people.csv").write_text(HEADER + row + "\n", encoding="utf-8")
    contacts = {"file": "people.csv", "region": "US", "regions": ["US", "CA", "RU", "FR"]}
    return parse_campaign({"contacts": contacts, "schedule": schedule}, folder / "spring.toml")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Ada,+12125550101,Xyzzy,,", ['C2: Column "State" ("Xyzzy")', "cannot be read as a place", "29 time zones"]),
        ("Ada,+12125550101,,1,", ['D2: Column "ZIP" ("1")', "Correct or empty the cell"]),
        ("Ada,+12125550101,2125550199,,", ['("(a number of 10 digits)")']),
        ("Iwan,+79121234567,,,", ["The number may be in any of 26 time zones", "mapped as timezone"]),
        ("Zo\u00e9,+16002345678,,,", ["The number may be in any of 23 time zones", "mapped as timezone"]),
    ],
)
def test_a_person_whom_no_hour_suits_is_told_with_the_cell_and_the_remedy(
    tmp_path: Path, row: str, told: list[str]
) -> None:
    """Unreadable places, Russian mobiles of no zone and Canada's numbers of no place: by `check` as by a run."""
    campaign = _campaign(tmp_path, row)
    (checked,) = check_campaign(campaign).first_problems
    loaded = load_contacts(campaign, now_ms=NOON_MS)
    (read,) = loaded.rows()
    judged = read_row(read, loaded.judge, Placing(loaded))

    assert checked.reason == Reason.NO_HOURS
    assert not isinstance(judged.verdict, CallableRow)
    assert judged.verdict.message == checked.message
    for words in told:
        assert words in checked.message
    assert "2125550199" not in checked.message


@pytest.mark.parametrize(
    "row",
    [
        "Ada,+12125550101,NY,,",
        "Ada,+12125550101,Xyzzy,,America/New_York",
        "Iwan,+79121234567,,,Asia/Yekaterinburg",
        "Zo\u00e9,+16002345678,,,America/Toronto",
    ],
)
def test_the_remedy_mends(tmp_path: Path, row: str) -> None:
    """A place that can be read, or a zone in the column of time zones, makes the row a contact."""
    assert check_campaign(_campaign(tmp_path, row)).callable_rows == 1


def test_hours_that_the_places_share_are_enough(tmp_path: Path) -> None:
    """A window round the clock without rules suits everybody everywhere."""
    campaign = _campaign(tmp_path, "Iwan,+79121234567,,,", window="00:00-24:00", rules="off")

    assert check_campaign(campaign).callable_rows == 1


def test_one_place_without_an_hour_is_told_so(tmp_path: Path) -> None:
    """Where the rules close the only day of the campaign, its own hours are what is to be changed."""
    campaign = _campaign(tmp_path, "Zo\u00e9,+33123456789,,,", days=["sun"])
    (problem,) = check_campaign(campaign).first_problems

    assert problem.reason == Reason.NO_HOURS
    assert "(Europe/Paris) have none in common. Widen window or days" in problem.message


@pytest.mark.slow
def test_other_processes_judge_the_same(tmp_path: Path) -> None:
    """What decides about hours goes along to them."""
    loaded = load_contacts(_campaign(tmp_path, "Iwan,+79121234567,,,"), now_ms=NOON_MS)

    assert list(verdicts(loaded, processes=2)) == list(verdicts(loaded))
