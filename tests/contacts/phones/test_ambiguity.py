"""Whether a cell may hold two numbers: then nobody guesses. Numbers are of ranges that ring nobody."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumber

from dialer.contacts.phones.ambiguity import lost_plus, two_numbers
from dialer.contacts.phones.fast_parser import Number
from tests.contacts.phones.written_numbers import CALLED, REGIONS, national_format, numbers_of


def is_taken(number: Number) -> bool:
    """Accept what the library takes for a number that can exist."""
    found = PhoneNumber(country_code=number.country_code, national_number=int(number.national))
    return phonenumbers.is_valid_number(found)


@pytest.mark.parametrize(
    ("text", "region", "two"),
    [
        ("020 7946 0958 020 7946 0959", "GB", ("02079460958", "02079460959")),
        ("020 7946 0958/020 7946 0959", "GB", ("02079460958", "02079460959")),
        ("2125550100 +12125550101", "US", ("2125550100", "+12125550101")),
        ("+44 20 7946 0958 +44 20 7946 0959", None, ("+442079460958", "+442079460959")),
        ("020 7946 0958", "GB", None),
        ("01632 960 001", "GB", None),
        ("+44 020 7946 0958", "GB", None),
        ("212 555 0100", "US", None),
        ("212 555 0100 0", "US", None),
    ],
)
def test_two_whole_numbers_in_one_cell_are_found(text: str, region: str | None, two: tuple[str, str] | None) -> None:
    """The second begins with a prefix of its own; groups of one number are not taken for two."""
    assert two_numbers(text, region, is_taken) == two


@pytest.mark.slow
def test_numbers_at_home_seldom_seem_to_have_lost_a_plus() -> None:
    """In its country's own groups no number of any region does; unparted and without the prefix, few in a hundred."""
    doubted = judged = 0
    for region in REGIONS:
        for seed in range(5):
            for meant in numbers_of(region, CALLED, seed):
                number = Number(int(meant.code), meant.national)
                assert lost_plus(national_format(meant), number) is None
                judged += 1
                doubted += lost_plus(meant.national, number) is not None
    assert judged > 2_000
    assert 0.005 < doubted / judged < 0.03
