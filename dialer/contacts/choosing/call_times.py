"""When the person of a row asks to be called, on their own clock: what cells say, and the hours of each day. Pure."""

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple, Self

from dialer.campaign.tables import Columns
from dialer.campaign.values import MINUTES_A_DAY, Hours
from dialer.contacts.choosing.cell_values import either, moments_of

CALL_AT_MINUTES = 30
"""How long after the time that somebody asks for the call may come: others may have asked for the same minute."""

_MOMENT = re.compile(r"(?P<day>\d+[./-]\d+[./-]\d+)(?:(?:T|,?\s+)(?P<time>\S.*))?")
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d(?:\.\d+)?))?)?(?:\s*(?P<half>[ap])\.?m\.?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r".*\d\s*(?:Z|[+-]\d\d:?\d\d)", re.IGNORECASE)
_HALF_A_DAY, _HOURS, _MINUTES = 12, 24, 60
_FORMS = "Write 2026-12-03, 2026-12-03 15:00 or 15:00"


class AskedTime(NamedTuple):
    """What a cell asks for: a *day*, a *minute* of every day, or a minute of a day."""

    day: date | None
    minute: int | None

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Read what `text` wrote."""
        day, _, clock = text.rpartition("T") if "T" in text else (text, "", "") if "-" in text else ("", "", text)
        minute = None if not clock else int(clock[:2]) * 60 + int(clock[3:])
        return cls(date.fromisoformat(day) if day else None, minute) if text else None

    @property
    def text(self) -> str:
        """Write it as ISO 8601 does: `2026-12-03`, `15:00`, `2026-12-03T15:00`."""
        clock = "" if self.minute is None else f"{self.minute // 60:02d}:{self.minute % 60:02d}"
        return "T".join(part for part in ("" if self.day is None else self.day.isoformat(), clock) if part)


class CallTimes(NamedTuple):
    """What a row asks for; each bound is None where it asks for none."""

    not_before: AskedTime | None = None
    not_after: AskedTime | None = None
    call_at: AskedTime | None = None

    @classmethod
    def of(cls, text: str) -> Self:
        """Read what `text` wrote."""
        return cls(*map(AskedTime.of, text.split("|"))) if text else cls()

    @property
    def text(self) -> str:
        """Write it as the ledger keeps it: "" where nothing is asked for."""
        return "|".join("" if asked is None else asked.text for asked in self) if any(self) else ""

    @property
    def described(self) -> str:
        """Write it for people: `not_before 2026-12-03 15:00, not_after 18:00`."""
        return ", ".join(f"{name} {asked.text.replace('T', ' ')}" for name, asked in self._asdict().items() if asked)

    def hours_on(self, day: date) -> Hours:
        """Return the hours of *day*, on the person's own clock, in which they ask to be called."""
        spans = (_from(self.not_before, day), _until(self.not_after, day), _at(self.call_at, day))
        first, last = max(first for first, _ in spans), min(last for _, last in spans)
        return ((first, last),) if first < last else ()


ANY_TIME = CallTimes()
_ALL_DAY, _NEVER = (0, MINUTES_A_DAY), (0, 0)


def _from(asked: AskedTime | None, day: date) -> tuple[int, int]:
    if asked is None or (asked.day is not None and day > asked.day):
        return _ALL_DAY
    return (asked.minute or 0, MINUTES_A_DAY) if asked.day in (None, day) else _NEVER


def _until(asked: AskedTime | None, day: date) -> tuple[int, int]:
    if asked is None or (asked.day is not None and day < asked.day):
        return _ALL_DAY
    return (0, MINUTES_A_DAY if asked.minute is None else asked.minute) if asked.day in (None, day) else _NEVER


def _at(asked: AskedTime | None, day: date) -> tuple[int, int]:
    if asked is None or (asked.minute is None and asked.day == day):
        return _ALL_DAY
    if asked.minute is None or asked.day not in (None, day):
        return _NEVER
    return asked.minute, min(asked.minute + CALL_AT_MINUTES, MINUTES_A_DAY)


def asked_columns(columns: Columns, *, named: Callable[[str, str], int]) -> dict[str, int]:
    """Return the 0-based columns of what is asked for; *named* finds that of a header for the setting that names it."""
    headers = {name: getattr(columns, name) for name in CallTimes._fields}
    return {name: named(header, f"[contacts.columns] {name}") for name, header in headers.items() if header}


def read_asked(text: str, *, round_up: bool = False) -> AskedTime | str:
    """Return what a filled cell asks for, or what is wrong with it, to be read behind the name of its column.

    Seconds are rounded to the minute that keeps what is asked for: up for a beginning.
    """
    found = _MOMENT.fullmatch(text)
    clock = text if found is None else found["time"]
    minute = None if clock is None else _minute(clock, round_up=round_up)
    if clock is not None and minute is None:
        if _OFFSET.fullmatch(clock):
            return f"holds an offset from UTC or two times, and takes one on the person's own clock. {_FORMS}."
        return f"holds no day or time that can be read. {_FORMS}."
    if found is None:
        return AskedTime(None, minute)
    days = moments_of(found["day"])
    if len(days) != 1:
        may_be = either({moment.date() for moment in days})
        return f"{f'may hold {may_be}' if days else 'holds no day that the calendar has'}. {_FORMS}."
    return AskedTime(next(iter(days)).date(), minute)


def contradict(times: CallTimes) -> bool:
    """Return whether `not_after` lies before `not_before`, where both name a day or neither does."""
    begin, end = times.not_before, times.not_after
    if begin is None or end is None or (begin.day is None) != (end.day is None):
        return False
    last = MINUTES_A_DAY if end.minute is None else end.minute
    return (begin.day or date.min, begin.minute or 0) >= (end.day or date.min, last)


def _minute(text: str, *, round_up: bool) -> int | None:
    """Return the minute of the day that a clock shows, in 24 hours or in 12 with am or pm."""
    found = _TIME.fullmatch(text.strip())
    if found is None or (found["minute"] is None and found["half"] is None):
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"] or 0), float(found["second"] or 0)
    if found["half"] is not None:
        if not 1 <= hour <= _HALF_A_DAY:
            return None
        hour = hour % _HALF_A_DAY + (_HALF_A_DAY if found["half"].lower() == "p" else 0)
    if hour >= _HOURS or minute >= _MINUTES or second >= _MINUTES:
        return None
    return hour * _MINUTES + minute + (1 if second and round_up else 0)
