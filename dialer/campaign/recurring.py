"""The tables of a campaign file about what comes again by itself: `[nightly]` and `[redial]`."""

from datetime import time, timedelta
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

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


def outcome(text: str) -> str:
    """Return *text*, a status or a status code. Any that is not known may be one of the API's.

    Raises `ValueError` for a known one in another spelling: no call ends with it.
    """
    near = next((known for known in (*FINAL, *Code) if _letters(known) == _letters(text)), text)
    if near != text:
        raise ValueError(f'the API writes it "{near}"')
    return text


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _with_ladders(schema: dict[str, Any]) -> None:
    """Let an editor know that any other key is a ladder."""
    schema["additionalProperties"] = schema["properties"]["outcomes"]["additionalProperties"]


def span(length: timedelta) -> str:
    """Write a span as a campaign file does: `2h`, `1d`, `90m`."""
    units = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))
    exact = (f"{length // unit}{name}" for name, unit in units if not length % unit)
    return next(exact, f"{length.total_seconds():g}s")


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


Wait = Annotated[timedelta, Field(ge=timedelta(minutes=1), le=timedelta(days=60)), DURATION]
Outcome = Annotated[Text, AfterValidator(outcome)]
_Waits = str | tuple[str, ...]


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Ladder(CampaignTable):
    """One `[redial.OUTCOME]`: how long after the first, second and each further call that ended so the next may come.

    As many calls follow as there are waits; a single one may stand without brackets.
    """

    wait: Annotated[tuple[Wait, ...], Field(min_length=1), BeforeValidator(_several, json_schema_input_type=_Waits)]


class Redial(CampaignTable):
    """`[redial]`: who is called again because of how the last call ended; nobody, unless `on` or a ladder says so.

    `on` holds statuses and status codes as the API gives them, such as `noAnswer` and `VOICEMAIL_DETECTED`. `wait` is
    how long after the end of a call the next one may come; `outcomes` are those with a ladder of waits of their own. A
    call's status code counts before its status. With `another_time` the next call comes at another time of day, with
    `next_phone` at the next of the row's numbers, where the last call rang out or failed.
    `max_calls` bounds the tries of one person over all outcomes, those that the API refused among them.
    """

    model_config = ConfigDict(json_schema_extra=_with_ladders)

    on: tuple[Outcome, ...] = ()
    wait: Wait = timedelta(hours=4)
    max_calls: Annotated[int, Field(ge=1, le=20)] = 3
    another_time: bool = False
    next_phone: bool = False
    outcomes: dict[Outcome, Ladder] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather_ladders(cls, content: Any) -> Any:
        """Take `[redial.noAnswer]` for `[redial.outcomes.noAnswer]`."""
        if not isinstance(content, dict) or not isinstance(content.get("outcomes", {}), dict):
            return content
        tables = {key: value for key, value in content.items() if isinstance(value, dict)}
        ladders = {key: value for key, value in tables.items() if key not in cls.model_fields}
        rest = {key: value for key, value in content.items() if key not in ladders}
        return rest | ({"outcomes": {**rest.get("outcomes", {}), **ladders}} if ladders else {})

    @model_validator(mode="after")
    def _leaves_alone_who_asks_for_it(self) -> Self:
        if Code.DO_NOT_CALL in (*self.on, *self.outcomes):
            raise ValueError(f"whoever ends a call with {Code.DO_NOT_CALL} is never called again. Take it out")
        return self

    @model_validator(mode="after")
    def _reaches_the_last_wait(self) -> Self:
        for outcome, ladder in self.outcomes.items():
            calls = len(ladder.wait) + 1
            if calls > self.max_calls:
                raise ValueError(
                    f"{outcome} has {calls - 1} waits, so {calls} calls, and max_calls allows {self.max_calls}."
                    " Raise it, or leave waits out"
                )
        return self

    @property
    def is_used(self) -> bool:
        """Whether anybody is called again because of how a call ended."""
        return bool(self.on or self.outcomes)

    @property
    def described(self) -> str:
        """How long who waits for the next call, in words; "" where nobody is called again."""
        plain = [f"after {', '.join(self.on)}: {span(self.wait)}"] if self.on else []
        ladders = [
            f"after {outcome}: {', then '.join(map(span, ladder.wait))}" for outcome, ladder in self.outcomes.items()
        ]
        when = ", at another time of day" if self.another_time else ""
        when += ", at the next number where a call rang out or failed" if self.next_phone else ""
        return "; ".join([*ladders, *plain]) + f"{when}; {self.max_calls} calls at most" if self.is_used else ""
