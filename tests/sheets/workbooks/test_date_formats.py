"""Dates, times and spans by the tokens of a format, as Excel's page on number format codes shows them.

Source of what is expected: "Number format codes", Microsoft Support, section "Display dates and times".
"""

from datetime import date, datetime, time, timedelta

import pytest

from dialer.sheets.workbooks.date_formats import show_moment

MORNING = datetime(2026, 1, 5, 0, 7, 9)  # noqa: DTZ001 - a cell has no zone
EVENING = datetime(1999, 12, 31, 13, 45, 30)  # noqa: DTZ001 - as above


@pytest.mark.parametrize(
    ("code", "morning", "evening"),
    [
        ("m", "1", "12"),
        ("mm", "01", "12"),
        ("mmm", "Jan", "Dec"),
        ("mmmm", "January", "December"),
        ("d", "5", "31"),
        ("dd", "05", "31"),
        ("ddd", "Mon", "Fri"),
        ("dddd", "Monday", "Friday"),
        ("yy", "26", "99"),
        ("yyyy", "2026", "1999"),
        ("h", "0", "13"),
        ("hh", "00", "13"),
        ("s", "9", "30"),
        ("ss", "09", "30"),
        ("h:m", "0:7", "13:45"),
        ("h:mm", "0:07", "13:45"),
        ("m:ss", "7:09", "45:30"),
        ("YYYY-MM-DD", "2026-01-05", "1999-12-31"),
    ],
)
def test_each_code_is_shown_as_documented(code: str, morning: str, evening: str) -> None:
    """Days, months and years in each length, by the clock of 24 hours."""
    assert show_moment(MORNING, list(code)) == morning
    assert show_moment(EVENING, list(code)) == evening


@pytest.mark.parametrize(
    ("moment", "code", "shown"),
    [(MORNING, "AM/PM", "12:07 AM"), (EVENING, "AM/PM", "1:45 PM"), (MORNING, "a/p", "12:07 A")],
)
def test_with_am_and_pm_hours_go_to_twelve(moment: datetime, code: str, shown: str) -> None:
    """Midnight is twelve, and so is noon."""
    assert show_moment(moment, [*"h:mm ", code]) == shown
    assert show_moment(datetime.combine(moment, time(12)), [*"h ", "AM/PM"]) == "12 PM"


def test_elapsed_time_goes_beyond_a_day() -> None:
    """`[h]`, `[m]` and `[s]` count all there is, of a span or of a time; a date has no length."""
    long = timedelta(days=1, hours=1, minutes=2, seconds=3)

    assert show_moment(long, ["[h]", *":mm:ss"]) == "25:02:03"
    assert show_moment(long, ["[mm]"]) == "1502"
    assert show_moment(time(1, 2, 3), ["[s]"]) == "3723"
    assert show_moment(EVENING, ["[h]"]) is None


def test_a_time_alone_and_a_date_alone_are_shown() -> None:
    """What a cell does not hold is shown as Excel shows nothing: midnight."""
    assert show_moment(time(9, 30), list("hh:mm")) == "09:30"
    assert show_moment(date(2026, 1, 5), list("d/m/yyyy h:mm")) == "5/1/2026 0:00"


def test_texts_stand_as_they_are() -> None:
    """Quoted and escaped texts are shown without their marks, and the usual separators as they stand."""
    assert show_moment(MORNING, ["d", '" of "', *"mmmm", "\\,", " ", *"yyyy"]) == "5 of January, 2026"


@pytest.mark.parametrize(
    "tokens", [["d", "0"], ["s", ".", "0000"], ["s", ".", "#"], ["h", ".", "0"], ["e"], list("mmmmm"), ["-", "/"], []]
)
def test_what_is_not_known_is_not_guessed(tokens: list[str]) -> None:
    """Digits among dates, finer fractions than a millisecond, eras, letters of months, no date: told by nobody."""
    assert show_moment(MORNING, tokens) is None


@pytest.mark.parametrize(
    ("microsecond", "fraction", "shown"),
    [
        (387_000, "000", "9.387"),
        (386_999, "000", "9.387"),
        (387_000, "0", "9.4"),
        (999_600, "000", "10.000"),
        (0, "00", "9.00"),
    ],
)
def test_a_fraction_of_a_second_is_rounded_to_the_digits_shown(microsecond: int, fraction: str, shown: str) -> None:
    """As Excel shows `ss.000`; one that comes to a whole second carries over."""
    assert show_moment(MORNING.replace(microsecond=microsecond), ["s", ".", fraction]) == shown
