"""Cells are addressed as spreadsheet programs do."""

import pytest

from dialer.campaign.tables import Contacts
from dialer.contacts.mapping import column_letters
from dialer.contacts.resolve_columns import resolve_columns


@pytest.mark.parametrize(
    ("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_columns_have_letters(column: int, letters: str) -> None:
    """From A to XFD, the last one there is."""
    assert column_letters(column) == letters


@pytest.mark.parametrize(
    ("worksheet", "address"), [(None, "C17"), ("Sheet1", "Sheet1!C17"), ("My people", "'My people'!C17")]
)
def test_a_cell_is_named_with_its_worksheet(worksheet: str | None, address: str) -> None:
    """In quotes where the worksheet's name needs them; a text file has none."""
    mapping = resolve_columns(("name", "phone", "city"), Contacts(), where="x", worksheet=worksheet)

    assert mapping.address(17, 2) == address


def test_keys_and_numbers_are_read_exactly() -> None:
    """What identifies a contact does not change with the number format of a cell."""
    contacts = Contacts.model_validate({"columns": {"phone": ["mobile", "home"]}, "key": ["phone", "account"]})
    header = ("name", "mobile", "home", "account", "city", "dialer_phone")
    mapping = resolve_columns(header, contacts, where="x")

    assert mapping.exact == {1, 2, 3, 5}
    assert mapping.phones == (1, 2)
    assert mapping.described()["phone"] == "mobile, home"
