"""A sheet is opened when all of it can be read, and streams its rows with their numbers."""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.results_format import neutralise
from dialer.sheets.sheet import SheetRow, open_sheet


def _settings(**contacts: Any) -> Contacts:
    return Contacts.model_validate(contacts)


def _csv_file(folder: Path, text: str, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8", newline="")
    return path


def _workbook(folder: Path, rows: Sequence[Sequence[Any]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / "people.xlsx")
    return folder / "people.xlsx"


def _refusal(path: Path, **contacts: Any) -> str:
    with pytest.raises(SheetError) as caught:
        open_sheet(path, _settings(**contacts))
    return str(caught.value)


def test_rows_of_a_text_file(tmp_path: Path) -> None:
    """Headers are stripped, blank rows left out, and every row keeps its own number."""
    sheet = open_sheet(_csv_file(tmp_path, " name , phone \nAda,1\n\n , \nBob,2\n"), _settings())

    assert (sheet.name, sheet.header) == (None, ("name", "phone"))
    assert list(sheet.rows()) == [SheetRow(2, ("Ada", "1")), SheetRow(5, ("Bob", "2"))]


def test_rows_of_a_workbook(tmp_path: Path) -> None:
    """Cells come out as seen, missing ones empty; blank rows keep the numbers of the others true."""
    when = datetime(2026, 12, 1, 9, 30)  # noqa: DTZ001 - a cell has no zone
    rows: list[list[Any]] = [["name", "phone", "paid"], ["Ada", 14155550123, True], [], ["Bob"], ["Cid", "007", when]]
    sheet = open_sheet(_workbook(tmp_path, rows), _settings())

    assert (sheet.name, sheet.header) == ("Sheet", ("name", "phone", "paid"))
    assert list(sheet.rows()) == [
        SheetRow(2, ("Ada", "14155550123", "TRUE")),
        SheetRow(4, ("Bob", "", "")),
        SheetRow(5, ("Cid", "007", "2026-12-01T09:30:00")),
    ]


def test_ragged_rows_keep_their_cells(tmp_path: Path) -> None:
    """Cells beyond the header stay visible when they hold text; short rows of a text file stay short."""
    sheet = open_sheet(_csv_file(tmp_path, "a,b,\n1\n1,2,\n1,2,3\n1,2,,4\n"), _settings())

    assert [row.cells for row in sheet.rows()] == [("1",), ("1", "2"), ("1", "2", "3"), ("1", "2", "", "4")]


def test_a_stray_cell_makes_a_workbooks_row_ragged(tmp_path: Path) -> None:
    """A cell to the right of the headers marks its own row and no other."""
    sheet = open_sheet(_workbook(tmp_path, [["a", "b"], ["1", "2"], ["1", "2", None, "x"]]), _settings())

    assert [row.cells for row in sheet.rows()] == [("1", "2"), ("1", "2", "", "x")]


def test_the_header_may_stand_lower(tmp_path: Path) -> None:
    """Rows above the header are passed over, and numbers count from the first row of the file."""
    text = "Report\n\nname;phone\nAda;1\n"

    sheet = open_sheet(_csv_file(tmp_path, text), _settings(header_row=3))
    assert sheet.header == ("name", "phone")
    assert list(sheet.rows()) == [SheetRow(4, ("Ada", "1"))]
    book = open_sheet(_workbook(tmp_path, [["Report"], [], ["name", "phone"], ["Ada", "1"]]), _settings(header_row=3))
    assert list(book.rows()) == [SheetRow(4, ("Ada", "1"))]


def test_the_header_is_found_and_told(tmp_path: Path) -> None:
    """Under a title the header is found by itself, and a note says where; in the first row nothing has to be said."""
    found = open_sheet(_csv_file(tmp_path, "Report;\n\nname;phone\nAda;1\n"), _settings())

    assert (found.header_row, found.header) == (3, ("name", "phone"))
    assert list(found.rows()) == [SheetRow(4, ("Ada", "1"))]
    assert found.notes == ("The header is row 3; what stands above it is left out.",)
    assert open_sheet(_csv_file(tmp_path, "name;phone\nAda;1\n"), _settings()).notes == ()


def test_columns_without_header_and_text_are_blank(tmp_path: Path) -> None:
    """A sheet that begins in column B is read; one with text under an empty header is not blank there."""
    sheet = open_sheet(_csv_file(tmp_path, ",name,,phone\n,Ada,,1\n,Bob,x,2\n"), _settings())

    assert (sheet.header, sheet.blank) == (("", "name", "", "phone"), frozenset({0}))


@pytest.mark.parametrize("name", ["people.csv", "people.tsv", "people.txt", "PEOPLE.CSV"])
def test_text_files_have_several_endings(tmp_path: Path, name: str) -> None:
    """The delimiter is looked for whatever the name says."""
    assert open_sheet(_csv_file(tmp_path, "a;b\n1;2\n", name), _settings()).header == ("a", "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("name,phone\n", "there are no rows below the header"),
        ("name,phone\n\n , \n", "there are no rows below the header"),
        (",,\nname,phone\n", "there are no rows below the header (row 2)"),
        (",,\n\n", "row 1 holds no header"),
        ('name,phone\nAda,"1\nBob,2\n', "row 2"),
        ("name,phone\nA\0da,1\n", "line 2 holds NUL"),
    ],
)
def test_an_unusable_text_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """What cannot be read to its end is refused before the first row is used."""
    path = _csv_file(tmp_path, text)

    assert message in _refusal(path)
    assert str(path) in _refusal(path)


def test_a_header_row_beyond_the_end_is_refused(tmp_path: Path) -> None:
    """A wrong `header_row` is told as such."""
    assert "row 9 holds no header" in _refusal(_csv_file(tmp_path, "a,b\n1,2\n"), header_row=9)


def test_missing_and_strange_files_are_refused(tmp_path: Path) -> None:
    """No file, a folder and an unknown ending each get their own sentence."""
    (tmp_path / "folder.csv").mkdir()

    assert "no such file" in _refusal(tmp_path / "nowhere.csv")
    assert "is a folder" in _refusal(tmp_path / "folder.csv")
    assert ".csv, .tsv, .txt, .xlsx" in _refusal(_csv_file(tmp_path, "x", "people.pdf"))


@pytest.mark.parametrize("content", [b"not a zip", b"PK\x03\x04 cut", b"\xd0\xcf\x11\xe0 locked"])
def test_an_unreadable_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    """A text in disguise, a cut archive and an encrypted workbook all end as a `SheetError`."""
    path = tmp_path / "people.xlsx"
    path.write_bytes(content)

    assert str(path) in _refusal(path)


@pytest.mark.slow
def test_worksheets_are_chosen_and_listed(tmp_path: Path) -> None:
    """The first visible worksheet is read, another on request; empty and missing ones are refused."""
    book = Workbook()
    book.active.title = "Old"
    book.active.sheet_state = "hidden"
    book.active.append(["hidden", "x"])
    book.active.append(["1", "2"])
    for row in (["name", "phone"], ["Ada", "1"]):
        (book["New"] if "New" in book.sheetnames else book.create_sheet("New")).append(row)
    book.create_sheet("Empty")
    path = tmp_path / "people.xlsx"
    book.save(path)

    assert open_sheet(path, _settings()).name == "New"
    assert open_sheet(path, _settings(sheet="Old")).header == ("hidden", "x")
    assert 'there are: "Old" (hidden), "New", "Empty"' in _refusal(path, sheet="Newer")
    assert "row 1 holds no header" in _refusal(path, sheet="Empty")


@pytest.mark.parametrize("change", ["rewritten", "replaced", "removed"])
@pytest.mark.parametrize("moment", ["before", "during"])
def test_a_file_that_changes_is_refused(tmp_path: Path, change: str, moment: str) -> None:
    """A sheet saved, replaced or removed between opening and the last row is not used half and half."""
    path = _csv_file(tmp_path, "name,phone\nAda,1\nBob,2\n")
    sheet = open_sheet(path, _settings())
    rows = sheet.rows()
    if moment == "during":
        next(rows)
    if change == "rewritten":
        _csv_file(tmp_path, "name,phone\nAda,1\nBob,3\nCid,4\n")
    elif change == "replaced":
        _csv_file(tmp_path, "name,phone\nAda,1\nBob,3\n", "new.csv").replace(path)
    else:
        path.unlink()

    with pytest.raises(SheetError, match=r"was changed|no such file"):
        list(rows)


def test_the_fingerprint_tells_content_and_settings_apart(tmp_path: Path) -> None:
    """The same bytes read in the same way have one fingerprint, wherever they lie."""
    path, other = _csv_file(tmp_path, "a,b\n1,2\n"), _csv_file(tmp_path, "a,b\n1,3\n", "other.csv")
    copy = _csv_file(tmp_path, "a,b\n1,2\n", "copy.csv")
    first = open_sheet(path, _settings()).sha256

    assert open_sheet(copy, _settings()).sha256 == first
    assert open_sheet(other, _settings()).sha256 != first
    assert open_sheet(path, _settings(delimiter=",")).sha256 != first


def test_apostrophes_are_taken_off_results_files_only(tmp_path: Path) -> None:
    """What a results file added against formulas is undone; in any other sheet an apostrophe is the owner's."""
    results = _csv_file(tmp_path, "name,'=x,dialer_row\n'=1+1,'ok,2\n'''-2,+1,3\n")
    plain = _csv_file(tmp_path, "name,x\n'=1+1,'ok\n", "plain.csv")

    sheet = open_sheet(results, _settings())
    assert sheet.header == ("name", "=x", "dialer_row")
    assert [row.cells for row in sheet.rows()] == [("=1+1", "'ok", "2"), ("''-2", "+1", "3")]
    assert [row.cells for row in open_sheet(plain, _settings()).rows()] == [("'=1+1", "'ok")]


def test_a_sheet_may_be_empty_where_that_is_asked(tmp_path: Path) -> None:
    """A list that holds only its header has no rows and is no error for those who expect it."""
    sheet = open_sheet(_csv_file(tmp_path, "phone\n"), _settings(), may_be_empty=True)

    assert list(sheet.rows()) == []


@pytest.mark.parametrize("cell", ['="Anna"', "=1+1", '\'="Anna"', "Anna", '=""'])
def test_a_results_file_gives_back_every_cell(tmp_path: Path, cell: str) -> None:
    """What looks like a text written as a formula is told from one by the apostrophe that was put before it."""
    path = tmp_path / "results.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([["Name", "dialer_row"], [neutralise(cell), "2"]])
    assert [row.cells for row in open_sheet(path, _settings()).rows()] == [(cell, "2")]
