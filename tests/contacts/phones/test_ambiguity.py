"""Whether a cell may mean more than one number: then nobody guesses. Numbers are of ranges that ring nobody."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumber, PhoneNumberFormat

from dialer.contacts.phones.ambiguity import holds_two, is_foreign_too, readings


def valid(number: PhoneNumber) -> bool | None:
    """Accept what the library takes for a number that can exist."""
    return phonenumbers.is_valid_number(number) or None


def read(dialled: str, region: str | None) -> list[str]:
    """Return the readings as E.164."""
    return [phonenumbers.format_number(found, PhoneNumberFormat.E164) for found in readings(dialled, region)]


@pytest.mark.parametrize(
    ("dialled", "region", "numbers"),
    [
        ("+12125550100", None, ["+12125550100"]),
        ("2125550100", "US", ["+12125550100"]),
        ("2125550100", None, []),  # nobody knows of which country
        ("00442079460958", "DE", ["+442079460958"]),  # 00 is the prefix there
        ("00442079460958", None, ["+442079460958"]),
        ("011442079460958", "US", ["+442079460958"]),  # 011 is the prefix there
    ],
)
def test_a_cell_is_read_as_it_would_be_dialled(dialled: str, region: str | None, numbers: list[str]) -> None:
    """By the prefixes of the region; `00` is a plus in most of the world."""
    assert read(dialled, region) == numbers


def test_both_meanings_of_00_count() -> None:
    """In Japan one dials abroad by 010, and 00 begins something else: what could be either is both."""
    found = read("00442079460958", "JP")

    assert found[0] == "+442079460958"
    assert len(found) == 2


@pytest.mark.parametrize(
    ("text", "region", "two"),
    [
        ("020 7946 0958 020 7946 0959", "GB", True),
        ("2125550100 +12125550101", "US", True),
        ("+44 20 7946 0958 +44 20 7946 0959", None, True),
        ("020 7946 0958", "GB", False),
        ("01632 960 001", "GB", False),
        ("+44 020 7946 0958", "GB", False),
        ("212 555 0100", "US", False),
        ("212 555 0100 0", "US", False),
    ],
)
def test_two_whole_numbers_in_one_cell_are_found(text: str, region: str | None, *, two: bool) -> None:
    """The second begins with a prefix of its own; groups of one number are not taken for two."""
    assert holds_two(text, region, valid) is two


@pytest.mark.parametrize(
    ("text", "country", "allowed", "foreign"),
    [
        ("442079460958", "US", ("US", "GB"), True),
        ("442079460958", "US", ("US",), False),
        ("442079460958", "GB", ("US", "GB"), False),
        ("2125550100", "US", ("US", "GB"), False),
        (" 442079460958 ", "US", ("US", "GB"), True),
        ("44-2079460958", "US", ("US", "GB"), False),  # nobody writes a country's code so without a plus
        ("", "US", ("US", "GB"), False),
    ],
)
def test_a_number_that_lacks_its_plus_is_noticed(
    text: str, country: str, allowed: tuple[str, ...], *, foreign: bool
) -> None:
    """Digits that are another permitted country's number, but for the plus, are not simply dialled at home."""
    assert is_foreign_too(text, country, allowed) is foreign
