"""Decides how a created call goes on: when it rings, who answers, how it ends. Pure: of a call, a seed and an instant.

The n-th call to a number ends in the same way under the same seed, whenever it was created, so that a month of
nights can be rehearsed in a second and told again. Fields and words are those of the API's GET examples and of its
status page; how long things take is made up.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import accumulate
from typing import Any

from dialer.sandbox.webhooks import Webhooks


class End(StrEnum):
    """How a call ends: a `status` where nobody answers, else the `statusCode` of a completed call."""

    NO_ANSWER = "noAnswer"
    BUSY = "busy"
    FAILED = "failed"
    CANCELLED = "cancelled"
    VOICEMAIL = "VOICEMAIL_DETECTED"
    IVR = "IVR_DETECTED"
    DO_NOT_CALL = "DO_NOT_CALL"
    CALL_LATER = "CALL_LATER"
    UNKNOWN_CODE = "A_CODE_THAT_NO_PAGE_NAMES"
    NORMAL = "ENDED_NORMALLY"


UNANSWERED = frozenset({End.NO_ANSWER, End.BUSY, End.FAILED, End.CANCELLED})
_SHARES = tuple(end.name.lower() for end in End if end != End.NORMAL)
_HOUR_MS = 3_600_000


def _share(default: float, what: str) -> float:
    return field(default=default, metadata={"help": f"share of calls {what} (default: %(default)s)"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLifecycle:
    """How calls live. Shares lie between 0 and 1; what they leave of 1 is answered and ends normally.

    *speed* counts from a call's creation: at 60, what would be told after an hour is told after a minute. *script*
    gives the ends of a number's first calls, before chance decides. Raises `ValueError` for a value that cannot be.
    """

    seed: int = 0
    no_answer: float = _share(0.2, "that nobody picks up")
    busy: float = _share(0.05, "that the person cuts")
    failed: float = _share(0.03, "that do not connect")
    cancelled: float = _share(0.02, "that are cancelled, spelt in either way")
    voicemail: float = _share(0.15, "that a voicemail takes")
    ivr: float = _share(0.05, "that a machine answers")
    do_not_call: float = _share(0.03, "whose person wants no more of them")
    call_later: float = _share(0.05, "whose person names another time")
    unknown_code: float = _share(0.02, "that end with a status code that no page names")
    ring_seconds: int = field(default=30, metadata={"help": "how long it rings at most (default: %(default)s)"})
    talk_seconds: int = field(default=180, metadata={"help": "how long people talk at most (default: %(default)s)"})
    speed: float = field(default=1.0, metadata={"help": "calls live N times as fast from their creation"})
    script: Mapping[str, tuple[End, ...]] = field(default_factory=dict)
    webhooks: Webhooks = field(default_factory=Webhooks)

    def __post_init__(self) -> None:
        shares = [getattr(self, name) for name in _SHARES]
        if not all(0 <= share <= 1 for share in shares) or sum(shares) > 1 + 1e-9:
            raise ValueError(f"the shares {', '.join(_SHARES)} must lie between 0 and 1 and not exceed 1 together")
        if self.ring_seconds < 1 or self.talk_seconds < 1:
            raise ValueError("ring_seconds and talk_seconds must be at least 1")
        if self.speed <= 0:
            raise ValueError("speed must be more than 0")


@dataclass(frozen=True, slots=True)
class Born:
    """What the life of a call follows from: when it was created, when it may ring, its number, its place among the
    number's calls (from 1). Instants in ms since the epoch.
    """

    created_ms: int
    planned_ms: int
    phone: str
    nth: int


@dataclass(frozen=True, slots=True)
class _Course:
    end: End
    triggered_ms: int
    answered_ms: int | None
    ended_ms: int
    later_ms: int
    one_l: bool
    answers: tuple[tuple[str, str], ...]


def ends_at_ms(life: CallLifecycle, born: Born) -> int:
    """Return when the end of the call can first be seen."""
    return born.created_ms + round((_course(life, born).ended_ms - born.created_ms) / life.speed)


def lived(life: CallLifecycle, born: Born, body: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    """Return the call with the created *body* as the API tells it at *now_ms*."""
    course = _course(life, born)
    at_ms = born.created_ms + (now_ms - born.created_ms) * life.speed
    state = dict(body)
    for since_ms, news in _news(course, record=bool(body.get("record")), call_id=str(body.get("_id"))):
        if since_ms <= at_ms:
            state |= news | {"updatedAt": iso_ms(since_ms)}
    return state


def _news(course: _Course, *, record: bool, call_id: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return what changes about the call, and from when on."""
    ended = {"callEndedAt": iso_ms(course.ended_ms)}
    if course.end != End.CANCELLED:
        trigger = {"status": "ringing", "callTriggeredAt": iso_ms(course.triggered_ms), "callOrigin": "api"}
        yield course.triggered_ms, trigger
    if course.answered_ms is None:
        spelt = "canceled" if course.end == End.CANCELLED and course.one_l else str(course.end)
        yield course.ended_ms, {"status": spelt} | ended
        return
    yield course.answered_ms, {"status": "inProgress", "callStartedAt": iso_ms(course.answered_ms)}
    later = {"dateTime": iso_ms(course.later_ms)} if course.end == End.CALL_LATER else {}
    yield (
        course.ended_ms,
        {
            "status": "completed",
            "statusExtraInfo": {"statusCode": str(course.end)} | later,
            "callDuration": (course.ended_ms - course.answered_ms) // 1000,
            "resultValues": [{"columnName": name, "value": value} for name, value in course.answers],
            "customTagsHitOnCall": [],
            **({"recordingUrl": f"https://recordings.example.com/{call_id}.mp3"} if record else {}),
            **ended,
        },
    )


def _course(life: CallLifecycle, born: Born) -> _Course:
    draw = random.Random(f"{life.seed} life {born.phone} {born.nth}")  # noqa: S311 - repeatable lives, not secrets
    # Always drawn in this order, so that how long a call takes does not depend on how it ends.
    point, wait, ring, talk, later, one_l = (draw.random() for _ in range(6))
    scripted = life.script.get(born.phone, ())
    end = scripted[born.nth - 1] if born.nth <= len(scripted) else _end(life, point)
    triggered_ms = max(born.created_ms, born.planned_ms) + round(wait * 2_000)
    rang_ms = triggered_ms + (round(1_000 + ring * (life.ring_seconds - 1) * 1_000) if end != End.CANCELLED else 0)
    if end in UNANSWERED:
        return _Course(end, triggered_ms, None, rang_ms, 0, one_l < 0.5, ())  # noqa: PLR2004 - either spelling
    brief = end in (End.IVR, End.DO_NOT_CALL)
    ended_ms = rang_ms + round(1_000 + talk * (life.talk_seconds - 1) * (100 if brief else 1_000))
    later_ms = (ended_ms // 60_000) * 60_000 + round(1 + later * 71) * _HOUR_MS
    return _Course(end, triggered_ms, rang_ms, ended_ms, later_ms, one_l=False, answers=_answers(end, later))


def _end(life: CallLifecycle, point: float) -> End:
    edges = accumulate(getattr(life, name) for name in _SHARES)
    return next((end for end, edge in zip(End, edges, strict=False) if point < edge), End.NORMAL)


def _answers(end: End, point: float) -> tuple[tuple[str, str], ...]:
    if end != End.NORMAL:
        return ()
    interested = "yes" if point < 0.5 else "no"  # noqa: PLR2004 - half of them
    return (("interested", interested), ("said", "+1-1 is =1+1"))  # what a spreadsheet program would run


def iso_ms(instant_ms: int) -> str:
    """Write an instant as the API does: `2023-10-12T09:08:00.387Z`."""
    instant = datetime.fromtimestamp(instant_ms // 1000, UTC)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant_ms % 1000:03d}Z"
