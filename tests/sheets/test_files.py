"""Sheets as real programs leave them are read as their owner meant them (see `files/README.md`)."""

from pathlib import Path
from typing import Any

import pytest

from dialer.campaign.file import parse_campaign
from dialer.contacts.contact import Contact, ExcludedRow, JudgedRow
from dialer.contacts.loader import Loaded, load_contacts
from dialer.reasons import Reason
from tests.support import NOON_MS

FILES = Path(__file__).parent / "files"


def _loaded(name: str, **contacts: Any) -> Loaded:
    content = {"contacts": {"file": name, "region": "US", "regions": ["US", "GB"], "variables": {"*": "*"}, **contacts}}
    return load_contacts(parse_campaign(content, FILES / "spring.toml"), now_ms=NOON_MS)


def _told(judged: JudgedRow) -> str:
    return judged.verdict.phone if isinstance(judged.verdict, Contact) else str(judged.verdict.reason)


WORKBOOKS = ["openpyxl.xlsx", "libreoffice.xlsx", "libreoffice.xls", "libreoffice.ods"]


@pytest.mark.parametrize("name", WORKBOOKS)
def test_every_workbook_gives_the_same_people(name: str) -> None:
    """Header under a title, first and last name joined, the number behind a displayed exponent, true row numbers."""
    loaded = _loaded(name)
    contacts = [judged.verdict for judged in loaded.rows()]

    assert loaded.sheet.header_row == 3
    assert any('"Old" (hidden)' in note for note in loaded.sheet.notes)
    assert [(item.row, item.phone, item.name) for item in contacts if isinstance(item, Contact)] == [
        (4, "+14155550100", "Ada Example"),
        (5, "+14155550101", "Zo\u00eb M\u00fcller"),
        (6, "+14155550102", "Bob Example"),
    ]


@pytest.mark.parametrize("name", [*WORKBOOKS, "libreoffice.csv", "libreoffice-cp1252.csv"])
def test_variables_come_out_as_the_sheet_shows_them(name: str) -> None:
    """Amounts with their currency, dates in their order, yes and no, a postal code with its zeros."""
    contact = next(_loaded(name).rows()).verdict

    assert isinstance(contact, Contact)
    assert contact.variables == (("balance", "$120.50"), ("renews", "01.12.2026"), ("member", "TRUE"))
    assert contact.postal_code == "00501"


@pytest.mark.parametrize("name", ["libreoffice.csv", "libreoffice-cp1252.csv"])
def test_what_a_csv_has_lost_is_not_made_up(name: str) -> None:
    """Where only the displayed exponent was saved, the row is rejected with its cell."""
    rows = list(_loaded(name).rows())

    assert [_told(judged) for judged in rows] == ["+14155550100", Reason.PHONE_DAMAGED, "+14155550102"]
    assert isinstance(rows[1].verdict, ExcludedRow)
    assert rows[1].verdict.message.startswith("C5: ")
    assert rows[1].verdict.column == "Mobile"


def test_damage_is_told_apart_with_its_cell() -> None:
    """A number behind an exponent and one after an apostrophe are read; text, decimals and 16 digits are refused."""
    rows = list(_loaded("xlsxwriter.xlsx").rows())

    assert [_told(judged) for judged in rows] == [
        "+14155550100",
        Reason.PHONE_DAMAGED,
        Reason.PHONE_DAMAGED,
        Reason.PHONE_DAMAGED,
        "+14155550104",
        Reason.PHONE_INVALID,
        Reason.CELL_CALCULATED,
        Reason.CELL_CALCULATED,
    ]
    assert isinstance(rows[1].verdict, ExcludedRow)
    assert rows[1].verdict.message.startswith("'Sheet 1'!B3: ")
    assert isinstance(rows[0].verdict, Contact)
    assert rows[0].verdict.variables == (("call_back", "1-Dec-26"), ("at", "2:01 PM"))


@pytest.mark.parametrize("name", ["results.csv", "results-libreoffice.csv", "results-libreoffice.xlsx"])
def test_a_results_file_is_a_sheet_also_after_a_spreadsheet_program(name: str) -> None:
    """The `+` that it took off is proven by the row's other cell; what looked like a formula is a name again."""
    contacts = [judged.verdict for judged in _loaded(name).rows()]

    assert [(item.name, item.phone) for item in contacts if isinstance(item, Contact)] == [
        ("Ada", "+14155550100"),
        ("Zo\u00eb", "+442079460101"),
        ("=1+1", "+14155550102"),
        ("-Bob", "+14155550103"),
    ]
