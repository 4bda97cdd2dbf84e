"""The tables of a campaign file about what comes again by itself: `[nightly]` and `[redial]`."""

from datetime import time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from dialer.calls.disposition import FINAL, Code
from dialer.campaign.tables import DURATION, CampaignTable, Text
from dialer.campaign.values import WEB_ADDRESS


def _clock_time(value: Any) -> Any:
    """Read `"22:00"`; a time that TOML knows by itself is taken as it is. A number is none: 22 would be 22 seconds."""
    try:
        value = time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError('write a time of day such as "22:00"') from error
    if not isinstance(value, time):
        raise ValueError('write a time of day such as "22:00"')  # noqa: TRY004 - pydantic collects ValueErrors only
    return value


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no IANA time zone; write one such as Europe/Berlin") from error
    return name


def _results_pattern(text: str) -> str:
    try:
        text.format(name="", date="")
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise ValueError("only {name} and {date} can stand in it") from error
    return text


def _outcome(text: str) -> str:
    """Refuse a known status or code in another spelling: no call ends with it. Any other may be one of the API's."""
    near = next((known for known in (*FINAL, *Code) if _letters(known) == _letters(text)), text)
    if near != text:
        raise ValueError(f'the API writes it "{near}"')
    return text


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


ClockTime = Annotated[time, BeforeValidator(_clock_time, json_schema_input_type=str)]
Address = Annotated[str, Field(pattern=WEB_ADDRESS)]


class Nightly(CampaignTable):
    """`[nightly]`: what `dialer nightly` does with the campaign, each night unattended.

    A night begins at `at` of `timezone` and is named after the day on which it begins, so that a start after midnight
    or a missed one that is made up in the morning still belongs to it. After `not_after` none is begun any more.
    `max_age` is how old the sheet may be. `ping_url` is asked before, and after with what came of it; `on_finish` gets
    the night's summary.
    """

    enabled: bool = False
    at: ClockTime = time(22, 0)
    timezone: Annotated[Text, AfterValidator(_zone)] = "UTC"
    not_after: ClockTime | None = None
    max_age: Annotated[timedelta, Field(gt=timedelta(0)), DURATION] | None = None
    results: Annotated[Text, AfterValidator(_results_pattern)] = "results/{name}-{date}.csv"
    ping_url: Address | None = None
    on_finish: Address | None = None


class Redial(CampaignTable):
    """`[redial]`: who is called again because of how the last call ended; nobody, unless `on` says so.

    `on` holds statuses and status codes as the API gives them, such as `noAnswer` and `VOICEMAIL_DETECTED`. `wait` is
    how long after the end of a call the next one may come. `max_calls` bounds the tries of one person, those that the
    API refused among them.
    """

    on: tuple[Annotated[Text, AfterValidator(_outcome)], ...] = ()
    wait: Annotated[timedelta, Field(ge=timedelta(minutes=1), le=timedelta(days=60)), DURATION] = timedelta(hours=4)
    max_calls: Annotated[int, Field(ge=1, le=20)] = 3
