"""Compares a call, as the API tells it, with what was asked for: its number and its instant. Pure.

The API documents that the reply to a POST repeats the request's fields. A field that says something else, or an instant
that is left out where the number is told, shows that the call is another one or rings at another time. A reply that
tells nothing but the id is short, not wrong.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialer.api.listing import parse_instant
from dialer.calls.outcome import Kind, Outcome, StopCode
from dialer.clock import iso_ms
from dialer.reasons import Reason


@dataclass(frozen=True, slots=True)
class Request:
    """What a call's body asks for. *slot_ms* None: no instant. `repr()` does not show the phone number."""

    phone: str = field(repr=False)
    slot_ms: int | None


def requested(body: bytes) -> Request:
    """Read the number and the instant from a call's own body."""
    call = json.loads(body)
    return Request(call.get("toPhoneNumber", ""), parse_instant(call.get("callDelayedUntil")))


def is_repeated(call: Mapping[str, Any], request: Request) -> bool:
    """Return whether *call* tells the number and the instant of *request*."""
    return call.get("toPhoneNumber") == request.phone and _is_told(call.get("callDelayedUntil"), request.slot_ms)


def _is_told(told: Any, slot_ms: int | None) -> bool:
    """Return whether *told* is the instant asked for, as it was written or in another way."""
    return (slot_ms is not None and told == iso_ms(slot_ms)) or parse_instant(told) == slot_ms


def contradiction(call: Mapping[str, Any], request: Request) -> str:
    """Return in what *call* differs from *request*, for people; "" where it does not, or does not tell."""
    phone, told = call.get("toPhoneNumber"), call.get("callDelayedUntil")
    if phone is not None and phone != request.phone:
        return "another number than the one asked for"
    if request.slot_ms is None or (phone is None and told is None):
        return ""
    if _is_told(told, request.slot_ms):
        return ""
    slot_ms = parse_instant(told)
    wanted = iso_ms(request.slot_ms)
    return f"no time, and was asked for {wanted}" if slot_ms is None else f"{iso_ms(slot_ms)} instead of {wanted}"


def differs(what: str, call_id: str, http_status: int) -> Outcome:
    """Return the outcome of a call that exists, but not as it was asked for: it ends the run.

    It may ring at a wrong hour, or ring somebody else, so it counts as unknown until a person has looked.
    """
    message = f"The API created call {call_id} otherwise than asked: it tells {what}."
    stop = f"{message} Nothing more is sent. Look at that call there, and cancel it where it must not ring."
    return Outcome(
        Kind.UNKNOWN,
        Reason.REPLY_DIFFERS,
        message,
        http_status=http_status,
        stop=StopCode.REPLY_DIFFERS,
        stop_message=stop,
    )
