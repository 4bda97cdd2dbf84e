"""What could fill the memory or the time is refused before a workbook is parsed."""

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer.errors import SheetError
from dialer.sheets.workbooks.safety_check import MAX_OLD_BYTES, MAX_PARTS, MAX_UNZIPPED_BYTES, check_workbook


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


@pytest.mark.slow
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


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "content.xml", "xl/_rels/a.rels"])
@pytest.mark.parametrize("seam", [0, (1 << 20) - 4])
def test_entities_are_refused(tmp_path: Path, part: str, seam: int) -> None:
    """A billion laughs and a quadratic blow-up both begin by declaring an entity; no spreadsheet program does."""
    path = tmp_path / "people.xlsx"
    laughs = b'<?xml version="1.0"?>' + b" " * seam + b'<!DOCTYPE lolz [<!ENTITY lol "lol">]><lolz>&lol;</lolz>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, laughs)

    with pytest.raises(SheetError, match="declares XML entities"):
        check_workbook(path)


@pytest.mark.slow
def test_a_workbook_of_very_many_parts_is_refused(tmp_path: Path) -> None:
    """A million empty parts would take minutes to list."""
    path = tmp_path / "people.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MAX_PARTS + 1):
            archive.writestr(f"{number}", b"")

    with pytest.raises(SheetError, match="10,001 parts; at most 10,000"):
        check_workbook(path)


def test_cells_that_an_ods_repeats_are_counted(tmp_path: Path) -> None:
    """A few bytes that say "this cell, ten billion times" are refused before anybody writes them out."""
    path = tmp_path / "people.ods"
    row = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="float"'
        ' office:value="1" table:number-columns-repeated="10000"/></table:table-row>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", f'<d xmlns:table="t" xmlns:office="o"><table:table>{row}</table:table></d>')

    with pytest.raises(SheetError, match="1,000,000 rows and 10,000 columns"):
        check_workbook(path)


def test_an_xlsb_with_a_far_cell_is_refused(tmp_path: Path) -> None:
    """Its parser would ask for 400 GB for the rectangle, and end the process."""
    path = tmp_path / "people.xlsb"
    row = bytes([0, 4]) + (1_048_575).to_bytes(4, "little")
    cell = bytes([2, 4]) + (16_383).to_bytes(4, "little")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.bin", bytes([0x91, 1, 0]) + row + cell)

    with pytest.raises(SheetError, match="1,048,576 rows and 16,384 columns"):
        check_workbook(path)


def test_a_worksheet_that_gives_a_cell_twice_is_refused(tmp_path: Path) -> None:
    """One program shows the first value, another the second: nobody is called by either."""
    path = tmp_path / "people.xlsx"
    cells = '<c r="A2"><v>2025550143</v></c><c r="A2"><v>2025550199</v></c>'
    with zipfile.ZipFile(path, "w") as archive:
        rows = f'<worksheet><sheetData><row r="2">{cells}</row></sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", rows)

    with pytest.raises(SheetError, match=r"sheet1\.xml holds the cell A2 after the column 1 .* save it again as .xlsx"):
        check_workbook(path)


def test_a_very_large_old_workbook_is_refused(tmp_path: Path) -> None:
    """An .xls holds 65,536 rows: one of gigabytes is something else. The file is sparse and takes no disk."""
    path = tmp_path / "people.xls"
    with path.open("wb") as file:
        file.write(b"\xd0\xcf\x11\xe0")
        file.truncate(MAX_OLD_BYTES + 1)

    with pytest.raises(SheetError, match="at most 268,435,456 bytes"):
        check_workbook(path)


@pytest.mark.parametrize(
    ("row", "address", "span"),
    [
        ("1048577", "A1048577", "1,048,577 rows and 1"),
        ("1", "XFE1", "1 rows and 16,385"),
        ("4294967295", "A4294967295", "4,294,967,295 rows"),
    ],
)
def test_a_cell_beyond_every_worksheet_is_refused(tmp_path: Path, row: str, address: str, span: str) -> None:
    """No program shows it, and a few bytes would take a reader minutes."""
    path = tmp_path / "people.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        rows = f'<row ht="15" r="{row}"><c r="{address}"><v>1</v></c></row>'
        content = f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", content)

    with pytest.raises(SheetError, match=span):
        check_workbook(path)


def test_a_part_in_an_encoding_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    """Found by fuzzing: the parser looks the name of an encoding up like that of a key."""
    path = tmp_path / "people.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", '<?xml version="1.0" encoding="x"?><a/>')

    with pytest.raises(SheetError, match="is not a whole workbook"):
        check_workbook(path)


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "XL/Worksheets/sheet1.xml", "xl\\worksheets\\sheet1.xml"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused(tmp_path: Path, name: str) -> None:
    """Which of the two worksheets is read depends on the program, and so does who is called."""
    path = tmp_path / "people.xlsx"
    Workbook().save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "<worksheet/>")
    with pytest.raises(SheetError, match=r"sheet1\.xml 2 times"):
        check_workbook(path)


def test_entities_in_letters_of_two_bytes_are_refused(tmp_path: Path) -> None:
    """UTF-16 hides them from nobody."""
    path = tmp_path / "people.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", '<!DOCTYPE a [<!ENTITY n "9">]><a>&n;</a>'.encode("utf-16"))
    with pytest.raises(SheetError, match="declares XML entities"):
        check_workbook(path)
