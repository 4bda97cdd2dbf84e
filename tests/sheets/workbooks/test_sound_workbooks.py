"""A workbook that a spreadsheet program opens is not told to be damaged, whatever one reader thinks of it."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from dialer.errors import SheetError
from dialer.sheets.workbooks.worksheet import filled_worksheets, open_worksheet
from tests.sheets.xlsb import record, text, write_xlsb

FILES = Path(__file__).parents[1] / "files"
ROWS: list[list[Any]] = [["Name", "Phone", "Renews"], ["Ada", 14155550100, "x"], ["Bob", 14155550101, "y"]]


def _altered(folder: Path, alter: Callable[[str, str], str]) -> Path:
    book = Workbook()
    book.active.title = "People"
    for cells in ROWS:
        book.active.append(cells)
    book.active["B3"].number_format = '"+"0'
    book.create_sheet("Notes").append(["x"])
    whole, path = folder / "whole.xlsx", folder / "people.xlsx"
    book.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as archive:
        for part in source.namelist():
            archive.writestr(part, alter(part, source.read(part).decode()))
    return path


def _dimension(part: str, content: str) -> str:
    return content.replace('<dimension ref="A1:C3"', '<dimension ref="1:2"') if "sheet1" in part else content


def _shown(part: str, content: str) -> str:
    return content.replace('state="visible"', 'state="show"') if part.endswith("workbook.xml") else content


@pytest.mark.slow
@pytest.mark.parametrize("alter", [_dimension, _shown], ids=lambda alter: alter.__name__)
def test_what_one_reader_refuses_another_reads(tmp_path: Path, alter: Callable[[str, str], str]) -> None:
    """A size without columns, and a state that no standard knows: rows, numbers and what they show are as ever."""
    path = _altered(tmp_path, alter)
    with zipfile.ZipFile(path) as new, zipfile.ZipFile(tmp_path / "whole.xlsx") as old:
        assert any(new.read(part) != old.read(part) for part in new.namelist())

    for each in (path, tmp_path / "whole.xlsx"):
        worksheet = open_worksheet(each, None)
        assert (worksheet.name, filled_worksheets(each)) == ("People", ["People", "Notes"])
        records = list(worksheet.records(frozenset({1})))
        assert [list(found.cells) for found in records] == [[str(cell) for cell in cells] for cells in ROWS]
        assert [dict(found.shown) for found in records] == [{}, {}, {1: "+14155550101"}]


@pytest.mark.slow
def test_a_workbook_that_makes_one_reader_ask_for_all_memory_is_read_by_another(tmp_path: Path) -> None:
    """Billions of texts are told of: calamine would end the process that asks.

    Found by fuzzing. It is tried in a process of its own, where it may.
    """
    path = tmp_path / "people.xlsx"
    with zipfile.ZipFile(FILES / "libreoffice.xlsx") as source, zipfile.ZipFile(path, "w") as archive:
        for part in source.namelist():
            archive.writestr(part, source.read(part).replace(b'uniqueCount="23"', b'uniqueCount="4294967295"'))
    whole, told = (open_worksheet(each, None).records(None) for each in (FILES / "libreoffice.xlsx", path))
    assert [found.cells for found in told] == [found.cells for found in whole]


@pytest.mark.slow
def test_a_workbook_that_no_reader_takes_is_refused(tmp_path: Path) -> None:
    """The second reader's own errors come out as the first one's."""
    path = _altered(tmp_path, lambda part, content: "<broken" if "sheet1" in part else content)
    with pytest.raises(SheetError, match="not a whole workbook"):
        open_worksheet(path, None)


@pytest.mark.parametrize("cell", ["XFD1048576", "C1048576"])
def test_a_bold_cell_that_holds_nothing_is_no_stray_cell(tmp_path: Path, cell: str) -> None:
    """Nobody can see one, and nobody could delete it."""
    book = Workbook()
    for cells in ROWS:
        book.active.append(cells)
    book.active[cell].font = Font(bold=True)
    book.save(tmp_path / "people.xlsx")
    worksheet = open_worksheet(tmp_path / "people.xlsx", None)
    assert [list(found.cells)[:2] for found in worksheet.records(None)] == [[str(x) for x in y[:2]] for y in ROWS]


def test_a_chart_is_no_worksheet(tmp_path: Path) -> None:
    """An XLSB with a chart on a sheet of its own is read; the chart is none of its worksheets."""
    path = write_xlsb(tmp_path / "people.xlsb", {"People": [("Name", "Phone"), ("Ada", "+14155550100")]})
    chart = record(156, bytes(4) + struct.pack("<I", 2) + text("rIdChart") + text("Chart"))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chartsheet"
    relation = f'<Relationship Id="rIdChart" Type="{kind}" Target="chartsheets/sheet1.bin"/></Relationships>'
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "chart.xlsb", "w") as archive:
        for part in source.namelist():
            content = source.read(part)
            if part.endswith("workbook.bin"):
                content = content.replace(record(144), chart + record(144))
            elif part.endswith(".rels"):
                content = content.replace(b"</Relationships>", relation.encode())
            archive.writestr(part, content)
        archive.writestr("xl/chartsheets/sheet1.bin", record(129) + record(130))
    assert filled_worksheets(tmp_path / "chart.xlsb") == ["People"]
    assert len(list(open_worksheet(tmp_path / "chart.xlsb", None).records(None))) == 2
