"""Promises about cells that a spreadsheet program could run."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialer.sheets.results_format import neutralise, neutralised, restore

TRIGGERS = "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
CELLS = st.text(st.characters(codec="utf-8") | st.sampled_from(TRIGGERS + "' \n1"), max_size=12)


@given(CELLS)
@example("'=1")
@example("''=1")
@example("'+14155550123")
def test_what_is_neutralised_comes_back_as_it_was(cell: str) -> None:
    """Writing a results file and reading it again changes no cell."""
    assert restore(neutralise(cell)) == cell


@given(CELLS)
def test_no_written_cell_starts_a_formula(cell: str) -> None:
    """Whatever a cell or one of a line holds, what is written starts with no trigger, unless it is a plain number."""
    written = neutralise(cell)
    assert neutralised([7, cell, 0.5]) == [7, written, 0.5]
    assert written.lstrip()[:1] not in {*TRIGGERS} - {""} or not written.strip() or is_number(written)


def is_number(text: str) -> bool:
    """Return whether *text* is only a sign, digits and a point."""
    return text.lstrip("+-").replace(".", "", 1).isdecimal()


@pytest.mark.parametrize("cell", ["+14155550123", "+442079460000", "-12.50", "12", "", "Ada", "a=b", "'tis"])
def test_harmless_cells_are_left_byte_for_byte(cell: str) -> None:
    """Whole phone numbers, plain numbers and ordinary text are written as they are."""
    assert neutralise(cell) == cell


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1-1",
        "+1 415 555 0123",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n1",
        " =1",
        "\uff1d1",
        "'=1",
        "+123456",
        "-",
    ],
)
def test_dangerous_cells_get_an_apostrophe(cell: str) -> None:
    """Anything that could be computed is written as text."""
    assert neutralise(cell) == "'" + cell
