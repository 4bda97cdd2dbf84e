"""Promises about who is heard: only a sender who knows the secret, in the way that was agreed."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.sandbox.webhooks import Webhooks, posts_for
from dialer.webhooks.signature import Hint, SecretCheck, SecretStyle, read_hint
from tests.sandbox.client import full_call

BODY = json.dumps({"event": "phoneCall.completed", "data": {"_id": "a"}}).encode()
SECRETS = ("first secret", "zweites Geheimnis ü")


def check(style: SecretStyle, name: str = "X-Proof") -> SecretCheck:
    """Return a check with two secrets."""
    return SecretCheck(style, name, SECRETS)


def signed(secret: str, body: bytes = BODY) -> "hmac.HMAC":
    """Sign a body as a vendor would."""
    return hmac.new(secret.encode(), body, hashlib.sha256)


@pytest.mark.parametrize("secret", SECRETS)
def test_each_secret_is_accepted_in_each_way(secret: str) -> None:
    """Plainly, after `Bearer`, as HMAC in hex of either case or base64, after `sha256=`, or in the body."""
    hexadecimal, in_base64 = signed(secret).hexdigest(), base64.b64encode(signed(secret).digest()).decode()
    shown = {
        SecretStyle.HEADER: [secret, f"Bearer {secret}"],
        SecretStyle.HMAC_HEX: [hexadecimal, hexadecimal.upper(), f"sha256={hexadecimal}"],
        SecretStyle.HMAC_BASE64: [in_base64, f"sha256={in_base64}"],
    }
    for style, values in shown.items():
        for value in values:
            assert check(style).accepts({"x-proof": value}, BODY)
    assert check(SecretStyle.BODY, "secret").accepts({}, json.dumps({"secret": secret}).encode())
    assert check(SecretStyle.BODY, "data.key").accepts({}, json.dumps({"data": {"key": secret}}).encode())


@settings(deadline=None)
@given(style=st.sampled_from(SecretStyle), shown=st.text(), body=st.binary())
def test_nothing_else_is_accepted_and_nothing_breaks_it(style: SecretStyle, shown: str, body: bytes) -> None:
    """Whatever a stranger sends, it is no."""
    assert not check(style).accepts({"x-proof": shown, "X-Proof": SECRETS[0]}, body)
    assert not check(style).accepts({}, body)


def test_a_signature_is_of_the_very_body() -> None:
    """A body that was changed on its way, by a space even, does not bear its signature."""
    headers = {"x-proof": signed(SECRETS[0]).hexdigest()}
    assert check(SecretStyle.HMAC_HEX).accepts(headers, BODY)
    assert not check(SecretStyle.HMAC_HEX).accepts(headers, BODY + b" ")


def test_without_a_secret_there_is_no_check() -> None:
    """An empty secret would let everybody in; a check does not show its secrets."""
    for secrets in ((), ("",), ("a", "")):
        with pytest.raises(ValueError, match="must not be empty"):
            SecretCheck(SecretStyle.HEADER, "x", secrets)
    assert "secret" not in repr(check(SecretStyle.HEADER)).lower().replace("secretcheck", "").replace("secretstyle", "")


@pytest.mark.parametrize("style", SecretStyle)
def test_what_the_sandbox_posts_is_accepted(style: SecretStyle) -> None:
    """A rehearsal with each style goes through the same check as the real thing."""
    name = "proof" if style == SecretStyle.BODY else "x-proof"
    changes: Any = {"style": str(style), "secret_name": name}
    hook = {"url": "http://127.0.0.1/", "subscribedEvent": "phoneCall.completed", "secret": SECRETS[0]}
    (post,) = posts_for(Webhooks(**changes), full_call() | {"_id": "call-7", "phoneCallWebhooks": [hook]}, 0)

    assert check(style, name).accepts(post.headers, post.body)
    assert read_hint(post.body) == Hint("call-7")


@pytest.mark.parametrize(
    ("payload", "hint"),
    [
        ({"_id": "a"}, Hint("a")),
        ({"id": "event-1", "event": "phoneCall.completed", "data": {"_id": "a", "id": "b"}}, Hint("a")),
        ({"type": "phoneCall.completed", "data": {"phoneCall": {"_id": "a"}, "_id": "no"}}, Hint("a")),
        ({"phoneCall": {"id": "a"}}, Hint("a")),
        ({"phoneCallId": "a"}, Hint("a")),
        ({"event": "phoneCall.started", "data": {"_id": "a"}}, Hint(None)),
        ({"data": {"_id": 5}}, None),
        ({"data": {"_id": "a\nb"}}, None),
        ([], None),
        ("a", None),
    ],
)
def test_the_id_is_found_where_vendors_put_it(payload: Any, hint: Hint | None) -> None:
    """Inner objects first, since an outer id may be the event's; another event is nothing to us."""
    assert read_hint(json.dumps(payload).encode()) == hint


@settings(deadline=None)
@given(st.binary())
def test_any_body_can_be_looked_at(body: bytes) -> None:
    """Bytes of any kind hold a call's id or not; they never break the receiver."""
    hint = read_hint(body)
    assert hint is None or hint.call_id is None or hint.call_id.isprintable()
