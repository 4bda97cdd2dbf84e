"""The legal holidays that the `holidays` library lacks: data of our own, each with its source (`rules/*.toml`)."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Annotated

from dateutil.rrule import rrulestr
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from dialer.schedule.rules import rule_tables

_START = datetime(1996, 1, 1)  # noqa: DTZ001 - days have no zone
"""Where every recurrence starts: a leap year, so that `INTERVAL=2` means even years and `INTERVAL=4` leap years."""


def _recurrence(text: str) -> str:
    rrulestr(text, dtstart=_START)
    return text


class LegalHoliday(BaseModel):
    """A holiday of a *region* (`US-RI`), by the rule of RFC 5545 that its *days* follow.

    `FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=4` is every fourth of May, `FREQ=YEARLY;BYEASTER=-2` Good Friday (dateutil's own
    addition to the standard), and `FREQ=YEARLY;INTERVAL=2;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8` the Tuesday
    after the first Monday of November, in even years.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z]{2,3})?$")]
    name: Annotated[str, Field(min_length=1)]
    days: Annotated[str, AfterValidator(_recurrence)]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    read: date

    def dates(self, year: int) -> Iterator[date]:
        """Yield its days of a *year*."""
        first, last = datetime(year, 1, 1), datetime(year, 12, 31)  # noqa: DTZ001 - as above
        for day in rrulestr(self.days, dtstart=_START).between(first, last, inc=True):
            yield day.date()


@cache
def legal_holidays() -> tuple[LegalHoliday, ...]:
    """Return every holiday that is data of our own, in the order of the files."""
    return tuple(LegalHoliday.model_validate(row) for row in rule_tables("holidays"))
