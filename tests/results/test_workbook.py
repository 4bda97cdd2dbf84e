"""Promises about the workbook of results: made for people, safe to open, and a sheet that can be given back."""

import shutil
import subprocess
from datetime import datetime
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.campaign.tables import Contacts
from dialer.errors import ResultsNotWritten, UsageError
from dialer.ledger.row_reports import CallEnd, RowReport
from dialer.reasons import Reason, Status
from dialer.results.table import write_table
from dialer.results.workbook import MAX_ROWS, write_workbook
from dialer.sheets.own_files import reading_of
from dialer.sheets.results_format import AS_WRITTEN, COLUMNS
from dialer.sheets.sheet import open_sheet

HEADER = ("Name", "Mobile", "Balance", "Renews")
ENDED = CallEnd("completed", "ENDED_NORMALLY", 57.5, 1_800_000_060_387, "https://example.com/a.mp3", {"said": "=1+1"})


def report(row: int, *cells: str, status: Status = Status.CREATED, reason: str = "") -> RowReport:
    """Return a row of the results with everything in it."""
    return RowReport(
        row=row,
        cells=cells,
        status=status,
        reason=reason,
        message="A sentence.",
        call_id=f"id-{row}",
        phone="+12025550123",
        slot_ms=1_800_000_000_387,
        attempts=2,
        submitted_at_ms=1_799_999_000_000,
        end=ENDED if status == Status.CREATED else None,
    )


PEOPLE = [
    report(2, "Ada", "+12025550123", "120.5", "2026-12-01"),
    report(3, "=1+1", "2025550123", "48", "01.12.2026", status=Status.REJECTED, reason=Reason.PHONE_INVALID),
    report(4, "Cal", "2025550123", "007", "", status=Status.FAILED, reason="api_400"),
    report(5, "Dee", "2025550123", "0.30", "", status=Status.SKIPPED, reason=Reason.ALREADY_CREATED),
    report(6, "Eve", "2025550123", "-12", "", status=Status.UNKNOWN, reason=Reason.TWO_MATCHES),
]


def book_of(folder: Path, rows: list[RowReport] = PEOPLE) -> Any:
    """Write the workbook and open it as another program sees it."""
    write_table(folder / "r.xlsx", HEADER, rows, result_columns=("said",))
    return openpyxl.load_workbook(folder / "r.xlsx")


def by_header(sheet: Any, row: int) -> dict[str, Any]:
    """Return the cells of a row by their headers."""
    return {sheet.cell(1, column).value: sheet.cell(row, column) for column in range(1, sheet.max_column + 1)}


def test_cells_have_types_where_that_loses_nothing(tmp_path: Path) -> None:
    """Numbers and days can be summed and sorted, instants are dates; a number to dial is a text, and so is 007."""
    sheet = book_of(tmp_path)["all rows"]
    ada, cal = by_header(sheet, 2), by_header(sheet, 4)

    assert (ada["Balance"].value, ada["Renews"].value) == (120.5, datetime(2026, 12, 1))  # noqa: DTZ001 - a cell's
    assert (ada["Mobile"].value, ada["dialer_phone"].value) == ("+12025550123",) * 2
    assert (cal["Mobile"].value, cal["Balance"].value) == ("2025550123", "007")
    assert (ada["dialer_row"].value, ada["dialer_attempts"].value, ada["dialer_call_duration_seconds"].value) == (
        2,
        2,
        57.5,
    )
    assert ada["dialer_call_ended_at"].value.isoformat(timespec="milliseconds") == "2027-01-15T08:01:00.387"
    assert ada["Mobile"].number_format == "@", "typed over, a number would lose its +"


def test_amounts_and_dates_can_be_added_up_and_sorted(tmp_path: Path) -> None:
    """They were read as they are shown in a sheet: their look is that again, in cells of numbers and days."""
    rows = [report(2, "Ada", number, "$1,234.50", "01.12.2026") for number in ("12.50", "2025550123")]
    cells = by_header(book_of(tmp_path, rows)["all rows"], 2)

    assert (cells["Balance"].value, cells["Balance"].number_format) == (1234.5, '"$"#,##0.00')
    assert (cells["Renews"].value, cells["Renews"].number_format) == (datetime(2026, 12, 1), "dd.mm.yyyy")  # noqa: DTZ001 - a cell's
    assert cells["Mobile"].value == "12.50", "a column of numbers to dial holds texts alone"


@pytest.mark.parametrize("name", ["all rows", "to mend"])
def test_a_worksheet_is_ready_to_be_worked_in(tmp_path: Path, name: str) -> None:
    """The header stays in sight, each column has its filter and a width that shows what is in it."""
    sheet = book_of(tmp_path)[name]
    widths = {sheet.cell(1, index).value: sheet.column_dimensions for index in range(1, sheet.max_column + 1)}

    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{openpyxl.utils.get_column_letter(sheet.max_column)}{sheet.max_row}"
    assert all(dimension.width >= 9 for dimension in sheet.column_dimensions.values())
    assert "dialer_message" in widths


def test_a_status_is_a_word_on_a_colour_of_its_own(tmp_path: Path) -> None:
    """Whoever sees no colours, or prints it, reads the same."""
    sheet = book_of(tmp_path)["all rows"]
    cells = [by_header(sheet, row)["dialer_status"] for row in range(2, 7)]

    assert [cell.value for cell in cells] == ["created", "rejected", "failed", "skipped", "unknown"]
    assert len({cell.fill.fgColor.rgb for cell in cells}) == 5


def test_what_could_run_is_a_text_without_a_visible_apostrophe(tmp_path: Path) -> None:
    """It stays one when its cell is edited, because the cell is marked so."""
    sheet = book_of(tmp_path)["all rows"]
    cells = [by_header(sheet, 3)["Name"], by_header(sheet, 2)["dialer_result_said"]]

    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells] == [("=1+1", "s", True)] * 2


def test_only_rows_for_a_person_are_to_be_mended_each_with_what_to_do(tmp_path: Path) -> None:
    """Failed, rejected and unknown ones, with the remedy beside the reason, before the columns to mend."""
    sheet = book_of(tmp_path)["to mend"]
    rows = [by_header(sheet, row) for row in range(2, sheet.max_row + 1)]

    assert [row["dialer_row"].value for row in rows] == [3, 4, 6]
    assert rows[0]["dialer_remedy"].value == "Write the whole number with + and the country code."
    assert all(row["dialer_remedy"].value for row in rows)
    assert [cell.value for cell in sheet[1]][:6] == [
        "dialer_row",
        "dialer_reason",
        "dialer_message",
        "dialer_remedy",
        "Name",
        "Mobile",
    ]


def test_what_is_wrong_and_what_to_do_are_read_whole(tmp_path: Path) -> None:
    """Long sentences go on in the next line of their cell, and the rest of the row stands beside the first."""
    long = PEOPLE[1]._replace(message="What is wrong with it. " * 10)
    sheet = book_of(tmp_path, [long])["to mend"]
    bob = by_header(sheet, 2)
    assert sheet.row_dimensions[2].height >= 15 * len(long.message) / 60
    assert {name for name, cell in bob.items() if cell.alignment.wrap_text} == {"dialer_message", "dialer_remedy"}
    assert {cell.alignment.vertical for cell in bob.values() if cell.value is not None} == {"top"}


def test_the_summary_counts_and_says_how_to_go_on(tmp_path: Path) -> None:
    """Every status and reason with its rows, and the command that takes the file back."""
    lines = [[cell.value for cell in row] for row in book_of(tmp_path)["summary"].iter_rows()]

    assert ["rejected", 1, "cannot be called as written: mend the row", None] in lines
    assert [line[:2] for line in lines if line[0] == "two_matches"] == [["two_matches", 1]]
    assert "dialer retry CAMPAIGN --from FILE" in lines[-1][0]


STARTS = ["=", "+", "-", "@", "'", "''", "\t", "\r", "\n", " ", "\uff1d", "\uff20", "'=", "'+", " '=", "'\t=", '"', "%"]
UNSAFE = ["".join(parts) for parts in product(STARTS, ["1+1", "x", "SUM(1,1)", "'", "12025550199"])]
"""Texts that begin as a formula may, or as what keeps one from being one."""


def first_cells(path: Path) -> list[str]:
    """Return the texts of the first column of results, as a campaign reads them."""
    return [row.cells[0] for row in open_sheet(path, reading_of(path, Contacts())).rows()]


def test_a_text_is_written_as_it_is_whatever_it_begins_with(tmp_path: Path) -> None:
    """No apostrophe is put before it, as it is no formula in a cell of text; none that it begins with is taken off."""
    rows = [report(number, text, "2025550123", "1", "") for number, text in enumerate(UNSAFE, start=2)]
    column = book_of(tmp_path, rows)["all rows"]["A"][1:]

    assert [cell.value.replace("_x000D_", "\r") for cell in column] == UNSAFE
    assert {cell.data_type for cell in column} == {"s"}
    assert first_cells(tmp_path / "r.xlsx") == UNSAFE


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs", "Cc"]), max_size=12)
CELL = st.one_of(
    TEXT,
    st.builds(str.__add__, st.sampled_from(STARTS), TEXT),
    st.sampled_from(["=1+1", "'=1+1", "''=1", "@x", "-1", "+1-1", "<r>x</r", "_x0041_", " ", "\ta", "a\nb", "TRUE"]),
    st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,5})?", fullmatch=True),
    st.dates().map(str),
    st.dates().map(lambda day: f"{day:%d.%m.%Y}"),
    st.decimals(-(10**9), 10**9, places=2).map(lambda amount: f"${amount:,}"),
    st.integers(0, 99).map(lambda last: f"+12025550{100 + last}"),
    st.integers(0, 99).map(lambda last: f"2025550{100 + last}"),
)


@pytest.mark.slow
@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(cells=st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=8))
def test_a_workbook_reads_as_its_csv(tmp_path: Path, cells: list[tuple[str, ...]]) -> None:
    """Cell by cell, as they are shown: amounts and dates with the look that they had."""
    rows = [report(number, *row) for number, row in enumerate(cells, start=2)]
    read = []
    for suffix in ("csv", "xlsx"):
        write_table(tmp_path / f"r.{suffix}", HEADER, rows, result_columns=("said",))
        sheet = open_sheet(tmp_path / f"r.{suffix}", reading_of(tmp_path / f"r.{suffix}", Contacts()))
        width = len([name for name in sheet.header if name != AS_WRITTEN])  # the last, of a workbook alone
        read.append((sheet.header[:width], [row.cells[:width] for row in sheet.rows(frozenset())]))

    assert read[0] == read[1]


def test_more_rows_than_a_worksheet_holds_are_refused() -> None:
    """None is left out in silence; Excel's last row is 1,048,576 (its "specifications and limits")."""
    names = ["Name", *COLUMNS]
    line = ["Ada", 2, "created", *[""] * (len(COLUMNS) - 2)]

    write_workbook(BytesIO(), names, iter([line] * 4), max_rows=5)
    with pytest.raises(UsageError, match=r"at most 4 rows.*\.csv"):
        write_workbook(BytesIO(), names, iter([line] * 5), max_rows=5)
    assert MAX_ROWS == 1_048_576


def test_a_disk_that_refuses_is_told_as_such(tmp_path: Path) -> None:
    """The old file stays, and the message says that nothing is lost."""
    (tmp_path / "results").write_text("no folder", "utf-8")

    with pytest.raises(ResultsNotWritten, match="Nothing is lost"):
        write_table(tmp_path / "results" / "r.xlsx", HEADER, PEOPLE)


def test_a_disk_that_is_full_is_an_error_of_the_disk() -> None:
    """Whatever the library that writes calls it."""
    with Path("/dev/full").open("r+b", buffering=0) as full, pytest.raises(OSError, match="No space"):
        write_workbook(full, ["Name", *COLUMNS], iter([]))


def test_a_text_that_looks_like_markup_is_held_as_text(tmp_path: Path) -> None:
    """It is no rich text of ours: what stands in it runs nowhere, and breaks nothing."""
    sheet = book_of(tmp_path, [report(2, "<r><t>x</t></r>", "<is>", "&amp;", "]]>")])["all rows"]

    assert [by_header(sheet, 2)[name].value for name in HEADER] == ["<r><t>x</t></r> ", "<is>", "&amp;", "]]>"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_evaluates_nothing(tmp_path: Path) -> None:
    """Opened and saved by another program, as CSV or as a workbook, every text is the one that was written."""
    rows = [report(number, text, "2025550123", "1", "") for number, text in enumerate(UNSAFE, start=2)]
    write_table(tmp_path / "r.xlsx", HEADER, rows)
    office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to"]
    for shape in ("csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true", "xlsx"):
        subprocess.run(
            [*office, shape, "--outdir", str(tmp_path / "saved"), str(tmp_path / "r.xlsx")],
            check=True,
            capture_output=True,
            timeout=100,
        )

    assert first_cells(tmp_path / "saved" / "r.csv") == UNSAFE
    assert first_cells(tmp_path / "saved" / "r.xlsx") == UNSAFE
