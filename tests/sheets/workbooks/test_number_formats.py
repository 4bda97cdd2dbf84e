"""Numbers and dates are shown as Excel shows them, or not at all."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialer.sheets.workbooks.number_formats import keeps_digits, render, render_text

ACCOUNTING = '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)'
MOMENT = datetime(2026, 12, 1, 9, 5, 7)  # noqa: DTZ001 - a cell has no zone


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (1234567, "#,##0", "1,234,567"),
        (-1234.5, "#,##0.00", "-1,234.50"),
        (0, "#,##0", "0"),
        (12.345, "0.00", "12.35"),
        (0.5, "#.00", ".50"),
        (12.5, "0.###", "12.5"),
        (12.5, "0.0?", "12.5 "),
        (12.5, ".00", "12.50"),
        (0.5, ".00", ".50"),
        (-12.5, ".00", "-12.50"),
        (501, "00000", "00501"),
        (0.125, "0.0%", "12.5%"),
        (4155550100, "(000) 000-0000", "(415) 555-0100"),
        (123456789, "000-00-0000", "123-45-6789"),
        (12.5, "[$$-409]#,##0.00", "$12.50"),
        (12.5, "#,##0.00\\ [$\u20ac-407]", "12.50 \u20ac"),
        (-5.5, '"$"#,##0.00;[Red]-"$"#,##0.00', "-$5.50"),
        (99, ACCOUNTING, " $99.00 "),
        (-99, ACCOUNTING, " $(99.00)"),
        (0, ACCOUNTING, " $-   "),
        (1500000, '#,##0.0,,"M"', "1.5M"),
        (7, '0 "items"', "7 items"),
        (7, 'General" items"', "7 items"),
        (-7, 'General" items"', "-7 items"),
        (0, '"yes";"yes";"no"', "no"),
        (-5, "0.00;@", "-5.00"),
        (0.012, "0.0\u2030", "0.0\u2030"),
        (7, "0\u00b0", "7\u00b0"),
        (9123456789, "+7 (000) 000-00-00", "+7 (912) 345-67-89"),
        (9123456789, "8-000-000-00-00", "8-912-345-67-89"),
        (2079460958, "+44 00 0000 0000", "+44 20 7946 0958"),
        (2025550143, "1 (000) 000-0000", "1 (202) 555-0143"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "General", "1000000000000000"),
    ],
)
def test_numbers_are_shown_by_their_format(value: float, code: str, shown: str) -> None:
    """Zeros, thousands, currency, percent, sections for negative and zero, texts between the digits."""
    assert render(value, code) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("dd.mm.yyyy", "01.12.2026"),
        ("d/m/yy", "1/12/26"),
        ("d-mmm-yy", "1-Dec-26"),
        ("yyyy-mm-dd hh:mm:ss", "2026-12-01 09:05:07"),
        ("m/d/yyyy h:mm AM/PM", "12/1/2026 9:05 AM"),
        ("[$-409]dddd, mmmm d, yyyy", "Tuesday, December 1, 2026"),
        ("dd/mm/yyyy;@", "01/12/2026"),
        ("mm:ss", "05:07"),
        ("ss.000", "07.000"),
        ("mm:ss.0", "05:07.0"),
        ('d" of "mmmm', "1 of December"),
    ],
)
def test_dates_are_shown_by_their_format(code: str, shown: str) -> None:
    """Days, months, years, hours, fractions of a second; an `m` beside hours or seconds is minutes."""
    assert render(MOMENT, code) == shown


def test_spans_and_times_are_shown_by_their_format() -> None:
    """Hours beyond a day are counted where the format counts them."""
    assert render(timedelta(hours=30, minutes=5), "[h]:mm:ss") == "30:05:00"
    assert render(time(9, 30), "h:mm") == "9:30"
    assert render(date(2026, 1, 2), "dd/mm/yy") == "02/01/26"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.21e10, "0.00E+00"),
        (1.5, "# ?/?"),
        (5, "[>100]0;0.0;0.00"),
        (5, ";;;"),
        (5, "yyyy"),
        (time(9, 30), "d-mmm-yy"),
        (timedelta(hours=30), "d h:mm"),
        (MOMENT, "[<1]h:mm;dd.mm.yyyy"),
        (MOMENT, "0.00"),
        (MOMENT, "mm-dd-yy"),
        (MOMENT, "General"),
        (MOMENT, "[$-407]d. mmm yyyy"),
        (MOMENT, "ss.0000"),
        (MOMENT, "hh:mm.000"),
        (float("inf"), "0"),
        (4155550100, "0" + "%" * 8),
        (4155550100, "0" + "%" * 500_000),
        (4155550100, "0" + "," * 400_000),
    ],
)
def test_what_is_not_known_is_not_shown(value: float | datetime | time | timedelta, code: str) -> None:
    """Exponents, fractions, conditions, hidden values, other languages, the computer's own order, a time's day."""
    assert render(value, code) is None


@pytest.mark.parametrize(
    ("value", "shown"), [(5550100, "555-0100"), (4155550100, "(415) 555-0100"), (9999999, "999-9999")]
)
def test_the_first_section_whose_condition_holds_is_shown(value: int, shown: str) -> None:
    """Excel's own format "Phone Number" writes seven digits and ten in two ways."""
    assert render(value, "[<=9999999]###\\-####;\\(###\\) ###\\-####") == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('"+"@', "+44"),
        ('0;-0;0;"+"@', "+44"),
        ('0;"+"@', "+44"),
        ("@", "44"),
        ('0;-0;0;"tel"', "tel"),
        (";;;", ""),
        ("0;-0;0;0@", None),
        ("0", "44"),
        ("0;-0;0", "44"),
        ("General", "44"),
    ],
)
def test_a_text_is_shown_with_what_its_format_adds(code: str, shown: str | None) -> None:
    """The fourth section, or the last one with an `@`, says what stands around a text, or in its stead."""
    assert render_text("44", code) == shown


@pytest.mark.parametrize(
    ("code", "keeps"),
    [
        ("0.00E+00", True),
        ("# ?/?", True),
        ('"tel "0.0E+0', True),
        ("General", True),
        ("0.00E+00;@", True),
        ('"+44 "0 ?/?', False),
        ("\\+0.0E+00", False),
        ("# ?/8", False),
        ("0/0", False),
        ("?/?", False),
        (";;;", False),
        ("yyyy", False),
        ("[$-407]d. mmmm yyyy", False),
        ('[<5]0;"hidden"', False),
        ("[>0]0.00%;0;0", False),
        ("[DBNum1]0", False),
    ],
)
def test_a_format_that_only_hides_digits_is_known(code: str, keeps: bool) -> None:  # noqa: FBT001 - a table of cases
    """An exponent hides digits; a country code adds some, a percentage moves them, a fraction may end with /1."""
    assert keeps_digits(code) is keeps


@given(st.integers(-(10**15), 10**15), st.sampled_from(["0", "#,##0", "General", "0.00", "#,##0.00_);(#,##0.00)"]))
def test_no_digit_of_a_whole_number_is_lost(value: int, code: str) -> None:
    """Read back without its separators, what is shown is the number."""
    shown = render(value, code)

    assert shown is not None
    plain = shown.replace(",", "").strip()
    assert Decimal(plain if plain[0] != "(" else f"-{plain[1:-1]}") == value


MOMENTS = st.one_of(st.datetimes(), st.dates(), st.times(), st.timedeltas())
PIECES = st.sampled_from(
    [*'0#?.,%;_*[]$-+@ yMdhsbeg/\\"T', "E+", "[h]", "[<5]", "[$-407]", "General", "AM/PM", '"1"', "\u5e74"]
)


@given(st.one_of(st.floats(), st.integers(), MOMENTS), st.lists(PIECES, max_size=12).map("".join))
@example(4155550100, "0%0%0%0%0%0%00000000%0%")
@example(datetime(2026, 12, 1), "[m")  # noqa: DTZ001 - a cell has no zone
def test_any_format_is_answered(value: float | date | time | timedelta, code: str) -> None:
    """Whatever stands in a workbook, the answer is a text or none."""
    shown = render(value, code)

    assert shown is None or isinstance(shown, str)
    assert isinstance(keeps_digits(code), bool)
    assert isinstance(render_text("Ada", code), str | None)
