"""Promises about which bodies the stand-in accepts, and what it says of the others."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.sandbox.validation import PROVIDERS, STATUSES, complaints_about_batch, complaints_about_call, decode_json
from tests.sandbox.client import call, full_call

filled = st.text(min_size=1, max_size=20).filter(str.strip)
numbers = st.integers(0, 99).map("+121255501{:02d}".format)
variables = st.lists(st.fixed_dictionaries({"key": filled, "value": st.text(max_size=20)}), max_size=4)
calls = st.fixed_dictionaries(
    {
        "teamId": filled,
        "callTemplateId": filled,
        "nameOfHuman": filled,
        "toPhoneNumber": numbers,
        "promptVariableValues": variables,
    },
    optional={
        "phoneNumberId": filled,
        "fromPhoneNumber": numbers,
        "toEmailAddress": st.sampled_from(["ada@example.com", "a.b+c@mail.example.com"]),
        "status": st.sampled_from(STATUSES),
        "telephonyProvider": st.sampled_from(PROVIDERS),
        "record": st.booleans(),
        "callDelayedUntil": st.datetimes().map(lambda at: at.isoformat(timespec="milliseconds") + "Z"),
        "phoneCallWebhooks": st.lists(
            st.fixed_dictionaries(
                {"url": st.just("https://example.com/"), "subscribedEvent": filled},
                optional={"secret": st.text()},
            ),
            max_size=2,
        ),
    },
)

WRONG: dict[str, list[Any]] = {
    "teamId": [None, "", " ", 12, {}],
    "callTemplateId": [None, "", 12],
    "nameOfHuman": [None, "", "\t", []],
    "toPhoneNumber": [
        None,
        "",
        12125550123,
        "12125550123",
        "+1 212 555 0123",
        "+02125550123",
        "+123456",
        "+1234567890123456",
        "+12125550123\n",
        "+١٢١٢٥٥٥٠١٢٣",  # Arabic digits are digits to Python, not to a telephone network
    ],
    "promptVariableValues": [
        None,
        {},
        "x",
        ["x"],
        [{"key": "a"}],
        [{"value": "a"}],
        [{"key": "", "value": "a"}],
        [{"key": "a", "value": 1}],
        [{"key": "a", "value": None}],
        [{"key": "a", "value": "b", "more": "c"}],
    ],
    "phoneNumberId": [None, "", 1],
    "fromPhoneNumber": [None, "", "2125550123"],
    "toEmailAddress": [None, "", "ada", "ada@example", "a da@example.com", 1],
    "status": [None, "canceled", "QUEUED", "", 1, []],
    "telephonyProvider": [None, "Twilio", "vonage", {}],
    "record": [None, "false", 0, 1],
    "callDelayedUntil": [
        None,
        "",
        1697101680387,
        "2023-10-12",
        "2023-10-12T09:08:00Z",
        "2023-10-12T09:08:00.387",
        "2023-10-12T09:08:00.387+00:00",
        "2023-10-12 09:08:00.387Z",
        "2023-02-29T09:08:00.387Z",
        "2023-10-12T09:60:00.387Z",
    ],
    "phoneCallWebhooks": [
        None,
        {},
        [{"url": "https://example.com/"}],
        [{"url": "example.com", "subscribedEvent": "phoneCall.completed"}],
        [{"url": "https://example.com/", "subscribedEvent": ""}],
        [{"url": "https://example.com/", "subscribedEvent": "a", "secret": 1}],
        [{"url": "https://example.com/", "subscribedEvent": "a", "event": "b"}],
    ],
}


@pytest.mark.slow
@given(body=calls)
@settings(deadline=None)
def test_every_documented_combination_is_valid(body: dict[str, Any]) -> None:
    """Any call made of documented fields with documented values is accepted, alone and in a batch."""
    assert complaints_about_call(body) == []
    assert complaints_about_batch({"phoneCalls": [body, body]}) == []


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_wrong_value_is_named_by_its_field(field: str, value: object) -> None:
    """One wrong value gives exactly one complaint, which starts with the field's path."""
    (complaint,) = complaints_about_call(call(**{field: value}))

    assert complaint.startswith(field)


@pytest.mark.parametrize("field", sorted(call()))
def test_a_missing_required_field_is_named(field: str) -> None:
    """Each of the five required fields is missed when it is not there."""
    body = call()
    del body[field]

    assert complaints_about_call(body) == [f"{field} is required"]


def test_all_faults_are_named_at_once() -> None:
    """Whoever mends a body sees everything wrong with it, not one fault a try."""
    complaints = complaints_about_call({"toPhoneNumber": "12", "record": "yes"})

    assert len(complaints) == 6


def test_the_example_of_the_page_is_valid() -> None:
    """The fields of the public example are all known."""
    assert complaints_about_call(full_call()) == []


def test_an_unknown_field_is_refused_unless_allowed() -> None:
    """A misspelt field must not pass unseen; the option lets undocumented ones through, nested ones too."""
    body = call(scriptContent="hello", promptVariableValues=[{"key": "a", "value": "b", "note": "c"}])

    assert complaints_about_call(body) == [
        "promptVariableValues.0.note is not a known field",
        "scriptContent is not a known field",
    ]
    assert complaints_about_call(body, allow_unknown_fields=True) == []


@pytest.mark.parametrize("body", [None, [], "text", 1, True])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    """Valid JSON of another kind is answered with what was expected."""
    assert complaints_about_call(body) == ["the body must be an object"]
    assert complaints_about_batch(body) == ["the body must be an object"]


def test_a_complaint_repeats_no_value() -> None:
    """Numbers, names and secrets of a refused body do not travel on in error messages and logs."""
    body = call(toPhoneNumber="canary", fromPhoneNumber="canary", toEmailAddress="canary", record="canary")

    complaints = complaints_about_call(body)

    assert len(complaints) == 4
    assert "canary" not in " ".join(complaints)


def test_a_batch_complaint_names_the_position() -> None:
    """In a batch the faulty call is found by its place, counted from 0."""
    batch = {"phoneCalls": [call(), call(toPhoneNumber="12"), "x"]}

    complaints = complaints_about_batch(batch)

    assert [complaint.split(" ")[0] for complaint in complaints] == [
        "phoneCalls.1.toPhoneNumber",
        "phoneCalls.2",
    ]


@pytest.mark.parametrize("batch", [{}, {"phoneCalls": []}, {"phoneCalls": {}}, {"phoneCalls": [call()], "more": 1}])
def test_a_batch_must_hold_a_list_of_calls(batch: object) -> None:
    """No list, an empty list or a stray field refuses the batch."""
    assert len(complaints_about_batch(batch)) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{'a': 1}", b'{"a": NaN}', b"[Infinity]", b'{"a": "\xff"}', b"[" * 100_000, b"1" * 10_000],
    ids=["empty", "cut", "quotes", "nan", "infinity", "not utf-8", "deep", "huge number"],
)
def test_what_is_not_json_raises_value_error(body: bytes) -> None:
    """Everything that RFC 8259 does not allow, or that no reader survives, is a `ValueError`."""
    with pytest.raises(ValueError, match=r".+"):
        decode_json(body)
