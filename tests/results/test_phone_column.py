"""The column that a number was taken from is found again, however it is written there."""

import pytest

from dialer.results.phone_column import column_of

PHONE = "+14155550123"


@pytest.mark.parametrize(
    "text",
    [
        "+14155550123",
        "(415) 555-0123",
        "415.555.0123",
        "14155550123",
        "011 1 415 555 0123",
        "4155550123.0",
        "1.4155550123E10",
        "'4155550123",
        "415 555 0123 ",
        "\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff12\uff13",
    ],
)
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    """Its last digits tell, whatever stands between and before them."""
    assert column_of(PHONE, ["Ada 3", "415 555 0199", text, "123"]) == 2


def test_of_two_cells_with_one_number_the_first_is_told() -> None:
    """Both are it."""
    assert column_of(PHONE, ["", "415 555 0123", PHONE]) == 1


@pytest.mark.parametrize("cells", [(), ("",), ("Ada", "0123"), ("23",), ("415 555 0124",)])
def test_no_column_is_better_than_another_one(cells: tuple[str, ...]) -> None:
    """A row whose cells were changed since, or hold too few digits, tells none."""
    assert column_of(PHONE, cells) is None
