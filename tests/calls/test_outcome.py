"""Promises about what one POST did: the doubt goes to unknown, and an outage is told from a refusal."""

import pytest

from dialer.calls.outcome import Kind, Outcome, StopCode, never_sent, no_reply
from dialer.reasons import Reason, Status


def test_a_failure_before_the_request_left_is_not_sent() -> None:
    """Only that is safe to try again by itself; the sentence says why, and a stop is passed on."""
    outcome = never_sent("no connection", stop=StopCode.UNREACHABLE)

    assert (outcome.kind, outcome.reason, outcome.stop) == (Kind.NOT_SENT, Reason.NOT_SENT, StopCode.UNREACHABLE)
    assert outcome.message == "Not sent: no connection."
    assert never_sent("no key", reason=Reason.STOPPED).reason == Reason.STOPPED


def test_a_failure_after_it_left_may_be_a_call() -> None:
    """The row is unknown, never failed: a failed row would be sent again."""
    outcome = no_reply("the connection broke")

    assert (outcome.kind, outcome.reason, outcome.stop) == (Kind.UNKNOWN, Reason.NO_REPLY, None)
    assert outcome.message.endswith("The call may exist.")
    assert Reason(outcome.reason).status == Status.UNKNOWN


@pytest.mark.parametrize(
    ("outcome", "is_outage"),
    [
        (Outcome(Kind.UNKNOWN, "api_500", http_status=500), True),
        (Outcome(Kind.NOT_SENT, "api_503", http_status=503), True),
        (Outcome(Kind.UNKNOWN, "api_599", http_status=599), True),
        (Outcome(Kind.REFUSED, "api_499", http_status=499), False),
        (Outcome(Kind.NOT_SENT, Reason.NOT_SENT, http_status=429), False),
        (Outcome(Kind.CREATED, http_status=201), False),
        (never_sent("no connection"), True),
        (no_reply("no reply in time"), False),
    ],
    ids=lambda value: f"{value.kind} {value.http_status}" if isinstance(value, Outcome) else "",
)
def test_an_outage_is_no_connection_or_a_server_error(outcome: Outcome, *, is_outage: bool) -> None:
    """An API that is down is waited for; one that refuses, or asks for a pause, is up."""
    assert outcome.is_outage is is_outage
