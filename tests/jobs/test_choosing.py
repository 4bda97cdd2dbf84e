"""Which rows are called, and in what order: the sandbox tells who was, and when."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from dialer.errors import SheetError
from dialer.jobs.check import check_campaign
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.options import RunOptions
from dialer.reasons import Status
from dialer.sandbox import Sandbox
from tests.jobs.test_run import hurried
from tests.support import CampaignFolder, column, number, read_results

HEADER = ["Name", "Phone", "Plan", "Balance Due"]


def people(folder: CampaignFolder, *rows: tuple[str, str]) -> None:
    """Write a sheet of people with plan and balance."""
    folder.sheet(HEADER, [[f"P{at}", number(at), plan, balance] for at, (plan, balance) in enumerate(rows)])


def where(condition: str) -> str:
    """Return the keys of `[contacts]` of a campaign that chooses its rows."""
    return f'region = "US"\nwhere = """{condition}"""\n'


@pytest.mark.slow
def test_only_rows_that_are_meant_are_called_and_every_other_is_told(folder: CampaignFolder) -> None:
    """Who is left out is skipped whatever else is wrong, and a doubtful cell is somebody's to mend."""
    people(folder, ("gold", "1,234.50"), ("basic", "5"), ("gold", "n/a"), ("basic", "n/a"), ("gold", "-1"))
    campaign = folder.campaign(contacts=where("Plan == 'gold' and `Balance Due` > 0"))
    with Sandbox() as sandbox:
        summary = run_campaign(campaign, runtime=hurried(sandbox))
        called = [call["toPhoneNumber"] for call in sandbox.created]

    rows = read_results(summary.results or Path())
    assert called == [number(0)]
    assert column(rows, "dialer_status") == ["created", "skipped", "rejected", "skipped", "skipped"]
    left_out = "left_out_by_where"
    assert column(rows, "dialer_reason") == ["", left_out, "where_unclear", left_out, left_out]
    assert check_campaign(campaign).reasons == {left_out: 3, "where_unclear": 1}


@pytest.mark.slow
def test_who_was_called_stays_so_when_the_condition_changes(folder: CampaignFolder) -> None:
    """The row of a call tells of it, though another run would not make it; and a new condition calls who is new."""
    people(folder, ("gold", "1"), ("basic", "1"))
    with Sandbox() as sandbox:
        run_campaign(folder.campaign(contacts=where("Plan == 'gold'")), runtime=hurried(sandbox))
        summary = run_campaign(folder.campaign(contacts=where("Plan == 'basic'")), runtime=hurried(sandbox))
        called = [call["toPhoneNumber"] for call in sandbox.created]

    rows = read_results(summary.results or Path())
    assert called == [number(0), number(1)]
    assert column(rows, "dialer_reason") == ["already_created", ""]
    assert column(rows, "dialer_call_id")[0]


@pytest.mark.slow
def test_a_row_left_out_gives_way_to_a_later_row_of_the_same_person(folder: CampaignFolder) -> None:
    """Nobody is lost because an earlier row, which is not meant, has the same number."""
    folder.sheet(HEADER, [["A", number(0), "basic", "1"], ["B", number(0), "gold", "1"]])
    with Sandbox() as sandbox:
        summary = run_campaign(folder.campaign(contacts=where("Plan == 'gold'")), runtime=hurried(sandbox))

    assert column(read_results(summary.results or Path()), "dialer_status") == ["skipped", "created"]
    assert summary.counts[Status.CREATED] == 1


def test_a_column_that_the_sheet_lacks_is_told_with_the_nearest(folder: CampaignFolder) -> None:
    """Before anybody is called."""
    people(folder, ("gold", "1"))
    with pytest.raises(SheetError, match=r'where names the column "Balanse due".*Did you mean "Balance Due"'):
        check_campaign(folder.campaign(contacts=where("`Balanse due` > 1")))


@pytest.mark.slow
def test_a_workbooks_cells_are_compared_by_their_values(folder: CampaignFolder) -> None:
    """Neither the places that a number format leaves out nor the order of a shown date come into it."""
    book = openpyxl.Workbook()
    book.active.append(["Name", "Phone", "Score", "Since"])
    for at, (score, day) in enumerate([(0.4, 3), (0.4, 5), (0.2, 5)]):
        book.active.append([f"P{at}", number(at), score])
        book.active.cell(at + 2, 3).number_format = "0"
        book.active.cell(at + 2, 4).value = date(2026, 4, day)
        book.active.cell(at + 2, 4).number_format = "dd/mm/yyyy"
    book.save(folder.path / "people.xlsx")
    campaign = folder.campaign(contacts=where("Score > 0.3 and Since > '2026-04-04'")).with_contacts(
        folder.path / "people.xlsx"
    )

    assert check_campaign(campaign).reasons == {"left_out_by_where": 2}


def order_of(sandbox: Sandbox) -> list[int]:
    """Return the numbers that were called, in the order of their slots."""
    numbers = [number(at) for at in range(20)]
    return [
        numbers.index(call["toPhoneNumber"])
        for call in sorted(sandbox.created, key=lambda call: str(call["callDelayedUntil"]))
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("priority", "order"),
    [
        ('"Balance Due"', [1, 3, 0, 2, 4]),
        ('{ column = "Plan", order = ["basic", "gold"] }', [1, 2, 0, 3, 4]),
    ],
)
def test_the_best_are_called_first(folder: CampaignFolder, priority: str, order: list[int]) -> None:
    """By number or by word, then in the order of the sheet; who has no priority is called last, and told."""
    people(folder, ("gold", "5"), ("basic", "1,000.00"), ("basic", "n/a"), ("gold", "7"), ("", ""))
    campaign = folder.campaign(contacts=f'region = "US"\npriority = {priority}')
    with Sandbox() as sandbox:
        run_campaign(campaign, runtime=hurried(sandbox))
        assert order_of(sandbox) == order

    told = [note for note in check_campaign(campaign).notes if "called last" in note]
    assert bool(told) == ("Balance" in priority)


@pytest.mark.slow
def test_a_limit_takes_the_best(folder: CampaignFolder) -> None:
    """And the next run goes on with the best of those who are left."""
    people(folder, ("gold", "1"), ("gold", "3"), ("gold", "2"))
    campaign = folder.campaign(contacts='region = "US"\npriority = "Balance Due"')
    with Sandbox() as sandbox:
        for _ in range(2):
            run_campaign(campaign, options=RunOptions(limit=1), runtime=hurried(sandbox))
        assert order_of(sandbox) == [1, 2]


def test_the_plan_says_who_comes_first_and_why(folder: CampaignFolder) -> None:
    """In its notes, and of one row its place among the priorities."""
    people(folder, ("gold", "1"), ("gold", "3"), ("gold", "3"))
    campaign = folder.campaign(contacts='region = "US"\npriority = "Balance Due"')
    summary = plan_campaign(campaign, options=PlanOptions(why=2))

    assert any('"Balance Due", the largest number first' in note for note in summary.notes)
    assert summary.explanation is not None
    (stands,) = dict(summary.explanation.topics)["stands"]
    assert "call 3 of 3. Its priority is number 2 of 2" in stands
