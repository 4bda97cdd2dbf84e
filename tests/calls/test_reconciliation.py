"""Promises about what a listing of the API may settle: a match by itself, an absence only with proof."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.api.listing import parse_listing
from dialer.calls.reconciliation import (
    ExpectedCalls,
    Finding,
    ListedCall,
    Listing,
    UnknownAttempt,
    find_attempts,
    find_created,
    why_not_whole,
)
from dialer.clock import iso_ms
from tests.support import number

SLOT_MS = 1_800_000_060_387
SENT_MS = 1_800_000_000_000
ATTEMPT = UnknownAttempt(1, 1, number(0), SLOT_MS, SENT_MS, SENT_MS + 60_000)


def call(
    call_id: str, phone: str = number(0), slot_ms: int | None = SLOT_MS, created_ms: int | None = SENT_MS
) -> ListedCall:
    """Return a listed call; as it stands it is the one of `ATTEMPT`."""
    return ListedCall(call_id, phone, slot_ms, created_ms)


NOTHING = ExpectedCalls()
NEWER = call("newer", phone=number(9))


def newer(known: ExpectedCalls = NOTHING, *, by_ms: int = 1) -> ExpectedCalls:
    """Return *known* with the call `NEWER`, claimed so long after the attempt was settled."""
    claimed_at_ms = {NEWER.call_id: ATTEMPT.until_ms + by_ms}
    return ExpectedCalls(known.listed, {*known.elsewhere, NEWER.call_id}, claimed_at_ms)


def found(
    *passes: list[ListedCall], known: ExpectedCalls = NOTHING, cut: str = "", may_be_empty: bool = False
) -> tuple[Finding, str | None]:
    """Look for `ATTEMPT` in *passes*, each with a newer known call unless it is empty."""
    listings = [Listing((*calls, NEWER) if calls else (), cut) for calls in passes]
    (result,) = find_attempts([ATTEMPT], listings, newer(known), may_be_empty=may_be_empty)
    return result.finding, result.call_id


def test_the_number_with_the_exact_slot_is_the_call() -> None:
    """One call with the attempt's fingerprint settles it, even where the listing is cut or seen only once."""
    others = [call("b", phone=number(1)), call("c", slot_ms=SLOT_MS + 1, created_ms=SENT_MS - 3_600_000)]
    assert found([call("a"), *others]) == (Finding.CREATED, "a")
    assert found([call("a"), *others], cut="a page") == (Finding.CREATED, "a")


@pytest.mark.parametrize("known", [ExpectedCalls({"a": SLOT_MS + 5}), ExpectedCalls({}, {"a"})])
def test_an_id_that_another_attempt_has_settles_and_frees_nothing(known: ExpectedCalls) -> None:
    """A call with the fingerprint exists, whoever was told its id: nobody is called again for its lack."""
    assert found([call("a")], [call("a")], known=known) == (Finding.TWO_MATCHES, None)


def test_a_slot_that_the_api_changed_is_matched_by_the_time_of_creation() -> None:
    """Where no call has the exact slot, one with a rounded slot, created at the attempt's time, is the one."""
    assert found([call("a", slot_ms=SLOT_MS - 387, created_ms=SENT_MS + 100_000)]) == (Finding.CREATED, "a")
    assert found([call("a", slot_ms=SLOT_MS + 613)]) == (Finding.CREATED, "a")


@pytest.mark.parametrize("slot_ms", [None, SLOT_MS - 1_000, SLOT_MS + 1_000, SLOT_MS + 3_600_000])
def test_a_call_of_the_number_is_not_ours_by_its_time_alone(slot_ms: int | None) -> None:
    """Somebody else may call the same person within two minutes: nothing is settled, nobody is freed, people look."""
    calls = [call("a", slot_ms=slot_ms)]
    assert found(calls, calls) == (Finding.TWO_MATCHES, None)
    assert found(calls, calls, may_be_empty=True) == (Finding.TWO_MATCHES, None)


@pytest.mark.parametrize("created_ms", [None, SENT_MS - 121_000, SENT_MS + 60_000 + 121_000])
def test_a_call_of_another_time_is_not_the_attempts(created_ms: int | None) -> None:
    """Yesterday's call to the same person says nothing about today's attempt."""
    calls = [call("a", slot_ms=SLOT_MS - 86_400_000, created_ms=created_ms)]
    assert found(calls, calls) == (Finding.NOT_FOUND, None)


HOUR_MS = 3_600_000


@pytest.mark.parametrize("told_ms", [None, SLOT_MS + 7 + HOUR_MS], ids=["no time", "an hour later"])
@pytest.mark.parametrize("created_ms", [None, SENT_MS + HOUR_MS], ids=["no creation", "created an hour later"])
def test_times_that_are_wrong_of_known_calls_free_nobody(told_ms: int | None, created_ms: int | None) -> None:
    """An API may list local times as UTC, or none: a call to the attempt's number is its, for all that anybody knows.

    Where the known call has its own slot, the other call's times are believed, and it is somebody else's.
    """
    known = ExpectedCalls({"old": SLOT_MS + 7})
    strange = call("a", slot_ms=None if told_ms is None else SLOT_MS + HOUR_MS, created_ms=created_ms)
    for old_ms, finding in ((told_ms, Finding.STILL_UNKNOWN), (SLOT_MS + 7, Finding.NOT_FOUND)):
        calls = [strange, call("old", phone=number(1), slot_ms=old_ms)]
        for may_be_empty in (False, True):
            assert found(calls, calls, known=known, may_be_empty=may_be_empty) == (finding, None)


def test_a_call_that_another_attempt_created_never_matches() -> None:
    """The ledger knows whose call it is; it cannot be two attempts'."""
    calls = [call("a", slot_ms=SLOT_MS - 387)]
    assert found(calls, calls, known=ExpectedCalls({"a": SLOT_MS - 400})) == (Finding.NOT_FOUND, None)


def test_two_calls_that_could_be_it_are_an_alarm() -> None:
    """The person may be rung twice: nothing is settled and somebody has to look."""
    assert found([call("a"), call("b")]) == (Finding.TWO_MATCHES, None)
    assert found([call("a")], [call("b")]) == (Finding.TWO_MATCHES, None)


def test_two_unknown_attempts_of_one_number_each_find_their_own() -> None:
    """A second attempt's exact call is never taken for the first's near one."""
    second = UnknownAttempt(1, 2, number(0), SLOT_MS + 1, SENT_MS, SENT_MS + 60_000)
    calls = Listing((call("b", slot_ms=SLOT_MS + 1),), "")
    calls = Listing((*calls.calls, NEWER), "")
    first, other = find_attempts([ATTEMPT, second], [calls, calls], newer())

    assert first.finding == Finding.NOT_FOUND
    assert (other.finding, other.call_id) == (Finding.CREATED, "b")


def test_a_near_call_that_two_unknown_attempts_could_own_settles_neither() -> None:
    """Whose it is cannot be told, so nobody gets its id and nobody is freed: also where only one is looked for."""
    other = UnknownAttempt(2, 1, number(0), SLOT_MS + 60_000, SENT_MS + 30_000, SENT_MS + 60_000)
    later = UnknownAttempt(3, 1, number(0), SLOT_MS + 60_000, SENT_MS + 3_600_000, SENT_MS + 3_660_000)
    listing = Listing((call("a", slot_ms=SLOT_MS - 387),), "")
    for rivals, finding in (
        ([other], Finding.TWO_MATCHES),
        ([later], Finding.CREATED),
        ([ATTEMPT], Finding.CREATED),
        ([], Finding.CREATED),
    ):
        (result,) = find_attempts([ATTEMPT], [listing, listing], NOTHING, rivals=rivals)
        assert result.finding == finding
    both = find_attempts([ATTEMPT, other], [listing, listing], NOTHING)
    assert [item.finding for item in both] == [Finding.TWO_MATCHES] * 2


def test_an_attempt_whose_exact_call_is_listed_is_nobodys_rival() -> None:
    """It has its call already, so the near one can only be the other's."""
    other = UnknownAttempt(2, 1, number(0), SLOT_MS + 60_000, SENT_MS, SENT_MS + 60_000)
    listing = Listing((call("a", slot_ms=SLOT_MS - 387), call("b", slot_ms=SLOT_MS + 60_000)), "")
    (result,) = find_attempts([ATTEMPT], [listing, listing], NOTHING, rivals=[other])
    assert (result.finding, result.call_id) == (Finding.CREATED, "a")


def test_every_known_call_that_is_listed_must_have_its_own_slot() -> None:
    """One that comes back with another slot shows that the API changes them: then a near call counts."""
    witnesses = [call("v", phone=number(1)), call("w", phone=number(2), slot_ms=SLOT_MS + 1)]
    near = call("a", slot_ms=SLOT_MS + 387)
    known = ExpectedCalls({"v": SLOT_MS, "w": SLOT_MS})
    assert found([*witnesses, near], [*witnesses, near], known=known) == (Finding.CREATED, "a")


def test_absence_takes_two_whole_and_equal_passes() -> None:
    """One pass, passes that differ, a cut listing or one that lacks a call known to exist prove nothing."""
    some, more = [call("x", phone=number(1))], [call("x", phone=number(1)), call("y", phone=number(2))]

    assert found(some, list(reversed(some))) == (Finding.NOT_FOUND, None)
    assert found(some) == (Finding.STILL_UNKNOWN, None)
    assert found(some, more) == (Finding.STILL_UNKNOWN, None)
    assert found(some, some, cut="a page") == (Finding.STILL_UNKNOWN, None)
    assert found(some, some, known=ExpectedCalls({"gone": SLOT_MS})) == (Finding.STILL_UNKNOWN, None)


def test_a_listing_may_grow_where_calls_are_being_created() -> None:
    """During a run the second pass may hold more; it may never hold less, nor the attempt's own call."""
    some, more = [call("x", phone=number(1))], [call("x", phone=number(1)), call("y", phone=number(2))]
    for first, second, finding in (
        (some, more, Finding.NOT_FOUND),
        (more, some, Finding.STILL_UNKNOWN),
        (some, [*some, call("a")], Finding.CREATED),
    ):
        passes = [Listing((*first, NEWER), ""), Listing((*second, NEWER), "")]
        assert find_attempts([ATTEMPT], passes, newer(), may_grow=True)[0].finding == finding


def test_an_empty_listing_proves_nothing_by_itself() -> None:
    """Another account's key gives an empty list as well: it counts only when a person vouches for it."""
    assert found([], []) == (Finding.STILL_UNKNOWN, None)
    assert found([], [], may_be_empty=True) == (Finding.NOT_FOUND, None)


@pytest.mark.parametrize(
    ("later_ms", "of_exact", "of_others"),
    [
        (0, Finding.CREATED, Finding.CREATED),
        (1, Finding.CREATED, Finding.CREATED),
        (300, Finding.CREATED, Finding.CREATED),
        (3_600_000, Finding.TWO_MATCHES, Finding.TWO_MATCHES),
    ],
)
def test_a_call_of_the_number_at_another_time_frees_nobody(
    later_ms: int, of_exact: Finding, of_others: Finding
) -> None:
    """One within a second is ours, rounded or of a later try; one at another time may be, shifted: a person looks."""
    witness, other = call("w", phone=number(1)), call("a", slot_ms=SLOT_MS + later_ms)
    for echoed_ms, finding in ((SLOT_MS, of_exact), (SLOT_MS + 1, of_others)):
        known = ExpectedCalls({"w": echoed_ms})
        assert found([witness, other], [witness, other], known=known)[0] == finding


@pytest.mark.parametrize("by_ms", [0, -1, -60_000])
def test_absence_takes_a_newer_known_call(by_ms: int) -> None:
    """A listing that is cut after its oldest calls holds every older known one: only a newer one counts."""
    listing = Listing((call("x", phone=number(1)), NEWER), "")
    for known, passes, finding in (
        (newer(), [listing, listing], Finding.NOT_FOUND),
        (newer(by_ms=by_ms), [listing, listing], Finding.STILL_UNKNOWN),
        (newer(), [listing, Listing(listing.calls[:1], "")], Finding.STILL_UNKNOWN),
        (NOTHING, [listing, listing], Finding.STILL_UNKNOWN),
    ):
        (result,) = find_attempts([ATTEMPT], passes, known)
        assert result.finding == finding
        assert bool(result.why) == (finding == Finding.STILL_UNKNOWN)
    (vouched,) = find_attempts([ATTEMPT], [listing, listing], NOTHING, may_be_empty=True)
    assert vouched.finding == Finding.NOT_FOUND


def test_an_attempt_that_the_api_told_otherwise_is_freed_by_nobody() -> None:
    """Its call exists, at another time or to another number: only its exact call settles it, and no absence does."""
    listing, other = Listing((NEWER,), ""), Listing((call("a", slot_ms=SLOT_MS + 387), NEWER), "")
    differs = replace(ATTEMPT, may_differ=True)
    for passes in ([listing, listing], [other, other]):
        (result,) = find_attempts([differs], passes, newer(), may_be_empty=True)
        assert (result.finding, "otherwise" in result.why) == (Finding.STILL_UNKNOWN, True)
    exact = Listing((call("a"),), "")
    assert find_attempts([differs], [exact], NOTHING)[0].finding == Finding.CREATED


def test_a_refused_call_that_is_listed_exists() -> None:
    """By number and exact slot, however cut the listing is; calls of others, and known ones, are passed over."""
    again = replace(ATTEMPT, number=2, slot_ms=SLOT_MS + 1)
    cut = Listing((call("a"), call("b", slot_ms=SLOT_MS + 2), call("c", phone=number(1))), "a page")
    assert [(item.attempt, item.call_id) for item in find_created([ATTEMPT, again], [cut], NOTHING)] == [(ATTEMPT, "a")]
    assert find_created([ATTEMPT], [cut], ExpectedCalls({"a": SLOT_MS})) == []
    assert find_created([ATTEMPT], [], NOTHING) == []


def test_a_call_of_another_campaign_never_matches_and_need_not_be_listed() -> None:
    """The ledger knows that it is another campaign's, though it went to the same person at the same time."""
    elsewhere = ExpectedCalls({}, {"a", "of another template"})
    near = call("a", slot_ms=None)
    assert found([near, call("b", phone=number(1))], [near, call("b", phone=number(1))], known=elsewhere) == (
        Finding.NOT_FOUND,
        None,
    )


def reply(count: int, **more: Any) -> bytes:
    """Return a listing of *count* calls as the API documents it."""
    item = {"toPhoneNumber": number(0), "callDelayedUntil": iso_ms(SLOT_MS), "createdAt": iso_ms(SENT_MS)}
    return json.dumps({"data": [item | {"_id": f"id-{index}"} for index in range(count)]} | more).encode()


def test_a_listing_that_may_be_a_page_is_not_whole() -> None:
    """Where the reply speaks of more, nothing is known about what it does not list."""
    cut, whole = parse_listing(reply(3, pagination={"hasMore": True})), parse_listing(reply(3))
    assert cut is not None
    assert whole is not None
    assert "cut" in why_not_whole(cut, NOTHING)
    assert why_not_whole(whole, NOTHING) == ""


def test_the_documented_listing_is_read() -> None:
    """Ids, numbers and instants come out; webhook secrets and all else are left where they are."""
    listing = parse_listing(reply(1, total=1))
    assert listing == Listing((call("id-0"),), "")


STRANGE_IDS = [
    "",
    " ",
    "a b",
    "x" * 201,
    "\x1b]0;title\x07",
    "\u202ecba",
    "a\u200bb",
    "\x9b31m",
    "=1+1",
    "é",
    "-1",
    "@a",
]


@pytest.mark.parametrize("strange", STRANGE_IDS, ids=ascii)
def test_an_entry_without_a_usable_id_is_nobodys_and_spoils_the_absence(strange: str) -> None:
    """It reaches no result; and since its call may be anybody's, the listing shows of nobody that there is none."""
    content = json.loads(reply(2))
    content["data"][0]["_id"] = strange
    listing = parse_listing(json.dumps(content).encode())
    assert listing is not None
    assert [item.call_id for item in listing.calls] == ["id-1"]
    assert "id that can be none" in listing.cut


def test_an_id_that_is_listed_twice_spoils_the_absence() -> None:
    """Of a listing that repeats itself nobody knows what it leaves out."""
    content = json.loads(reply(2))
    content["data"][0]["_id"] = "id-1"
    listing = parse_listing(json.dumps(content).encode())
    assert listing is not None
    assert "more than once" in listing.cut


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"data": {}}', b'{"data": null}', b'{"data": [1]}', b'{"data": [{"_id": "a"}]}', b"<html>"],
)
def test_a_listing_that_is_none_is_refused_whole(content: bytes) -> None:
    """What cannot be understood settles nothing, and one unreadable entry spoils the listing."""
    assert parse_listing(content) is None


@pytest.mark.slow
@given(
    st.binary(max_size=80)
    | st.recursive(st.none() | st.text(max_size=4), st.lists).map(lambda v: json.dumps({"data": v}).encode())
)
def test_no_listing_is_too_strange(content: bytes) -> None:
    """Whatever comes back, reading it never raises."""
    listing = parse_listing(content)
    assert listing is None or isinstance(listing.calls, tuple)
