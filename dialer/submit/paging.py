"""Tells whether a reply that lists calls says that it is not all there is. Pure.

The API documents a listing with `data` alone: no page, no order, no total. So whatever else a reply holds that may
speak of another page counts against it. Too much doubt leaves a call unknown; too little rings somebody twice.
"""

from collections.abc import Mapping
from typing import Any

PAGE_SIZES = frozenset(
    {10, 15, 20, 25, 30, 40, 50, 60, 75, 100, 150, 200, 250, 300, 500, 1_000, 2_000, 2_500, 5_000, 10_000}
)
"""Lengths at which services cut a listing. One of exactly such a length proves nothing about what is not in it."""

_SAYS_NOTHING = frozenset({"success", "ok"})
"""Booleans that only repeat the reply's status."""

_LEADS_ON = ("next", "cursor", "more", "link", "token", "after", "offset", "page")
_IS_LINK = ("/", "?", "http:", "https:")


def why_cut(reply: Mapping[str, Any], length: int) -> str:
    """Tell why a *reply* that lists *length* calls may not be all there is; "" when nothing says so."""
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
