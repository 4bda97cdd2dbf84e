"""A worksheet is chosen aloud."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer.errors import SheetError
from dialer.sheets.workbooks.worksheet import choose_worksheet, open_worksheet
from tests.sheets.xlsb import write_xlsb

FILES = Path(__file__).parents[1] / "files"

BOOK = Path("people.xlsx")

SHEETS = [("Secret", False), ("People", True), ("Notes", True)]


@pytest.mark.parametrize(
    ("wanted", "name"), [(None, "People"), (1, "People"), (2, "Notes"), ("Notes", "Notes"), ("Secret", "Secret")]
)
def test_a_worksheet_is_chosen_among_the_visible(wanted: str | int | None, name: str) -> None:
    """The first visible one, or the one asked for; a hidden one only by its name."""
    assert choose_worksheet(BOOK, SHEETS, wanted) == name


@pytest.mark.parametrize("wanted", ["people", 3, 0, "X"])
def test_a_missing_worksheet_is_answered_with_those_there_are(wanted: str | int) -> None:
    """No worksheet is taken in the place of another."""
    with pytest.raises(SheetError, match=r'"Secret" \(hidden\), "People", "Notes"'):
        choose_worksheet(BOOK, SHEETS, wanted)


def test_a_workbook_with_hidden_worksheets_only_has_none() -> None:
    """What its owner hid is not read unasked."""
    with pytest.raises(SheetError, match="visible"):
        choose_worksheet(BOOK, [("Secret", False)], None)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["libreoffice.xls", "libreoffice.ods", "openpyxl.xlsx"])
def test_a_workbook_cut_anywhere_is_refused(tmp_path: Path, name: str) -> None:
    """Found by fuzzing: the parser of .xls ends in a panic, which is no exception, on a file that is cut short."""
    whole = (FILES / name).read_bytes()
    path = tmp_path / name
    for end in range(1, len(whole) - 1, len(whole) // 10):
        path.write_bytes(whole[:end])
        with pytest.raises(SheetError, match=r"is not a whole workbook|password"):
            list(open_worksheet(path, None).records(None))


def test_rows_and_columns_before_the_first_cell_count(tmp_path: Path) -> None:
    """A sheet that begins at C4 has empty cells before: addresses stay those of the spreadsheet program."""
    book = Workbook()
    book.active["C4"] = "name"
    book.active["D6"] = 1.5
    book.active["D6"].number_format = "0.00"
    book.save(tmp_path / "people.xlsx")
    sheet = open_worksheet(tmp_path / "people.xlsx", None)

    assert [record[:2] for record in sheet.records(frozenset())] == [
        (1, ["", "", "", ""]),
        (2, ["", "", "", ""]),
        (3, ["", "", "", ""]),
        (4, ["", "", "name", ""]),
        (5, ["", "", "", ""]),
        (6, ["", "", "", "1.50"]),
    ]
    assert list(sheet.records(frozenset({3})))[5][:2] == (6, ["", "", "", "1.5"])
    assert list(sheet.records(None))[5][:2] == (6, ["", "", "", "1.5"])


def test_formats_stay_with_their_rows(tmp_path: Path) -> None:
    """The two libraries walk the same rows: blank ones between do not shift a format to another cell."""
    book = Workbook()
    rows = [1, 2, 5, 9]
    for row in rows:
        book.active.cell(row, 1, row / 2)
        book.active.cell(row, 1).number_format = f"0.{'0' * row}"
    book.save(tmp_path / "people.xlsx")

    told = {
        number: cells[0] for number, cells, _ in open_worksheet(tmp_path / "people.xlsx", None).records(frozenset())
    }
    assert {row: told[row] for row in rows} == {row: f"{row / 2:.{row}f}" for row in rows}


def test_other_worksheets_are_told_aloud() -> None:
    """Which one is read, and which are not, hidden ones among them."""
    notes = open_worksheet(FILES / "openpyxl.xlsx", None).notes

    assert len(notes) == 1
    assert notes[0].startswith('The worksheet "People" is read and no other; there are also: "Old" (hidden).')
    assert open_worksheet(FILES / "xlsxwriter.xlsx", None).notes == ()
    assert open_worksheet(FILES / "openpyxl.xlsx", "Old").name == "Old"


def test_a_text_with_nul_characters_is_refused(tmp_path: Path) -> None:
    """Some programs write a flag so that every letter is read as two, the second one NUL."""
    path = write_xlsb(tmp_path / "people.xlsb", {"People": [("Name", "Phone"), ("A\0d\0a\0", "+14155550100")]})
    with pytest.raises(SheetError, match=r'worksheet "People": row 2 holds NUL'):
        list(open_worksheet(path, None).records(None))


def test_a_number_that_makes_no_time_is_not_told_as_damage(tmp_path: Path) -> None:
    """A telephone number in the format of hours is longer than any time that a program keeps."""
    book = Workbook()
    book.active.append(["Phone"])
    book.active.append([4155550100])
    book.active["A2"].number_format = "[h]:mm"
    book.save(tmp_path / "people.xlsx")
    with pytest.raises(SheetError, match="too large for the time or date that its number format makes of it"):
        list(open_worksheet(tmp_path / "people.xlsx", None).records(None))
