"""A cell of a workbook comes out by its whole value, or as a person sees it."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from dialer.sheets.workbooks.cell_text import exact_text, is_other_number, shown_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"),
        (14155550123, "14155550123"),
        (14155550123.0, "14155550123"),
        (12.5, "12.5"),
        (1e-7, "0.0000001"),
        (1e17, "100000000000000000"),
        (True, "TRUE"),
        (False, "FALSE"),
        (datetime(2026, 12, 1), "2026-12-01"),  # noqa: DTZ001 - a cell has no zone
        (datetime(2026, 12, 1, 9, 30), "2026-12-01T09:30:00"),  # noqa: DTZ001 - a cell has no zone
        (date(2026, 12, 1), "2026-12-01"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=30, seconds=5), "30:00:05"),
        (timedelta(seconds=-30), "-0:00:30"),
    ],
)
def test_cells_become_the_text_a_person_sees(value: Any, text: str) -> None:
    """Whole numbers have no fraction, dates are ISO, and nothing has an exponent."""
    assert exact_text(value) == text


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("=1+1", "0.00", "=1+1"),
        (True, "0.00", "TRUE"),
        (14155550123, "General", "14155550123"),
        (14155550123.0, "0.00E+00", "14155550123"),
        (12.5, "$#,##0.00", "$12.50"),
        (501, "00000", "00501"),
        (date(2026, 12, 1), "dd.mm.yyyy", "01.12.2026"),
        (date(2026, 12, 1), "mm-dd-yy", "2026-12-01"),
    ],
)
def test_cells_are_shown_by_their_number_format(value: Any, number_format: str, text: str) -> None:
    """As in the sheet; in full where the format hides digits, or depends on the computer that shows it."""
    assert shown_text(value, number_format) == text


@pytest.mark.parametrize(("code", "hidden"), [(";;;", True), ('"x";"y"', True), ("0", False), ("General", False)])
def test_a_number_that_is_not_shown_is_in_doubt(code: str, *, hidden: bool) -> None:
    """A format without a digit shows another text or nothing: what its owner sees is no number to call."""
    assert is_other_number(2127365001, shown_text(2127365001, code)) is hidden
