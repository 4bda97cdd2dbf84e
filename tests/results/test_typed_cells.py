"""A text is written as a number or a day only where nobody can tell from the text that it was."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.results.typed_cells import XLSX_MAX_CHARACTERS, as_held, typed_cell
from dialer.sheets.workbooks.cell_text import shown_text

LOOKS = [
    ("0", 0),
    ("-12", -12),
    ("120.5", 120.5),
    ("123456789", 123456789),
    ("0.30", 0.3),
    ("1,234", 1234),
    ("$1,234.50", 1234.5),
    ("-$5.00", -5),
    ("$12", 12),
    ("$1234", 1234),
    ("\u20ac 5", 5),
    ("5,000\u00a0\u20ac", 5000),
    ("EUR 3.10", 3.1),
    ("1234.50 USD", 1234.5),
    ("7%", 0.07),
    ("12.35 %", 0.1235),
    ("\u20b9123,456,789,012.34", 123456789012.34),
    ("2026-12-01", date(2026, 12, 1)),
    ("2026/03/05", date(2026, 3, 5)),
    ("2026/3/15", date(2026, 3, 15)),
    ("2026.03.05", date(2026, 3, 5)),
    ("01.12.2026", date(2026, 12, 1)),
    ("1.2.2026", date(2026, 2, 1)),
]


@pytest.mark.parametrize(("text", "value"), LOOKS)
def test_an_amount_or_a_date_is_one_and_looks_as_its_text(text: str, value: float | date) -> None:
    """What a person can add up or sort is a number or a date, and is read back as the very same text."""
    cell = typed_cell(text)

    assert cell is not None
    assert cell.value == value
    assert shown_text(cell.value, cell.number_format) == text


@given(
    sign=st.sampled_from(["", "-"]),
    number=st.decimals(0, 10**11, places=2, allow_nan=False),
    shape=st.sampled_from(
        ["{}{:,}", "{}${:,}", "{}{:,} \u20ac", "{}{:,}%", "{}{:.1f} USD", "{}\u00a3{:,.0f}", "{}{:.2f}"]
    ),
)
def test_every_amount_reads_back(sign: str, number: Decimal, shape: str) -> None:
    """Rounding takes nothing of what is spoken, whatever the amount and its look."""
    text = shape.format(sign, number)
    cell = typed_cell(text)

    assert cell is None or shown_text(cell.value, cell.number_format) == text


@given(day=st.dates(date(1910, 1, 1), date(2199, 12, 31)), look=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d"]))
def test_every_day_reads_back(day: date, look: str) -> None:
    """In each order that nobody can take for another, padded or not."""
    for text in (day.strftime(look), day.strftime(look.replace("%m", "%-m").replace("%d", "%-d"))):
        cell = typed_cell(text)
        assert cell is None or (cell.value, shown_text(cell.value, cell.number_format)) == (day, text)
    assert typed_cell(day.strftime(look)) is not None


OTHERS = """007 -0 1. .5 1,5 12,34 1e3 +1 2025550123 1234567890 12345.67891 \u0663 $ % $5% -$0.00 (5.00) $-5.00 LAX12 x
1.234,50\u20ac $1234567890123456 12/01/2026 1/12/26 2026-02-30 1899-12-31 2026-12-01T10:00 01.2.2026 1.Mai.2026"""


@pytest.mark.parametrize("text", [*OTHERS.split(), "", " 1", "1 ", "$5 USD", "LAX 12"])
def test_any_other_text_stays_a_text(text: str) -> None:
    """Zeros that would be lost, what may be dialled, what another country reads or shows in another way."""
    assert typed_cell(text) is None


@pytest.mark.parametrize("text", ["x" * 40_000, "\U0001f600" * 20_000])
def test_a_text_is_cut_where_a_cell_ends(text: str) -> None:
    """Counted as Excel counts, in UTF-16 units (its "specifications and limits"), and never in half a character."""
    held = as_held(text)

    assert len(held.encode("utf-16-le")) // 2 in {XLSX_MAX_CHARACTERS, XLSX_MAX_CHARACTERS - 1}
    assert set(held) == set(text)


def test_what_no_workbook_can_hold_is_left_out() -> None:
    """Control characters and halves of characters would spoil the file."""
    assert as_held("a\x01\0b\ud800\uffff\tc\nd\r") == "ab\tc\nd\r"
