"""Whatever is written where another value belongs, the answer is in plain words."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from dialer.campaign.file import Campaign
from dialer.campaign.problems import OTHERWISE, explain

PATH = Path("/campaigns/spring.toml")

VALUES: tuple[Any, ...] = (
    True, False, 0, -1, 3, 10**30, 1.5, float("inf"), float("nan"), "", " ", "x", "3", "1.5", "yes", "1" * 5_000,
    "2026-12-24", "2026-02-30", "25:00", "2026-12-24T10:00:00", "9d", "1ms", datetime(2026, 12, 24, 10, 30, tzinfo=UTC),
    datetime.fromisoformat("2026-12-24T10:30"), date(2026, 12, 24), time(10, 30), [], [1], [""], ["x"], [[]], [{}], {},
    {"x": 1}, {"x": {}}, {"mon": 3}, {"": "x"},
)  # fmt: skip
"""Values of every kind that TOML has, at the edges of each."""

FOREIGN = re.compile(
    r"\b(?:input|tuple|string should|valid (?:string|integer|number|boolean|dictionary|list|date|time)|parse|pattern|"
    r"item|range|isoformat|dictionary|instance|field required|timedelta|zero time|regex|unable)\b",
    re.IGNORECASE,
)
"""Words of pydantic and of Python that no page of ours explains."""


def places(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the way to every key of *model* and of the tables inside it."""
    for name, field in model.model_fields.items():
        if name == "path":
            continue
        yield (*above, name)
        for table in tables(field.annotation):
            yield from places(table, (*above, name))


def tables(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that *annotation* holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [table for part in get_args(annotation) for table in tables(part)]


def contents(place: tuple[str, ...], value: Any) -> Iterator[dict[str, Any]]:
    """Yield campaign files with *value* at *place*: in a table, in a list of tables, and in one of a name's own."""
    outer, inner = place[:-2], place[-2:]
    table: Any = {place[-1]: value}
    shapes = [table] if len(place) < 3 else [table, [table], {"own": table}]
    for shape in shapes:
        content = shape if len(place) < 2 else {inner[0]: shape}
        for name in reversed(outer):
            content = {name: content}
        yield content


@cache
def answers() -> frozenset[tuple[str, str]]:
    """Return what every wrong value in every place is answered with: keys, and what is said of each."""
    lines = {line for error in refusals() for line in explain(error, Campaign, PATH).splitlines()}
    pairs = (line.removeprefix(f"{PATH}: ").split(": ", 1) for line in lines)
    return frozenset((key, sentence) for key, sentence in pairs)


def refusals() -> Iterator[ValidationError]:
    """Yield what every wrong value in every place is refused with."""
    for place in places(Campaign):
        for value in VALUES:
            for content in contents(place, value):
                try:
                    Campaign.model_validate({"name": "spring", **content, "path": PATH})
                except ValidationError as error:
                    yield error


@pytest.mark.slow
def test_every_wrong_value_in_every_place_is_answered_in_plain_words() -> None:
    """Each key of each table with a value of each kind: no answer speaks of the library that judges it, or breaks."""
    said = {sentence for _, sentence in answers()}

    assert len(answers()) > 250, "the places are not reached"
    assert [sentence for sentence in sorted(said) if FOREIGN.search(sentence)] == []
    assert OTHERWISE not in said
    assert [sentence for sentence in sorted(said) if not re.fullmatch(r"\S.*[.?]", sentence)] == []


def test_no_answer_names_a_branch_of_the_model() -> None:
    """A key is answered by the way that leads to it in the file, not by a type of Python."""
    assert [key for key, _ in answers() if re.search(r"\.(?:str|int|none|tuple|function|literal)\b", key)] == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"contacts": {"delimiter": ";;"}}, "contacts.delimiter: must be a single character."),
        ({"contacts": {"key": []}}, "contacts.key: must not be empty."),
        ({"schedule": {"days": []}}, "schedule.days: must not be empty."),
        ({"schedule": {"calls_per_minute": "many"}}, "schedule.calls_per_minute: must be a number, such as 2.5"),
        ({"schedule": {"calls_per_minute": 70_000}}, "schedule.calls_per_minute: must be at most 60000."),
        ({"schedule": {"closed": ["Christmas"]}}, "schedule.closed (no. 1): write a day such as 2026-12-24."),
        ({"contacts": {"sheet": 1.5}}, "contacts.sheet: write the worksheet's name in quotes, or its number from 1."),
        ({"contacts": {"sheet": True}}, "contacts.sheet: write the worksheet's name in quotes, or its number from 1."),
        ({"call": {"from_phone_number": "2015550100"}}, "call.from_phone_number: must be a number with + and its"),
        (
            {"call": {"webhooks": [{"url": "example.com"}]}},
            "call.webhooks (no. 1).url: must be an address that begins",
        ),
        ({"nightly": {"timezone": "Berlin"}}, "nightly.timezone: 'Berlin' is no IANA time zone; write one such as"),
        ({"nightly": {"timezone": "../UTC"}}, "nightly.timezone: '../UTC' is no IANA time zone"),
        ({"nightly": {"results": "{month}.csv"}}, "nightly.results: only {name} and {date} can stand in it."),
        ({"nightly": {"results": "{date.csv"}}, "nightly.results: only {name} and {date} can stand in it."),
        ({"redial": {"on": ["busy", "no-answer"]}}, 'redial.on (no. 2): the API writes it "noAnswer".'),
        ({"redial": {"on": ["voicemail_detected"]}}, 'redial.on (no. 1): the API writes it "VOICEMAIL_DETECTED".'),
        ({"nightly": {"at": 22}}, 'nightly.at: write a time of day such as "22:00".'),
        ({"schedule": {"closed": [20261224]}}, "schedule.closed (no. 1): write a day such as 2026-12-24."),
    ],
)
def test_what_is_wanted_is_said(content: dict[str, Any], said: str) -> None:
    """Whoever mends the file has what to write in its place."""
    with pytest.raises(ValidationError) as caught:
        Campaign.model_validate({"name": "spring", **content, "path": PATH})

    assert explain(caught.value, Campaign, PATH).startswith(f"{PATH}: {said}")


@pytest.mark.parametrize("days", [["monday"], ["mon", "x"], ["x", "y"]])
def test_a_list_with_wrong_items_is_not_called_empty(days: list[str]) -> None:
    """Each wrong item has its line, and there is no other."""
    with pytest.raises(ValidationError) as caught:
        Campaign.model_validate({"name": "spring", "schedule": {"days": days}, "path": PATH})

    lines = explain(caught.value, Campaign, PATH).splitlines()
    wrong = [at for at, day in enumerate(days) if day != "mon"]
    assert [line.split(": ")[1] for line in lines] == [f"schedule.days (no. {at + 1})" for at in wrong]
