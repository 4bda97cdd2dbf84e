"""A workbook that two readers would take two worksheets of is none that can be read."""

import io
import zipfile

import pytest

from dialer.sheets.workbooks.metadata.xlsx_parts import worksheet_part

KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
SHEET = '<sheet name="People" sheetId="1" r:id="rId1"/>'


def _relation(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{KIND}{kind}" Target="{target}"/>'


BOOK = _relation("rId1", "officeDocument", "xl/workbook.xml")
PARTS = [
    ("rId1", "worksheet", "worksheets/sheet1.xml"),
    ("rId2", "styles", "styles.xml"),
    ("rId3", "sharedStrings", "sharedStrings.xml"),
]
RELATIONS = "".join(_relation(*each) for each in PARTS)


def _archive(
    book: str = BOOK, sheets: str = SHEET, relations: str = RELATIONS, folder: str = "xl/", roots: str = "worksheet sst"
) -> zipfile.ZipFile:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("_rels/.rels", f"<Relationships>{book}</Relationships>")
        archive.writestr(f"{folder}_rels/workbook.xml.rels", f"<Relationships>{relations}</Relationships>")
        archive.writestr(f"{folder}workbook.xml", f'<workbook xmlns:r="r"><sheets>{sheets}</sheets></workbook>')
        worksheet, texts = roots.split()
        for part in ("worksheets/sheet1.xml", "worksheets/sheet2.xml", "styles.xml"):
            archive.writestr(f"{folder}{part}", f'<x:{worksheet} xmlns:x="x"/>')
        archive.writestr(f"{folder}sharedStrings.xml", f"<{texts}/>")
    return zipfile.ZipFile(written)


@pytest.mark.parametrize("folder", ["xl/", "other/", ""])
def test_parts_are_found_in_any_folder(folder: str) -> None:
    """A program may keep all parts in a folder of its own, or in none."""
    book = _relation("rId1", "officeDocument", f"{folder}workbook.xml")
    part = worksheet_part(_archive(book, folder=folder), "People")
    assert part == (f"{folder}worksheets/sheet1.xml", f"{folder}styles.xml", False)


@pytest.mark.parametrize(
    "archive",
    [
        _archive(book=BOOK + _relation("rId2", "officeDocument", "xl/other.xml")),
        _archive(book=_relation("rId1", "officeDocument", "xl/other.xml")),
        _archive(sheets=SHEET * 2),
        _archive(sheets=f"{SHEET}</sheets><sheets>{SHEET.replace('People', 'Others')}"),
        _archive(sheets=f"<Choice>{SHEET.replace('People', 'Others')}</Choice>{SHEET}"),
        _archive(relations=RELATIONS + _relation("rId1", "worksheet", "worksheets/sheet2.xml")),
        _archive(relations=RELATIONS.replace("styles.xml", "style.xml")),
        _archive(relations=RELATIONS.replace("sharedStrings.xml", "texts.xml")),
        _archive(roots="sheet sst"),
        _archive(roots="worksheet texts"),
    ],
)
def test_a_workbook_of_two_readings_is_refused(archive: zipfile.ZipFile) -> None:
    """Two books, two lists, two worksheets of a name or of an id, parts of another root, or where only some look."""
    with pytest.raises(ValueError, match=r"two|elsewhere|alternatives"):
        worksheet_part(archive, "People")
