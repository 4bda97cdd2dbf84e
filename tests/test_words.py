"""One thing is one, and thousands are parted in one way."""

from dialer.words import counted


def test_a_noun_follows_its_number() -> None:
    """Nought and two are many; a plural of another kind is given."""
    assert [counted(count, "call") for count in (0, 1, 2, 1234)] == ["0 calls", "1 call", "2 calls", "1,234 calls"]
    assert [counted(count, "person", "people") for count in (1, 2)] == ["1 person", "2 people"]
