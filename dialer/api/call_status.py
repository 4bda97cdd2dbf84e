"""Reads how a call stands, or has ended, from what the API tells of it. Pure.

Fields are those of the API's GET examples, words those of its status page; both may grow. So what is not known is
kept as it is and never taken for an end, and what cannot be read is left out. Webhook secrets, which the API
repeats in its replies, are not looked at.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from dialer.api.listing import parse_instant
from dialer.calls.call_id import usable_id
from dialer.calls.disposition import CANCELLED, Code, Disposition, gone
from dialer.calls.outcome import Kind, Outcome
from dialer.reasons import Reason

_MAX_WORD = 64
_MAX_TEXT = 32_767
"""The most that one cell of a workbook holds."""
_MAX_RESULTS = 200
_MAX_SECONDS = 10_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """What one GET returned: dispositions by the id of their call, or else the *trouble* that stood in the way."""

    found: Mapping[str, Disposition] = field(default_factory=dict)
    trouble: Outcome | None = None


def judge_look(status: int, content: bytes, trouble: Outcome, *, call_id: str | None = None) -> Look:
    """Judge a whole reply to the GET of one call, or of the listing where there is no *call_id*.

    *trouble* is what the reply means where it does not tell how calls stand.
    """
    if status == HTTPStatus.NOT_FOUND and call_id is not None:
        return Look({call_id: gone(call_id)})
    if status != HTTPStatus.OK:
        return Look(trouble=trouble)
    if call_id is None:
        found = parse_calls(content)
    else:
        call = parse_call(content)
        found = {call_id: call} if call is not None and call.call_id == call_id else None
    return Look(trouble=_UNREADABLE) if found is None else Look(found)


_UNREADABLE = Outcome(
    Kind.UNKNOWN, Reason.BAD_REPLY, "The API's reply could not be understood.", http_status=HTTPStatus.OK
)


def parse_call(content: bytes) -> Disposition | None:
    """Read the reply to `GET /v1/phoneCalls/{id}`; None when it cannot be understood."""
    try:
        return _disposition(json.loads(content)["data"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def parse_calls(content: bytes) -> dict[str, Disposition] | None:
    """Read the reply to `GET /v1/phoneCalls`, by id; None when it is no listing. An entry without sense is left out."""
    try:
        entries = json.loads(content)["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(entries, list):
        return None
    found = (_disposition(entry) for entry in entries)
    return {item.call_id: item for item in found if item is not None}


def _disposition(call: Any) -> Disposition | None:
    if not isinstance(call, dict):
        return None
    call_id, status = usable_id(call.get("_id")), _word(call.get("status"))
    if call_id is None or not status:
        return None
    extra = call.get("statusExtraInfo")
    extra = extra if isinstance(extra, dict) else {}
    code = _word(extra.get("statusCode"))
    recording = _text(call.get("recordingUrl"))
    return Disposition(
        call_id=call_id,
        status=CANCELLED if status == "canceled" else status,  # the API's pages spell it in two ways
        status_code=code,
        call_later_ms=parse_instant(extra.get("dateTime")) if code == Code.CALL_LATER else None,
        duration_seconds=_seconds(call.get("callDuration")),
        triggered_at_ms=parse_instant(call.get("callTriggeredAt")),
        started_at_ms=parse_instant(call.get("callStartedAt")),
        ended_at_ms=parse_instant(call.get("callEndedAt")),
        results=tuple(_results(call.get("resultValues"))),
        recording_url=recording if recording.startswith(("https://", "http://")) else "",
    )


def _word(value: Any) -> str:
    """Return a status or code that can be stored and shown; "" for anything else."""
    usable = isinstance(value, str) and value.strip() and len(value) <= _MAX_WORD and value.isprintable()
    return value.strip() if usable else ""


def _text(value: Any) -> str:
    """Write a value of whatever kind as one text, as JSON where it is none; the database takes no NUL."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")[:_MAX_TEXT]


def _seconds(value: Any) -> float | None:
    """Read a duration; its unit is not documented, and seconds fit the API's example of a call."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MAX_SECONDS
    return float(value) if usable else None


def _results(values: Any) -> Iterator[tuple[str, str]]:
    """Return the result values, each column once; values of the same column are joined."""
    found: dict[str, list[str]] = {}
    for entry in values if isinstance(values, list) else ():
        name = _column_name(entry)
        if name and (name in found or len(found) < _MAX_RESULTS):
            found.setdefault(name, []).append(_text(entry.get("value")))
    yield from ((name, "; ".join(values)[:_MAX_TEXT]) for name, values in found.items())


def _column_name(entry: Any) -> str:
    name = entry.get("columnName") if isinstance(entry, Mapping) else None
    return "".join(char for char in name if char.isprintable()).strip()[:_MAX_WORD] if isinstance(name, str) else ""
