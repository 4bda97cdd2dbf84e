"""One thing is one, and thousands are parted in one way."""

import pytest

from dialer.words import counted, masked


def test_a_noun_follows_its_number() -> None:
    """Nought and two are many; a plural of another kind is given."""
    assert [counted(count, "call") for count in (0, 1, 2, 1234)] == ["0 calls", "1 call", "2 calls", "1,234 calls"]
    assert [counted(count, "person", "people") for count in (1, 2)] == ["1 person", "2 people"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("+1 (212) 555-0100", "(a number of 11 digits)"),
        ("call 2125550100 or 212.555.0101", "call (a number of 10 digits) or (a number of 10 digits)"),
        ("room 12345", "room 12345"),
        ("", ""),
    ],
)
def test_a_number_is_told_by_its_length(text: str, told: str) -> None:
    """However it is written, and whatever stands around it."""
    assert masked(text) == told
