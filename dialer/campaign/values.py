"""How single values of a campaign file are written, and how a wrong one is explained."""

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal, NamedTuple, get_args

from dialer.words import masked

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

Hours = tuple[tuple[int, int], ...]
"""Local hours of one day as (first, last) minutes since midnight, `last` excluded, sorted, never overlapping."""


class Cap(NamedTuple):
    """At most *calls* calls of one number in any *period_ms* milliseconds."""

    calls: int
    period_ms: int

    def __str__(self) -> str:
        """Write it as a campaign file does: `2/7d`."""
        hours = self.period_ms // _HOUR_MS
        return f"{self.calls}/{hours // 24}d" if hours % 24 == 0 and hours > 24 else f"{self.calls}/{hours}h"  # noqa: PLR2004 - hours of a day


MINUTES_A_DAY = 24 * 60
_HOUR_MS = 3_600_000
_DURATION_TEXT = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_CAP = re.compile(r"(\d{1,6})\s*/\s*(\d{1,3})\s*(h|d)")
LONGEST_CAP_MS = 366 * 24 * _HOUR_MS
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})")


NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
E164 = r"^\+[1-9][0-9]{6,14}$"
WEB_ADDRESS = r"^https?://\S+$"
VARIABLE = r"^[A-Z_][A-Z0-9_]*$"
SCHEMA_NAME = r"^[a-z_][a-z0-9_]{0,62}$"
MEANINGS_OF_PATTERNS = {
    NAME: "1 to 100 of the letters A to Z, digits, dots, dashes and underscores, the first a letter or digit",
    E164: 'a number with + and its country code, without spaces, such as "+12015550100"',
    WEB_ADDRESS: "an address that begins with https:// or http://",
    VARIABLE: "the name of an environment variable, in capital letters, digits and underscores",
    SCHEMA_NAME: "1 to 63 small letters, digits and underscores, the first no digit",
}
"""What each pattern of a campaign file asks for, in words."""


def parse_duration(value: Any) -> Any:
    """Read `"90s"`, `"15m"`, `"24h"`, `"7d"`; anything else is left for the model to judge."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION_TEXT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('write a number and a unit, such as "90s", "15m", "24h" or "7d"')
    try:
        return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    except OverflowError as error:
        raise ValueError("is longer than any campaign") from error


def parse_hours(value: Any) -> Hours:
    """Read `"09:00-12:00, 14:00-18:00"` as `Hours`. `24:00` is the end of the day; `""` is no hours at all.

    A window over midnight is written as two, one on each day.
    """
    if isinstance(value, tuple):
        return value
    if not isinstance(value, str):
        raise ValueError('write hours such as "09:00-17:30"')  # noqa: TRY004 - pydantic collects ValueErrors only
    spans = sorted(_span(part) for part in value.split(",") if part.strip())
    for earlier, later in pairwise(spans):
        if later[0] < earlier[1]:
            raise ValueError("two of these windows overlap")
    return tuple(spans)


def parse_cap(value: Any) -> Cap:
    """Read `"2/7d"`: at most two calls of one number in any seven days. Hours and days, at most 366 days."""
    if isinstance(value, Cap):
        return value
    match = _CAP.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('write calls and a time, such as "1/24h" or "2/7d"')
    period_ms = int(match[2]) * _HOUR_MS * (24 if match[3] == "d" else 1)
    if not int(match[1]) or not 0 < period_ms <= LONGEST_CAP_MS:
        raise ValueError(f"{value.strip()!r} is no cap: at least 1 call, in at most 366 days")
    return Cap(int(match[1]), period_ms)


def _span(text: str) -> tuple[int, int]:
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{masked(repr(text.strip()))} is not a window; write hours such as "09:00-17:30"')
    first, last = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if int(match[2]) > 59 or int(match[4]) > 59 or last > MINUTES_A_DAY:  # noqa: PLR2004 - minutes of an hour
        raise ValueError(f"{text.strip()!r} holds a time that no clock shows")
    if first >= last:
        raise ValueError(f"{text.strip()!r} ends before it begins; write a window over midnight as two")
    return first, last


def parse_start(value: Any) -> Any:
    """Read an ISO date and time with a zone. One without a zone is refused: nobody can know whose it is."""
    if isinstance(value, str) and value != "now":
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise ValueError('write "2026-12-01T09:00:00-05:00", an ISO date and time with a zone') from error
    if not isinstance(value, datetime):
        raise ValueError("write an ISO date and time with a zone")  # noqa: TRY004 - pydantic collects ValueErrors only
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no zone; add Z or an offset such as -05:00")
    return value


def parse_day(value: Any) -> Any:
    """Take a day such as 2026-12-24, in quotes or not. A number is none: it would be read as seconds since 1970."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value.strip())
    if not isinstance(value, date):
        raise ValueError("write a day such as 2026-12-24")  # noqa: TRY004 - pydantic collects ValueErrors only
    return value


def parse_worksheet(value: Any) -> Any:
    """Take a worksheet's name, or its number from 1."""
    if isinstance(value, bool) or not isinstance(value, str | int) or (isinstance(value, int) and value < 1):
        raise ValueError("write the worksheet's name in quotes, or its number from 1")
    return value


def folded_word(text: str) -> str:
    """Return a word or a header as it is compared: whatever its case, and however its program stores the same letters.

    One program stores é as a letter, another as e with an accent, a third full-width; invisible characters come along
    when a text is copied (Unicode, UAX #15).
    """
    if text.isascii():
        return text.strip().casefold()
    seen = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold()).strip()


CAMPAIGN = "campaign:"
"""Begins what `exclude` names that is no file."""


def parse_excluded(value: str) -> str:
    """Take a path as `parse_path` does, or `campaign:NAME`."""
    if value.startswith(CAMPAIGN) and not re.fullmatch(NAME, value.removeprefix(CAMPAIGN)):
        raise ValueError('write a file, or campaign: and the name of one, such as "campaign:spring"')
    return str(parse_path(value))


def parse_path(value: Any) -> Any:
    r"""Take a path as it is, and no address, which may hold a password that a message about a path would show.

    A tab or a line end in one was \t or \n of a Windows path in double quotation marks.
    """
    if isinstance(value, str) and "://" in value:
        raise ValueError("must be a path; only the contact sheet may come from an address")
    if isinstance(value, str) and not all(character.isprintable() for character in value):
        raise ValueError(r"holds an invisible character; write / for each \ of a path")
    return value


def parse_regions(value: Any) -> str:
    """Read an ISO 3166 country code that the phone library knows, such as `US`."""
    import phonenumbers  # noqa: PLC0415 - 40 ms that `dialer --help` need not pay

    text = value.strip().upper() if isinstance(value, str) else ""
    if text not in phonenumbers.SUPPORTED_REGIONS:
        letters = {"UK": "GB", "EN": "GB", "USA": "US", "UAE": "AE"}.get(text)
        hint = 'such as "US"' if letters is None else f'here "{letters}"'
        raise ValueError(f"{masked(repr(value))} is no country code; write two ISO 3166 letters, {hint}")
    return text
