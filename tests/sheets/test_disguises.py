"""A file whose name says another kind than its content is told what it is, not that it is damaged."""

import shutil
from pathlib import Path

import pytest

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.sheet import open_sheet

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        ("openpyxl.xlsx", "people.csv", "is an .xlsx workbook under another name. Name it people.xlsx"),
        ("openpyxl.xlsx", "people.xls", "is an .xlsx workbook under another name. Name it people.xlsx"),
        ("libreoffice.ods", "people.xlsx", "is an .ods workbook under another name. Name it people.ods"),
        ("libreoffice.xls", "people.txt", "is an .xls workbook under another name. Name it people.xls"),
        ("libreoffice.csv", "people.xlsx", "is a text under another name. Name it people.csv"),
        ("libreoffice.csv", "people.xls", "is a text under another name. Name it people.csv"),
        ("libreoffice.xls", "people.xlsx", "is protected by a password or is an older workbook under a new name"),
    ],
)
def test_a_renamed_file_is_told_its_kind(tmp_path: Path, content: str, name: str, told: str) -> None:
    """A workbook named as a text, a text named as a workbook, and one kind of workbook named as another."""
    shutil.copy(FILES / content, tmp_path / name)
    with pytest.raises(SheetError) as caught:
        open_sheet(tmp_path / name, Contacts())
    assert told in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")


@pytest.mark.parametrize("name", ["people.xls", "people.xlsx", "people.csv", "people.txt"])
@pytest.mark.parametrize(
    "start",
    ["", "\ufeff \n", '<?xml version="1.0"?>\n', "<!-- a\n-->\n<!-- b -->", "<script>f()</script>"],
    ids=["at once", "after a mark", "as XML", "after comments", "below a script"],
)
def test_a_web_page_is_told_as_one(tmp_path: Path, name: str, start: str) -> None:
    """Many programs export a table of HTML as .xls, and a login that has run out comes as .csv."""
    page = f"{start}<!DOCTYPE html>\n<html><table><tr><td>Name</td></tr></table></html>"
    (tmp_path / name).write_text(page, "utf-8")
    with pytest.raises(SheetError, match=r"is a web page under the name of a sheet.*such as a login"):
        open_sheet(tmp_path / name, Contacts())


def test_a_web_page_in_utf_16_is_told_as_one(tmp_path: Path) -> None:
    """Whatever its encoding."""
    (tmp_path / "people.csv").write_text("<!DOCTYPE html>\n<html></html>", "utf-16")
    with pytest.raises(SheetError, match="is a web page"):
        open_sheet(tmp_path / "people.csv", Contacts())


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm"])
def test_names_of_one_kind_are_as_good_as_another(tmp_path: Path, suffix: str) -> None:
    """A workbook with or without macros is read alike."""
    shutil.copy(FILES / "openpyxl.xlsx", tmp_path / f"people{suffix}")
    assert open_sheet(tmp_path / f"people{suffix}", Contacts()).name == "People"


def test_a_zip_of_a_version_that_nobody_unpacks_is_damaged(tmp_path: Path) -> None:
    """Found by fuzzing: it is told as damaged, too."""
    content = bytearray((FILES / "openpyxl.xlsx").read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 255
    (tmp_path / "people.xlsx").write_bytes(content)
    with pytest.raises(SheetError, match="is not a whole workbook"):
        open_sheet(tmp_path / "people.xlsx", Contacts())
