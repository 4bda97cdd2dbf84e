"""Promises about when a call's end is known for good, and when it has to be asked about again."""

import pytest

from dialer.calls.disposition import FINAL, GONE, Disposition, gone

NOON_MS = 1_795_000_000_000
MINUTE_MS = 60_000


@pytest.mark.parametrize("status", ["busy", "failed", "noAnswer", "cancelled"])
def test_a_call_that_nobody_took_is_over_at_once(status: str) -> None:
    """Nothing more can become known of a call without a talk."""
    assert Disposition("a", status, ended_at_ms=NOON_MS).is_final(seen_at_ms=NOON_MS)


@pytest.mark.parametrize(("after_ms", "is_final"), [(0, False), (5 * MINUTE_MS - 1, False), (5 * MINUTE_MS, True)])
def test_what_came_of_a_talk_is_waited_for(after_ms: int, *, is_final: bool) -> None:
    """A completed call is asked about for five minutes more: an opt-out may be known later than the end."""
    ended = Disposition("a", "completed", ended_at_ms=NOON_MS)

    assert ended.is_final(seen_at_ms=NOON_MS + after_ms) is is_final


def test_a_completed_call_without_an_end_is_final() -> None:
    """Where the API tells no end there is nothing to count from, and asking for ever would find no more."""
    assert Disposition("a", "completed").is_final(seen_at_ms=NOON_MS)


@pytest.mark.parametrize("status", ["queued", "ringing", "inProgress", "a word that no page names", GONE])
def test_any_other_status_may_change(status: str) -> None:
    """A call that is under way, or of which nobody knows, is never taken for ended."""
    assert not Disposition("a", status, ended_at_ms=NOON_MS).is_final(seen_at_ms=NOON_MS + 10**9)
    assert status not in FINAL


def test_only_the_exact_code_is_an_opt_out() -> None:
    """Whoever asked for no more calls is suppressed; a code that only looks like it suppresses nobody unseen."""
    assert Disposition("a", "completed", "DO_NOT_CALL").asks_never_again
    for code in ("", "CALL_LATER", "do_not_call", "DO_NOT_CALL_TODAY"):
        assert not Disposition("a", "completed", code).asks_never_again


def test_what_people_said_is_not_shown_by_accident() -> None:
    """Neither results nor recording get into a log by way of `repr()`."""
    shown = repr(Disposition("a", "completed", results=(("said", "a secret"),), recording_url="https://example.com/r"))

    assert "a secret" not in shown
    assert "example.com" not in shown


def test_a_call_that_the_api_no_longer_knows_has_a_word_of_its_own() -> None:
    """It is not one of the API's own, so that it is never taken for an end that the API told."""
    assert gone("a") == Disposition("a", "gone")
