"""Promises about how a created call goes on: repeatable, in order, as the API's pages tell it."""

from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.sandbox import CallLifecycle, End, Sandbox
from dialer.sandbox.call_lifecycle import UNANSWERED, Born, ends_at_ms, iso_ms, lived
from tests.sandbox.client import ask, call, post

CREATED_MS = 1_800_000_000_000
PLANNED_MS = CREATED_MS + 3_600_000
ORDER = ("queued", "ringing", "inProgress", "completed")
BODY = {"status": "queued", "_id": "a", "record": True}

ends = st.sampled_from(End)


def born(phone: str = "+12125550123", nth: int = 1) -> Born:
    """Return a call that may ring an hour after its creation."""
    return Born(CREATED_MS, PLANNED_MS, phone, nth)


def only(end: End, **changes: Any) -> CallLifecycle:
    """Return a life whose first call ends so."""
    return CallLifecycle(script={"+12125550123": (end,)}, **changes)


def told(life: CallLifecycle, at_ms: int) -> dict[str, Any]:
    """Return the call at *at_ms*."""
    return lived(life, born(), BODY, at_ms)


@settings(deadline=None, max_examples=40)
@given(end=ends, seed=st.integers(0, 1000))
def test_a_call_rings_after_its_slot_and_ends_once(end: End, seed: int) -> None:
    """Before its slot a call is queued; afterwards it only goes forward, and what it ended as stays."""
    life = only(end, seed=seed)
    ended_ms = ends_at_ms(life, born())
    looks = [told(life, at_ms) for at_ms in (*range(PLANNED_MS - 2_000, ended_ms + 5_000, 997), ended_ms, ended_ms * 2)]
    statuses = [look["status"] for look in looks]

    assert told(life, PLANNED_MS - 1) == BODY
    assert ended_ms >= PLANNED_MS
    assert told(life, ended_ms - 1)["status"] in ORDER[:3]
    assert looks[-1] == looks[-2] == told(life, ended_ms)
    seen = [ORDER.index(status) for status in statuses if status in ORDER]
    assert all(before <= after for before, after in pairwise(seen))


@settings(deadline=None, max_examples=40)
@given(end=ends, seed=st.integers(0, 1000))
def test_an_end_is_told_in_the_documented_fields(end: End, seed: int) -> None:
    """Unanswered calls have a status alone; answered ones completed, with code, length, answers and recording."""
    life = only(end, seed=seed)
    ended = told(life, ends_at_ms(life, born()))

    assert datetime.fromisoformat(ended["callEndedAt"]) >= datetime.fromisoformat(iso_ms(PLANNED_MS))
    if end in UNANSWERED:
        assert ended["status"] in ({"cancelled", "canceled"} if end == End.CANCELLED else {str(end)})
        assert not {"statusExtraInfo", "callStartedAt", "recordingUrl"} & set(ended)
        return
    assert (ended["status"], ended["statusExtraInfo"]["statusCode"]) == ("completed", str(end))
    assert ("dateTime" in ended["statusExtraInfo"]) == (end == End.CALL_LATER)
    assert ended["callTriggeredAt"] < ended["callStartedAt"] < ended["callEndedAt"]
    assert ended["callDuration"] >= 0
    assert bool(ended["resultValues"]) == (end == End.NORMAL)
    assert ended["recordingUrl"].startswith("https://")


def test_both_spellings_of_cancelled_occur() -> None:
    """The API's pages spell it in two ways; a reader meets both."""
    lives = (only(End.CANCELLED, seed=seed) for seed in range(30))
    assert {told(life, PLANNED_MS * 2)["status"] for life in lives} == {"cancelled", "canceled"}


def test_the_same_seed_gives_the_nth_call_to_a_number_the_same_end() -> None:
    """Whenever it is created; another seed, number or place among the number's calls gives others."""

    def statuses(seed: int) -> list[dict[str, Any]]:
        calls = (born(f"+1212555{number:04d}", nth) for number in range(100, 130) for nth in (1, 2))
        return [lived(CallLifecycle(seed=seed), item, BODY, PLANNED_MS * 2) for item in calls]

    assert statuses(1) == statuses(1)
    assert [call["status"] for call in statuses(1)] != [call["status"] for call in statuses(2)]
    later = Born(CREATED_MS + 5, PLANNED_MS + 86_400_000, "+12125550123", 1)
    assert (
        lived(CallLifecycle(), later, BODY, PLANNED_MS * 2)["status"] == told(CallLifecycle(), PLANNED_MS * 2)["status"]
    )


def test_shares_are_kept() -> None:
    """Of many calls about so many end in each way as was asked."""
    life = CallLifecycle(no_answer=0.5, busy=0.25, failed=0, cancelled=0, voicemail=0, ivr=0, do_not_call=0.25,
                         call_later=0, unknown_code=0)  # fmt: skip
    calls = (lived(life, born(nth=nth), BODY, PLANNED_MS * 2) for nth in range(1, 2001))
    counts = Counter(call.get("statusExtraInfo", {}).get("statusCode", call["status"]) for call in calls)

    assert set(counts) == {"noAnswer", "busy", "DO_NOT_CALL"}
    assert 900 < counts["noAnswer"] < 1100
    assert 420 < counts["busy"] < 580


def test_a_script_comes_before_chance() -> None:
    """A number's first calls end as the script says, those after it by the shares."""
    life = CallLifecycle(script={"+12125550123": (End.BUSY, End.DO_NOT_CALL)}, no_answer=1.0, busy=0, failed=0,
                         cancelled=0, voicemail=0, ivr=0, do_not_call=0, call_later=0, unknown_code=0)  # fmt: skip
    ended = [lived(life, born(nth=nth), BODY, PLANNED_MS * 2) for nth in (1, 2, 3)]
    assert [call["status"] for call in ended] == ["busy", "completed", "noAnswer"]


def test_speed_brings_the_end_nearer_and_changes_nothing_else() -> None:
    """At 60, what would be seen after an hour is seen after a minute, with the same times in it."""
    slow, fast = only(End.NORMAL), only(End.NORMAL, speed=60.0)
    wait_ms = ends_at_ms(slow, born()) - CREATED_MS

    assert ends_at_ms(fast, born()) - CREATED_MS == round(wait_ms / 60)
    assert told(fast, CREATED_MS + round(wait_ms / 60) + 1) == told(slow, CREATED_MS + wait_ms)


@pytest.mark.parametrize(
    "wrong", [{"busy": 0.9}, {"ivr": -0.1}, {"ring_seconds": 0}, {"talk_seconds": 0}, {"speed": 0}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    """Shares above 1 together, or a speed of nothing, are a mistake in the test, not a life."""
    with pytest.raises(ValueError, match=r"must"):
        CallLifecycle(**wrong)


def test_listing_and_reading_show_the_life_by_the_clock_that_was_handed_in() -> None:
    """GET by id and the listing tell the same; nothing happens but by the clock, which the `Date` follows too."""
    clock = [CREATED_MS]
    slot = iso_ms(PLANNED_MS)
    with Sandbox(life=only(End.VOICEMAIL), now_ms=lambda: clock[0]) as sandbox:
        made = post(sandbox.url, call(callDelayedUntil=slot)).data
        before = ask(sandbox.url, "GET", f"/v1/phoneCalls/{made['_id']}")
        clock[0] = PLANNED_MS + 600_000
        (listed,) = ask(sandbox.url, "GET", "/v1/phoneCalls").data
        read = ask(sandbox.url, "GET", f"/v1/phoneCalls/{made['_id']}")

        assert sandbox.lived == [read.data]
        assert sandbox.created == [made]
    assert before.data == made
    assert before.headers["date"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    assert read.headers["date"] == "Fri, 15 Jan 2027 09:10:00 GMT"
    assert listed == read.data
    assert listed["statusExtraInfo"] == {"statusCode": "VOICEMAIL_DETECTED"}
