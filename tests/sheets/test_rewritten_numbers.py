"""What spreadsheet programs make of numbers in a text file is told from what a person writes."""

import pytest

from dialer.sheets.rewritten_numbers import is_rewritten


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("0001", "1"),
        ("+7", "7"),
        ("1E3", "1000"),
        ("1e3", "1.00E+03"),
        ("12345678901234567890", "1.23E+019"),  # LibreOffice
        ("12345678901234567890", "1.23457E+19"),  # Excel
        ("12345678901234567890", "12345678901234500000"),
        ("12345678901234567890", "12345678901234600000"),
        ("1.50", "1.5"),
        ("007.50", "7.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1,50", "1,5"),
        ("1,234", "1234"),
        ("0.1234567890123456789", "0.123456789012346"),
        ("0.123456789012", "0.123456789"),
        ("0", "0.00E+00"),
        ("$1,234.50", "$1.234,50"),  # as a program in Germany shows it
        ("1,234.50 \u20ac", "1\u202f234,50 \u20ac"),  # in France
        ("-$5.00", "-$5,00"),
        ("$1,234,567", "$1'234'567"),  # in Switzerland
        ("12.35%", "12,35%"),
        ("EUR 3.10", "EUR 3,1"),
    ],
)
def test_the_same_number_is_recognised(stored: str, read: str) -> None:
    """Each pair is a text and what is in its cell after a program with its usual settings saved the file."""
    assert is_rewritten(stored, read)


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("0001", "2"),
        ("0001", "0001"),
        ("120", "12"),
        ("$1,234.50", "\u20ac1,234.50"),
        ("$1,234.50", "1234.50"),
        ("7%", "0,7%"),
        ("$12.34", "$1,234"),
        ("12", "12.5"),
        ("1E3", "1001"),
        ("12345678901234567890", "1.24E+019"),
        ("12345678", "12345679"),
        ("A1", "1"),
        ("", "0"),
        ("1", ""),
        ("nan", "NaN"),
        ("9" * 500, "1E500"),
    ],
)
def test_another_value_is_an_edit(stored: str, read: str) -> None:
    """What no program makes of a number, a person has written."""
    assert not is_rewritten(stored, read)
