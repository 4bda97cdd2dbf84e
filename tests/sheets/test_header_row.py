"""The row of the headers is found where the campaign does not say it, and no person's row is taken for a title."""

from collections.abc import Sequence
from typing import Any

import pytest

from dialer.campaign.tables import Contacts
from dialer.sheets.header_row import count_known, find_header_row

HEADER = ["Full Name", "Mobile", "City"]
PERSON = ["Ada", "+14155550100", "Rome"]


def _found(*records: Sequence[str], **contacts: Any) -> int:
    return find_header_row(records, Contacts.model_validate(contacts))


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ([], 1),
        ([["Spring renewals"]], 2),
        ([["Spring renewals", "", ""], [], ["exported", "2026-11-24", ""]], 4),
        ([[""], ["", "", ""]], 3),
    ],
)
def test_a_title_may_stand_above_the_headers(above: list[list[str]], row: int) -> None:
    """Blank rows and rows with fewer texts than the headers are no contacts."""
    assert _found(*above, HEADER, PERSON) == row


def test_a_person_above_known_headers_is_not_passed_over() -> None:
    """Where a row as full as the headers stands above them, the first row is taken, to be complained of as such."""
    assert _found(PERSON, HEADER, PERSON) == 1


def test_without_known_headers_the_first_row_of_several_texts_counts() -> None:
    """What its columns mean is then asked, with the headers that were found."""
    assert _found(["Report"], [], ["Who", "Where"], PERSON[:2]) == 3
    assert _found(["Report"], ["x"]) == 1
    assert _found([], ["x"]) == 2
    assert _found() == 1


def test_the_campaigns_own_headers_are_known() -> None:
    """A header that the campaign names is looked for, in any case."""
    assert _found(["Report", ""], ["who", "CALL HERE"], PERSON[:2], columns={"phone": "Call here"}) == 2


def test_a_single_phone_in_a_title_is_no_header() -> None:
    """One text alone is a title, whatever it says."""
    assert _found(["Phone"], ["Name", "Phone"], PERSON[:2]) == 2


@pytest.mark.parametrize(
    ("header", "known"), [(HEADER, 2), (["First name", "Phone"], 2), (["Who", "Tel."], 1), (["a", "b"], 0)]
)
def test_known_fields_are_counted(header: list[str], known: int) -> None:
    """A delimiter that shows more of name and phone is the likelier one."""
    assert count_known(header, Contacts()) == known


def test_a_row_with_somebodys_number_is_no_header() -> None:
    """Though a cell of it says "Mobile", as the kind of a number: a person would be lost as a header."""
    assert _found(["Who", "Call at"], ["Ada", "+14155550100", "Mobile"], ["Bob", "+14155550101", "Home"]) == 1


def test_a_person_above_the_headers_is_never_taken_for_a_title() -> None:
    """A sheet that was sorted with its headers is complained of; nobody above them is left out without a word."""
    records = [["Ann", "4155552671", ""], ["Name", "Phone", "City"], ["Bob", "4155552672", "Reno"]]
    assert find_header_row(records, Contacts()) == 1


@pytest.mark.parametrize(
    "above",
    [
        [["", "Phone", "", "Address"]],
        [["Members"], [], ["Customer", "", "Telefon", ""]],
        [["Members, as of 12.11.2026"], ["Person", "Phone"]],
        [["Export", "2026-11-12 09:30"], ["Phone"], ["Person", "Phone"]],
    ],
)
def test_titles_of_column_groups_are_not_the_headers(above: list[list[str]]) -> None:
    """Of two rows that name the phone the fuller one counts, as the upper one leaves columns without a header."""
    assert _found(*above, ["Name", "Mobile", "Home phone", "City"], PERSON) == len(above) + 1


def test_a_row_below_the_headers_that_names_a_phone_is_somebodys() -> None:
    """Where it has no more texts than the headers, it is a person without a number, and no second row of headers."""
    assert _found(["Name", "Phone", "Kind"], ["Ada", "", "Mobile"], ["Bob", "+14155550101", "Mobile"]) == 1


@pytest.mark.parametrize(
    "title", ["Status: 12.11.2026", "Export 2026/11/12", "Made 11/12/2026 09:30:15", "From 01.01.2026 to 31.12.2026"]
)
def test_a_title_may_hold_dates(title: str) -> None:
    """A date in a sentence is no number of somebody's."""
    assert _found([title], ["Phone"], ["Person", "Phone"], ["Name", "Mobile", "City"], PERSON) == 4


@pytest.mark.parametrize("number", ["Ann 415-555-2671", "Ann +12.11.2026", "12.11.2026.41", "Ann 2026-11-12-41"])
def test_what_may_be_a_number_is_not_taken_for_a_date(number: str) -> None:
    """A person above the headers is complained of, however the number is written."""
    assert _found([number, "x"], ["Name", "Phone", "City"], PERSON) == 1
