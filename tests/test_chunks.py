"""A stream cut into lists."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.chunks import chunks


@given(st.lists(st.integers()), st.integers(1, 50))
def test_nothing_is_lost_and_every_list_but_the_last_is_full(items: list[int], size: int) -> None:
    """Put together again the lists are the stream, in its order; none is empty."""
    cut = list(chunks(iter(items), size))
    assert [item for chunk in cut for item in chunk] == items
    assert all(len(chunk) == size for chunk in cut[:-1])
    assert all(cut)
