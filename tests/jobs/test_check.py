"""A sheet is judged as a run would judge it, on one core or on several, and what is wrong can be mended and run."""

import json
from pathlib import Path

import pytest

from dialer.campaign.file import Campaign
from dialer.contacts.loader import load_contacts
from dialer.errors import UsageError
from dialer.jobs.check import Problem, check_campaign, preview_call
from dialer.jobs.intake.parallel_check import CHUNK_ROWS, verdicts
from tests.support import MONDAY_NOON, CampaignFolder, number, read_results

ROWS = [
    ["Ada", number(0), "ada@example.com"],
    ["Bob", "1.21E+10", ""],
    ["Cid", number(0), ""],
    ["", number(1), ""],
    ["Dan", number(2), "nobody"],
]


def _campaign(folder: CampaignFolder) -> Campaign:
    folder.sheet(["Name", "Phone", "E-mail"], ROWS)
    return folder.campaign()


def test_every_row_is_counted_by_its_reason(folder: CampaignFolder) -> None:
    """Callable, rejected and skipped rows add up to the sheet; each problem names row, column, reason and remedy."""
    summary = check_campaign(_campaign(folder))

    assert (summary.callable_rows, summary.rejected, summary.skipped) == (1, 3, 1)
    assert summary.reasons == {"phone_damaged": 1, "duplicate_of_row": 1, "name_missing": 1, "email_invalid": 1}
    assert summary.first_problems[2] == Problem(
        6,
        "E-mail",
        "email_invalid",
        'C6: Column "E-mail" holds no e-mail address. Correct it, or leave the cell empty.',
    )
    assert [(problem.row, problem.column) for problem in summary.first_problems] == [
        (3, "Phone"),
        (5, "Name"),
        (6, "E-mail"),
    ]
    assert all(number(1)[2:] not in problem.message for problem in summary.first_problems)
    assert json.loads(json.dumps(summary.as_json()))["first_problems"][0]["reason"] == "phone_damaged"


def test_the_problems_file_can_be_mended_and_run(folder: CampaignFolder) -> None:
    """It holds the rejected rows with the sheet's own columns; mended, all of them can be called."""
    campaign = _campaign(folder)
    path = check_campaign(campaign).problems_file

    assert path is not None
    assert [row["Name"] for row in read_results(path)] == ["Bob", "", "Dan"]
    text = path.read_text("utf-8-sig").replace("1.21E+10", number(3)).replace('"nobody"', '""')
    path.write_text(text.replace(f'"","{number(1)}"', f'"Eve","{number(1)}"'), "utf-8")
    mended = check_campaign(campaign.with_contacts(path), problems=folder.path / "again.csv")
    assert (mended.callable_rows, mended.rejected, mended.problems_file) == (3, 0, None)


def test_strict_ends_with_3_for_whatever_is_doubtful(folder: CampaignFolder) -> None:
    """Skipped rows, unused columns and guesses are no failure, unless somebody says so."""
    folder.sheet(["Name", "Phone", "Colour"], [["Ada", number(0), "red"]])
    campaign = folder.campaign()

    assert check_campaign(campaign).exit_code == 0
    assert check_campaign(campaign, strict=True).exit_code == 3
    folder.people(3)
    assert check_campaign(campaign, strict=True).exit_code == 0


def test_a_call_is_shown_before_it_is_made(folder: CampaignFolder) -> None:
    """The body of one row's call, field for field; a row that is not called says why."""
    campaign = _campaign(folder)
    body = json.loads(preview_call(campaign, 2, slot_ms=int(MONDAY_NOON.timestamp() * 1000)))

    assert (body["nameOfHuman"], body["toPhoneNumber"]) == ("Ada", number(0))
    assert body["callDelayedUntil"] == "2026-11-23T17:00:00.000Z"
    with pytest.raises(UsageError, match="Row 3 is not called: phone_damaged"):
        preview_call(campaign, 3, slot_ms=0)
    with pytest.raises(UsageError, match="there is no row 99"):
        preview_call(campaign, 99, slot_ms=0)


def test_a_secret_is_not_shown(folder: CampaignFolder) -> None:
    """A webhook's secret is told by the name of its variable."""
    folder.people(1)
    hooks = '[[call.webhooks]]\nurl = "https://hooks.example.com/"\nsecret_env = "HOOK_SECRET"\n'
    body = json.loads(preview_call(folder.campaign(hooks), 2, slot_ms=0))

    assert body["phoneCallWebhooks"][0]["secret"] == "(the value of HOOK_SECRET)"  # noqa: S105 - a variable's name


@pytest.mark.slow
def test_several_processes_judge_as_one_does(folder: CampaignFolder) -> None:
    """Order, numbers, reasons and duplicates over the seams of chunks are the same."""
    rows = [[f"Person {index}", number(index % 20_000) if index % 7 else "12"] for index in range(2 * CHUNK_ROWS + 10)]
    rows[-1] = ["Again", number(1)]
    folder.sheet(["Name", "Phone"], rows)
    loaded = load_contacts(folder.campaign())
    alone = list(verdicts(loaded))

    assert list(verdicts(loaded, processes=2)) == alone
    assert [verdict.row for verdict in alone] == list(range(2, len(rows) + 2))
    assert alone[-1].held is not None
    assert "row 3" in alone[-1].held.message


def test_a_sheet_that_changes_meanwhile_is_refused(folder: CampaignFolder, tmp_path: Path) -> None:
    """Also where other processes judge it."""
    folder.people(3)
    loaded = load_contacts(folder.campaign())
    (tmp_path / "contacts.csv").write_text("Name,Phone\nEve,1\n", "utf-8")

    with pytest.raises(Exception, match="was changed"):
        list(verdicts(loaded, processes=2))
