"""A workbook that would take all memory is tried where that ends nobody but the one who tries."""

import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer.errors import SheetError
from dialer.sheets.workbooks.subprocess_trial import MAX_BYTES, can_be_read
from dialer.sheets.workbooks.worksheet import open_worksheet

FILES = Path(__file__).parents[1] / "files"


@pytest.mark.slow
def test_an_endless_workbook_is_refused_in_bounded_memory() -> None:
    """Found by fuzzing: three kilobytes that grow without end. It is refused, and no process takes more."""
    with pytest.raises(SheetError, match="or takes more than 2 GiB"):
        open_worksheet(FILES / "fuzz-endless.xls", None)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= MAX_BYTES


@pytest.mark.parametrize("name", ["libreoffice.xls", "libreoffice.ods"])
def test_a_good_workbook_passes(name: str) -> None:
    """What a real program wrote is read."""
    assert can_be_read(FILES / name)


def test_what_is_no_workbook_does_not(tmp_path: Path) -> None:
    """A parser that ends with an error is as good as one that ends badly."""
    path = tmp_path / "people.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000))
    assert not can_be_read(path)


CRAFTED = {
    "a row of eleven digits": '<row r="99999999999"><c t="inlineStr"><is><t>x</t></is></c></row>',
    "a row of ten digits": '<row r="4294967295"><c><v>1</v></c></row>',
    "a row of seven digits": '<row r="9999999"><c r="XFD9999999"><v>1</v></c></row>',
    "the row 0": '<row r="0"><c r="A0"><v>1</v></c></row>',
    "a row below 0": '<row r="-1"><c><v>1</v></c></row>',
    "a row with a space before it": '<row spans="1:1" r=" 99999999999"><c><v>1</v></c></row>',
    "a cell far down": '<row r="2"><c r="A99999999999"><v>1</v></c></row>',
    "a cell far right": '<row r="2"><c r="ZZZZZZZZ2"><v>1</v></c></row>',
    "a cell without a row": '<row r="2"><c r="A"><v>1</v></c></row>',
    "a text that is not there": '<row r="2"><c r="A2" t="s"><v>99999999999</v></c></row>',
    "a style that is not there": '<row r="2"><c r="A2" s="99999999999"><v>1</v></c></row>',
    "another row's end": "</row></sheetData><sheetData>",
}
_READ_EACH = """
import sys
from pathlib import Path
from dialer.campaign.tables import Contacts
from dialer.contacts.suppression_files import read_suppressed
from dialer.errors import SheetError
from dialer.sheets.sheet import open_sheet
for path in map(Path, sys.argv[1:]):
    try:
        list(open_sheet(path, Contacts(region="US")).rows())
    except SheetError:
        pass
    read_suppressed([path], Contacts(region="US"))
    print(path.stem, flush=True)
"""


@pytest.mark.slow
def test_crafted_workbooks_end_no_process_that_reads_them(tmp_path: Path) -> None:
    """As a sheet and as a list of numbers, each is read or refused; the reader's own panics and aborts stay outside."""
    plain = tmp_path / "plain.xlsx"
    book = Workbook()
    book.active.append(["Name", "Phone"])
    book.save(plain)
    files = []
    for name, row in CRAFTED.items():
        files.append(tmp_path / f"{name}.xlsx")
        with zipfile.ZipFile(plain) as whole, zipfile.ZipFile(files[-1], "w") as crafted:
            for part in whole.namelist():
                content = whole.read(part)
                if part == "xl/worksheets/sheet1.xml":
                    content = content.replace(b"</sheetData>", row.encode() + b"</sheetData>")
                crafted.writestr(part, content)
    ended = subprocess.run(
        [sys.executable, "-c", _READ_EACH, *map(str, files)], capture_output=True, text=True, check=False, timeout=240
    )
    assert ended.stdout.splitlines() == list(CRAFTED)
    assert ended.returncode == 0


def test_a_file_is_tried_anew_when_it_has_changed(tmp_path: Path) -> None:
    """What is remembered of a file is forgotten with its content."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 no workbook")
    assert not can_be_read(path)
    Workbook().save(path)
    assert can_be_read(path)
