"""A sheet is judged as a run would judge it, on one core or on several, and what is wrong can be mended and run."""

import json
import os
import signal
from datetime import UTC, datetime
from multiprocessing import active_children
from pathlib import Path

import pytest

from dialer.campaign.file import Campaign
from dialer.contacts.loader import load_contacts
from dialer.errors import JudgingFailed, UsageError
from dialer.exit_codes import EXIT_STOPPED, exit_code_of
from dialer.jobs.check import Problem, check_campaign, preview_call
from dialer.jobs.intake.parallel_check import CHUNK_ROWS, verdicts
from dialer.jobs.runtime import Runtime
from dialer.reasons import Reason
from dialer.settings import Settings
from tests.support import MONDAY_NOON, NOON_MS, CampaignFolder, FakeClock, number, read_results

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

    assert (summary.callable_rows, summary.rejected, summary.skipped) == (2, 2, 1)
    assert summary.reasons == {"phone_damaged": 1, "duplicate_of_row": 1, "name_missing": 1}
    assert summary.first_problems[1] == Problem(
        5, "Name", "name_missing", 'A5: Column "Name" is empty. Fill in the person\'s name.'
    )
    assert [(problem.row, problem.column) for problem in summary.first_problems] == [(3, "Phone"), (5, "Name")]
    assert all(number(1)[2:] not in problem.message for problem in summary.first_problems)
    assert json.loads(json.dumps(summary.as_json()))["first_problems"][0]["reason"] == "phone_damaged"


def test_the_problems_file_can_be_mended_and_run(folder: CampaignFolder) -> None:
    """It holds the rejected rows with the sheet's own columns; mended, all of them can be called."""
    campaign = _campaign(folder)
    path = check_campaign(campaign).problems_file

    assert path is not None
    assert [row["Name"] for row in read_results(path)] == ["Bob", ""]
    text = path.read_text("utf-8-sig").replace("1.21E+10", number(3))
    path.write_text(text.replace(f'"","{number(1)}"', f'"Eve","{number(1)}"'), "utf-8")
    mended = check_campaign(campaign.with_contacts(path), problems=folder.path / "again.csv")
    assert (mended.callable_rows, mended.rejected, mended.problems_file) == (2, 0, None)


def test_strict_ends_with_3_for_whatever_is_doubtful(folder: CampaignFolder) -> None:
    """Skipped rows, unused columns and guesses are no failure, unless somebody says so."""
    folder.sheet(["Name", "Phone", "Colour"], [["Ada", number(0), "red"]])
    campaign = folder.campaign()

    assert check_campaign(campaign).exit_code == 0
    assert check_campaign(campaign, strict=True).exit_code == 3
    folder.people(3)
    assert check_campaign(campaign, strict=True).exit_code == 0


def test_a_country_that_wants_consent_first_is_told(folder: CampaignFolder) -> None:
    """Where sales calls without consent are forbidden a note says so, until the campaign asks for consent."""
    folder.sheet(["Name", "Phone", "Consent"], [["Ada", number(0), "yes"]])
    countries = 'regions = ["US", "FR"]\n'
    told = check_campaign(folder.campaign("", countries))
    asked = check_campaign(folder.campaign("", countries + 'consent = "required"\ncolumns = { consent = "Consent" }'))

    assert [note.partition(":")[0] for note in told.notes] == ["FR"]
    assert "since 2026-08-11" in told.notes[0]
    assert asked.notes == ()
    assert asked.callable_rows == 1


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
    rows = [
        [f"Person {index}", number(index % 20_000) if index % 7 else "12", "" if index % 11 else "N/A"]
        for index in range(2 * CHUNK_ROWS + 10)
    ]
    rows[-1] = ["Again", number(1), ""]
    folder.sheet(["Name", "Phone", "E-mail"], rows)
    loaded = load_contacts(folder.campaign(), now_ms=NOON_MS)
    alone = list(verdicts(loaded))

    assert list(verdicts(loaded, processes=2)) == alone
    assert any(verdict.has_bad_email for verdict in alone)
    assert [verdict.row for verdict in alone] == list(range(2, len(rows) + 2))
    assert alone[-1].held is not None
    assert "row 3" in alone[-1].held.message


def test_a_sheet_that_changes_meanwhile_is_refused(folder: CampaignFolder, tmp_path: Path) -> None:
    """Also where other processes judge it."""
    folder.people(3)
    loaded = load_contacts(folder.campaign(), now_ms=NOON_MS)
    (tmp_path / "contacts.csv").write_text("Name,Phone\nEve,1\n", "utf-8")

    with pytest.raises(Exception, match="was changed"):
        list(verdicts(loaded, processes=2))


def test_a_wish_in_another_column_is_told(folder: CampaignFolder) -> None:
    """A note that reads like "do not call" is told with its rows: nothing reads it, and the person would be called."""
    notes = ["", "please do NOT call", "asked for a callback", "unsubscribed"]
    folder.sheet(["Name", "Phone", "Notes"], [["Ada", number(at), note] for at, note in enumerate(notes)])
    summary = check_campaign(folder.campaign())

    assert summary.callable_rows == 4
    (note,) = summary.notes
    assert 'Column "Notes" reads like a wish not to be called in 2 rows (3, 5)' in note


def test_a_wish_in_the_place_of_a_number_is_heard(folder: CampaignFolder) -> None:
    """In the first phone column it holds the row back, and no note says that nobody reads it; a later column's does."""
    rows = [["Ada", "do not call", ""], ["Bob", number(1), "do not call"]]
    folder.sheet(["Name", "Phone", "Other phone"], rows)
    columns = 'region = "US"\ncolumns = { phone = ["Phone", "Other phone"] }'
    summary = check_campaign(folder.campaign(contacts=columns))

    assert summary.reasons == {Reason.CONSENT_REVOKED: 1}
    (note,) = [note for note in summary.notes if "reads like a wish" in note]
    assert 'Column "Other phone" reads like a wish not to be called in 1 row (3)' in note


def test_a_wish_where_it_is_read_is_no_news(folder: CampaignFolder) -> None:
    """In a column that the campaign reads for it, the row is held back, and nothing more is said."""
    folder.sheet(["Name", "Phone", "DNC"], [["Ada", number(0), "do not call"], ["Bob", number(1), ""]])
    summary = check_campaign(folder.campaign())

    assert (summary.callable_rows, summary.reasons, summary.notes) == (1, {"consent_revoked": 1}, ())


@pytest.mark.slow
def test_which_column_a_number_stands_in_is_told(folder: CampaignFolder) -> None:
    """Numbers are counted by column, and a first cell with words is told with its row, on one core as on several."""
    folder.sheet(
        ["Name", "Mobile", "Home"],
        [["Ada", number(0), ""], ["Bob", "call me", number(1)], ["Cid", "", number(2)]],
    )
    campaign = folder.campaign(contacts='region = "US"\n[contacts.columns]\nphone = ["Mobile", "Home"]')
    summary = check_campaign(campaign)

    assert summary.phone_columns == {"Mobile": 1, "Home": 2}
    (note,) = summary.notes
    assert note.startswith('Row 3: the number of a later column is called. The number in column "Mobile"')
    judged = verdicts(load_contacts(campaign, now_ms=NOON_MS), processes=2)
    seen = [(verdict.phone_column, verdict.passed_over is None) for verdict in judged]
    assert seen == [("Mobile", True), ("Home", False), ("Home", True)]


def test_a_sheet_of_another_region_gets_one_hint(folder: CampaignFolder) -> None:
    """Where one line would mend most rows, it is told once."""
    folder.sheet(["Name", "Phone"], [["Ada", f"030 {123450 + at}"] for at in range(20)])
    summary = check_campaign(folder.campaign())

    assert summary.rejected == 20
    (note,) = summary.notes
    assert '20 of 20 numbers are none of US, and most would be numbers of DE. If they are, set region = "DE"' in note


def test_a_sheet_of_lost_pluses_gets_one_hint(folder: CampaignFolder) -> None:
    """Where most numbers may be two, the sheet was most likely stripped of its +."""
    folder.sheet(["Name", "Phone"], [["Ada", f"49176123456{at:02d}"] for at in range(20)])
    summary = check_campaign(folder.campaign(contacts='region = "DE"'))

    assert summary.reasons == {"phone_ambiguous": 20}
    assert sum("put + before each" in note for note in summary.notes) == 1


def test_an_old_list_is_told_before_a_run_is_refused(folder: CampaignFolder) -> None:
    """The age of a suppression file is looked at by the file's time."""
    folder.sheet(["Name", "Phone"], [["Ada", number(0)]])
    (folder.path / "stop.csv").write_text("phone\n", "utf-8")
    os.utime(folder.path / "stop.csv", (0, 0))
    campaign = folder.campaign("[suppression]\nfiles = ['stop.csv']\nmax_age = '31d'\n")
    summary = check_campaign(campaign, runtime=Runtime(clock=FakeClock()))

    assert any("A run is refused" in note and "max_age" in note for note in summary.notes)


def test_addresses_that_are_none_are_told(folder: CampaignFolder) -> None:
    """The people are called without one; a note counts them, and says how to have it otherwise."""
    (note,) = check_campaign(_campaign(folder)).notes
    assert note.startswith('1 row holds no e-mail address in the column "E-mail", the first is row 6; they are called')
    assert 'email = "required" under [contacts]' in note
    assert 'email = "" under [contacts.columns]' in note
    left_out = folder.campaign('[contacts.columns]\nemail = ""\n')
    assert check_campaign(left_out).notes == ()
    assert check_campaign(left_out).unmapped == ("E-mail",)


@pytest.mark.slow
def test_cells_about_places_are_told_with_their_rows(folder: CampaignFolder) -> None:
    """What nobody can read, and what contradicts the number, is counted by column with its rows, on two cores too."""
    places = [("Calif.", ""), ("Narnia", ""), ("NJ", "Europe/Paris"), ("Mordor", ""), ("", "America/New_York")]
    rows = [["Ada", number(at), *place] for at, place in enumerate(places)]
    folder.sheet(["Name", "Phone", "State", "Time zone"], rows)
    campaign = folder.campaign()
    notes = check_campaign(campaign).notes
    unread, elsewhere = '2 rows (3 "Narnia", 5 "Mordor")', '1 row (4 "Europe/Paris")'

    assert any('Column "State" cannot be read as a place' in note and unread in note for note in notes)
    assert any('Column "Time zone" names another place' in note and elsewhere in note for note in notes)
    here, there = (list(verdicts(load_contacts(campaign, now_ms=NOON_MS), processes=cores)) for cores in (1, 2))
    assert [verdict.cell_notes for verdict in here] == [verdict.cell_notes for verdict in there]


def test_what_a_run_would_be_refused_for_is_said_before(folder: CampaignFolder) -> None:
    """No template and an end in the past are no news of the sheet, and cost a night all the same."""
    runtime = Runtime(settings=Settings(), clock=FakeClock(datetime(2026, 12, 2, tzinfo=UTC)))
    campaign = folder.campaign('[schedule]\nend = "2026-12-01T00:00:00Z"\n')
    without = campaign.model_copy(update={"call": campaign.call.model_copy(update={"call_template_id": None})})
    notes = check_campaign(without, runtime=runtime).notes

    assert any("A run is refused" in note and "call_template_id is missing" in note for note in notes)
    assert any("the campaign's end, 2026-12-01T00:00:00.000Z, has passed" in note for note in notes)
    assert check_campaign(folder.campaign(""), runtime=runtime).notes == ()


def test_the_file_of_rejected_rows_is_not_overwritten_while_it_is_the_sheet(folder: CampaignFolder) -> None:
    """Whoever mends it and checks it again keeps all of its rows; what is still wrong goes to a file beside it."""
    folder.sheet(["Name", "Phone"], [["Ada", "12"], ["Bob", "13"]])
    campaign = folder.campaign()
    problems = check_campaign(campaign).problems_file
    assert problems is not None
    before = problems.read_bytes()
    again = check_campaign(campaign.with_contacts(problems)).problems_file

    assert problems.read_bytes() == before
    assert again is not None
    assert again.name == "campaign-problems-2.csv"
    with pytest.raises(UsageError, match="would be overwritten"):
        check_campaign(campaign, problems=folder.path / "contacts.csv")


@pytest.mark.slow
def test_a_killed_judge_ends_the_check_and_loses_no_row(folder: CampaignFolder) -> None:
    """Processes that the system ends in the middle, out of memory, are told with what to do; none hangs or stays.

    What was judged before is in the sheet's order, and one process judges the same sheet whole.
    """
    sheet_rows = 6 * CHUNK_ROWS - 1_000
    folder.people(sheet_rows)
    loaded = load_contacts(folder.campaign(), now_ms=NOON_MS)
    seen: list[int] = []

    def judge_with_one_killed() -> None:
        for verdict in verdicts(loaded, processes=2):
            for judge in () if seen else active_children()[:1]:
                os.kill(judge.pid or 0, signal.SIGKILL)
            seen.append(verdict.row)

    with pytest.raises(JudgingFailed, match=r"ended before its work.*Nothing is lost.*--processes 1") as failed:
        judge_with_one_killed()

    assert exit_code_of(failed.value) == EXIT_STOPPED
    assert 0 < len(seen) < sheet_rows
    assert seen == list(range(2, len(seen) + 2))
    assert active_children() == []
    assert sum(1 for _ in verdicts(loaded)) == sheet_rows
