"""Promises about several calls in one request: each is judged by itself, and doubt stays doubt."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.api.batch import batch_body, judge_batch_reply
from dialer.api.echo import Request
from dialer.calls.outcome import Kind, StopCode
from dialer.clock import to_ms
from tests.support import number

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SENT = [(number(index), f"2026-11-23T17:00:0{index}.000Z") for index in range(3)]
REQUESTS = [Request(phone, to_ms(datetime.fromisoformat(at))) for phone, at in SENT]


def entry(index: int, **changes: Any) -> dict[str, Any]:
    """Return what the API would say of the call sent at *index*."""
    phone, instant = SENT[index]
    return {"_id": f"id-{index}", "toPhoneNumber": phone, "callDelayedUntil": instant} | changes


def judged(entries: Any, status: int = 200) -> list[tuple[Kind, str | None]]:
    """Judge a reply that holds *entries*."""
    content = json.dumps({"data": entries}).encode()
    return [(item.kind, item.call_id) for item in judge_batch_reply(status, {}, content, sent=REQUESTS, now=NOW)]


UNKNOWN = (Kind.UNKNOWN, None)


def test_every_call_that_is_echoed_in_its_place_is_created() -> None:
    """One entry for each call, in order, with its number and instant: the ids are theirs."""
    assert judged([entry(0), entry(1), entry(2)]) == [(Kind.CREATED, f"id-{index}") for index in range(3)]


@pytest.mark.parametrize(
    "entries",
    [[], [entry(0), entry(1)], [entry(0), entry(1), entry(2), entry(2)], None, {"0": entry(0)}, "text"],
    ids=["none", "too few", "too many", "null", "an object", "text"],
)
def test_a_reply_of_another_length_settles_nothing(entries: Any) -> None:
    """Which of them exist cannot be told by position, so all are unknown."""
    assert judged(entries) == [UNKNOWN] * 3


def test_only_the_positions_that_agree_are_created() -> None:
    """An entry of another call, without an id or without an echo leaves its call unknown and touches no other."""
    assert judged([entry(1), entry(1), entry(2, _id=None)]) == [UNKNOWN, (Kind.CREATED, "id-1"), UNKNOWN]
    assert judged([entry(0, callDelayedUntil="2026-11-23T17:00:00"), None, entry(2)]) == [
        UNKNOWN, UNKNOWN, (Kind.CREATED, "id-2"),
    ]  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), [(400, Kind.REFUSED), (429, Kind.NOT_SENT), (500, Kind.UNKNOWN)])
def test_a_reply_that_refuses_speaks_for_all(status: int, kind: Kind) -> None:
    """A status that is no success is every call's outcome."""
    assert judged([entry(0), entry(1), entry(2)], status) == [(kind, None)] * 3


@given(st.binary(max_size=60))
def test_no_reply_is_too_strange(content: bytes) -> None:
    """Whatever comes back, there is one outcome for each call."""
    assert [item.kind for item in judge_batch_reply(200, {}, content, sent=REQUESTS, now=NOW)] == [Kind.UNKNOWN] * 3


def test_a_batch_is_the_documented_object() -> None:
    """The body is one list of the very bodies that single calls have."""
    bodies = [json.dumps({"toPhoneNumber": phone, "callDelayedUntil": at}).encode() for phone, at in SENT]
    assert json.loads(batch_body(bodies)) == {"phoneCalls": [json.loads(body) for body in bodies]}


def test_an_entry_that_tells_another_call_ends_the_run() -> None:
    """An API that moves the instant of one call of a batch would move those of the next batch."""
    content = json.dumps({"data": [entry(0), entry(1, callDelayedUntil="2026-11-24T04:00:00.000Z"), entry(2)]}).encode()
    outcomes = judge_batch_reply(200, {}, content, sent=REQUESTS, now=NOW)
    assert [(item.kind, item.stop) for item in outcomes] == [
        (Kind.CREATED, None), (Kind.UNKNOWN, StopCode.REPLY_DIFFERS), (Kind.CREATED, None),
    ]  # fmt: skip
