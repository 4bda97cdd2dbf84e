"""Of a workbook of results that comes back, the worksheet that somebody worked in is read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.ledger.row_reports import RowReport
from dialer.reasons import Reason, Status
from dialer.results.table import write_table
from dialer.sheets.own_files import reading_of
from dialer.sheets.sheet import Sheet, open_sheet

HEADER = ("Name", "Phone", "Balance", "Renews")
OPTIONS = Contacts(header_row=3, sheet="People", encoding="cp1252", delimiter=";")
Edit = Callable[[Any], object]


def report(row: int, name: str, status: Status, reason: str = "") -> RowReport:
    """Return a row of the results."""
    cells = (name, f"20255501{row:02d}", "120.5", "2026-12-01")
    return RowReport(row, cells, status, reason, "A sentence.", None, f"+120255501{row:02d}", None, 0, None)


ROWS = [
    report(2, "Ada", Status.CREATED),
    report(3, "=Bob", Status.REJECTED, Reason.PHONE_INVALID),
    report(4, "'=Cal", Status.FAILED, "api_400"),
    report(5, "Dee", Status.SKIPPED, Reason.SUPPRESSED),
]


def given_back(folder: Path, edit: Edit) -> Sheet:
    """Write results, let somebody *edit* the workbook and save it, and open it as the campaign does."""
    write_table(folder / "r.xlsx", HEADER, ROWS)
    book = openpyxl.load_workbook(folder / "r.xlsx")
    edit(book)
    book.save(folder / "mended.xlsx")
    return open_sheet(folder / "mended.xlsx", reading_of(folder / "mended.xlsx", OPTIONS))


def put(sheet: Any, row: int, header: str, value: Any) -> int:
    """Write a cell of the row that has this number in the sheet it comes from, and return the line it is in."""
    at = {cell.value: cell.column for cell in sheet[1]}
    line = next(line for line in range(2, sheet.max_row + 1) if sheet.cell(line, at["dialer_row"]).value == row)
    sheet.cell(line, at[header]).value = value
    return line


def names(sheet: Sheet) -> dict[str, str]:
    """Return the names that were read, by the row they come from."""
    at, name = sheet.header.index("dialer_row"), sheet.header.index("Name")
    return {row.cells[at]: row.cells[name] for row in sheet.rows()}


def test_untouched_all_rows_are_read(tmp_path: Path) -> None:
    """Saved by another program as it was, the workbook is the sheet of everybody."""
    sheet = given_back(tmp_path, lambda _: None)

    assert sheet.name == "all rows"
    assert names(sheet) == {"2": "Ada", "3": "=Bob", "4": "'=Cal", "5": "Dee"}


@pytest.mark.parametrize(
    ("changed", "read"),
    [
        (["all rows"], "all rows"),
        (["to mend"], "to mend"),
        (["all rows", "to mend"], "all rows"),  # to the same
    ],
)
def test_the_worksheet_that_was_changed_is_read(tmp_path: Path, changed: list[str], read: str) -> None:
    """Wherever the row was mended, it is mended."""
    sheet = given_back(tmp_path, lambda book: [put(book[name], 3, "Name", "Bob") for name in changed])

    assert sheet.name == read
    assert names(sheet)["3"] == "Bob"
    assert any(f'its worksheet "{read}" is read' in note for note in sheet.notes)


def test_a_cell_that_is_emptied_or_retyped_counts(tmp_path: Path) -> None:
    """As a number in place of a text, too, which shows the same: that is no change."""
    assert given_back(tmp_path, lambda book: put(book["to mend"], 4, "Balance", None)).name == "to mend"
    assert given_back(tmp_path, lambda book: put(book["to mend"], 4, "Balance", "120.5")).name == "all rows"


@pytest.mark.parametrize(
    "edit",
    [
        lambda book: [put(book[name], 3, "Name", name) for name in ("all rows", "to mend")],
        lambda book: [put(book["all rows"], 3, "Name", "Bob"), put(book["to mend"], 4, "Name", "Cal")],
        lambda book: [book["all rows"].append(["Eve", "2025550199"]), put(book["to mend"], 4, "Name", "Cal")],
    ],
    ids=["one row in two ways", "one row in each", "a new row and a mended one"],
)
def test_changes_in_both_are_refused(tmp_path: Path, edit: Edit) -> None:
    """Neither is lost without a word; the message names a row of each."""
    with pytest.raises(SheetError, match=r'two worksheets, such as row \d+ of "to mend" and row \d+ of "all rows"'):
        given_back(tmp_path, edit)


def test_rows_to_mend_may_be_sorted_deleted_and_filtered(tmp_path: Path) -> None:
    """What is not there was not changed; rows are known by their numbers."""

    def edit(book: Any) -> None:
        book["to mend"].delete_rows(2)
        book["all rows"].row_dimensions[3].hidden = True
        book["all rows"].move_range("A3:Z3", rows=10)

    assert given_back(tmp_path, edit).name == "all rows"


def test_worksheets_may_be_renamed_hidden_or_left_alone(tmp_path: Path) -> None:
    """They are known by their columns; of a workbook with one of them, that one is read."""

    def rename(book: Any) -> None:
        book["to mend"].title, book["all rows"].title = "Mine", "Alle"
        put(book["Mine"], 3, "Name", "Bob")

    assert given_back(tmp_path, rename).name == "Mine"

    def only(book: Any) -> None:
        del book["all rows"], book["summary"]

    sheet = given_back(tmp_path, only)
    assert (sheet.name, names(sheet)) == ("to mend", {"3": "=Bob", "4": "'=Cal"})


def test_worksheets_may_change_places(tmp_path: Path) -> None:
    """What was changed in the one of all rows is read where that is the last, too."""

    def edit(book: Any) -> None:
        book.move_sheet("to mend", -1)
        put(book["all rows"], 3, "Name", "Bob")

    sheet = given_back(tmp_path, edit)
    assert (sheet.name, names(sheet)["3"]) == ("all rows", "Bob")


def test_a_mended_row_under_a_number_of_no_row_is_not_lost(tmp_path: Path) -> None:
    """Somebody typed over the number of the row, too: the worksheet is read, and its reader tells of the number."""

    def edit(book: Any) -> None:
        put(book["to mend"], 3, "Name", "Bob")
        put(book["to mend"], 3, "dialer_row", 99)

    assert given_back(tmp_path, edit).name == "to mend"


def test_a_worksheet_that_the_campaign_names_is_read(tmp_path: Path) -> None:
    """Where somebody says which one, nobody guesses."""
    write_table(tmp_path / "r.xlsx", HEADER, ROWS)
    named = OPTIONS.model_copy(update={"sheet": "to mend"})

    assert open_sheet(tmp_path / "r.xlsx", reading_of(tmp_path / "r.xlsx", named)).name == "to mend"
