"""What a failed request is called: its kind in our own words, and nothing that it quotes."""

import ssl

import httpx
import pytest

from dialer.api.failure import BEFORE_SENDING, judge_failure, what_failed
from dialer.calls.outcome import Kind, StopCode
from tests.support import number


@pytest.mark.parametrize("kind", [*BEFORE_SENDING, httpx.ReadError, httpx.WriteTimeout, OSError, ValueError])
@pytest.mark.parametrize("leaving", [False, True])
def test_a_failure_is_named_and_not_quoted(kind: type[Exception], leaving: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A foreign message may hold an address, a number or a key."""
    outcome = judge_failure(kind(f"to {number(0)}"), leaving=leaving)

    assert number(0)[1:] not in outcome.message
    assert outcome.kind == (Kind.NOT_SENT if kind in BEFORE_SENDING and not leaving else Kind.UNKNOWN)


def test_a_tls_failure_is_found_behind_whatever_wraps_it() -> None:
    """The HTTP libraries wrap what `ssl` raises: the cause is what people have to know."""
    inner = ssl.SSLCertVerificationError(1, "certificate verify failed")
    inner.verify_code = 10
    middle = OSError("wrapped")
    middle.__context__ = inner
    outer = httpx.ConnectError("wrapped twice")
    outer.__cause__ = middle

    outcome = judge_failure(outer, leaving=False)

    assert (outcome.kind, outcome.stop) == (Kind.NOT_SENT, StopCode.CERTIFICATE)
    assert what_failed(outer) == "its certificate has expired"
