"""Which text is taken for an id, in whatever reply it comes."""

import pytest

from dialer.calls.call_id import MAX_ID_LENGTH, usable_id


@pytest.mark.parametrize(
    "found", ["12345678901234567890", "64f0c0ffee64f0c0ffee64f0", "a", "a-b_c.d:e/f?", "x" * MAX_ID_LENGTH]
)
def test_an_id_is_kept_as_it_is(found: str) -> None:
    """Ids are opaque text of plain marks."""
    assert usable_id(found) == found


@pytest.mark.parametrize(
    "found",
    [
        None,
        1,
        [],
        "",
        " ",
        "a b",
        "a\n",
        "\x1b[31m",
        "a\u202e",
        "a\u200b",
        "\x85",
        "=a",
        "+1",
        "-1",
        "@a",
        "\u0661",
        "x" * 201,
    ],
    ids=ascii,
)
def test_what_could_be_taken_for_something_else_is_no_id(found: object) -> None:
    """White space, control and direction marks, formulas, other scripts' digits, endless text, and what is no text."""
    assert usable_id(found) is None
