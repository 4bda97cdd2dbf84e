"""Judges request bodies as the API's public page describes them: names every fault, repeats no value."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

STATUSES = ("queued", "ringing", "inProgress", "busy", "failed", "noAnswer", "cancelled", "completed")
PROVIDERS = ("twilio", "plivo", "telnyx")

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WEB_ADDRESS = re.compile(r"https?://\S+")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")

Check = Callable[[object], str | None]


def decode_json(body: bytes) -> Any:
    """Decode a request body. Raises `ValueError` when it is not JSON in UTF-8 (NaN and Infinity are not)."""
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def complaints_about_call(body: object, *, allow_unknown_fields: bool = False) -> list[str]:
    """Return one sentence for each fault of a `POST /v1/phoneCalls` body; an empty list means valid."""
    return list(_judge(body, _CALL, "", allow_unknown=allow_unknown_fields))


def complaints_about_batch(body: object, *, allow_unknown_fields: bool = False) -> list[str]:
    """Return one sentence for each fault of a `POST /v1/phoneCalls/batch` body, calls counted from 0."""
    complaints = list(_judge(body, _BATCH, "", allow_unknown=allow_unknown_fields))
    if not complaints and isinstance(body, dict) and not body["phoneCalls"]:
        return ["phoneCalls must not be empty"]
    return complaints


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


@dataclass(frozen=True, slots=True)
class _Shape:
    """An object's fields: which must be there, and how each is checked (a shape: as a list of objects)."""

    required: tuple[str, ...]
    checks: Mapping[str, "Check | _Shape"]


def _judge(value: object, shape: _Shape, path: str, *, allow_unknown: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path.removesuffix('.') or 'the body'} must be an object"
        return
    for name in shape.required:
        if name not in value:
            yield f"{path}{name} is required"
    for name, item in value.items():
        check = shape.checks.get(name)
        if check is None:
            if not allow_unknown:
                yield f"{path}{name} is not a known field"
        elif isinstance(check, _Shape):
            yield from _judge_list(item, check, f"{path}{name}", allow_unknown=allow_unknown)
        elif complaint := check(item):
            yield f"{path}{name} {complaint}"


def _judge_list(value: object, shape: _Shape, path: str, *, allow_unknown: bool) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path} must be a list of objects"
        return
    for index, item in enumerate(value):
        yield from _judge(item, shape, f"{path}.{index}.", allow_unknown=allow_unknown)


def _filled(value: object) -> str | None:
    return None if isinstance(value, str) and value.strip() else "must be a string that is not empty"


def _text(value: object) -> str | None:
    return None if isinstance(value, str) else "must be a string"


def _boolean(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _matching(pattern: re.Pattern[str], meaning: str) -> Check:
    def check(value: object) -> str | None:
        return None if isinstance(value, str) and pattern.fullmatch(value) else f"must be {meaning}"

    return check


def _one_of(options: tuple[str, ...]) -> Check:
    def check(value: object) -> str | None:
        return None if value in options else f"must be one of: {', '.join(options)}"

    return check


def _instant(value: object) -> str | None:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return "must be a time that exists"
        return None
    return "must be an ISO time in UTC with milliseconds, such as 2023-10-12T09:08:00.387Z"


_phone = _matching(_E164, "a phone number in E.164: +, then 7 to 15 digits, the first not 0")

_CALL = _Shape(
    required=("teamId", "callTemplateId", "nameOfHuman", "toPhoneNumber", "promptVariableValues"),
    checks={
        "teamId": _filled,
        "callTemplateId": _filled,
        "nameOfHuman": _filled,
        "toPhoneNumber": _phone,
        "promptVariableValues": _Shape(("key", "value"), {"key": _filled, "value": _text}),
        "phoneNumberId": _filled,
        "fromPhoneNumber": _phone,
        "toEmailAddress": _matching(_EMAIL, "an e-mail address"),
        "status": _one_of(STATUSES),
        "telephonyProvider": _one_of(PROVIDERS),
        "record": _boolean,
        "callDelayedUntil": _instant,
        "phoneCallWebhooks": _Shape(
            ("url", "subscribedEvent"),
            {
                "url": _matching(_WEB_ADDRESS, "an http or https address"),
                "subscribedEvent": _filled,
                "secret": _text,
            },
        ),
    },
)
_BATCH = _Shape(required=("phoneCalls",), checks={"phoneCalls": _CALL})
