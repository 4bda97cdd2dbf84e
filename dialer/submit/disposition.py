"""Reads how a call stands, or has ended, from what the API tells of it. Pure.

Fields are those of the API's GET examples, words those of its status page; both may grow. So what is not known is
kept as it was told and never taken for an end, and what cannot be read is left out. Webhook secrets, which the API
repeats in its replies, are not looked at.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from dialer.status import Reason
from dialer.submit.listing import parse_instant
from dialer.submit.outcome import Kind, Outcome, usable_id

CANCELLED = "cancelled"
COMPLETED = "completed"
FINAL = frozenset({"busy", "failed", "noAnswer", CANCELLED, COMPLETED})
"""Statuses after which nothing more happens to a call (the API's status page; that they are final is inferred)."""

GONE = "gone"
"""Not a word of the API's: what stands for the status of a call that it no longer knows."""

WATCHED = timedelta(days=7)
"""How long after its slot a call that has no final status is still asked about; its last word stays after that."""

EVALUATED = timedelta(minutes=5)
"""How long after its end a completed call is still asked about: what came of a talk may be known later than its end."""

_MAX_WORD = 64
_MAX_TEXT = 32_767
"""The most that one cell of a workbook holds."""
_MAX_RESULTS = 200
_MAX_SECONDS = 10_000_000


class Code(StrEnum):
    """The status codes that something follows from; any other is kept as it is."""

    DO_NOT_CALL = "DO_NOT_CALL"
    CALL_LATER = "CALL_LATER"


@dataclass(frozen=True, slots=True)
class Disposition:
    """How one call stands; instants in ms since the epoch, None where the API told none or none that can be read.

    *status* and *status_code* are the API's own words. *results* are pairs of column name and value, in its order.
    `repr()` shows neither results nor recording.
    """

    call_id: str
    status: str
    status_code: str = ""
    call_later_ms: int | None = None
    duration_seconds: float | None = None
    triggered_at_ms: int | None = None
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    results: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    recording_url: str = field(default="", repr=False)

    def is_final(self, *, seen_at_ms: int) -> bool:
        """Tell whether nothing more can become known of the call, as it was seen at *seen_at_ms*."""
        if self.status != COMPLETED or self.ended_at_ms is None:
            return self.status in FINAL
        return seen_at_ms - self.ended_at_ms >= EVALUATED // timedelta(milliseconds=1)

    @property
    def asks_never_again(self) -> bool:
        """Whether the person said not to be called any more."""
        return self.status_code == Code.DO_NOT_CALL


@dataclass(frozen=True, slots=True)
class Look:
    """What one GET told: dispositions by the id of their call, or else the *trouble* that stood in the way."""

    found: Mapping[str, Disposition] = field(default_factory=dict)
    trouble: Outcome | None = None


def gone(call_id: str) -> Disposition:
    """Give what is known of a call that the API no longer knows."""
    return Disposition(call_id, GONE)


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
    """Give a status or code that can be stored and shown; "" for anything else."""
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
    """Give the result values, each column once; values of the same column are joined."""
    found: dict[str, list[str]] = {}
    for entry in values if isinstance(values, list) else ():
        name = _column_name(entry)
        if name and (name in found or len(found) < _MAX_RESULTS):
            found.setdefault(name, []).append(_text(entry.get("value")))
    yield from ((name, "; ".join(values)[:_MAX_TEXT]) for name, values in found.items())


def _column_name(entry: Any) -> str:
    name = entry.get("columnName") if isinstance(entry, Mapping) else None
    return "".join(char for char in name if char.isprintable()).strip()[:_MAX_WORD] if isinstance(name, str) else ""
