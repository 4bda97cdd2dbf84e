"""Promises about when a run is stopped and when the API counts as down."""

import pytest

from dialer.calls.outcome import Kind, Outcome, Stop, StopCode, never_sent, no_reply
from dialer.campaign.tables import Submit
from dialer.submit.circuit_breaker import OUTAGE_FAILURES, CircuitBreaker

CREATED = Outcome(Kind.CREATED, call_id="a", http_status=200)
REFUSED = Outcome(Kind.REFUSED, "api_400", "No.", http_status=400)
ERROR = Outcome(Kind.UNKNOWN, "api_500", "Down.", http_status=500)
PUT_OFF = Outcome(Kind.NOT_SENT, "api_429", "Later.", http_status=429)
NO_CONNECTION = never_sent("no connection")


def watch(**settings: int) -> CircuitBreaker:
    """Return a watch that stops for nothing but what a test asks for."""
    return CircuitBreaker(Submit.model_validate({"max_unknown": 1_000, "max_failures_in_a_row": 1_000} | settings))


@pytest.mark.parametrize("outcome", [ERROR, NO_CONNECTION])
def test_failures_of_the_api_in_a_row_mean_that_it_is_down(outcome: Outcome) -> None:
    """Lost connections and 5xx open the breaker, one created call before that closes it again."""
    watched = watch()
    for _ in range(OUTAGE_FAILURES - 1):
        watched.count(outcome, final=False)
    watched.count(CREATED, final=True)
    for _ in range(OUTAGE_FAILURES - 1):
        watched.count(outcome, final=False)
    assert not watched.is_down

    watched.count(outcome, final=False)
    assert watched.is_down
    watched.came_back()
    assert not watched.is_down


@pytest.mark.parametrize("outcome", [REFUSED, PUT_OFF, no_reply("cut"), CREATED])
def test_what_is_no_outage_never_opens_the_breaker(outcome: Outcome) -> None:
    """Refusals, a rate limit and lost replies are no reason to stop asking."""
    watched = watch()
    for _ in range(OUTAGE_FAILURES * 3):
        watched.count(outcome, final=True)
    assert not watched.is_down


def test_too_many_failures_in_a_row_stop_the_run() -> None:
    """N rows in a row that fail for good mean that the campaign is wrong; tries in between do not count."""
    watched = watch(max_failures_in_a_row=3)
    answers = [watched.count(outcome, final=final) for outcome, final in [
        (REFUSED, True), (REFUSED, True), (CREATED, True), (REFUSED, True), (PUT_OFF, False), (REFUSED, True),
    ]]  # fmt: skip

    assert answers == [None] * 6
    assert watched.count(REFUSED, final=True) == Stop(
        StopCode.FAILURES_IN_A_ROW, "3 calls in a row failed. The last: No."
    )


def test_too_many_unknowns_stop_the_run_even_between_created_ones() -> None:
    """The budget for unknown calls is one for the whole run."""
    watched = watch(max_unknown=2)
    assert watched.count(ERROR, final=True) is None
    assert watched.count(CREATED, final=True) is None
    stop = watched.count(ERROR, final=True)

    assert stop is not None
    assert stop.code == StopCode.TOO_MANY_UNKNOWN
    assert "dialer reconcile" in stop.message


def test_an_outcome_that_asks_for_a_stop_gets_it() -> None:
    """The reason for people is the stop's own where there is one, else the outcome's."""
    key = Outcome(Kind.REFUSED, "api_401", "The key is refused.", stop=StopCode.KEY_REFUSED)
    clock = Outcome(Kind.CREATED, call_id="a", stop=StopCode.CLOCK_WRONG, stop_message="The clock is wrong.")

    assert watch().count(key, final=False) == Stop(StopCode.KEY_REFUSED, "The key is refused.")
    assert watch().count(clock, final=True) == Stop(StopCode.CLOCK_WRONG, "The clock is wrong.")
