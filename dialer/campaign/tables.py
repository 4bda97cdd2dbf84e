"""The tables of a campaign file: one model for each, with its keys, defaults and bounds."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from dialer.campaign.values import (
    E164,
    WEB_ADDRESS,
    WEEKDAYS,
    Cap,
    Hours,
    Weekday,
    parse_cap,
    parse_day,
    parse_duration,
    parse_hours,
    parse_path,
    parse_regions,
    parse_start,
    parse_worksheet,
)

DayHours = Annotated[Hours, BeforeValidator(parse_hours, json_schema_input_type=str)]
CallCap = Annotated[Cap, BeforeValidator(parse_cap, json_schema_input_type=str)]
Day = Annotated[date, BeforeValidator(parse_day, json_schema_input_type=str)]
Instant = Annotated[datetime, BeforeValidator(parse_start, json_schema_input_type=str)]
FilePath = Annotated[Path, BeforeValidator(parse_path, json_schema_input_type=Path)]
Region = Annotated[str, BeforeValidator(parse_regions)]
Text = Annotated[str, Field(min_length=1)]

# After the bounds, so that these speak of days and not of Python.
DURATION = BeforeValidator(parse_duration, json_schema_input_type=str)

MAX_HORIZON = timedelta(days=7)
"""Zone rules change at short notice, and a created call cannot be recalled: nothing is committed beyond this."""


def _start(value: Any) -> Any:
    return value if value == "now" else parse_start(value)


class CampaignTable(BaseModel):
    """A table whose keys are all known and whose values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Webhook(CampaignTable):
    """One `[[call.webhooks]]`: told by the API when something happens to the call."""

    url: Annotated[str, Field(pattern=WEB_ADDRESS)]
    event: Text = "phoneCall.completed"
    secret_env: Text | None = None


class Call(CampaignTable):
    """`[call]`: what goes into every POST body. The two ids may come from the environment instead.

    `test_number` is one's own, for `dialer test-call`; it goes into no body but that.
    """

    team_id: Text | None = None
    call_template_id: Text | None = None
    phone_number_id: Text | None = None
    from_phone_number: Annotated[str, Field(pattern=E164)] | None = None
    telephony_provider: Literal["twilio", "plivo", "telnyx"] | None = None
    record: bool | None = None
    webhooks: tuple[Webhook, ...] = ()
    test_number: Annotated[str, Field(pattern=E164)] | None = None


def _headers(value: Any) -> Any:
    if isinstance(value, list):
        folded = [str(each).strip().casefold() for each in value]
        if len(set(folded)) < len(folded):
            raise ValueError("names one header twice. Name each once")
    return (value,) if isinstance(value, str) else value


Headers = Annotated[
    tuple[Text, ...], Field(min_length=1), BeforeValidator(_headers, json_schema_input_type=str | tuple[Text, ...])
]


class Columns(CampaignTable):
    """`[contacts.columns]`: headers of the sheet; one left out is matched by the known aliases.

    `name` may be several headers, joined by a space; `phone` several, of which the first with a number that may be
    called counts; `consent_revoked` several, each of which counts. `ignore` are headers that say who wants, or
    wants no, messages of another kind, such as e-mails: any other such header must be `consent` or its like, or one of
    `consent_revoked`. `email = ""` leaves the column of addresses out.
    """

    name: Headers | None = None
    phone: Headers | None = None
    email: str | None = None
    timezone: Text | None = None
    state: Text | None = None
    postal_code: Text | None = None
    country: Text | None = None
    consent: Text | None = None
    consent_at: Text | None = None
    consent_by: Text | None = None
    consent_wording: Text | None = None
    consent_revoked: Headers | None = None
    ignore: Annotated[tuple[Text, ...], BeforeValidator(_headers, json_schema_input_type=str | tuple[Text, ...])] = ()


class Variable(CampaignTable):
    """One entry of `[contacts.variables]`: a prompt variable and the column it is read from.

    An empty cell takes *default*; a *required* variable that is still empty rejects the row.
    """

    column: Text
    required: bool = False
    default: str = ""


def _variable(value: Any) -> Any:
    if not isinstance(value, (str, dict, Variable)):
        raise ValueError('write the header of its column in quotes, or { column = "..." } with more keys')  # noqa: TRY004 - pydantic collects ValueErrors only
    return {"column": value} if isinstance(value, str) else value


class Contacts(CampaignTable):
    """`[contacts]`: the sheet and how it is read.

    A cell that holds no usable e-mail address leaves its row without one, unless *email* is `"required"`.
    """

    file: FilePath | None = None
    region: Region | None = None
    regions: tuple[Region, ...] = ()
    sheet: Annotated[str | int, BeforeValidator(parse_worksheet)] | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    encoding: Text | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    key: Annotated[tuple[Text, ...], Field(min_length=1)] = ("phone",)
    consent: Literal["required", "off"] = "off"
    email: Literal["required", "optional"] = "optional"
    hidden_rows: bool = False
    columns: Columns = Columns()
    variables: dict[Text, Annotated[Variable, BeforeValidator(_variable, json_schema_input_type=str | Variable)]] = {}

    @property
    def allowed_regions(self) -> tuple[str, ...]:
        """The countries that may be called: `regions`, else only `region`, else (empty) any."""
        return self.regions or ((self.region,) if self.region else ())


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
    windows: dict[Weekday, DayHours] = {}
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


class Limits(CampaignTable):
    """`[limits]`: how often one number may be called, over all campaigns of the ledger; each of them holds.

    The default of `per_number` satisfies every country and state that the rules know (`dialer rules`). A contact that
    has its call is not called again, unless `again_after` has passed since.
    """

    again_after: Annotated[timedelta, Field(ge=timedelta(days=1)), DURATION] | None = None
    per_number: tuple[CallCap, ...] = tuple(parse_cap(text) for text in ("1/24h", "2/7d", "4/30d"))


class Submit(CampaignTable):
    """`[submit]`: pacing towards the API, and when to give up.

    `concurrency` bounds the requests that are on their way at once; without it there are as many as the rate needs.
    `max_failures_in_a_row` refusals, or `max_unknown` unknown outcomes in one run, stop the run. `settle_time` is
    how long an unknown call is given to appear in the API's listing before it is looked for.
    """

    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] = 5.0
    concurrency: Annotated[int, Field(ge=1, le=2_048)] | None = None
    batch_size: Annotated[int, Field(ge=1, le=100)] = 1
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 4
    max_failures_in_a_row: Annotated[int, Field(ge=1)] = 20
    max_unknown: Annotated[int, Field(ge=1)] = 10
    settle_time: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(hours=24)), DURATION] = timedelta(seconds=120)
    read_timeout: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(minutes=10)), DURATION] = timedelta(
        seconds=60
    )


class Report(CampaignTable):
    """`[report]`: whether a run writes a page with plots beside its results, and keeps it fresh while it goes on."""

    write: bool = False


class Suppression(CampaignTable):
    """`[suppression]`: files of numbers never to call.

    A run is refused while one of them was written longer than `max_age` ago: a seller in the USA must not call by a
    version of the registry older than 31 days (16 CFR 310.4).
    """

    files: tuple[FilePath, ...] = ()
    max_age: Annotated[timedelta, Field(ge=timedelta(hours=1)), DURATION] | None = None
