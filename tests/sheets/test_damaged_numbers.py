"""What a spreadsheet program makes of a number is told from how people write one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.sheets.damaged_numbers import is_damaged, is_shortened


@pytest.mark.parametrize(
    "text",
    [
        "1.21E+10",  # as Excel shows 12125550100 in a narrow column
        "4.4208E+11",
        "4,42E+11",  # the same with a decimal comma
        "+1e10",
        "2125550100.0",  # as pandas writes a column of floats
        "2125550100,5",
        "2,125,550,100",
        "2.125.550.100,00",
        "#REF!",
        "#N/A",
        "#DIV/0!",
        "########",  # a column too narrow to show anything
        "-2125550099",  # the result of +1-2125550100
        "- 212",
        "(212) 5550100.0",
        "(212) 5550100,00",
        "2026-11-24",
        "24.11.2026",
        "24-11-2026",
        "2026-11-24 00:00:00",
    ],
)
def test_what_a_program_left_is_damaged(text: str) -> None:
    """Exponents, decimals, thousands, errors, sums and dates: guessing the number back would ring a stranger."""
    assert is_damaged(text)


@pytest.mark.parametrize(
    "text",
    [
        "+12125550100",
        "(212) 555-0100",
        "212-555-0100",
        "212.555.0100",
        "1.212.555.0100",
        "020 7946 0958",  # a drama number of Ofcom
        "01 99 00 12 34",
        "+49 (30) 23125-000",
        "00 61 491 570 006",  # a drama number of ACMA
        "1-800-FLOWERS",
        "555-0100 ext. 7",
        "12-34-56",
        "",
        "unknown",
    ],
)
def test_how_people_write_numbers_is_none_of_it(text: str) -> None:
    """Points, hyphens, brackets, blanks and extensions are read on, by those who know numbers."""
    assert not is_damaged(text)


@pytest.mark.slow
@given(st.from_regex(r"\+?[0-9]{1,4}( [0-9]{2,4}){1,4}", fullmatch=True))
def test_groups_of_digits_are_never_taken_for_damage(text: str) -> None:
    """However the groups of a number fall."""
    assert not is_damaged(text)


@given(st.integers(10**6, 10**15), st.sampled_from(["{:.1f}", "{:,}", "{:E}", "{:.2E}"]))
def test_a_number_shown_as_an_amount_is_always_found(value: int, style: str) -> None:
    """As a float, with thousands or with an exponent, as programs write them."""
    assert is_damaged(style.format(value))


def test_a_long_number_that_a_program_has_shortened_is_told() -> None:
    """Ids of 24 digits as a workbook's cell of numbers holds them, and as Excel writes them into a text file."""
    whole = "363573667364666473667334"
    assert not is_shortened(whole)
    assert is_shortened("363573667364666532167680")  # the nearest double (IEEE 754)
    assert is_shortened("363573667364666000000000")  # 15 significant digits
    assert not any(map(is_shortened, ("", "14155550100", "5" * 400, "3635736673646664736673ab")))
