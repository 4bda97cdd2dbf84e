"""How instants are counted and written."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.clock import EPOCH, SystemClock, from_ms, iso_ms, to_ms

LATEST_MS = to_ms(datetime(9999, 12, 31, tzinfo=UTC))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=ZONES)  # noqa: DTZ001 - zones are added


@given(instant_ms=st.integers(to_ms(datetime(1000, 1, 1, tzinfo=UTC)), LATEST_MS))
def test_milliseconds_survive_every_way_of_writing(instant_ms: int) -> None:
    """Counted, as a datetime, and in ISO, it stays the same instant, also before 1970."""
    assert to_ms(from_ms(instant_ms)) == instant_ms
    assert from_ms(instant_ms).tzinfo is UTC
    assert to_ms(datetime.fromisoformat(iso_ms(instant_ms))) == instant_ms


@given(instant=INSTANTS)
def test_an_instant_is_the_same_in_every_zone_and_rounds_down(instant: datetime) -> None:
    """The count knows no zone, and never lies after the instant."""
    assert to_ms(instant) == to_ms(instant.astimezone(UTC))
    assert timedelta(0) <= instant - from_ms(to_ms(instant)) < timedelta(milliseconds=1)


def test_the_api_form_is_as_documented() -> None:
    """UTC, a `T`, three digits of milliseconds, a `Z`."""
    assert iso_ms(to_ms(datetime(2023, 10, 12, 9, 8, 0, 387_999, tzinfo=UTC))) == "2023-10-12T09:08:00.387Z"
    assert iso_ms(0) == "1970-01-01T00:00:00.000Z"
    assert iso_ms(7) == "1970-01-01T00:00:00.007Z"


def test_a_naive_time_is_refused() -> None:
    """Nobody can know whose nine o'clock it is."""
    with pytest.raises(ValueError, match="zone"):
        to_ms(datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001 - what is tested


def test_the_system_clock_is_aware_and_never_steps_back() -> None:
    """Now has its zone, UTC; the monotonic seconds only grow, also over a sleep."""
    clock = SystemClock()
    before = clock.monotonic()
    asyncio.run(clock.sleep(0))

    assert clock.now().tzinfo is UTC
    assert clock.now() > EPOCH
    assert clock.monotonic() >= before
