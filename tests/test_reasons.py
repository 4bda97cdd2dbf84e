"""Every status and reason that a results file can hold is explained."""

import re

import pytest

from dialer.reasons import Reason, Status, meaning_of

STATUSES_AS_PROMISED = {"created", "failed", "unknown", "rejected", "skipped", "pending"}


def test_the_statuses_are_those_promised() -> None:
    """People filter their spreadsheets by these words."""
    assert {str(status) for status in Status} == STATUSES_AS_PROMISED


def test_every_status_has_a_meaning() -> None:
    """Each of them is explained, in words of its own."""
    assert all(status.meaning for status in Status)
    assert len({status.meaning for status in Status}) == len(Status)


def test_no_two_reasons_mean_the_same() -> None:
    """Each reason has a sentence of its own, and is found by its code."""
    assert len({reason.meaning for reason in Reason}) == len(Reason)
    assert all(Reason(str(reason)) is reason for reason in Reason)


def test_a_reason_is_told_without_marks() -> None:
    """Whoever reads a terminal sees no backquotes, and a refusal of the API is told by its number."""
    assert all("`" not in meaning_of(reason) for reason in Reason)
    assert meaning_of("api_400") == "the API answered 400"


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_a_stable_plain_code(reason: Reason) -> None:
    """A code is lower-case words; its meaning is a sentence's middle, without a full stop."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", reason)
    assert reason == reason.name.lower()
    assert not reason.startswith("api_")
    assert isinstance(reason.status, Status)
    assert reason.meaning
    assert not reason.meaning.endswith(".")


def test_no_reason_of_a_doubt_says_that_it_is_safe_to_run_again() -> None:
    """What may exist is unknown, never failed."""
    for reason in (Reason.NO_REPLY, Reason.BAD_REPLY, Reason.INTERRUPTED):
        assert reason.status == Status.UNKNOWN
