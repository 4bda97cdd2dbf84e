"""Only the failed rows again, against the sandbox: from the ledger, or from a results file as a person mended it."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from dialer.errors import SheetError, UsageError
from dialer.jobs.check import check_campaign
from dialer.jobs.purge import purge_campaign
from dialer.jobs.results import rebuild_results
from dialer.jobs.retry import RetryOptions, retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.suppress import suppress
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_run import hurried, run_at
from tests.support import ANY_HOUR, FAST, CampaignFolder, column, number, read_results

TABLES = ANY_HOUR + FAST
Edit = Callable[[dict[str, str]], None]


@pytest.fixture
def failed(folder: CampaignFolder, tmp_path: Path) -> RunSummary:
    """Run five rows of which two are refused by the API and one has no number."""
    names = ["Ann", "Nobody", "Cal", "Nobody", "Eve"]
    phones = [number(0), number(1), number(2), number(3), "?"]
    folder.sheet(["Name", "Phone"], [list(row) for row in zip(names, phones, strict=True)])
    folder.campaign(TABLES)
    with Sandbox(journal=tmp_path / "calls.jsonl", faults=Faults(refuse_name="Nobody")) as sandbox:
        return run_campaign(folder.campaign(TABLES), runtime=hurried(sandbox))


def again(
    folder: CampaignFolder,
    tmp_path: Path,
    retry: RetryOptions | None = None,
    *,
    limit: int | None = None,
    tables: str = TABLES,
    faults: Faults | None = None,
) -> tuple[RunSummary, list[str]]:
    """Retry, and return the summary with the numbers of all calls that exist after it, in their order."""
    with Sandbox(journal=tmp_path / "calls.jsonl", faults=faults or Faults()) as sandbox:
        summary = retry_campaign(
            folder.campaign(tables),
            retry=retry,
            options=RunOptions(limit=limit),
            runtime=hurried(sandbox),
        )
        return summary, [str(call["toPhoneNumber"]) for call in sandbox.created]


def rows_of(summary: RunSummary) -> list[dict[str, Any]]:
    """Read the run's results."""
    assert summary.results is not None
    return read_results(summary.results)


def mend(summary: RunSummary, path: Path, edit: Edit) -> Path:
    """Copy the results as a person who mends rows in them would, and return the copy."""
    rows = rows_of(summary)
    for row in rows:
        edit(row)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.slow
def test_only_failed_rows_are_sent_again_without_the_sheet(
    folder: CampaignFolder, tmp_path: Path, failed: RunSummary
) -> None:
    """The ledger has all it takes; created rows are skipped, the rejected one stays rejected, all five are told."""
    assert failed.exit_code == 3
    (folder.path / "contacts.csv").unlink()
    summary, calls = again(folder, tmp_path)
    assert sorted(calls) == [number(index) for index in range(4)]
    assert [(row["dialer_status"], row["dialer_reason"]) for row in rows_of(summary)] == [
        ("skipped", "already_created"),
        ("created", ""),
        ("skipped", "already_created"),
        ("created", ""),
        ("rejected", "phone_invalid"),
    ]
    assert column(rows_of(summary), "Name") == ["Ann", "Nobody", "Cal", "Nobody", "Eve"]


@pytest.mark.slow
def test_a_second_retry_has_nothing_to_do(folder: CampaignFolder, tmp_path: Path, failed: RunSummary) -> None:
    """Right after a clean one nothing is sent, no run is begun and no file is written."""
    assert failed.results is not None
    again(folder, tmp_path)
    files = sorted(failed.results.parent.iterdir())
    summary, calls = again(folder, tmp_path)
    assert (summary.idle, summary.exit_code, summary.results) == (True, 0, None)
    assert len(calls) == 4
    assert sorted(failed.results.parent.iterdir()) == files


@pytest.mark.slow
@pytest.mark.usefixtures("failed")
def test_reason_and_limit_choose(folder: CampaignFolder, tmp_path: Path) -> None:
    """`only` leaves rows that failed otherwise; `limit` takes the first ones."""
    assert again(folder, tmp_path, RetryOptions(only=("not_sent",)))[0].idle
    summary, calls = again(folder, tmp_path, RetryOptions(only=("api_400",)), limit=1)
    assert sorted(calls) == [number(0), number(1), number(2)]
    assert rows_of(summary)[3]["dialer_reason"] == "beyond_limit"


@pytest.mark.slow
@pytest.mark.usefixtures("failed")
def test_who_was_suppressed_since_is_not_sent_again(folder: CampaignFolder, tmp_path: Path) -> None:
    """A failed row whose number is on the list now is skipped."""
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        suppress(ledger, [number(1)], reason="asked")
    summary, calls = again(folder, tmp_path)
    assert number(1) not in calls
    assert rows_of(summary)[1]["dialer_reason"] == "suppressed"


SUPPRESSING = f'{TABLES}[suppression]\nfiles = ["do_not_call.csv"]\n'


@pytest.mark.slow
@pytest.mark.usefixtures("failed")
def test_the_suppression_files_count_as_they_are_now(folder: CampaignFolder, tmp_path: Path) -> None:
    """A number written into a file since the run is not called, also on a second try; taken off it, it is."""
    folder.sheet(["Phone"], [[number(1)]], "do_not_call.csv")
    summary, calls = again(folder, tmp_path, tables=SUPPRESSING, limit=0)
    assert rows_of(summary)[1]["dialer_reason"] == "suppressed"
    summary, calls = again(folder, tmp_path, tables=SUPPRESSING)
    assert sorted(calls) == [number(0), number(2), number(3)]
    assert rows_of(summary)[1]["dialer_reason"] == "suppressed"
    folder.sheet(["Phone"], [], "do_not_call.csv")
    summary, calls = again(folder, tmp_path, tables=SUPPRESSING)
    assert number(1) in calls
    assert rows_of(summary)[1]["dialer_status"] == "created"


@pytest.mark.slow
def test_who_asked_for_no_call_at_another_number_is_spared(folder: CampaignFolder, tmp_path: Path) -> None:
    """The row has two numbers, and the one that is not called stands in a suppression file by now."""
    folder.sheet(["Name", "Mobile", "Home"], [["Nobody", number(1), number(7)], ["Nobody", number(2), number(8)]])
    folder.sheet(["Phone"], [], "do_not_call.csv")
    tables = f'{SUPPRESSING}[contacts.columns]\nphone = ["mobile", "Home"]\n'
    with Sandbox(journal=tmp_path / "calls.jsonl", faults=Faults(refuse_name="Nobody")) as sandbox:
        run_campaign(folder.campaign(tables), runtime=hurried(sandbox))
    folder.sheet(["Phone"], [[number(7)]], "do_not_call.csv")
    summary, calls = again(folder, tmp_path, tables=tables)
    assert calls == [number(2)]
    assert column(rows_of(summary), "dialer_reason") == ["suppressed", ""]


@pytest.mark.slow
@pytest.mark.usefixtures("failed")
def test_nothing_is_sent_while_a_suppression_file_cannot_be_read(folder: CampaignFolder) -> None:
    """Nobody knows who asked not to be called: the retry ends before its first call, and a rehearsal likewise."""
    folder.sheet(["Phone"], [["no number"]], "do_not_call.csv")
    with Sandbox() as sandbox:
        for dry in (True, False):
            with pytest.raises(SheetError, match=r"do_not_call\.csv: row 2"):
                retry_campaign(
                    folder.campaign(SUPPRESSING),
                    options=RunOptions(dry_run=dry),
                    runtime=hurried(sandbox),
                )
        assert sandbox.created == []


@pytest.mark.slow
@pytest.mark.usefixtures("failed")
def test_a_row_that_is_refused_again_and_again_is_given_up(folder: CampaignFolder, tmp_path: Path) -> None:
    """One budget counts every refusal; when it is spent the row says so, and a retry has nothing to do."""
    bad = Faults(refuse_name="Nobody")
    for _ in range(2):
        again(folder, tmp_path, faults=bad)
    summary, calls = again(folder, tmp_path, faults=bad)
    assert summary.idle
    assert len(calls) == 2
    more = again(folder, tmp_path, tables=TABLES + "[redial]\nmax_calls = 4\n")
    assert len(more[1]) == 4


@pytest.mark.slow
def test_mended_rows_of_a_results_file_are_judged_anew(
    folder: CampaignFolder, tmp_path: Path, failed: RunSummary
) -> None:
    """A mended name and a mended number are called, linked to their rows; a failed row left out of it stays failed."""

    def edit(row: dict[str, str]) -> None:
        if row["Name"] == "Eve":
            row["Phone"] = number(44)
        if row["dialer_row"] == "3":
            row["Name"] = "Bob"
            row["Phone"] = number(11)

    file = mend(failed, tmp_path / "mended.csv", edit)
    kept = [line for line in file.read_text("utf-8").splitlines() if '"5"' not in line and ",5," not in line]
    file.write_text("\n".join(kept), "utf-8")
    summary, calls = again(folder, tmp_path, RetryOptions(mended=file))
    assert set(calls) == {number(0), number(2), number(11), number(44)}
    assert len(calls) == 4
    told = rows_of(summary)
    assert column(told, "dialer_row") == ["2", "3", "4", "5", "6"]
    assert column(told, "dialer_status") == ["skipped", "created", "skipped", "failed", "created"]
    assert (told[1]["Name"], told[1]["Phone"], told[4]["dialer_phone"]) == ("Bob", number(11), number(44))
    assert told[3]["Name"] == "Nobody"


@pytest.mark.slow
def test_check_judges_mended_rows_as_a_run_does(folder: CampaignFolder, tmp_path: Path, failed: RunSummary) -> None:
    """The sheet has a row as it was, the ledger as it was mended: nobody mends it again, unless it changes."""
    campaign = folder.campaign(TABLES)
    assert check_campaign(campaign).rejected == 1

    def edit(row: dict[str, str]) -> None:
        if row["Name"] == "Eve":
            row["Phone"] = number(44)

    again(folder, tmp_path, RetryOptions(mended=mend(failed, tmp_path / "mended.csv", edit)))
    checked = check_campaign(campaign)
    assert (checked.rejected, checked.callable_rows, checked.problems_file) == (0, 5, None)
    assert "Mended in a results file before, so a run does not reject them: 1 row of the sheet (6)." in checked.notes
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        assert not run_campaign(campaign, runtime=hurried(sandbox)).counts[Status.REJECTED]
    changed = folder.sheet(["Name", "Phone"], [["Eve", "??"]] * 5)
    assert check_campaign(campaign.with_contacts(changed)).rejected == 5


@pytest.mark.slow
def test_a_number_that_was_mended_away_is_not_called_by_a_later_run(
    folder: CampaignFolder, tmp_path: Path, failed: RunSummary
) -> None:
    """The sheet still holds the wrong number; its row has become the right one, which has its call."""

    def edit(row: dict[str, str]) -> None:
        if row["dialer_row"] == "3":
            row["Phone"], row["Name"] = number(11), "Bob"

    again(folder, tmp_path, RetryOptions(mended=mend(failed, tmp_path / "mended.csv", edit)))
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        summary = run_campaign(folder.campaign(TABLES), runtime=hurried(sandbox))
        calls = [call["toPhoneNumber"] for call in sandbox.created]
    assert number(1) not in calls
    assert rows_of(summary)[1]["dialer_reason"] == "replaced"


@pytest.mark.slow
def test_no_edit_makes_a_created_or_unknown_row_go_again(
    folder: CampaignFolder, tmp_path: Path, failed: RunSummary
) -> None:
    """The ledger decides: whatever status, number or row is written into the file, nobody is called twice."""

    def edit(row: dict[str, str]) -> None:
        row["dialer_status"] = "failed"
        row["dialer_call_id"] = ""
        if row["dialer_row"] == "3":
            row["Name"], row["Phone"] = "Ann again", number(0)

    summary, calls = again(folder, tmp_path, RetryOptions(mended=mend(failed, tmp_path / "mended.csv", edit)))
    assert sorted(calls) == sorted(set(calls)) == [number(0), number(2), number(3)]
    assert [row["dialer_reason"] for row in rows_of(summary)][:3] == [
        "already_created",
        "duplicate_of_row",
        "already_created",
    ]


def test_a_created_row_in_the_file_is_not_sent_even_where_it_failed(
    folder: CampaignFolder, tmp_path: Path, failed: RunSummary
) -> None:
    """A results file can hold rows back: what it calls created stays as it is."""

    def edit(row: dict[str, str]) -> None:
        row["dialer_status"] = "created"

    summary, calls = again(folder, tmp_path, RetryOptions(mended=mend(failed, tmp_path / "mended.csv", edit)))
    assert summary.idle
    assert len(calls) == 2


@pytest.mark.slow
def test_a_workbook_of_results_is_taken_as_well(folder: CampaignFolder, tmp_path: Path, failed: RunSummary) -> None:
    """Mended in a spreadsheet program and saved as XLSX, the rows are the same."""
    from dialer.jobs.results import rebuild_results  # noqa: PLC0415 - only this test writes a workbook

    path = tmp_path / "mended.xlsx"
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        rebuild_results(ledger, "campaign", path, run_id=failed.run_id)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for cells in sheet.iter_rows(min_row=2):
        if cells[0].value == "Eve":
            cells[1].value = number(44)
    book.save(path)
    _, calls = again(folder, tmp_path, RetryOptions(mended=path))
    assert sorted(calls) == sorted(number(index) for index in (0, 1, 2, 3, 44))


def test_a_sheet_that_is_no_results_file_is_refused(folder: CampaignFolder, tmp_path: Path, failed: RunSummary) -> None:
    """Without the columns of a run nobody knows which rows failed; nor is a damaged row number guessed."""
    with pytest.raises(SheetError, match="no results file"):
        again(folder, tmp_path, RetryOptions(mended=folder.path / "contacts.csv"))
    broken = mend(failed, tmp_path / "broken.csv", lambda row: row.update(dialer_row="x"))
    with pytest.raises(SheetError, match="dialer_row"):
        again(folder, tmp_path, RetryOptions(mended=broken))
    with pytest.raises(UsageError, match="no reason typo"):
        again(folder, tmp_path, RetryOptions(only=("typo",)))
    with pytest.raises(UsageError, match="--only and --from"):
        again(folder, tmp_path, RetryOptions(only=("api_400",), mended=broken))


def test_a_campaign_that_never_ran_has_nothing_to_retry(folder: CampaignFolder, tmp_path: Path) -> None:
    """The message says what to do instead."""
    with pytest.raises(UsageError, match="has not run"):
        again(folder, tmp_path)


def by_row(changes: dict[str, dict[str, str]]) -> Edit:
    """Return an edit that changes cells of the rows named."""
    return lambda row: row.update(changes.get(row["dialer_row"], {}))


@pytest.mark.slow
def test_a_mended_row_that_was_not_sent_is_sent_by_the_next_retry(
    folder: CampaignFolder, tmp_path: Path, failed: RunSummary
) -> None:
    """Left out by a limit, it is not lost: no sheet holds it, so the next retry sends it."""
    changes = {"3": {"Name": "Bob", "Phone": number(11)}, "6": {"Phone": number(44)}}
    file = mend(failed, tmp_path / "mended.csv", by_row(changes))
    first, _ = again(folder, tmp_path, RetryOptions(mended=file), limit=1)
    assert rows_of(first)[4]["dialer_reason"] == "beyond_limit"
    second, calls = again(folder, tmp_path)
    assert not second.idle
    assert sorted(calls) == sorted(number(index) for index in (0, 2, 3, 11, 44))
    assert again(folder, tmp_path)[0].idle


@pytest.mark.slow
def test_rows_that_a_filter_hides_in_the_results_are_read_too(
    folder: CampaignFolder, tmp_path: Path, failed: RunSummary
) -> None:
    """Whoever filters, mends and saves has mended: a hidden row is as good as a shown one, and a note says so."""
    path = tmp_path / "mended.xlsx"
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        rebuild_results(ledger, "campaign", path, run_id=failed.run_id)
    book = load_workbook(path)
    for cells in book.active.iter_rows(min_row=2):
        if cells[0].value == "Eve":
            cells[1].value = number(44)
        book.active.row_dimensions[cells[0].row].hidden = cells[0].value in {"Eve", "Cal"}
    book.save(path)
    summary, calls = again(folder, tmp_path, RetryOptions(mended=path))
    assert sorted(calls) == sorted(number(index) for index in (0, 1, 2, 3, 44))
    statuses = ["skipped", "created", "skipped", "created", "created"]
    assert [row["dialer_status"] for row in rows_of(summary)] == statuses
    assert "2 rows that a filter or somebody hid, such as row 4, count" in " ".join(summary.notes)


@pytest.mark.slow
def test_swapped_and_shifted_numbers_are_both_called(
    folder: CampaignFolder, tmp_path: Path, failed: RunSummary
) -> None:
    """A contact that another row has become is not retired by the row that it was."""
    changes = {"3": {"Name": "Bob", "Phone": number(3)}, "5": {"Name": "Dan", "Phone": number(1)}}
    summary, calls = again(folder, tmp_path, RetryOptions(mended=mend(failed, tmp_path / "m.csv", by_row(changes))))
    assert sorted(calls) == [number(index) for index in range(4)]
    assert [row["dialer_status"] for row in rows_of(summary)][:4] == ["skipped", "created", "skipped", "created"]


@pytest.mark.slow
def test_a_number_that_was_mended_back_is_called(folder: CampaignFolder, tmp_path: Path, failed: RunSummary) -> None:
    """A row mended to a wrong number, refused, and mended back is the first contact again."""
    there = mend(failed, tmp_path / "there.csv", by_row({"3": {"Phone": number(11)}}))
    second, _ = again(folder, tmp_path, RetryOptions(mended=there), faults=Faults(refuse_name="Nobody"))
    back = mend(second, tmp_path / "back.csv", by_row({"3": {"Phone": number(1), "Name": "Bob"}}))
    _, calls = again(folder, tmp_path, RetryOptions(mended=back))
    assert number(1) in calls
    assert number(11) not in calls


@pytest.mark.slow
@pytest.mark.parametrize("of", ["a called person", "a suppressed number", "no number"])
def test_the_number_of_before_is_never_called_whatever_the_row_has_become(
    folder: CampaignFolder, tmp_path: Path, failed: RunSummary, of: str
) -> None:
    """The row says something else now, so the sheet as it was does not bring its number back."""
    phone = {"a called person": number(0), "a suppressed number": number(77), "no number": "?"}[of]
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        suppress(ledger, [number(77)], reason="asked")
    file = mend(failed, tmp_path / "mended.csv", by_row({"3": {"Phone": phone, "Name": "Bob"}}))
    again(folder, tmp_path, RetryOptions(mended=file))
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        run_campaign(folder.campaign(TABLES), runtime=hurried(sandbox))
        calls = [str(call["toPhoneNumber"]) for call in sandbox.created]
    assert number(1) not in calls
    assert len(calls) == len(set(calls))


@pytest.mark.slow
def test_a_purge_remembers_what_was_mended_away(folder: CampaignFolder, tmp_path: Path, failed: RunSummary) -> None:
    """Erased, the wrong number is still not called when the sheet as it was is read again."""
    file = mend(failed, tmp_path / "mended.csv", by_row({"3": {"Phone": number(11), "Name": "Bob"}}))
    again(folder, tmp_path, RetryOptions(mended=file))
    purge_campaign(folder.campaign(TABLES))
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        run_campaign(folder.campaign(TABLES), runtime=hurried(sandbox))
        assert number(1) not in [call["toPhoneNumber"] for call in sandbox.created]


@pytest.mark.slow
def test_a_file_of_another_sheet_is_refused(folder: CampaignFolder, tmp_path: Path, failed: RunSummary) -> None:
    """Where the rows have moved since, a row number means another person: nothing is mended, nothing is sent."""
    file = mend(failed, tmp_path / "mended.csv", by_row({"3": {"Phone": number(11)}}))
    names = [["Nobody", number(3)], ["Nobody", number(1)], ["Ann", number(0)]]
    folder.sheet(["Name", "Phone"], names)
    bad = Faults(refuse_name="Nobody")
    with Sandbox(journal=tmp_path / "calls.jsonl", faults=bad) as sandbox:
        run_campaign(folder.campaign(TABLES), runtime=hurried(sandbox))
    with pytest.raises(SheetError, match="another one by now"):
        again(folder, tmp_path, RetryOptions(mended=file))
    twice = mend(failed, tmp_path / "twice.csv", by_row({"5": {"dialer_row": "3"}}))
    with pytest.raises(SheetError, match="stands twice"):
        again(folder, tmp_path, RetryOptions(mended=twice))


@pytest.mark.slow
def test_a_dry_run_tells_what_a_retry_would_do(folder: CampaignFolder, tmp_path: Path, failed: RunSummary) -> None:
    """It plans the failed rows on a copy, sends nothing, and leaves the ledger as it was."""
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        options = RunOptions(dry_run=True)
        summary = retry_campaign(
            folder.campaign(TABLES),
            options=options,
            runtime=hurried(sandbox),
        )
        created = len(sandbox.created)
    assert summary.tally.reasons["waiting"] == 2
    assert created == 2
    assert failed.exit_code == 3
    assert len(again(folder, tmp_path)[1]) == 4


@pytest.mark.slow
def test_the_results_of_a_sheet_with_a_title_can_be_given_back(folder: CampaignFolder, tmp_path: Path) -> None:
    """What the campaign says of its sheet, its header's row and its delimiter, is not said of the results file."""
    (folder.path / "contacts.csv").write_text(
        f"Export of May\n\nName;Phone\nAnn;{number(0)}\nEve;?\nBob;{number(2)}\n", "utf-8"
    )
    campaign = folder.campaign(TABLES, 'region = "US"\nheader_row = 3\ndelimiter = ";"')
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        runtime = hurried(sandbox)
        ran = run_campaign(campaign, runtime=runtime)
        file = mend(ran, tmp_path / "mended.csv", lambda row: row.update(Phone=row["Phone"].replace("?", number(1))))
        retry_campaign(campaign, retry=RetryOptions(mended=file), runtime=runtime)
        called = [call["toPhoneNumber"] for call in sandbox.created]

    assert ran.exit_code == 3
    assert called == [number(0), number(2), number(1)]


@pytest.mark.slow
def test_rejected_rows_of_a_sheet_with_a_title_can_be_run(folder: CampaignFolder, tmp_path: Path) -> None:
    """The file that `check` writes is a sheet for `run --contacts`, once it is mended."""
    (folder.path / "contacts.csv").write_text(f"Export\n\nName\tPhone\nAnn\t{number(0)}\nEve\t12\n", "utf-8")
    campaign = folder.campaign(TABLES, 'region = "US"\nheader_row = 3\ndelimiter = "\\t"\nencoding = "utf-8"')
    problems = check_campaign(campaign).problems_file
    assert problems is not None
    problems.write_text(problems.read_text("utf-8-sig").replace('"12"', f'"{number(1)}"'), "utf-8-sig")
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        run_campaign(campaign.with_contacts(problems), runtime=hurried(sandbox))
        called = [call["toPhoneNumber"] for call in sandbox.created]

    assert called == [number(1)]


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 402, 403, 404, 422, 425, 429])
@pytest.mark.parametrize("job", ["retry", "run"])
def test_a_call_that_exists_although_it_was_refused_is_not_sent_again(
    status: int, job: str, folder: CampaignFolder, tmp_path: Path
) -> None:
    """The listing that begins every run shows it, by number and slot: its row is created, with its id."""
    campaign = folder.campaign(ANY_HOUR + FAST + "max_attempts = 1\n")
    journal = tmp_path / "calls.jsonl"
    with Sandbox(journal=journal, faults=Faults(error_after=1.0, error_status=status)) as lying:
        first = run_at(lying, campaign)
    assert first.counts[Status.CREATED] == 0
    with Sandbox(journal=journal) as sandbox:
        runtime = hurried(sandbox)
        second = (
            retry_campaign(campaign, runtime=runtime) if job == "retry" else run_campaign(campaign, runtime=runtime)
        )
        rebuilt = run_campaign(campaign, runtime=runtime)
        calls = {call["toPhoneNumber"]: call["_id"] for call in sandbox.created}
        made = len(sandbox.created)

    assert second.exit_code == rebuilt.exit_code == 0
    assert len(calls) == made == 3
    rows = read_results(rebuilt.results or Path())
    assert {row["dialer_phone"]: row["dialer_call_id"] for row in rows} == calls


@pytest.mark.slow
def test_a_mended_file_given_twice_goes_on_with_the_rest(
    folder: CampaignFolder, tmp_path: Path, failed: RunSummary
) -> None:
    """What the first time called is reported so, and a row that has been mended in the file since is called."""
    fixed = {"3": {"Phone": number(11), "Name": "Bob"}, "6": {"Phone": number(44)}}
    first = mend(failed, tmp_path / "mended.csv", by_row({"3": fixed["3"]}))
    _, calls = again(folder, tmp_path, RetryOptions(mended=first))
    assert number(11) in calls
    summary, calls = again(folder, tmp_path, RetryOptions(mended=mend(failed, first, by_row(fixed))))

    assert calls.count(number(11)) == 1
    assert calls.count(number(44)) == 1
    told = rows_of(summary)
    assert (told[1]["dialer_status"], told[1]["dialer_reason"]) == ("skipped", "already_created")
    assert (told[4]["dialer_status"], told[4]["dialer_phone"]) == ("created", number(44))


@pytest.mark.slow
def test_a_retry_of_nothing_counts_what_stands(folder: CampaignFolder) -> None:
    """Nothing has failed, so nothing is done and it ends with 0; the object tells where every row stands."""
    campaign = folder.campaign()
    with Sandbox() as sandbox:
        run_campaign(campaign, runtime=hurried(sandbox))
        idle = retry_campaign(campaign, runtime=hurried(sandbox))
    assert (idle.idle, idle.exit_code) == (True, 0)
    assert idle.as_json()["counts"][Status.CREATED] == 3


@pytest.mark.slow
def test_a_retry_of_nothing_does_not_hide_the_unknown(folder: CampaignFolder) -> None:
    """Nobody has failed, and somebody may have a call that nobody knows of: that is no success."""
    campaign = folder.campaign()
    with Sandbox(faults=Faults(drop_after=1.0)) as sandbox:
        run_campaign(campaign, runtime=hurried(sandbox))
        idle = retry_campaign(campaign, runtime=hurried(sandbox))
    assert (idle.idle, idle.exit_code, idle.counts[Status.UNKNOWN]) == (True, 4, 3)
