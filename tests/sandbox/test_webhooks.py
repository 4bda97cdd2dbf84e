"""Promises about what a webhook's receiver is posted, and how it can know the secret."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from dialer.sandbox.webhooks import Webhooks, is_loopback, posts_for
from tests.sandbox.client import full_call

SECRET = b"s3cret"


def ended(*urls: str, event: str = "phoneCall.completed") -> dict[str, Any]:
    """Return an ended call with a webhook for each of *urls*."""
    hooks = [{"url": url, "subscribedEvent": event, "secret": SECRET.decode()} for url in urls]
    return full_call() | {"_id": "a", "status": "busy", "phoneCallWebhooks": hooks}


HERE = "http://127.0.0.1:9/hook"


def test_each_style_shows_the_secret_in_its_way() -> None:
    """Plainly, as an HMAC of the very bytes that are posted, in hex or base64, or in the body."""
    for style in ("header", "hmac-hex", "hmac-base64", "body"):
        changes: Any = {"style": style, "secret_name": "x-proof"}
        (post,) = posts_for(Webhooks(**changes), ended(HERE), 0)
        digest = hmac.new(SECRET, post.body, hashlib.sha256)
        shown = {
            "header": "s3cret",
            "hmac-hex": digest.hexdigest(),
            "hmac-base64": base64.b64encode(digest.digest()).decode(),
            "body": None,
        }
        assert post.headers.get("x-proof") == shown[style]
        assert json.loads(post.body).get("x-proof") == ("s3cret" if style == "body" else None)
        assert json.loads(post.body)["data"]["_id"] == "a"
        assert ("s3cret" in post.body.decode()) == (style == "body")


def test_only_this_machine_is_told_unless_asked() -> None:
    """A rehearsal of a real campaign posts nothing to the real receiver."""
    call = ended("https://example.com/hook", HERE)
    assert [post.url for post in posts_for(Webhooks(), call, 0)] == [HERE]
    assert len(list(posts_for(Webhooks(anywhere=True), call, 0))) == 2


def test_only_the_event_that_was_subscribed_to_is_told() -> None:
    """A webhook for something else hears nothing."""
    assert list(posts_for(Webhooks(), ended(HERE, event="phoneCall.started"), 0)) == []


def test_webhooks_can_be_lost_or_come_twice() -> None:
    """The faults of every vendor, by seed."""
    assert list(posts_for(Webhooks(lost=1.0), ended(HERE), 0)) == []
    first, second = posts_for(Webhooks(twice=1.0), ended(HERE), 0)
    assert first == second
    with pytest.raises(ValueError, match="probabilities"):
        Webhooks(lost=1.5)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:1/x", True), ("http://[::1]/x", True), ("http://127.9.9.9/", True),
        ("http://127.0.0.1.example.com/", False), ("https://example.com/", False), ("http://192.0.2.1/", False),
    ],
)  # fmt: skip
def test_this_machine_is_known_by_its_address_alone(url: str, here: bool) -> None:  # noqa: FBT001 - a table's column
    """No name is looked up, so no name can lead elsewhere."""
    assert is_loopback(url) is here
