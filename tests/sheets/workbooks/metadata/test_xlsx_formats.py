"""The number formats of an XLSX are read from its own two parts, whatever else a library would stumble on."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer.errors import SheetError
from dialer.sheets.workbooks.metadata.xlsx import xlsx_metadata
from dialer.sheets.workbooks.worksheet import open_worksheet

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"


def _altered(folder: Path, alter: Callable[[str, str], str]) -> Path:
    """Write a workbook with a date, a share and a phone, each part of which *alter* changes."""
    book = Workbook()
    book.active.title = "People"
    book.active.append(["Phone", "Renews", "Share"])
    book.active.append([6592345678, date(2026, 12, 1), 0.125])
    for cell, code in (("A2", '"+"0'), ("B2", "dd.mm.yyyy"), ("C2", "0.0 %")):
        book.active[cell].number_format = code
    whole, path = folder / "whole.xlsx", folder / "people.xlsx"
    book.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as archive:
        for part in source.namelist():
            archive.writestr(part, alter(part, source.read(part).decode()))
    return path


def _strict(_part: str, text: str) -> str:
    strict = text.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    return strict.replace(OFFICE, "http://purl.oclc.org/ooxml/officeDocument")


def _without_fill(part: str, text: str) -> str:
    return text.replace('<fill><patternFill patternType="gray125" /></fill>', "<fill/>") if "styles" in part else text


def _badly_created(part: str, text: str) -> str:
    start, _, rest = text.partition("<dcterms:created")
    return (
        f'{start}<dcterms:created xsi:type="dcterms:W3CDTF">today{rest[rest.index("<") :]}' if "core" in part else text
    )


def _prefixed(part: str, text: str) -> str:
    if "sheet1" not in part and "styles" not in part:
        return text
    opened = text.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:").replace("<x:?", "<?")
    return opened.replace("xmlns=", "xmlns:x=")


def _without_addresses(part: str, text: str) -> str:
    for address in ("A1", "B1", "C1", "A2", "B2", "C2"):
        text = text.replace(f' r="{address}"', "") if "sheet1" in part else text
    return text


@pytest.mark.parametrize(
    "alter", [_strict, _without_fill, _badly_created, _prefixed, _without_addresses], ids=lambda alter: alter.__name__
)
def test_formats_are_read_where_a_library_gives_up(tmp_path: Path, alter: Callable[[str, str], str]) -> None:
    """Strict namespaces, a fill without a pattern, a date of creation that is none, prefixes, no addresses."""
    path = _altered(tmp_path, alter)
    with zipfile.ZipFile(path) as new, zipfile.ZipFile(tmp_path / "whole.xlsx") as old:
        assert any(new.read(part) != old.read(part) for part in new.namelist())

    record = list(open_worksheet(path, None).records(frozenset({0})))[1]
    assert (record.cells[0], list(record.cells[1:])) == ("6592345678", ["01.12.2026", "12.5 %"])
    assert record.shown == {0: "+6592345678"}


def test_dates_that_count_from_1904_keep_their_day(tmp_path: Path) -> None:
    """Workbooks of old Macs count four years later; the day shown is the one that was written."""
    book = Workbook()
    book.epoch = book.epoch.replace(year=1904, month=1, day=1)
    book.active.append(["Renews"])
    book.active.append([date(2026, 12, 1)])
    book.active["A2"].number_format = "dd.mm.yyyy"
    book.save(tmp_path / "people.xlsx")
    records = list(open_worksheet(tmp_path / "people.xlsx", None).records(frozenset()))
    assert records[1].cells == ["01.12.2026"]


@pytest.mark.parametrize(
    ("number", "shown"), [(2, "4155550100.50"), (3, "4,155,550,101"), (44, "4155550100.5"), (27, "4155550100.5")]
)
def test_formats_that_are_named_by_number_alone_are_those_of_the_standard(
    tmp_path: Path, number: int, shown: str
) -> None:
    """Those that the standard leaves to each country, such as 44 for money, are not guessed: the value is told."""

    def alter(part: str, text: str) -> str:
        if "styles" in part:
            first, _, rest = text.partition("<cellXfs")
            xfs, _, end = rest.partition("</cellXfs>")
            return f'{first}<cellXfs count="4">' + f'<xf numFmtId="{number}"/>' * 4 + f"</cellXfs>{end}" + xfs[:0]
        return text.replace("<v>0.125</v>", "<v>4155550100.5</v>")

    records = list(open_worksheet(_altered(tmp_path, alter), None).records(frozenset({0, 1})))
    assert records[1].cells[2] == shown


def test_styles_that_cannot_be_read_refuse_the_workbook(tmp_path: Path) -> None:
    """Nobody can tell how its numbers are shown: none is called as it is stored."""
    broken = '<styleSheet><cellXfs><xf numFmtId="x"/></cellXfs></styleSheet>'
    path = _altered(tmp_path, lambda part, text: broken if "styles" in part else text)
    assert xlsx_metadata(path, "People").are_unknown
    with pytest.raises(SheetError, match="how its numbers are shown"):
        open_worksheet(path, None)


def test_a_cell_with_a_style_that_is_not_there_refuses_the_workbook(tmp_path: Path) -> None:
    """Its format is unknown."""
    path = _altered(tmp_path, lambda part, text: text.replace(' s="1"', ' s="99"') if "sheet1" in part else text)
    with pytest.raises(SheetError, match="not a whole workbook"):
        list(open_worksheet(path, None).records(frozenset({0})))


def test_a_workbook_without_styles_has_one(tmp_path: Path) -> None:
    """Some programs write none: every number is shown as it is."""

    def alter(part: str, text: str) -> str:
        return text.replace("/styles", "/nostyles") if part.endswith("workbook.xml.rels") else text

    records = list(open_worksheet(_altered(tmp_path, alter), None).records(frozenset({0})))
    assert (records[1].cells[0], records[1].shown) == ("6592345678", {})
