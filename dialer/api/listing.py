"""Reads the API's listing of calls, and judges whether it says that it is not all there is. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dialer.calls.call_id import usable_id
from dialer.calls.reconciliation import ListedCall, Listing
from dialer.clock import from_ms, to_ms
from dialer.words import counted

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def parse_listing(content: bytes) -> Listing | None:
    """Read the reply to `GET /v1/phoneCalls`; None when it is not a listing that can be understood.

    An entry whose id can be none is left out, and its call may be anybody's; so may one whose number is masked or
    written otherwise than calls are asked for (E.164): such a listing is as good as cut.
    """
    try:
        reply = json.loads(content)
        listed = [_parse_call(item) for item in _list_of(reply["data"])]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    calls = tuple(call for call in listed if call is not None)
    return Listing(calls, why_cut(reply, len(listed)) or _why_faulty(calls, len(listed)))


def _why_faulty(calls: Sequence[ListedCall], length: int) -> str:
    if len(calls) < length:
        return f"{counted(length - len(calls), 'entry', 'entries')} with an id that can be none"
    masked = sum(_E164.fullmatch(call.phone) is None for call in calls)
    if masked:
        return f"{counted(masked, 'entry', 'entries')} with a number that is none, or is masked"
    return "it lists an id more than once" if len({call.call_id for call in calls}) < len(calls) else ""


def _list_of(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise TypeError("no list")
    return data


def _parse_call(item: Mapping[str, Any]) -> ListedCall | None:
    phone = item["toPhoneNumber"]
    if not isinstance(item["_id"], str) or not isinstance(phone, str):
        raise TypeError("an id or number that is no text")
    call_id = usable_id(item["_id"])
    if call_id is None:
        return None
    return ListedCall(call_id, phone, parse_instant(item.get("callDelayedUntil")), parse_instant(item.get("createdAt")))


def parse_instant(value: Any) -> int | None:
    """Read an instant as the API writes it, in ms since the epoch; None for one without a zone, or none at all.

    One before the year 1 or after 9999 in UTC is none: nobody could write it down.
    """
    try:
        instant_ms = to_ms(datetime.fromisoformat(value))
        from_ms(instant_ms)
    except (TypeError, ValueError, OverflowError):
        return None
    return instant_ms


PAGE_SIZES = frozenset(
    {10, 15, 20, 25, 30, 40, 50, 60, 75, 100, 150, 200, 250, 300, 500, 1_000, 2_000, 2_500, 5_000, 10_000}
)
"""Lengths at which services cut a listing. One of exactly such a length proves nothing about what is not in it."""


_SAYS_NOTHING = frozenset({"success", "ok"})
"""Booleans that only repeat the reply's status."""


_LEADS_ON = ("next", "cursor", "more", "link", "token", "after", "offset", "page")


_IS_LINK = ("/", "?", "http:", "https:")


def why_cut(reply: Mapping[str, Any], length: int) -> str:
    """Return why a *reply* that lists *length* calls may not be all there is; "" when nothing says so."""
    for key, value in reply.items():
        if key != "data" and (reason := _speaks_of_more(key.lower().replace("_", ""), value, length)):
            return reason
    if length in PAGE_SIZES:
        return f"exactly {length} calls, which may be a page"
    return ""


def _speaks_of_more(key: str, value: Any, length: int) -> str:
    if isinstance(value, bool):
        return "it says that there may be more" if value and key not in _SAYS_NOTHING else ""
    if isinstance(value, dict | list):
        return "it says more than its list, which may be of another page" if value else ""
    if isinstance(value, str):
        leads_on = any(word in key for word in _LEADS_ON) or value.startswith(_IS_LINK)
        return "it links to something else, which may be another page" if value and leads_on else ""
    if isinstance(value, int | float):
        return _counts_more(key, value, length)
    return ""


def _counts_more(key: str, value: float, length: int) -> str:
    """Judge a number: how many calls or pages there are, or where the next page begins."""
    if "pages" in key:
        return "it says that there are more pages" if value > 1 else ""
    if "total" in key or "count" in key:
        return "it says that there are more calls than it lists" if value > length else ""
    leads_on = any(word in key for word in ("next", "cursor", "more"))
    return "it says where the next page begins" if leads_on and value else ""
