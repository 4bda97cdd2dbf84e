"""Every status and reason that a results file can hold is explained."""

import re

import pytest

from dialer.reasons import REASONS, STATUS_MEANINGS, Reason, Status

STATUSES_AS_PROMISED = {"created", "failed", "unknown", "rejected", "skipped", "pending"}


def test_the_statuses_are_those_promised() -> None:
    """People filter their spreadsheets by these words."""
    assert {str(status) for status in Status} == STATUSES_AS_PROMISED


def test_every_status_has_a_meaning() -> None:
    """Each of them is explained, and nothing else is."""
    assert list(STATUS_MEANINGS) == list(Status)
    assert all(STATUS_MEANINGS.values())


def test_every_reason_has_a_status_and_a_meaning() -> None:
    """Each reason stands in the table, in the order of the enumeration, once."""
    assert list(REASONS) == list(Reason)
    assert len({meaning for _, meaning in REASONS.values()}) == len(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_a_stable_plain_code(reason: Reason) -> None:
    """A code is lower-case words; its meaning is a sentence's middle, without a full stop."""
    status, meaning = REASONS[reason]

    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", reason)
    assert reason == reason.name.lower()
    assert not reason.startswith("api_")
    assert isinstance(status, Status)
    assert meaning
    assert not meaning.endswith(".")


def test_no_reason_of_a_doubt_says_that_it_is_safe_to_run_again() -> None:
    """What may exist is unknown, never failed."""
    for reason in (Reason.NO_REPLY, Reason.BAD_REPLY, Reason.INTERRUPTED):
        assert REASONS[reason][0] == Status.UNKNOWN
