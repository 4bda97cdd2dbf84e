"""When people ask to be called: what cells say, and the hours of each day that follow."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.contacts.choosing.call_times import ANY_TIME, AskedTime, CallTimes, contradict, read_asked

DAY = date(2026, 12, 3)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("2026-12-03", "2026-12-03"),
        ("2026-12-03T15:00:00", "2026-12-03T15:00"),
        ("2026-12-03 15:00", "2026-12-03T15:00"),
        ("3.12.2026 8:05", "2026-12-03T08:05"),
        ("12/31/2026, 3:00 PM", "2026-12-31T15:00"),
        ("15:00", "15:00"),
        ("15:00:00", "15:00"),
        ("3 pm", "15:00"),
        ("12:30 a.m.", "00:30"),
        ("12 pm", "12:00"),
        ("00:00", "00:00"),
    ],
)
def test_a_cell_is_read_in_the_forms_that_people_write(text: str, asked: str) -> None:
    """A day, a time of every day, or both; ISO, and whatever else can mean one thing only."""
    read = read_asked(text)
    assert isinstance(read, AskedTime)
    assert read.text == asked
    assert AskedTime.of(asked) == read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("03/04/2026", "may hold 2026-03-04 or 2026-04-03"),
        ("2026-02-30", "no day that the calendar has"),
        ("31.11.2026 15:00", "no day that the calendar has"),
        ("2026-12-03T15:00:00Z", "an offset from UTC"),
        ("2026-12-03 15:00+01:00", "an offset from UTC"),
        ("15", "no day or time"),
        ("25:00", "no day or time"),
        ("12:60", "no day or time"),
        ("13 pm", "no day or time"),
        ("0 am", "no day or time"),
        ("2026-12-03 soon", "no day or time"),
        ("tomorrow", "no day or time"),
        ("01/02/26", "no day that the calendar has"),
        ("46359", "no day"),
    ],
)
def test_what_can_mean_two_things_or_none_is_told(text: str, said: str) -> None:
    """Nobody is called at a guessed hour."""
    read = read_asked(text)
    assert isinstance(read, str)
    assert said in read


def test_seconds_never_make_a_call_come_before_its_time() -> None:
    """A beginning is rounded up to the minute, an end down."""
    assert read_asked("15:00:01", round_up=True) == AskedTime(None, 15 * 60 + 1)
    assert read_asked("15:00:00.25", round_up=True) == AskedTime(None, 15 * 60 + 1)
    assert read_asked("23:59:59", round_up=True) == AskedTime(None, 24 * 60)
    assert read_asked("15:00:59") == AskedTime(None, 15 * 60)


def times(before: str = "", after: str = "", at: str = "") -> CallTimes:
    """Return what a row asks for by its three cells."""
    return CallTimes.of(f"{before}|{after}|{at}")


@pytest.mark.parametrize(
    ("asked", "yesterday", "today", "tomorrow"),
    [
        (ANY_TIME, [(0, 1440)], [(0, 1440)], [(0, 1440)]),
        (times(before="2026-12-03"), [], [(0, 1440)], [(0, 1440)]),
        (times(before="2026-12-03T15:00"), [], [(900, 1440)], [(0, 1440)]),
        (times(before="15:00"), [(900, 1440)], [(900, 1440)], [(900, 1440)]),
        (times(after="2026-12-03"), [(0, 1440)], [(0, 1440)], []),
        (times(after="2026-12-03T15:00"), [(0, 1440)], [(0, 900)], []),
        (times(after="15:00"), [(0, 900)], [(0, 900)], [(0, 900)]),
        (times(at="2026-12-03"), [], [(0, 1440)], []),
        (times(at="2026-12-03T15:00"), [], [(900, 930)], []),
        (times(at="15:00"), [(900, 930)], [(900, 930)], [(900, 930)]),
        (times(at="23:50"), [(1430, 1440)], [(1430, 1440)], [(1430, 1440)]),
        (times(before="2026-12-03", after="15:00"), [], [(0, 900)], [(0, 900)]),
        (times(before="15:00", at="14:50"), [(900, 920)], [(900, 920)], [(900, 920)]),
        (times(after="14:00", at="15:00"), [], [], []),
    ],
)
def test_each_day_has_the_hours_that_are_asked_for(
    asked: CallTimes, yesterday: list[tuple[int, int]], today: list[tuple[int, int]], tomorrow: list[tuple[int, int]]
) -> None:
    """On the day before 2026-12-03, on it and on the day after: what all cells of the row allow."""
    days = [DAY + timedelta(days=shift) for shift in (-1, 0, 1)]
    assert [list(asked.hours_on(day)) for day in days] == [yesterday, today, tomorrow]


@pytest.mark.parametrize(
    ("before", "after", "is_wrong"),
    [
        ("2026-12-03", "2026-12-03", False),
        ("2026-12-04", "2026-12-03", True),
        ("2026-12-03T15:00", "2026-12-03T15:00", True),
        ("2026-12-03T15:00", "2026-12-03", False),
        ("18:00", "09:00", True),
        ("09:00", "18:00", False),
        ("2026-12-03", "09:00", False),
        ("", "09:00", False),
    ],
)
def test_hours_that_end_before_they_begin_are_found(before: str, after: str, is_wrong: bool) -> None:  # noqa: FBT001 - a case
    """A slip that leaves no hour at all is the row's, not the campaign's."""
    assert contradict(times(before, after)) == is_wrong


moments = st.builds(AskedTime, st.none() | st.dates(), st.none() | st.integers(0, 1439)).filter(
    lambda asked: asked != (None, None)
)


@given(asked=st.builds(CallTimes, *[st.none() | moments] * 3))
def test_the_ledger_gives_back_what_was_asked_for(asked: CallTimes) -> None:
    """Whatever a row asks for, a retry knows it."""
    assert CallTimes.of(asked.text) == asked
