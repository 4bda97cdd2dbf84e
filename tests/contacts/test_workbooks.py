"""Workbooks are checked before they are parsed, and their cells come out as a person sees them."""

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from dialer.contacts.workbooks import MAX_UNZIPPED_BYTES, cell_text, check_workbook, choose_worksheet
from dialer.errors import SheetError

BOOK = Path("people.xlsx")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"),
        (14155550123, "14155550123"),
        (14155550123.0, "14155550123"),
        (12.5, "12.5"),
        (1e-7, "0.0000001"),
        (1e17, "100000000000000000"),
        (True, "TRUE"),
        (False, "FALSE"),
        (datetime(2026, 12, 1), "2026-12-01"),  # noqa: DTZ001 - a cell has no zone
        (datetime(2026, 12, 1, 9, 30), "2026-12-01T09:30:00"),  # noqa: DTZ001 - a cell has no zone
        (date(2026, 12, 1), "2026-12-01"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=30, seconds=5), "30:00:05"),
    ],
)
def test_cells_become_the_text_a_person_sees(value: Any, text: str) -> None:
    """Whole numbers have no fraction, dates are ISO, and nothing has an exponent."""
    assert cell_text(value) == text


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


def test_a_whole_workbook_passes(tmp_path: Path) -> None:
    """An ordinary workbook is let through."""
    book = Workbook()
    book.active.append(["name", "phone"])
    book.save(tmp_path / "people.xlsx")

    check_workbook(tmp_path / "people.xlsx")


def test_a_cut_or_altered_workbook_is_refused(tmp_path: Path) -> None:
    """Cut short anywhere, or with one byte of its content changed, it is told to be damaged."""
    path = tmp_path / "people.xlsx"
    book = Workbook()
    for number in range(50):
        book.active.append([f"name {number}", number])
    book.save(path)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
    inside = sheet.header_offset + 30 + len(sheet.filename) + sheet.compress_size // 2
    damaged = [whole[:cut] for cut in (1, 100, len(whole) // 2, len(whole) - 30)]
    damaged.append(whole[:inside] + bytes([whole[inside] ^ 0xFF]) + whole[inside + 1 :])

    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(SheetError, match="is not a whole workbook"):
            check_workbook(path)


def test_a_protected_or_old_workbook_is_told_apart(tmp_path: Path) -> None:
    """An encrypted workbook is no zip but the older container; the message says what to do."""
    path = tmp_path / "people.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))

    with pytest.raises(SheetError, match="password"):
        check_workbook(path)


def test_a_zip_bomb_is_refused_unread(tmp_path: Path) -> None:
    """A small file that would unzip to very much is refused by its directory."""
    path = tmp_path / "people.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(70 << 20))

    with pytest.raises(SheetError, match="times its size"):
        check_workbook(path)


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """A directory that states a smaller size than the content has is found out while unzipping."""
    path = tmp_path / "people.xlsx"
    size = 1 << 20
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(size))
    content = path.read_bytes()
    path.write_bytes(content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))

    with pytest.raises(SheetError, match="is not a whole workbook"):
        check_workbook(path)


def test_a_stray_cell_far_out_is_refused(tmp_path: Path) -> None:
    """One forgotten cell in the last corner would make billions of cells; the span is told instead."""
    path = tmp_path / "people.xlsx"
    book = Workbook()
    book.active["A1"] = "name"
    book.active["XFD1048576"] = " "
    book.save(path)

    with pytest.raises(SheetError, match="1,048,576 rows and 16,384 columns"):
        check_workbook(path)


def test_the_limit_leaves_room_for_a_million_rows() -> None:
    """83 MB of XML were measured for a million short rows: the limit is well above."""
    assert MAX_UNZIPPED_BYTES > 10 * 83_000_000
