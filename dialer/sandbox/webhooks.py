"""How the stand-in tells a webhook's receiver that a call has ended. Pure: what is posted, where, with which secret.

The API's pages name the fields `url`, `subscribedEvent` and `secret` and one event, `phoneCall.completed`; how the
secret is shown to the receiver they do not say. So it is a choice here, of the ways that vendors use.
"""

import base64
import hmac
import ipaddress
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

EVENT = "phoneCall.completed"

SecretStyle = Literal["header", "hmac-hex", "hmac-base64", "body"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """How webhooks are posted. Raises `ValueError` for a value that cannot be.

    *style* shows the secret plainly in a header, as an HMAC-SHA256 of the raw body in a header, or as a field of the
    body; *secret_name* names the header or field. *anywhere* also posts to addresses that are not of this machine.
    """

    style: SecretStyle = field(default="header", metadata={"help": "how a webhook shows its secret"})
    secret_name: str = field(default="x-webhook-secret", metadata={"help": "the header or body field that shows it"})
    lost: float = field(default=0.0, metadata={"help": "probability that a webhook is never posted"})
    twice: float = field(default=0.0, metadata={"help": "probability that a webhook is posted twice"})
    anywhere: bool = field(default=False, metadata={"help": "post webhooks also to other machines than this one"})

    def __post_init__(self) -> None:
        if self.style not in get_args(SecretStyle):
            raise ValueError(f"style must be one of: {', '.join(get_args(SecretStyle))}")
        if not (0 <= self.lost <= 1 and 0 <= self.twice <= 1):
            raise ValueError("lost and twice must be probabilities between 0 and 1")


@dataclass(frozen=True, slots=True)
class Post:
    """One POST to a receiver; *body* is JSON in UTF-8."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def posts_for(webhooks: Webhooks, call: Mapping[str, Any], seed: int) -> Iterator[Post]:
    """Return what is posted about the ended *call*, as the API tells it: one POST for each of its webhooks, or more."""
    hooks = [hook for hook in call.get("phoneCallWebhooks", ()) if hook["subscribedEvent"] == EVENT]
    draw = random.Random(f"{seed} webhooks {call['_id']}")  # noqa: S311 - repeatable faults, not secrets
    for hook in hooks:
        lost, twice = draw.random() < webhooks.lost, draw.random() < webhooks.twice
        if lost or not (webhooks.anywhere or is_loopback(hook["url"])):
            continue
        post = _post(webhooks, hook["url"], hook.get("secret", ""), call)
        yield from [post, post] if twice else [post]


def _post(webhooks: Webhooks, url: str, secret: str, call: Mapping[str, Any]) -> Post:
    content = {name: value for name, value in call.items() if name != "phoneCallWebhooks"}
    shown = {webhooks.secret_name: secret} if webhooks.style == "body" else {}
    body = json.dumps({"event": EVENT, "data": content} | shown).encode("ascii")
    headers = {"content-type": "application/json"}
    if webhooks.style == "header":
        headers[webhooks.secret_name] = secret
    elif webhooks.style != "body":
        digest = hmac.digest(secret.encode(), body, "sha256")
        headers[webhooks.secret_name] = (
            digest.hex() if webhooks.style == "hmac-hex" else base64.b64encode(digest).decode("ascii")
        )
    return Post(url, headers, body)


def is_loopback(url: str) -> bool:
    """Return whether an address is of this machine, by its name alone: no name is looked up."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
