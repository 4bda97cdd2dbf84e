"""What a campaign file says: what to say, to whom, when, how fast. Reads the TOML, judges it, decides nothing else.

Every key is checked; a wrong one is answered with the file, the key and the nearest right name. Paths in the
file are relative to the file, so that the folder one stands in never changes the answer.
"""

import os
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from dialer.campaign_values import (
    WEEKDAYS,
    Hours,
    Weekday,
    explain,
    parse_duration,
    parse_hours,
    parse_regions,
    parse_start,
)
from dialer.errors import CampaignError

DayHours = Annotated[Hours, BeforeValidator(parse_hours)]
Instant = Annotated[datetime, BeforeValidator(parse_start)]
Region = Annotated[str, BeforeValidator(parse_regions)]
Text = Annotated[str, Field(min_length=1)]

_DURATION = BeforeValidator(parse_duration)  # after the bounds, so that these speak of days and not of Python

MAX_HORIZON = timedelta(days=7)
"""Zone rules change at short notice, and a created call cannot be recalled: nothing is committed beyond this."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Webhook(_Table):
    """One `[[call.webhooks]]`: told by the API when something happens to the call."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    event: Text = "phoneCall.completed"
    secret_env: Text | None = None


class Call(_Table):
    """`[call]`: what goes into every POST body. The two ids may come from the environment instead."""

    team_id: Text | None = None
    call_template_id: Text | None = None
    phone_number_id: Text | None = None
    from_phone_number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")] | None = None
    telephony_provider: Literal["twilio", "plivo", "telnyx"] | None = None
    record: bool | None = None
    webhooks: tuple[Webhook, ...] = ()


class Columns(_Table):
    """`[contacts.columns]`: headers of the sheet; one left out is matched by the known aliases."""

    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    timezone: Text | None = None


class Variable(_Table):
    """One entry of `[contacts.variables]`: a prompt variable and the column it is read from.

    An empty cell takes *default*; a *required* variable that is still empty rejects the row.
    """

    column: Text
    required: bool = False
    default: str = ""


def _variable(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class Contacts(_Table):
    """`[contacts]`: the sheet and how it is read."""

    file: Path | None = None
    region: Region | None = None
    regions: tuple[Region, ...] = ()
    sheet: str | int | None = None
    header_row: Annotated[int, Field(ge=1)] = 1
    encoding: Text | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    key: Annotated[tuple[Text, ...], Field(min_length=1)] = ("phone",)
    columns: Columns = Columns()
    variables: dict[Text, Annotated[Variable, BeforeValidator(_variable)]] = {}

    @property
    def allowed_regions(self) -> tuple[str, ...]:
        """The countries that may be called: `regions`, else only `region`, else (empty) any."""
        return self.regions or ((self.region,) if self.region else ())


class Schedule(_Table):
    """`[schedule]`: when people may be called and how evenly the calls are spread."""

    start: Literal["now"] | Instant = "now"
    end: Instant | None = None
    calls_per_minute: Annotated[float, Field(gt=0, le=60_000)] = 10.0
    window: DayHours = parse_hours("09:00-17:30")
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS[:5]
    windows: dict[Weekday, DayHours] = {}
    horizon: Annotated[timedelta, Field(gt=timedelta(0), le=MAX_HORIZON), _DURATION] = timedelta(hours=24)

    @property
    def week(self) -> dict[int, Hours]:
        """The campaign's hours by weekday (Monday = 0): `windows` where a day has its own, else `window`."""
        chosen = dict.fromkeys(self.days, self.window) | self.windows
        return {WEEKDAYS.index(day): hours for day, hours in chosen.items()}


class Submit(_Table):
    """`[submit]`: pacing towards the API, and when to give up.

    `max_failures_in_a_row` refusals, or `max_unknown` unknown outcomes in one run, stop the run. `settle_time` is
    how long an unknown call is given to appear in the API's listing before it is looked for.
    """

    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] = 5.0
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    batch_size: Annotated[int, Field(ge=1, le=100)] = 1
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 4
    max_failures_in_a_row: Annotated[int, Field(ge=1)] = 20
    max_unknown: Annotated[int, Field(ge=1)] = 10
    settle_time: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(hours=24)), _DURATION] = timedelta(
        seconds=120
    )
    read_timeout: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(minutes=10)), _DURATION] = timedelta(
        seconds=60
    )


class Suppression(_Table):
    """`[suppression]`: files of numbers never to call."""

    files: tuple[Path, ...] = ()


class Campaign(_Table):
    """A whole campaign file. Construct it with `load_campaign`, or directly with the same keys."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    path: Path
    call: Call = Call()
    contacts: Contacts = Contacts()
    schedule: Schedule = Schedule()
    submit: Submit = Submit()
    suppression: Suppression = Suppression()

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        start, end = self.schedule.start, self.schedule.end
        if end is not None and not isinstance(start, str) and end <= start:
            raise ValueError("schedule.end lies before schedule.start")
        return self

    @property
    def folder(self) -> Path:
        """The folder of the campaign file: paths in it, the ledger and the results start there."""
        return self.path.parent

    def resolve(self, path: Path) -> Path:
        """Give a path of the file as seen from the file."""
        return Path(os.path.normpath(self.folder / path))

    @property
    def sheet_path(self) -> Path:
        """The contact file. Raises `CampaignError` when neither the campaign nor the caller names one."""
        if self.contacts.file is None:
            raise CampaignError(
                f"{self.path}: [contacts] file is missing. Write the sheet's path there, or give --contacts SHEET."
            )
        return self.resolve(self.contacts.file)

    def with_contacts(self, sheet: Path) -> "Campaign":
        """Give the same campaign reading another sheet (*sheet* as seen from the current folder)."""
        contacts = self.contacts.model_copy(update={"file": sheet.absolute()})
        return self.model_copy(update={"contacts": contacts})

    def with_ids(self, *, team_id: str | None, call_template_id: str | None) -> "Campaign":
        """Give the campaign with ids it lacks taken from the environment.

        Raises `CampaignError` when an id the API requires is in neither.
        """
        call = self.call.model_copy(
            update={
                "team_id": self.call.team_id or team_id,
                "call_template_id": self.call.call_template_id or call_template_id,
            }
        )
        for key in ("team_id", "call_template_id"):
            if not getattr(call, key):
                raise CampaignError(
                    f"{self.path}: [call] {key} is missing. Write it there, or set AICALLER_{key.upper()}."
                )
        return self.model_copy(update={"call": call})


def load_campaign(path: Path | str) -> Campaign:
    """Read a campaign file.

    Raises `CampaignError` naming the file and, for each wrong key, the key and the nearest right name.
    """
    path = Path(path).absolute()
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise CampaignError(f"{path}: there is no such campaign file.") from error
    except OSError as error:
        raise CampaignError(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CampaignError(f"{path}: is not UTF-8 text. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise CampaignError(f"{path}: is not valid TOML: {error}.") from error
    return parse_campaign(content, path)


def parse_campaign(content: Mapping[str, Any], path: Path) -> Campaign:
    """Judge the parsed *content* of the campaign file *path*; `name` defaults to the file's stem.

    Raises `CampaignError` as `load_campaign` does.
    """
    if "path" in content:
        raise CampaignError(f"{path}: path: there is no such key.")
    try:
        return Campaign.model_validate({"name": path.stem, **content, "path": path})
    except ValidationError as error:
        raise CampaignError(explain(error, Campaign, path)) from error
