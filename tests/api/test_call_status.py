"""Promises about reading how a call ended: the API's words are kept, what is not known is no end, nothing breaks it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.api.call_status import judge_look, parse_call, parse_calls
from dialer.calls.disposition import EVALUATED, FINAL, GONE, Disposition
from dialer.calls.outcome import Kind, Outcome
from dialer.sandbox.call_lifecycle import CallLifecycle, End, ends_at_ms, lived
from tests.sandbox.test_call_lifecycle import BODY, born

END_MS = 1_800_000_060_000
TROUBLE = Outcome(Kind.UNKNOWN, "api_500", "It failed.", http_status=500)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def read(**fields: Any) -> Disposition:
    """Read a reply to GET by id with these fields."""
    found = parse_call(json.dumps({"data": {"_id": "a", "status": "completed"} | fields}).encode())
    assert found is not None
    return found


def test_every_field_of_the_documented_example_is_read() -> None:
    """Status, code, times, length, values and recording are the API's; the webhook's secret is nowhere."""
    found = read(
        statusExtraInfo={"statusCode": "ENDED_NORMALLY", "dateTime": "2027-01-15T08:01:00.000Z"},
        resultValues=[{"columnName": "interested", "value": "yes"}, {"columnName": "n", "value": 3}],
        callTriggeredAt="2027-01-15T08:00:00.000Z",
        callStartedAt="2027-01-15T08:00:03.000Z",
        callEndedAt="2027-01-15T08:01:00.000Z",
        callDuration=57,
        recordingUrl="https://example.com/a.mp3",
        phoneCallWebhooks=[{"url": "https://example.com", "secret": "canary"}],
    )

    assert found == Disposition(
        "a", "completed", "ENDED_NORMALLY", None, 57.0, END_MS - 60_000, END_MS - 57_000, END_MS,
        (("interested", "yes"), ("n", "3")), "https://example.com/a.mp3",
    )  # fmt: skip
    assert "canary" not in json.dumps(str(found))
    assert "yes" not in repr(found)
    assert "mp3" not in repr(found)


def test_both_spellings_are_one_word() -> None:
    """The API's pages say `canceled` and `cancelled`; the ledger knows one."""
    assert read(status="canceled") == read(status="cancelled") == Disposition("a", "cancelled")


@pytest.mark.parametrize("status", ["queued", "ringing", "inProgress", "transferring", "Completed", GONE])
def test_only_known_ends_are_final(status: str) -> None:
    """A word that no page names is kept as it is, and the call is asked about again."""
    assert read(status=status).status == status
    assert not read(status=status).is_final(seen_at_ms=END_MS * 2)


def test_a_completed_call_is_asked_about_until_it_has_been_evaluated() -> None:
    """What came of a talk may be known minutes after its end; other ends are final at once."""
    ended = Disposition("a", "completed", ended_at_ms=END_MS)
    wait_ms = round(EVALUATED.total_seconds() * 1000)

    assert not ended.is_final(seen_at_ms=END_MS + wait_ms - 1)
    assert ended.is_final(seen_at_ms=END_MS + wait_ms)
    for status in FINAL:
        assert Disposition("a", status).is_final(seen_at_ms=END_MS)


def test_the_time_to_call_again_needs_a_zone() -> None:
    """A time without a zone could ring somebody at night: it counts as none, as does one of another code."""
    assert (
        read(statusExtraInfo={"statusCode": "CALL_LATER", "dateTime": "2027-01-15T08:01:00Z"}).call_later_ms == END_MS
    )
    assert read(statusExtraInfo={"statusCode": "CALL_LATER", "dateTime": "2027-01-15T08:01:00"}).call_later_ms is None
    assert (
        read(statusExtraInfo={"statusCode": "IVR_DETECTED", "dateTime": "2027-01-15T08:01:00Z"}).call_later_ms is None
    )


def test_values_of_one_column_are_joined_and_names_are_plain() -> None:
    """No value is lost, no name breaks a header, and a thing that is no text is written as JSON."""
    values = [
        {"columnName": "a\nb", "value": "one"},
        {"columnName": "ab", "value": ["two"]},
        {"columnName": "", "value": "none"},
        {"columnName": 3, "value": "none"},
        "nonsense",
        {"columnName": "empty"},
        {"columnName": "nul", "value": "\0x\ud800"},
    ]
    assert read(resultValues=values).results == (("ab", 'one; ["two"]'), ("empty", ""), ("nul", "x?"))


@pytest.mark.parametrize("duration", [-1, True, "57", None, 10**400, float("inf")])
def test_a_length_that_makes_no_sense_is_none(duration: Any) -> None:
    """It is left out rather than guessed."""
    assert read(callDuration=duration).duration_seconds is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "=cmd", 5, None])
def test_a_recording_is_a_web_address(url: Any) -> None:
    """Nobody is given something else to click on."""
    assert read(recordingUrl=url).recording_url == ""


@pytest.mark.slow
@settings(deadline=None)
@given(call=st.dictionaries(st.sampled_from([
    "_id", "status", "statusExtraInfo", "resultValues", "callDuration", "callEndedAt", "recordingUrl",
]), ANY_JSON))  # fmt: skip
def test_nothing_that_the_api_says_breaks_the_reading(call: dict[str, Any]) -> None:
    """Whatever stands in the fields, there is a disposition that can be stored, or none."""
    content = json.dumps({"data": call}).encode()
    found = parse_call(content)
    listed = parse_calls(json.dumps({"data": [call, 3, None]}).encode())

    assert listed == ({} if found is None else {found.call_id: found})
    if found is not None:
        assert found.status
        json.dumps(found.results).encode()
        assert "\0" not in json.dumps(found.results)


@settings(deadline=None)
@given(end=st.sampled_from(End), seed=st.integers(0, 100))
def test_the_sandboxs_ends_are_read_as_what_they_are(end: End, seed: int) -> None:
    """A rehearsal shows the same words as the real API."""
    life = CallLifecycle(script={born().phone: (end,)}, seed=seed)
    ended = lived(life, born(), BODY, ends_at_ms(life, born()))
    found = read(**ended)

    assert found.status in FINAL
    assert (found.status_code or found.status) == end
    assert found.asks_never_again == (end == End.DO_NOT_CALL)
    assert (found.call_later_ms is not None) == (end == End.CALL_LATER)


def test_a_look_tells_or_names_what_stood_in_the_way() -> None:
    """404 by id is a call that is gone; another call's reply, an error or nonsense tells nothing of it."""
    told = json.dumps({"data": {"_id": "a", "status": "busy"}}).encode()

    assert judge_look(200, told, TROUBLE, call_id="a").found == {"a": Disposition("a", "busy")}
    assert judge_look(404, b"", TROUBLE, call_id="a").found == {"a": Disposition("a", GONE)}
    assert judge_look(404, b"", TROUBLE).trouble == TROUBLE
    assert judge_look(500, told, TROUBLE, call_id="a").trouble == TROUBLE
    for content in (told.replace(b'"a"', b'"b"'), b"", b"[]", b'{"data": []}'):
        assert judge_look(200, content, TROUBLE, call_id="a").trouble is not None
    for content in (b"<html>", b'{"data": {}}', b"{}", b"[" * 100_000):
        assert judge_look(200, content, TROUBLE).trouble is not None
