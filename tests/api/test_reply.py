"""What a reply means: every status, with every shape of body and of `Retry-After`."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.api.reply import judge_reply, retry_after_seconds, server_skew_seconds
from dialer.calls.call_id import MAX_ID_LENGTH
from dialer.calls.outcome import Kind, Outcome, StopCode, never_sent, no_reply
from dialer.reasons import Reason
from tests.support import MONDAY_NOON, number

NOW = MONDAY_NOON
GOOD = b'{"data": {"_id": "12345678901234567890"}}'
PROVEN = {400, 401, 402, 403, 404, 405, 411, 413, 414, 415, 422, 425, 429, 431}
"""The statuses, besides 2xx and 3xx, that say for sure that no call exists."""


def http_date(seconds: float) -> str:
    """Write the instant *seconds* from now as HTTP does."""
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


def judged(status: int, content: bytes = b"", **headers: str) -> Outcome:
    """Judge a reply; underscores in the names of *headers* stand for hyphens."""
    return judge_reply(status, {name.replace("_", "-"): text for name, text in headers.items()}, content, now=NOW)


def said(text: Any) -> bytes:
    """Return the body of a reply that says *text*."""
    return json.dumps({"message": text}).encode()


@pytest.mark.parametrize(
    ("status", "content", "kind", "reason", "stop"),
    [
        (200, GOOD, Kind.CREATED, "", None),
        (201, GOOD, Kind.CREATED, "", None),
        (202, GOOD, Kind.CREATED, "", None),
        (200, b"", Kind.UNKNOWN, Reason.BAD_REPLY, None),
        (204, b"", Kind.UNKNOWN, Reason.BAD_REPLY, None),
        (301, b"", Kind.UNKNOWN, "api_301", StopCode.WRONG_ADDRESS),
        (302, GOOD, Kind.UNKNOWN, "api_302", StopCode.WRONG_ADDRESS),
        (307, b"", Kind.UNKNOWN, "api_307", StopCode.WRONG_ADDRESS),
        (308, b"", Kind.UNKNOWN, "api_308", StopCode.WRONG_ADDRESS),
        (400, b"", Kind.REFUSED, "api_400", None),
        (400, GOOD, Kind.REFUSED, "api_400", None),
        (401, b"", Kind.REFUSED, "api_401", StopCode.KEY_REFUSED),
        (402, b"", Kind.REFUSED, "api_402", StopCode.NO_CREDIT),
        (403, b"", Kind.REFUSED, "api_403", StopCode.KEY_REFUSED),
        (404, b"", Kind.REFUSED, "api_404", None),
        (405, b"", Kind.REFUSED, "api_405", None),
        (408, b"", Kind.UNKNOWN, "api_408", None),
        (409, b"", Kind.UNKNOWN, "api_409", None),
        (413, b"", Kind.REFUSED, "api_413", None),
        (415, b"", Kind.REFUSED, "api_415", None),
        (422, b"", Kind.REFUSED, "api_422", None),
        (425, b"", Kind.NOT_SENT, "api_425", None),
        (429, b"", Kind.NOT_SENT, "api_429", None),
        (500, b"", Kind.UNKNOWN, "api_500", None),
        (500, GOOD, Kind.UNKNOWN, "api_500", None),
        (502, b"<html>", Kind.UNKNOWN, "api_502", None),
        (503, b"", Kind.UNKNOWN, "api_503", None),
        (504, b"", Kind.UNKNOWN, "api_504", None),
    ],
)
@pytest.mark.parametrize("retry_after", [None, "7", http_date(7)])
def test_each_status_has_its_verdict(
    status: int, content: bytes, kind: Kind, reason: str, stop: StopCode | None, retry_after: str | None
) -> None:
    """Only what surely created nothing is refused or not sent; `Retry-After` changes the pause, not the verdict."""
    headers = {"retry-after": retry_after} if retry_after else {}
    outcome = judge_reply(status, headers, content, now=NOW)

    assert (outcome.kind, outcome.reason, outcome.stop) == (kind, reason, stop)
    assert outcome.http_status == status
    assert outcome.pause_seconds == (7 if retry_after and status in {425, 429, 503} else None)
    assert bool(outcome.call_id) == (kind == Kind.CREATED)


@pytest.mark.parametrize("status", sorted(set(range(100, 600)) - PROVEN - set(range(200, 400))))
def test_a_status_that_proves_nothing_is_unknown(status: int) -> None:
    """Every reply outside the proven list leaves the call unknown, whatever its class."""
    outcome = judged(status, GOOD)

    assert (outcome.kind, outcome.call_id, outcome.stop) == (Kind.UNKNOWN, None, None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("86400", 86_400),
        ("999999999", 999_999_999),
        ("1.5", None),
        ("-3", None),
        ("+3", None),
        ("1e3", None),
        ("10000000000", None),
        ("9" * 5000, None),
        ("\u0667", None),
        ("soon", None),
        ("", None),
        ("2026-11-23", None),
        (http_date(90), 90),
        (http_date(-90), 0),
        (http_date(86_400 * 400), 86_400 * 400),
        ("Mon, 23 Nov 2026 25:61:00 GMT", None),
        ("Mon, 23 Nov 99999999999 17:00:00 GMT", None),
        ("Mon, 23 Nov 2026 99999999999999999999:00:00 GMT", None),
        ("Mon, 23 Nov 2026 17:00:00 +99999999999999999999", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_nonsense_is_no_pause(value: str, seconds: float | None) -> None:
    """Whole seconds and HTTP dates count; fractions, negatives, nonsense and overflowing dates say nothing."""
    assert retry_after_seconds(value, date=None, now=NOW) == seconds
    assert judged(429, retry_after=value).pause_seconds == seconds


def test_a_missing_retry_after_is_no_pause() -> None:
    """Without the header there is nothing to wait for."""
    assert retry_after_seconds(None, date=http_date(0), now=NOW) is None


@pytest.mark.parametrize("off", [-86_400, -600, 0, 600, 86_400])
def test_a_date_is_counted_from_the_replys_own_date(off: float) -> None:
    """A clock that is wrong here neither stretches nor skips a pause that the API gives as a date."""
    assert retry_after_seconds(http_date(off + 30), date=http_date(off), now=NOW) == 30


def test_an_unreadable_date_falls_back_to_the_clock() -> None:
    """A `Retry-After` date beside a garbled `Date` is counted from now."""
    assert retry_after_seconds(http_date(30), date="yesterday", now=NOW) == 30


@pytest.mark.parametrize(("seconds", "skew"), [(-600, 600), (600, -600), (0, 0)])
def test_the_clocks_lead_over_the_api_is_told(seconds: float, skew: float) -> None:
    """A positive skew is a clock ahead of the API's."""
    assert server_skew_seconds(http_date(seconds), sent=NOW, received=NOW) == skew


@pytest.mark.parametrize("date", [None, "", "soon", "Mon, 23 Nov 99999999999 17:00:00 GMT"])
def test_no_skew_is_told_without_a_readable_date(date: str | None) -> None:
    """Without a `Date` nothing can be said about the clock."""
    assert server_skew_seconds(date, sent=NOW, received=NOW) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"1",
        b'"data"',
        b"[1, 2]",
        b'{"data": null}',
        b'{"data": []}',
        b'{"data": [{"_id": "abc"}]}',
        b'{"data": "abc"}',
        b'{"_id": "abc"}',
        b'{"data": {"id": "abc"}}',
        b'{"data": {"_id": null}}',
        b'{"data": {"_id": 12345}}',
        b'{"data": {"_id": true}}',
        b'{"data": {"_id": ["abc"]}}',
        b'{"data": {"_id": {"$oid": "abc"}}}',
        b'{"data": {"_id": ""}}',
        b'{"data": {"_id": "  "}}',
        b'{"data": {"_id": "' + b"a" * (MAX_ID_LENGTH + 1) + b'"}}',
        b'{"data": {"_id": "a' + b" " * MAX_ID_LENGTH + b'"}}',
        b'{"data": {"_id": "a\\nb"}}',
        b'{"data": {"_id": "a\\u0000b"}}',
        b'{"data": {"_id": "\\ud800"}}',
        b'{"data": {"_id": "abc"}',
        b'{"data": {"_id": "ab',
        b"<html><body>OK</body></html>",
        b"\xff\xfe\x00",
        b"\x1f\x8b\x08garbage",
        b"[" * 200_000,
        b'{"data":' * 100_000,
        b"1" * 10_000,
    ],
    ids=lambda content: repr(content[:28]),
)
def test_success_without_a_usable_id_is_unknown(content: bytes) -> None:
    """A 2xx reply whose `data._id` is no plain text of sane length may have created a call and is looked up later."""
    outcome = judged(200, content)

    assert (outcome.kind, outcome.reason, outcome.call_id) == (Kind.UNKNOWN, Reason.BAD_REPLY, None)


@pytest.mark.parametrize("call_id", ["12345678901234567890", "64f0c0ffee", "a-b_c", "x" * MAX_ID_LENGTH])
def test_an_id_is_taken_as_it_is(call_id: str) -> None:
    """Ids are opaque: digits, hex and others are kept as text, unchanged."""
    assert judged(200, json.dumps({"data": {"_id": call_id}}).encode()).call_id == call_id


@pytest.mark.parametrize(
    "written",
    [
        number(7),
        number(7)[1:],
        f"+1 ({number(7)[2:5]}) {number(7)[5:8]}-{number(7)[8:]}",
        f"1 - {number(7)[2:5]} - {number(7)[5:8]} - {number(7)[8:]}",
        f"{number(7)[2:5]}.{number(7)[5:8]}.{number(7)[8:]}",
        f"{number(7)[2:5]}/{number(7)[5:8]}/{number(7)[8:]}",
        f"+1\u00a0{number(7)[2:5]}\u00a0{number(7)[5:8]}\u00a0{number(7)[8:]}",
        f"{number(7)[2:5]}\u2011{number(7)[5:8]}\u2011{number(7)[8:]}",
        " ".join(number(7)[1:]),
        f"{number(7)[:6]}\n{number(7)[6:]}",
        f"{number(7)[:6]}\u200b{number(7)[6:]}",
        "+44 (0)20 7946 0958",
    ],
)
@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_no_number_of_the_apis_words_reaches_a_message(status: int, written: str) -> None:
    """However the API writes a person's number, the message shows at most a fragment of it."""
    message = judged(status, said(f"toPhoneNumber {written} is invalid")).message

    assert "is invalid" in message
    assert len(re.findall(r"\d", message.replace(f"answered {status}", ""))) <= 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (said("name is required"), "refused the call: name is required."),
        (said("name is required."), "refused the call: name is required."),
        (said(["one", "two", 3]), "refused the call: one; two."),
        (b'{"error": "bad input"}', "refused the call: bad input."),
        (b'{"message": {"deep": 1}}', "refused the call. "),
        (b"[]", "refused the call. "),
        (b"<html>", "refused the call. "),
        (b"[" * 200_000, "refused the call. "),
        (said("a\x07b\r\nc\x1b[31m\u2028\u202e"), "refused the call: abc[31m."),
        (said("\ud800"), "refused the call. "),
        (said("x" * 5000), "x" * 200 + "."),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_the_apis_own_words_are_quoted_briefly_and_plainly(content: bytes, words: str) -> None:
    """A message quotes what the API said, at most 200 characters of it, without anything that a terminal obeys."""
    message = judged(400, content).message

    assert words in message
    assert message.isprintable()
    assert len(message) < 320


def test_a_key_that_the_api_repeats_is_masked() -> None:
    """An API that quotes the key in its refusal does not bring it into results or logs."""
    outcome = judge_reply(401, {}, said("key sk-canary-91 is wrong"), now=NOW, secret="sk-canary-91")  # noqa: S106 - a canary

    assert "key (key) is wrong" in outcome.message


def test_a_short_key_of_a_rehearsal_is_hidden_as_a_word_only() -> None:
    """A key such as `any` is a part of other words, which stay as they are."""
    outcome = judge_reply(429, {}, said("too many requests for key any"), now=NOW, secret="any")  # noqa: S106 - a canary
    assert "too many requests for key (key)" in outcome.message


def test_failures_without_a_reply_are_not_sent_or_unknown() -> None:
    """The two verdicts on an exchange that broke name their proof and their doubt."""
    assert never_sent("no connection") == Outcome(Kind.NOT_SENT, Reason.NOT_SENT, "Not sent: no connection.")
    assert never_sent("x", stop=StopCode.CERTIFICATE).stop == StopCode.CERTIFICATE
    assert no_reply("the connection broke").kind == Kind.UNKNOWN
    assert no_reply("the connection broke").reason == Reason.NO_REPLY


HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "date", "content-type"]), st.text(max_size=60) | st.datetimes().map(format_datetime)
)
BODIES = st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "_id", "message", "error"]), inner, max_size=3)
    ),
).map(lambda value: json.dumps(value).encode())


@pytest.mark.slow
@given(status=st.integers(100, 999), headers=HEADERS, content=BODIES)
def test_any_reply_is_judged_and_doubt_is_unknown(status: int, headers: dict[str, str], content: bytes) -> None:
    """No reply makes the judge raise; what is not surely created, refused or put off is unknown."""
    outcome = judge_reply(status, headers, content, now=NOW)

    if outcome.kind != Kind.UNKNOWN:
        assert status in PROVEN or 200 <= status < 400
    if outcome.kind == Kind.CREATED:
        assert outcome.call_id == json.loads(content)["data"]["_id"]
    assert outcome.message.isprintable()
    assert not re.search(r"\d{7}", outcome.message)
    assert outcome.pause_seconds is None or outcome.pause_seconds >= 0


@given(
    text=st.lists(st.sampled_from("0123456789 -().+\n\t\u00a0x"), max_size=60).map("".join),
    secret=st.sampled_from(["", "sk-canary-91"]),
)
def test_no_digit_run_of_a_numbers_length_survives(text: str, secret: str) -> None:
    """Whatever stands between digits, a message holds no seven of them in a run, nor the key."""
    message = judge_reply(400, {}, said(f"{text}{secret}{text}"), now=NOW, secret=secret).message

    assert not re.search(r"\d[\s.-]?" * 6 + r"\d", message)
    assert not secret or secret not in message


@given(instant=st.datetimes(datetime(1971, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_a_date_pause_ends_at_the_date(instant: datetime) -> None:
    """An HTTP date gives the whole seconds until it, never less than none."""
    seconds = retry_after_seconds(format_datetime(instant, usegmt=True), date=None, now=NOW)

    assert seconds == max(0.0, (instant.replace(microsecond=0) - NOW).total_seconds())


@pytest.mark.parametrize(("seconds", "skew"), [(-1, 1), (0, 0), (1800, 0), (3600, 0), (3601, -1)])
def test_a_reply_that_was_read_late_tells_of_no_wrong_clock(seconds: float, skew: float) -> None:
    """A process that was frozen for an hour between its request and the reply has the right time all the same."""
    assert server_skew_seconds(http_date(seconds), sent=NOW, received=NOW + timedelta(hours=1)) == skew
