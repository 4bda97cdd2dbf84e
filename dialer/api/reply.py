"""Decides what a POST did, from the reply or from how it failed. Pure.

Only four answers exist. *Not sent* and *refused* need proof; every doubt becomes *unknown*, because an unknown
call is looked up later and a wrongly repeated one rings a person twice. The table follows RFC 9110 section
9.2.2 (a non-idempotent request is not repeated unless it surely was not applied).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from dialer.api.echo import Request, contradiction, differs
from dialer.calls.call_id import usable_id
from dialer.calls.outcome import Kind, Outcome, StopCode
from dialer.reasons import Reason

REFUSED = frozenset({400, 404, 405, 411, 413, 414, 415, 422, 431})
"""Replies that mean: judged and not created. Sending the same again would be answered the same."""

STOPS = {401: StopCode.KEY_REFUSED, 403: StopCode.KEY_REFUSED, 402: StopCode.NO_CREDIT}
PUT_OFF = frozenset({425, 429})
"""Replies that mean: not processed, come again later."""

MAX_SKEW_SECONDS = 60.0
_MAX_MESSAGE = 200
_SHORT_KEY = 8
"""A shorter key is hidden as a word of its own only: that of a rehearsal may be a part of many words."""
_LONG_NUMBER = re.compile(r"\d(?:[\s()./\u2010-\u2015-]{0,3}\d){6,}")


def judge_reply(
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    *,
    now: datetime,
    secret: str = "",
    sent: Request | None = None,
) -> Outcome:
    """Judge a whole HTTP reply to a POST of one call, *sent*.

    *headers* has lower-case names; *now* serves only where a `Retry-After` date comes without a `Date`. Where
    the API's words repeat *secret*, the outcome's message does not.
    """
    if 200 <= status < 300:  # noqa: PLR2004 - the class of success
        return _judge_success(status, content, sent)
    pause = None
    if status in PUT_OFF or status == 503:  # noqa: PLR2004 - Service Unavailable
        pause = retry_after_seconds(headers.get("retry-after"), date=headers.get("date"), now=now)
    said = _said(content, secret)
    code = f"api_{status}"
    if status in PUT_OFF:
        return Outcome(Kind.NOT_SENT, code, f"The API put the call off{said}", None, status, pause_seconds=pause)
    if status in STOPS:
        return Outcome(
            Kind.REFUSED,
            code,
            f"The API refused the key or the account{said}",
            None,
            status,
            stop=STOPS[status],
        )
    if 300 <= status < 400:  # noqa: PLR2004 - the class of redirects
        return _redirected(status)
    if status in REFUSED:
        return Outcome(
            Kind.REFUSED, code, f"The API refused the call{said} Mend the row and run it again.", None, status
        )
    message = f"The API answered {status}{said} The call may exist."
    return Outcome(Kind.UNKNOWN, code, message, None, status, pause_seconds=pause)


def _redirected(status: int) -> Outcome:
    why = "The API's address answers with a redirect, which is not followed; mend AICALLER_BASE_URL."
    message = f"{why} Whoever redirects may have created the call."
    return Outcome(Kind.UNKNOWN, f"api_{status}", message, None, status, stop=StopCode.WRONG_ADDRESS, stop_message=why)


def _judge_success(status: int, content: bytes, sent: Request | None) -> Outcome:
    call = told_call(content)
    call_id = usable_id(call.get("_id"))
    if call_id is None:
        message = f"The API answered {status} without a readable id. The call probably exists."
        return Outcome(Kind.UNKNOWN, Reason.BAD_REPLY, message, None, status)
    what = contradiction(call, sent) if sent is not None else ""
    return differs(what, call_id, status) if what else Outcome(Kind.CREATED, call_id=call_id, http_status=status)


def told_call(content: bytes) -> Mapping[str, Any]:
    """Find `data`, the fields of one call, in a reply; nothing when the reply is anything but that."""
    try:
        found = json.loads(content)["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def retry_after_seconds(value: str | None, *, date: str | None, now: datetime) -> float | None:
    """Read `Retry-After` in both its forms (RFC 9110 section 10.2.3); None when it says nothing usable.

    A date is counted from the reply's own `Date`, so that a wrong clock here cannot stretch or skip the pause;
    one already past means no pause. Fractions and negative numbers are not in the standard and are ignored.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) <= 9 else None  # noqa: PLR2004 - 31 years: nonsense
    until = _http_date(text)
    return None if until is None else max(0.0, (until - (_http_date(date) or now)).total_seconds())


def server_skew_seconds(date: str | None, *, sent: datetime, received: datetime) -> float | None:
    """Return by how much this machine's clock runs ahead of a reply's `Date` header; None without a readable one.

    0 where the header lies between the request and its reply: a process may be frozen there for long.
    """
    at = _http_date(date)
    if at is None:
        return None
    return (max(sent - at, timedelta(0)) or min(received - at, timedelta(0))).total_seconds()


def clock_wrong(headers: Mapping[str, str], sent: datetime, received: datetime) -> str:
    """Say by how much this machine's clock is off the API's, when that is too much to call people by it."""
    skew = server_skew_seconds(headers.get("date"), sent=sent, received=received)
    if skew is None or abs(skew) <= MAX_SKEW_SECONDS:
        return ""
    return f"this machine's clock is {skew:+.0f} s off the API's"


def with_clock(outcome: Outcome, wrong: str) -> Outcome:
    """Add to an outcome the stop that a clock asks for that is *wrong*, "" where it is not."""
    if not wrong or outcome.stop is not None:
        return outcome
    return replace(outcome, stop=StopCode.CLOCK_WRONG, stop_message=f"Stopped: {wrong}. Set it, then run again.")


def _http_date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _said(content: bytes, secret: str) -> str:
    """Quote the API's own error message, cut short, with *secret* and anything like a phone number masked."""
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return "."
    found = parsed.get("message", parsed.get("error")) if isinstance(parsed, dict) else None
    parts = found if isinstance(found, list) else [found]
    text = "; ".join(part for part in parts if isinstance(part, str))
    text = "".join(char for char in text if char.isprintable())
    text = _hidden(text, secret)
    text = _LONG_NUMBER.sub("(number)", text)[:_MAX_MESSAGE].strip().rstrip(".")
    return f": {text}." if text else "."


def _hidden(text: str, secret: str) -> str:
    if not secret:
        return text
    found = re.escape(secret)
    return re.sub(rf"(?<!\w){found}(?!\w)" if len(secret) < _SHORT_KEY else found, "(key)", text)
