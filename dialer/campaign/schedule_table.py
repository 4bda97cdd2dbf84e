"""`[schedule]`: when people may be called and how evenly the calls are spread. Pure."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from dialer.campaign.tables import DURATION, CampaignTable
from dialer.campaign.values import WEEKDAYS, Hours, Weekday, parse_day, parse_hours, parse_start

DayHours = Annotated[Hours, BeforeValidator(parse_hours, json_schema_input_type=str)]
Day = Annotated[date, BeforeValidator(parse_day, json_schema_input_type=str)]
Instant = Annotated[datetime, BeforeValidator(parse_start, json_schema_input_type=str)]

MAX_HORIZON = timedelta(days=7)
"""Zone rules change at short notice, and a created call cannot be recalled: nothing is committed beyond this."""


def _start(value: Any) -> Any:
    return value if value == "now" else parse_start(value)


class Schedule(CampaignTable):
    """`[schedule]`: when people may be called and how evenly the calls are spread.

    `rules` adds the hours and caps of the called person's country and state; only `"off"` leaves them out. With
    `holidays` nobody is called on a public holiday of their own, and on a day of `closed` nobody at all. No slot lies
    within `end_margin` of the end of a person's hours, because the API may dial late. `daily_limit` is the most calls
    of the campaign in any 24 hours.
    """

    start: Annotated[Literal["now"] | datetime, BeforeValidator(_start, json_schema_input_type=str)] = "now"
    end: Instant | None = None
    calls_per_minute: Annotated[float, Field(gt=0, le=60_000)] = 10.0
    window: DayHours = parse_hours("09:00-17:30")
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS[:5]
    windows: dict[Weekday, DayHours] = {}  # noqa: RUF012 - pydantic gives each its own
    horizon: Annotated[timedelta, Field(gt=timedelta(0), le=MAX_HORIZON), DURATION] = timedelta(hours=24)
    rules: Literal["built-in", "off"] = "built-in"
    holidays: bool = True
    closed: tuple[Day, ...] = ()
    end_margin: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(hours=4)), DURATION] = timedelta(
        minutes=15
    )
    daily_limit: Annotated[int, Field(ge=1)] | None = None

    @field_validator("end_margin")
    @classmethod
    def _leaves_time_to_call(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        days = [*info.data.get("windows", {}).values(), info.data.get("window", ())]
        spans = [last - first for hours in days for first, last in hours]
        if spans and timedelta(minutes=max(spans)) <= value:
            raise ValueError("is as long as the longest window, so nobody could ever be called")
        return value

    @model_validator(mode="after")
    def _has_hours(self) -> "Schedule":
        if not any(self.week.values()):
            raise ValueError("window and windows leave no hours on any day, so nobody could ever be called")
        return self

    @property
    def week(self) -> dict[int, Hours]:
        """The campaign's hours by weekday (Monday = 0): `windows` where a day has its own, else `window`."""
        chosen = dict.fromkeys(self.days, self.window) | self.windows
        return {WEEKDAYS.index(day): hours for day, hours in chosen.items()}
