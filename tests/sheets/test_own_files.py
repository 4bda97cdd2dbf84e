"""What this program wrote is read as such, whatever the campaign says of its own sheet."""

import os
from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.own_files import reading_of
from dialer.sheets.sheet import open_sheet

OWN_SHEET = Contacts(region="US", header_row=3, delimiter=";", sheet="People", encoding="cp1252")
OURS = "Name,Phone,dialer_row,dialer_status\nJürgen,12,4,rejected\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(OURS, "utf-8-sig"), (OURS.replace(",", "\t"), "utf-8-sig"), (OURS.replace(",", ";"), "cp1252")],
    ids=["as written", "with tabs", "as an older Excel saves it"],
)
def test_a_results_file_has_its_header_in_its_first_row(tmp_path: Path, text: str, encoding: str) -> None:
    """Also where the campaign's sheet has a title, another delimiter and an encoding of its own."""
    path = tmp_path / "results.csv"
    path.write_bytes(text.encode(encoding))
    sheet = open_sheet(path, reading_of(path, OWN_SHEET))

    assert sheet.header == ("Name", "Phone", "dialer_row", "dialer_status")
    assert [row.cells[0] for row in sheet.rows()] == ["Jürgen"]


def test_a_workbook_of_results_has_a_worksheet_of_its_own(tmp_path: Path) -> None:
    """Its name is none that the campaign knows."""
    book = Workbook()
    for line in OURS.splitlines():
        book.active.append(line.split(","))
    book.save(tmp_path / "results.xlsx")
    sheet = open_sheet(tmp_path / "results.xlsx", reading_of(tmp_path / "results.xlsx", OWN_SHEET))

    assert sheet.header[2] == "dialer_row"


@pytest.mark.parametrize("text", ["Export\n\nName;Phone\nAda;12\n", "", "Name;Phone\n"])
def test_any_other_sheet_is_read_as_the_campaign_says(tmp_path: Path, text: str) -> None:
    """A title, an empty file and a short one are none of ours, and nothing is guessed of them."""
    path = tmp_path / "people.csv"
    path.write_text(text, "utf-8")

    assert reading_of(path, OWN_SHEET) is OWN_SHEET
    assert reading_of(tmp_path / "missing.csv", OWN_SHEET) is OWN_SHEET


@pytest.mark.parametrize("name", ["sheet.csv", "sheet.xlsx", "sheet.xls", "sheet.ods"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    """Nobody writes into it: it is refused at once, whatever its name."""
    path = tmp_path / name
    os.mkfifo(path)
    with pytest.raises(SheetError, match="is no file"):
        open_sheet(path, reading_of(path, OWN_SHEET))
