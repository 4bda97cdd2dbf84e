"""Numbers by row: what a dict would hold, in an array."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.schedule.by_row import ByRow, TextByRow, row_set

changes = st.lists(
    st.tuples(st.integers(0, 3_000), st.none() | st.integers(0, 2**63 - 1) | st.integers(0, 300)), max_size=30
)


@given(changes=changes)
def test_it_holds_what_a_dict_would_hold(changes: list[tuple[int, int | None]]) -> None:
    """Whatever is set and deleted in any order; its rows are given in ascending order."""
    expected: dict[int, int] = {}
    found = ByRow()
    for row, value in changes:
        if value is None:
            expected.pop(row, None)
            found[row] = 0
            del found[row]
        else:
            expected[row] = found[row] = value

    assert list(found) == sorted(expected)
    assert len(found) == len(expected)
    for row in range(3_010):
        assert (row in found, found.get(row)) == (row in expected, expected.get(row))


def test_texts_are_held_by_row() -> None:
    """Each row has its own, though rows share one; rows without any are none of it."""
    found = TextByRow()
    for row, text in ((7, "b"), (3, "a"), (5, "b")):
        found[row] = text
    assert dict(found) == {3: "a", 5: "b", 7: "b"}
    assert 4 not in found
    assert len(found) == 3
    assert [found.texts[found.number_of(row) or 0] for row in (3, 5, 7)] == ["a", "b", "b"]
    assert found.number_of(4) is None


def test_a_set_of_rows_knows_its_rows() -> None:
    """Each row counts once, however often it is given."""
    found = row_set([5, 3, 5])
    assert list(found) == [3, 5]
    assert 4 not in found
