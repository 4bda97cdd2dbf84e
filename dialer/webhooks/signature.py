"""Decides whether a webhook comes from somebody who knows the secret, and which call it speaks of. Pure.

The API's pages name a secret for each webhook and do not say how it is shown, nor what is posted. So how is a
setting, of the ways that vendors use; and of the body nothing is believed but that a call of some id may have ended.
"""

import base64
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dialer.calls.call_id import usable_id

EVENT = "phoneCall.completed"

_EVENT_KEYS = ("event", "type", "subscribedEvent")
_ID_KEYS = ("_id", "phoneCallId", "callId", "id")


class SecretStyle(StrEnum):
    """Where a webhook shows that its sender knows the secret."""

    HEADER = "header"  # as it is, in a header; after `Bearer`, where there is one
    HMAC_HEX = "hmac-hex"  # as the HMAC-SHA256 of the raw body, hexadecimal, in a header; after `sha256=`, if any
    HMAC_BASE64 = "hmac-base64"  # the same in base64
    BODY = "body"  # as it is, in a field of the JSON body, `data.secret` for a nested one


@dataclass(frozen=True, slots=True)
class SecretCheck:
    """How the secret is shown, the header or field that shows it, and the secrets that are accepted.

    `repr()` shows no secret. Raises `ValueError` without a secret: anybody could make us ask the API.
    """

    style: SecretStyle
    name: str
    secrets: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.secrets or not all(self.secrets):
            raise ValueError("a webhook's secret must not be empty")

    def accepts(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether a request with these *headers* (lower-case names) and raw *body* shows one of the secrets."""
        shown = _field(body, self.name) if self.style == SecretStyle.BODY else headers.get(self.name.lower())
        if shown is None:
            return False
        plain = self.style in (SecretStyle.HEADER, SecretStyle.BODY)
        given = shown.strip().removeprefix("Bearer " if plain else "sha256=").encode("utf-8", "surrogatepass")
        if self.style == SecretStyle.HMAC_HEX:
            given = given.lower()
        # Every secret is compared, in constant time each, so that the time tells nothing of any.
        matches = [hmac.compare_digest(given, self._expected(secret, body)) for secret in self.secrets]
        return any(matches)

    def _expected(self, secret: str, body: bytes) -> bytes:
        raw = secret.encode("utf-8", "surrogatepass")
        if self.style in (SecretStyle.HEADER, SecretStyle.BODY):
            return raw
        digest = hmac.digest(raw, body, "sha256")
        return digest.hex().encode() if self.style == SecretStyle.HMAC_HEX else base64.b64encode(digest)


def _field(body: bytes, path: str) -> str | None:
    found: Any = _parsed(body)
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook's body speaks of: a call's id, or (None) an event that is none of ours."""

    call_id: str | None


def read_hint(body: bytes) -> Hint | None:
    """Find the call that a webhook speaks of, wherever vendors put it; None when the body cannot be understood."""
    payload = _parsed(body)
    if not isinstance(payload, dict):
        return None
    events = [payload[key] for key in _EVENT_KEYS if isinstance(payload.get(key), str)]
    if events and EVENT not in events:
        return Hint(None)
    for place in _places(payload):
        for key in _ID_KEYS:
            if call_id := usable_id(place.get(key)):
                return Hint(call_id)
    return None


def _places(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return the objects that may be the call, innermost first: an id further out may be the event's own."""
    data = payload.get("data")
    inner = data.get("phoneCall") if isinstance(data, dict) else None
    yield from (place for place in (inner, data, payload.get("phoneCall"), payload) if isinstance(place, dict))
