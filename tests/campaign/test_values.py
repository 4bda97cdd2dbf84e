"""How durations, hours, instants and regions are written, and what is said about wrong ones."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.values import (
    MINUTES_A_DAY,
    Cap,
    folded_word,
    parse_cap,
    parse_duration,
    parse_excluded,
    parse_hours,
    parse_path,
    parse_regions,
    parse_start,
)

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def clock_time(minutes: int) -> str:
    """Write minutes since midnight as a clock does, with 24:00 for the end of the day."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@given(count=st.integers(0, 10_000), unit=st.sampled_from(sorted(UNITS)), gap=st.sampled_from(["", " "]))
def test_a_duration_means_its_number_of_units(count: int, unit: str, gap: str) -> None:
    """A whole number with a unit is that many of them."""
    assert parse_duration(f"{count}{gap}{unit}") == timedelta(seconds=count * UNITS[unit])


@pytest.mark.parametrize(("text", "seconds"), [("1.5h", 5400), ("0.5s", 0.5), (" 90s ", 90), ("7d", 604_800)])
def test_a_duration_may_be_a_fraction(text: str, seconds: float) -> None:
    """Half an hour is half an hour, and white space around it does not matter."""
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", ["", "90", "s", "-5m", "5 minutes", "1h30m", "1,5h", ".5h", "5.h", "inf", "nan d", 90, 1.5, None, True]
)
def test_a_duration_without_number_or_unit_is_refused(value: Any) -> None:
    """A bare number could be seconds or hours: it is not guessed at."""
    with pytest.raises(ValueError, match="a number and a unit"):
        parse_duration(value)


@pytest.mark.parametrize("text", ["9" * 20 + "d", "9" * 400 + "d", "1000000000d"])
def test_an_absurd_duration_is_refused_like_any_other_mistake(text: str) -> None:
    """What no calendar holds is an error of the campaign file, not a crash."""
    with pytest.raises(ValueError, match="longer than any campaign"):
        parse_duration(text)


@pytest.mark.slow
@given(data=st.data())
def test_hours_survive_being_written(data: st.DataObject) -> None:
    """Windows that do not overlap, in any order, are read as what they are, sorted."""
    marks = sorted(data.draw(st.sets(st.integers(0, MINUTES_A_DAY), min_size=2, max_size=8)))
    spans = list(zip(marks[::2], marks[1::2], strict=False))
    written = [f"{clock_time(first)}-{clock_time(last)}" for first, last in spans]
    mixed = data.draw(st.permutations(written))

    assert parse_hours(", ".join(mixed)) == tuple(spans)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", ()),
        ("00:00-24:00", ((0, 1440),)),
        ("9:00-17:30", ((540, 1050),)),
        ("09:00 \u2013 17:30", ((540, 1050),)),
        ("09:00-12:00,12:00-13:00,", ((540, 720), (720, 780))),
    ],
)
def test_hours_may_be_written_as_people_write_them(text: str, hours: tuple[tuple[int, int], ...]) -> None:
    """One digit of an hour, a long dash and windows that touch are fine; nothing is no hours."""
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("09:00-12:00, 11:59-13:00", "overlap"),
        ("10:00-11:00, 09:00-12:00", "overlap"),
        ("09:00-12:00, 09:00-12:00", "overlap"),
        ("22:00-06:00", "midnight as two"),
        ("09:00-09:00", "ends before it begins"),
        ("09:60-10:00", "no clock shows"),
        ("23:00-24:01", "no clock shows"),
        ("23:00-25:00", "no clock shows"),
        ("9-17", "is not a window"),
        ("09:00", "is not a window"),
        ("9am-5pm", "is not a window"),
        ("09:00:00-10:00:00", "is not a window"),
        (900, "write hours"),
        (["09:00-10:00"], "write hours"),
        (None, "write hours"),
    ],
)
def test_hours_that_nobody_can_mean_are_refused(value: Any, reason: str) -> None:
    """Overlaps, windows over midnight and times that no clock shows are told apart."""
    with pytest.raises(ValueError, match=reason):
        parse_hours(value)


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-01T09:00:00-05:00",
        "2026-12-01T14:00:00Z",
        "2026-12-01 14:00+00:00",
        datetime(2026, 12, 1, 9, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_an_instant_with_a_zone_is_read(written: Any) -> None:
    """As text or as TOML's own date and time, it is the same instant."""
    assert parse_start(written) == datetime(2026, 12, 1, 14, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2026-12-01T09:00:00", "2026-12-01", datetime(2026, 12, 1, 9)])  # noqa: DTZ001 - what is tested
def test_an_instant_without_a_zone_is_refused(written: Any) -> None:
    """Nobody can know whose nine o'clock it is, and it could be at night."""
    with pytest.raises(ValueError, match=r"no zone; add Z or an offset"):
        parse_start(written)


@pytest.mark.parametrize("written", ["tomorrow", "", "2026-13-01T09:00Z", "01/12/2026 09:00", 5, None, "now"])
def test_what_is_no_instant_is_refused(written: Any) -> None:
    """The error shows how an instant is written."""
    with pytest.raises(ValueError, match="ISO date and time with a zone"):
        parse_start(written)


@pytest.mark.parametrize(("text", "region"), [("US", "US"), ("us", "US"), (" gb ", "GB"), ("DE", "DE")])
def test_a_region_is_two_letters_in_any_case(text: str, region: str) -> None:
    """Regions are written as ISO 3166 has them."""
    assert parse_regions(text) == region


@pytest.mark.parametrize("value", ["UK", "EN", "USA", "", "001", "XX", "+1", "United States", 1, None])
def test_what_is_no_region_is_refused_with_a_hint_for_the_united_kingdom(value: Any) -> None:
    """UK is no ISO code, and people write it all the same."""
    with pytest.raises(ValueError, match="two ISO 3166 letters") as caught:
        parse_regions(value)
    assert ('here "GB"' in str(caught.value)) == (value in {"UK", "EN"})


@pytest.mark.parametrize("text", ["", "x", "0/24h", "1/0h", "1/24", "1/24m", "1/400d", "-1/24h", "1 per day"])
def test_what_is_no_cap_is_refused(text: str) -> None:
    """A cap is calls and hours or days, at least one call, at most 366 days."""
    with pytest.raises(ValueError, match=r"cap|calls and a time"):
        parse_cap(text)


def test_a_cap_is_calls_in_a_time() -> None:
    """Spaces do not matter, and what was read before is taken as it is."""
    assert parse_cap(" 2 / 7 d ") == Cap(2, 7 * 86_400_000)
    assert parse_cap(Cap(1, 5)) == Cap(1, 5)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("español", "ESPAN\u0303OL"),  # the accent as a character of its own, as files of a Mac have it
        ("język", "\ufeffjęzyk"),
        ("Straße", " STRASSE\u00a0"),
        ("en", "\uff25\uff2e"),  # full-width, as typed with a Japanese keyboard
        ("한국어", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165"),
        ("Ελληνικός", "ΕΛΛΗΝΙΚΌΣ"),
    ],
)
def test_words_that_look_the_same_are_the_same(one: str, other: str) -> None:
    """Whichever program wrote them; a word with another letter is another word."""
    assert folded_word(one) == folded_word(other)
    assert folded_word(one) != folded_word(one[:-1])


@pytest.mark.parametrize("parse", [parse_path, parse_excluded])
def test_an_address_in_place_of_a_path_is_refused_and_not_quoted(parse: Callable[[str], object]) -> None:
    """It may hold a password."""
    with pytest.raises(ValueError, match="must be a path") as caught:
        parse("postgresql://reader:hunter2@db.example.com/crm")
    assert "hunter2" not in str(caught.value)
