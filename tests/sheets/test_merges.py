"""What a merge covers is no value of its row: nobody sees it, and nobody is called by it."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer.campaign.file import parse_campaign
from dialer.contacts.contact import Contact, ExcludedRow
from dialer.contacts.loader import load_contacts
from dialer.reasons import Reason
from tests.sheets.ods import covered, number, row, text, write_ods
from tests.support import NOON_MS


def _told(path: Path) -> list[str]:
    content = {"contacts": {"file": str(path), "region": "US"}}
    rows = load_contacts(parse_campaign(content, path.parent / "spring.toml"), now_ms=NOON_MS).rows()
    return [item.verdict.phone if isinstance(item.verdict, Contact) else item.verdict.reason for item in rows]


@pytest.mark.parametrize("area", ["B2:C2", "B2:C3", "A2:C2"])
def test_a_number_under_a_merge_is_not_called(tmp_path: Path, area: str) -> None:
    """A merge side by side keeps its first cell; a number that some program left under it is another person's."""
    book = Workbook()
    book.active.append(["Name", "Note", "Phone"])
    book.active.append(["Ada", "moved away", "+14155550100"])
    book.active.append(["Bob", "", "+14155550101"])
    book.active.append(["Cal", "", "+14155550102"])
    book.active.merge_cells(area)
    for row_number in (2, 3):  # the library empties what it covers; other programs do not
        cell = book.active._cells[row_number, 3]
        replaced = type(book.active["A1"])(book.active, row=row_number, column=3, value=f"+1415555010{row_number}")
        book.active._cells[row_number, 3] = replaced if type(cell).__name__ == "MergedCell" else cell
    book.save(tmp_path / "people.xlsx")

    told = _told(tmp_path / "people.xlsx")
    is_tall = area == "B2:C3"
    assert told == [Reason.CELL_MERGED, Reason.CELL_MERGED if is_tall else "+14155550101", "+14155550102"]


def test_a_number_that_an_ods_covers_is_not_called(tmp_path: Path) -> None:
    """Covered cells keep what they held before they were merged."""
    path = write_ods(
        tmp_path / "people.ods",
        row(text("Name"), text("Note"), text("Phone")),
        row(text("Ada"), text("moved away", spans=2), covered(text("+14155550100"))),
        row(text("Bob"), text(""), number("14155550101", "14155550101")),
    )
    assert _told(path) == [Reason.CELL_MERGED, "+14155550101"]


def test_the_first_cell_of_a_merge_keeps_its_value(tmp_path: Path) -> None:
    """A number written over two columns is one number, where nothing uses the second; the message names the cell."""
    book = Workbook()
    book.active.append(["Name", "Phone", "Extra"])
    book.active.append(["Ada", "+14155550100", None])
    book.active.merge_cells("B2:C2")
    book.save(tmp_path / "people.xlsx")
    assert _told(tmp_path / "people.xlsx") == ["+14155550100"]

    content = {"contacts": {"file": "people.xlsx", "region": "US", "variables": {"extra": "Extra"}}}
    (judged,) = load_contacts(parse_campaign(content, tmp_path / "spring.toml"), now_ms=NOON_MS).rows()
    assert isinstance(judged.verdict, ExcludedRow)
    assert judged.verdict.message.startswith("Sheet!C2: ")
    assert "merged with another cell" in judged.verdict.message
