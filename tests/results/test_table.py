"""Promises about the results file: every row, in order, whole, safe to open, valid to read again."""

import csv
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from dialer.campaign.file import parse_campaign
from dialer.campaign.tables import Contacts
from dialer.contacts.contact import Contact
from dialer.contacts.loader import load_contacts
from dialer.errors import ResultsNotWritten, UsageError
from dialer.ledger.choices.own_choices import Choice
from dialer.ledger.row_reports import CallEnd, RowReport
from dialer.reasons import Reason, Status
from dialer.results.table import column_of, refuse_format, write_table
from dialer.sheets.results_format import COLUMNS
from dialer.sheets.sheet import open_sheet
from tests.support import NOON_MS

HEADER = ("Name", "Phone")
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n", exclude_categories=["Cs", "Cc"]), max_size=20)


def report(row: int, *cells: str, status: Status = Status.CREATED) -> RowReport:
    """Return a row of the results with everything in it."""
    return RowReport(
        row=row,
        cells=cells,
        status=status,
        reason=Reason.WAITING if status == Status.PENDING else "",
        message="A sentence.",
        call_id=f"id-{row}",
        phone="+12025550123",
        slot_ms=1_800_000_000_387,
        attempts=1,
        submitted_at_ms=1_799_999_000_000,
        choice=Choice("template-1", "+12025550199"),
    )


def read_csv(path: Path) -> list[list[str]]:
    """Read every cell of a CSV file."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def test_the_sheets_own_columns_come_first_then_ours(tmp_path: Path) -> None:
    """A person finds her own sheet again, with our columns to the right of it."""
    write_table(tmp_path / "r.csv", HEADER, [report(2, "Ada", "202 555 0123")])

    header, line = read_csv(tmp_path / "r.csv")
    assert header == [*HEADER, *COLUMNS]
    assert line == [
        "Ada", "202 555 0123", "2", "created", "", "A sentence.", "id-2", "+12025550123", "Phone",
        "2027-01-15T08:00:00.387Z", "1", "2027-01-15T07:43:20.000Z", "template-1", "+12025550199", "", "", "", "", "",
    ]  # fmt: skip


def test_how_the_call_ended_stands_behind_with_a_column_for_each_value(tmp_path: Path) -> None:
    """The API's words, then what the call has brought back; a row whose call brought nothing has empty cells."""
    end = CallEnd("completed", "ENDED_NORMALLY", 57.0, 1_800_000_060_000, "https://example.com/a.mp3", {"said": "=1+1"})
    rows = [report(2, "Ada", "1")._replace(end=end), report(3, "Bob", "2")]
    write_table(tmp_path / "r.csv", HEADER, rows, result_columns=("said", "interested"))

    header, ada, bob = read_csv(tmp_path / "r.csv")
    assert header == [*HEADER, *COLUMNS, "dialer_result_said", "dialer_result_interested"]
    told = ["completed", "ENDED_NORMALLY", "57", "2027-01-15T08:01:00.000Z", "https://example.com/a.mp3"]
    assert ada[-7:] == [*told, "'=1+1", ""]
    assert bob[-7:] == [""] * 7


def test_columns_of_earlier_results_are_replaced(tmp_path: Path) -> None:
    """A results file that was run again does not grow a second set of our columns."""
    header = ("Name", "dialer_row", "dialer_status", "Phone", "dialer_result_said")
    write_table(tmp_path / "r.csv", header, [report(2, "Ada", "9", "failed", "202 555 0123", "hello")])

    assert read_csv(tmp_path / "r.csv")[0] == ["Name", "Phone", *COLUMNS]


def test_xlsx_holds_the_same_as_text(tmp_path: Path) -> None:
    """In a workbook nothing is a formula, the number keeps its +, and control characters do not spoil the file."""
    write_table(tmp_path / "r.xlsx", HEADER, [report(2, "=1+1", "+12025550123"), report(3, "a\x01b", "x" * 40_000)])

    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    assert sheet is not None
    assert [(cell.value, cell.data_type) for cell in sheet[2]][:2] == [("=1+1", "s"), ("+12025550123", "s")]
    assert sheet["A3"].value == "ab"
    assert len(sheet["B3"].value) == 32_767


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_a_list_of_objects(tmp_path: Path, count: int) -> None:
    """Also for no row at all, the file is valid JSON."""
    write_table(tmp_path / "r.json", HEADER, [report(row, "Ada", "1") for row in range(count)])

    rows = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert [row["dialer_row"] for row in rows] == list(range(count))


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(cells=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8), suffix=st.sampled_from([".csv", ".xlsx"]))
def test_a_results_file_is_a_sheet_that_reads_back_as_it_was(
    tmp_path: Path, cells: list[tuple[str, str]], suffix: str
) -> None:
    """Every cell of every row survives being written and read, formulas and all; E.164 byte for byte."""
    cells = [*cells, ("=1+1", "'=1+1")]
    path = tmp_path / f"r{suffix}"
    write_table(path, HEADER, [report(row, *pair) for row, pair in enumerate(cells, start=2)])

    rows = [row.cells for row in open_sheet(path, Contacts()).rows()]
    assert [row[:2] for row in rows] == cells
    assert {row[2 + list(COLUMNS).index("dialer_phone")] for row in rows} == {"+12025550123"}


DIGITS = st.one_of(
    st.integers(0, 99).map(lambda last: f"+12025550{100 + last}"),
    st.integers(0, 999).map(lambda last: f"+442079460{last:03d}"),
    st.integers(0, 999).map(lambda last: f"+441134960{last:03d}"),
)


@pytest.mark.slow
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(numbers=st.lists(DIGITS, min_size=1, max_size=6, unique=True), ending=st.sampled_from([".csv", ".xlsx"]))
def test_numbers_survive_a_spreadsheet_program(tmp_path: Path, numbers: list[str], ending: str) -> None:
    """Whatever takes the `+` off every number and saves the file, the same people are called, and no other."""
    path = tmp_path / f"r{ending}"
    rows = [report(row, f"P{row}", phone)._replace(phone=phone) for row, phone in enumerate(numbers, start=2)]
    write_table(path, HEADER, rows)
    resave(path)

    columns = {"name": HEADER[0], "phone": HEADER[1]}
    contacts = {"file": path.name, "region": "US", "regions": ["US", "GB"], "columns": columns}
    loaded = load_contacts(parse_campaign({"contacts": contacts}, tmp_path / "spring.toml"), now_ms=NOON_MS)
    assert [judged.verdict.phone for judged in loaded.rows() if isinstance(judged.verdict, Contact)] == numbers


def resave(path: Path) -> None:
    """Do to a file what a spreadsheet program does: whatever looks like a number becomes one."""

    def reformat(cell: object) -> object:
        text = str(cell or "")
        return int(text) if text.removeprefix("+").isdecimal() and len(text) <= 15 else text

    if path.suffix == ".csv":
        lines = [[reformat(cell) for cell in line] for line in read_csv(path)]
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=";").writerows(lines)
    else:
        book = load_workbook(path)
        for cell in (cell for row in book.active.iter_rows() for cell in row):
            cell.value = reformat(cell.value)
        book.save(path)


def test_a_failure_leaves_the_old_file_whole(tmp_path: Path) -> None:
    """A reader never sees half a file, and nothing is left lying about."""

    def failing() -> Iterator[RowReport]:
        yield report(2, "New", "1")
        raise OSError(28, "No space left on device")

    path = tmp_path / "r.csv"
    write_table(path, HEADER, [report(2, "Old", "1")])
    with pytest.raises(ResultsNotWritten, match="the disk is full; make room there"):
        write_table(path, HEADER, failing())
    assert read_csv(path)[1][0] == "Old"
    assert [file.name for file in tmp_path.iterdir()] == ["r.csv"]


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    """0600 whatever the umask, also when it replaces a file that all may read."""
    path = tmp_path / "r.csv"
    path.write_text("old", "utf-8")
    path.chmod(0o644)
    before = os.umask(0)
    try:
        write_table(path, HEADER, [report(2, "Ada", "1")])
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_ending_that_means_nothing_is_refused(tmp_path: Path) -> None:
    """The endings that can be written are named."""
    with pytest.raises(UsageError, match=r"\.csv, \.xlsx, \.json"):
        write_table(tmp_path / "r.pdf", HEADER, [])


def test_a_folder_that_cannot_be_made_says_that_nothing_is_lost(tmp_path: Path) -> None:
    """The message points to the ledger and to the command that writes the file anew."""
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ResultsNotWritten, match="dialer results"):
        write_table(tmp_path / "file" / "r.csv", HEADER, [])


PHONE = "+14155550123"


@pytest.mark.parametrize(
    "text",
    [
        "+14155550123",
        "(415) 555-0123",
        "415.555.0123",
        "14155550123",
        "011 1 415 555 0123",
        "4155550123.0",
        "1.4155550123E10",
        "'4155550123",
        "415 555 0123 ",
        "\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff12\uff13",
    ],
)
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    """Its last digits tell, whatever stands between and before them."""
    assert column_of(PHONE, ["Ada 3", "415 555 0199", text, "123"]) == 2


def test_of_two_cells_with_one_number_the_first_is_told() -> None:
    """Both are it."""
    assert column_of(PHONE, ["", "415 555 0123", PHONE]) == 1


@pytest.mark.parametrize("cells", [(), ("",), ("Ada", "0123"), ("23",), ("415 555 0124",)])
def test_no_column_is_better_than_another_one(cells: tuple[str, ...]) -> None:
    """A row whose cells were changed since, or hold too few digits, tells none."""
    assert column_of(PHONE, cells) is None


def test_a_folder_is_no_place_for_results(tmp_path: Path) -> None:
    """It is told before anything is planned, with a name that would do."""
    (tmp_path / "results.csv").mkdir()
    with pytest.raises(
        UsageError, match=r"is a folder\. Name a file for the results, such as .*results.csv/results.csv"
    ):
        refuse_format(tmp_path / "results.csv")
