"""What to do about each reason of a row, a sentence or two each."""

import tomllib
from functools import cache
from pathlib import Path

from dialer.reasons import Reason

REMEDIES = Path(__file__).parent / "remedies.toml"
"""`reason = "sentence"`, one for each."""

_REFUSED_BY_API = "Mend what the message says, in the row or in the campaign, and give the row back."


@cache
def remedies() -> dict[str, str]:
    """Return what to do about each reason, by the reason's code, with marks as in Markdown."""
    return tomllib.loads(REMEDIES.read_text("utf-8"))


def remedy_of(reason: str) -> str:
    """Return what to do about a reason as `dialer_reason` holds it, or about the API's own refusal, without marks."""
    if reason in set(Reason):
        return remedies()[reason].replace("`", "")
    return _REFUSED_BY_API if reason else ""
