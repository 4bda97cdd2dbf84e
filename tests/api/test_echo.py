"""Promises about replies that tell another call than the one asked for."""

from typing import Any

import pytest

from dialer.api.echo import Request, contradiction, is_repeated, requested
from dialer.clock import to_ms
from tests.support import MONDAY_NOON, number

ASKED = Request(number(0), to_ms(MONDAY_NOON) + 387)
AT = "2026-11-23T17:00:00.387Z"


def test_a_body_tells_what_is_asked_for() -> None:
    """Number and instant are read from the very bytes that are sent."""
    body = f'{{"toPhoneNumber": "{number(0)}", "callDelayedUntil": "{AT}"}}'.encode()
    assert requested(body) == ASKED


@pytest.mark.parametrize(
    "told",
    [
        {"toPhoneNumber": number(0), "callDelayedUntil": AT},
        {"toPhoneNumber": number(0), "callDelayedUntil": "2026-11-23T17:00:00.387+00:00"},
        {"toPhoneNumber": number(0), "callDelayedUntil": "2026-11-23T12:00:00.387-05:00"},
    ],
)
def test_the_same_instant_is_the_same_however_it_is_written(told: dict[str, Any]) -> None:
    """The API may write an instant in another way than it was sent."""
    assert is_repeated(told, ASKED)
    assert contradiction(told, ASKED) == ""


@pytest.mark.parametrize("told", [{}, {"toPhoneNumber": None, "callDelayedUntil": None}, {"callDelayedUntil": AT}])
def test_a_short_reply_contradicts_nothing(told: dict[str, Any]) -> None:
    """The id alone is what the reply must hold."""
    assert contradiction(told, ASKED) == ""
    assert not is_repeated(told, ASKED)


@pytest.mark.parametrize(
    "told",
    [
        {"toPhoneNumber": number(1), "callDelayedUntil": AT},
        {"toPhoneNumber": number(1)},
        {"toPhoneNumber": 1, "callDelayedUntil": AT},
        {"toPhoneNumber": number(0)},
        {"toPhoneNumber": number(0), "callDelayedUntil": None},
        {"toPhoneNumber": number(0), "callDelayedUntil": "2026-11-23T17:00:00.387"},
        {"toPhoneNumber": number(0), "callDelayedUntil": "2026-11-23T17:00:00Z"},
        {"toPhoneNumber": number(0), "callDelayedUntil": "2026-11-23T12:00:00.387Z"},
        {"callDelayedUntil": "2026-11-23T17:01:00.387Z"},
        {"callDelayedUntil": 7},
        {"callDelayedUntil": "0001-01-01T00:00:00+23:59"},
        {"callDelayedUntil": "9999-12-31T23:59:59-23:59"},
        {"callDelayedUntil": "\x1b]0;soon\x07"},
    ],
    ids=str,
)
def test_what_is_told_and_differs_is_told_to_people(told: dict[str, Any]) -> None:
    """Another number, another instant, or none where the number is told; never the number itself, or foreign text."""
    what = contradiction(told, ASKED)
    assert what
    assert what.isprintable()
    assert number(1)[1:] not in what
