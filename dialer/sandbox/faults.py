"""Decides what goes wrong, and when: pure functions of a seed, a request's ordinal and a time handed in.

The n-th accepted POST meets the same fate under the same seed, however many requests are in flight.
"""

import math
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from enum import StrEnum
from typing import Any, Literal, get_args

NANOSECONDS = 1_000_000_000

RetryAfter = Literal["seconds", "date"]


class Fate(StrEnum):
    """What happens to one request."""

    NORMAL = "normal"
    REFUSE = "refuse"
    ERROR_BEFORE = "error_before"
    DROP_BEFORE = "drop_before"
    ERROR_AFTER = "error_after"
    DROP_AFTER = "drop_after"
    GARBAGE_HTML = "garbage_html"
    GARBAGE_CUT = "garbage_cut"
    GARBAGE_NO_ID = "garbage_no_id"


_GARBAGE = (Fate.GARBAGE_HTML, Fate.GARBAGE_CUT, Fate.GARBAGE_NO_ID)
_PROBABILITIES = ("error_before", "drop_before", "refuse", "error_after", "drop_after", "garbage")
_COUNTS = (
    "latency_ms",
    "latency_jitter_ms",
    "key_refused_after",
    "no_credit_after",
    "list_lag_ms",
    "list_cap",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Everything that shall go wrong; the default is a faultless API.

    Probabilities lie between 0 and 1; those of a POST exclude each other, so their sum may not exceed 1.
    "Before" and "after" mean before and after the call was created. Each field's `help` metadata tells what
    it does and is what the command line prints. Raises `ValueError` for a value that cannot be.
    """

    seed: int = field(default=0, metadata={"help": "the same seed gives the n-th accepted POST the same fate"})
    requests_per_second: int | None = field(
        default=None, metadata={"help": "answer 429 to POSTs beyond N accepted ones in any sliding second"}
    )
    retry_after: RetryAfter = field(
        default="seconds", metadata={"help": "how a 429 writes Retry-After: whole seconds or an HTTP date"}
    )
    latency_ms: int = field(default=0, metadata={"help": "milliseconds every request waits before it is handled"})
    latency_jitter_ms: int = field(
        default=0, metadata={"help": "up to so many milliseconds more, drawn evenly for each request"}
    )
    error_before: float = field(
        default=0.0, metadata={"help": "probability that a POST is answered with the error status, uncreated"}
    )
    error_after: float = field(
        default=0.0,
        metadata={"help": "probability that a POST is answered with the error status, yet created"},
    )
    error_status: int = field(default=500, metadata={"help": "status of those errors, or redirects, 300 to 599"})
    error_retry_after_seconds: int | None = field(
        default=None, metadata={"help": "Retry-After of those errors in whole seconds"}
    )
    drop_before: float = field(
        default=0.0, metadata={"help": "probability that the connection closes without a reply, uncreated"}
    )
    drop_after: float = field(
        default=0.0, metadata={"help": "probability that the connection closes without a reply, yet created"}
    )
    reset: bool = field(default=False, metadata={"help": "drop connections with RST instead of FIN"})
    garbage: float = field(
        default=0.0,
        metadata={"help": "probability that a created call is answered 200 with HTML, cut JSON or no _id"},
    )
    refuse: float = field(default=0.0, metadata={"help": "probability that a valid POST is answered 400"})
    refuse_name: str = field(
        default="", metadata={"help": "answer 400 to a POST that holds a call to somebody of exactly this name"}
    )
    split_batches: bool = field(
        default=False, metadata={"help": "create the calls of a batch up to the one to `refuse_name`, then answer 400"}
    )
    shift_slots_ms: int = field(
        default=0, metadata={"help": "create every call so many milliseconds after the time asked for, or before it"}
    )
    drop_slots: bool = field(default=False, metadata={"help": "create every call as if no time was asked for"})
    same_id: bool = field(default=False, metadata={"help": "answer every POST with the id of the first call created"})
    key_refused_after: int | None = field(
        default=None, metadata={"help": "answer 401 to every request once N POSTs were accepted"}
    )
    no_credit_after: int | None = field(
        default=None, metadata={"help": "answer 402 to POSTs that would make more than N calls in the list"}
    )
    list_errors: float = field(default=0.0, metadata={"help": "probability that the listing is answered 500"})
    list_lag_ms: int = field(default=0, metadata={"help": "milliseconds until a created call appears in the listing"})
    list_cap: int | None = field(default=None, metadata={"help": "the listing shows only the newest N calls"})
    list_oldest: bool = field(default=False, metadata={"help": "what `list_cap` leaves are the oldest calls"})

    def __post_init__(self) -> None:
        for name in (*_PROBABILITIES, "list_errors"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be a probability between 0 and 1")
        if sum(getattr(self, name) for name in _PROBABILITIES) > 1 + 1e-9:
            raise ValueError(f"the probabilities {', '.join(_PROBABILITIES)} must not add up to more than 1")
        for name in (*_COUNTS, "error_retry_after_seconds"):
            if (getattr(self, name) or 0) < 0:
                raise ValueError(f"{name} must not be negative")
        if self.requests_per_second is not None and self.requests_per_second < 1:
            raise ValueError("requests_per_second must be at least 1")
        if not 300 <= self.error_status <= 599:  # noqa: PLR2004 - the ends of HTTP's redirects and errors
            raise ValueError("error_status must lie between 300 and 599")
        if self.retry_after not in get_args(RetryAfter):
            raise ValueError(f"retry_after must be one of: {', '.join(get_args(RetryAfter))}")


NO_FAULTS = Faults()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one request, and how long it waits before."""

    fate: Fate
    delay_seconds: float


def judge_post(faults: Faults, ordinal: int) -> Verdict:
    """Decide about the accepted POST number *ordinal* (from 0); the same arguments give the same verdict."""
    if not faults.latency_jitter_ms and not any(getattr(faults, name) for name in _PROBABILITIES):
        return Verdict(Fate.NORMAL, faults.latency_ms / 1000)
    draw = _dice(faults, "POST", ordinal)
    # Always drawn in this order, so that a request's delay does not depend on its fate.
    point, delay, garbage = draw.random(), _delay_seconds(faults, draw), draw.choice(_GARBAGE)
    edge = 0.0
    for name in _PROBABILITIES:
        edge += getattr(faults, name)
        if point < edge:
            return Verdict(garbage if name == "garbage" else Fate(name), delay)
    return Verdict(Fate.NORMAL, delay)


def wanted_call(faults: Faults, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the call that is created for a valid request *body*."""
    if faults.drop_slots:
        return {name: value for name, value in body.items() if name != "callDelayedUntil"}
    if not faults.shift_slots_ms or "callDelayedUntil" not in body:
        return body
    slot = datetime.fromisoformat(body["callDelayedUntil"]) + timedelta(milliseconds=faults.shift_slots_ms)
    return {**body, "callDelayedUntil": f"{slot.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{slot.microsecond // 1000:03d}Z"}


def judge_get(faults: Faults, ordinal: int, *, listing: bool) -> Verdict:
    """Decide about the GET number *ordinal* (from 0): only a *listing* can fail, any GET can be slow."""
    draw = _dice(faults, "GET", ordinal)
    failed = draw.random() < faults.list_errors and listing
    return Verdict(Fate.ERROR_BEFORE if failed else Fate.NORMAL, _delay_seconds(faults, draw))


def _dice(faults: Faults, method: str, ordinal: int) -> random.Random:
    return random.Random(f"{faults.seed} {method} {ordinal}")  # noqa: S311 - repeatable faults, not secrets


def _delay_seconds(faults: Faults, draw: random.Random) -> float:
    return (faults.latency_ms + draw.random() * faults.latency_jitter_ms) / 1000


class SlidingWindow:
    """Admits at most *limit* requests in any second, wherever that second starts; refused ones do not count.

    A second is half open: a request exactly one second after an admitted one no longer meets it.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._admitted_ns: deque[int] = deque()

    def admit(self, now_ns: int) -> int:
        """Admit a request at *now_ns* (never earlier than the time before) and return 0.

        Otherwise give the nanoseconds until one would be admitted.
        """
        admitted = self._admitted_ns
        while admitted and admitted[0] + NANOSECONDS <= now_ns:
            admitted.popleft()
        if len(admitted) >= self._limit:
            return admitted[0] + NANOSECONDS - now_ns
        admitted.append(now_ns)
        return 0


def retry_after_value(style: RetryAfter, wait_ns: int, *, now_seconds: float) -> str:
    """Write a pause of *wait_ns* as Retry-After, rounded up; *now_seconds* is Unix time.

    Both styles are of RFC 9110, section 10.2.3.
    """
    if style == "seconds":
        return str(math.ceil(wait_ns / NANOSECONDS))
    return formatdate(math.ceil(now_seconds + wait_ns / NANOSECONDS), usegmt=True)
