"""A text is written as a number or a day only where nobody can tell from the text that it was."""

import pytest

from dialer.results.typed_cells import XLSX_MAX_CHARACTERS, as_held, day_of, number_of


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("-12", -12), ("120.5", 120.5), ("123456789", 123456789)])
def test_a_plain_number_is_one(text: str, number: float) -> None:
    """It reads back as it was written, by its value and as it is shown."""
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "007",
        "-0",
        "0.30",
        "1.",
        ".5",
        "1,5",
        "1e3",
        "+1",
        "2025550123",
        "1234567890",
        "12345.67891",
        " 1",
        "1 ",
        "\u0663",
        "",
    ],
)
def test_any_other_text_stays_a_text(text: str) -> None:
    """Zeros that would be lost, what may be dialled, and what no spreadsheet program would show so again."""
    assert number_of(text) is None


def test_a_day_is_one_in_isos_order() -> None:
    """Any other order is read otherwise in another country, and what is no day stays what it is."""
    assert str(day_of("2026-12-01")) == "2026-12-01"
    assert [day_of(text) for text in ("01.12.2026", "2026-02-30", "1899-12-31", "20261201", "2026-12-01T10:00")] == [
        None
    ] * 5


@pytest.mark.parametrize("text", ["x" * 40_000, "\U0001f600" * 20_000])
def test_a_text_is_cut_where_a_cell_ends(text: str) -> None:
    """Counted as Excel counts, in UTF-16 units (its "specifications and limits"), and never in half a character."""
    held = as_held(text)

    assert len(held.encode("utf-16-le")) // 2 in {XLSX_MAX_CHARACTERS, XLSX_MAX_CHARACTERS - 1}
    assert set(held) == set(text)


def test_what_no_workbook_can_hold_is_left_out() -> None:
    """Control characters and halves of characters would spoil the file."""
    assert as_held("a\x01\0b\ud800\uffff\tc\nd\r") == "ab\tc\nd\r"
