"""The first row of each key is remembered, whatever the order of the keys and however many there are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.contacts.duplicates import remember_first_rows


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12), max_size=6))
def test_the_first_row_of_each_key_is_told(chunks: list[list[str]]) -> None:
    """As a dictionary would tell it, over any cut into chunks."""
    first: dict[str, int] = {}
    row = 1
    with remember_first_rows() as memory:
        for chunk in chunks:
            numbered = [(key, row + at) for at, key in enumerate(chunk)]
            row += len(chunk)
            expected = {number: first[key] for key, number in numbered if first.setdefault(key, number) != number}
            assert memory.find_repeats([(memory.digest(key), number) for key, number in numbered]) == expected


def test_memories_know_nothing_of_each_other() -> None:
    """Each has a key of its own: what one holds says nothing in another."""
    with remember_first_rows() as one, remember_first_rows() as other:
        assert one.digest("+14155550100") != other.digest("+14155550100")
        assert one.find_repeats([(one.digest("a"), 2)]) == {}
        assert other.find_repeats([(other.digest("a"), 3)]) == {}
