"""The body of a POST, held against the API's documented fields."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.api.payload import body, call_fields, contact_fields
from dialer.campaign.call_table import Call
from dialer.clock import from_ms, to_ms
from dialer.contacts.contact import Contact

DOCUMENTED: list[dict[str, Any]] = json.loads((Path(__file__).parent / "documented_fields.json").read_text("utf-8"))
NEVER_SENT = {"status"}
EXAMPLE = {entry["field"]: entry["example"] for entry in DOCUMENTED if entry["field"] not in NEVER_SENT}
HOOK = EXAMPLE["phoneCallWebhooks"][0]
SLOT_MS = to_ms(datetime(2023, 10, 12, 9, 8, 0, 387_000, tzinfo=UTC))

FULL_CALL = {
    "team_id": EXAMPLE["teamId"],
    "call_template_id": EXAMPLE["callTemplateId"],
    "phone_number_id": EXAMPLE["phoneNumberId"],
    "from_phone_number": EXAMPLE["fromPhoneNumber"],
    "telephony_provider": EXAMPLE["telephonyProvider"],
    "record": EXAMPLE["record"],
    "webhooks": [{"url": HOOK["url"], "event": HOOK["subscribedEvent"], "secret_env": "HOOK_SECRET"}],
}
SECRETS = {"HOOK_SECRET": HOOK["secret"]}
BARE_CALL = {"team_id": "team", "call_template_id": "template"}


def contact(**changes: Any) -> Contact:
    """Return the documented example's person."""
    values = {
        "row": 2,
        "key": "+1234567890",
        "phone": EXAMPLE["toPhoneNumber"],
        "region": "US",
        "name": EXAMPLE["nameOfHuman"],
        "email": EXAMPLE["toEmailAddress"],
        "variables": (("customer_name", "John"),),
        "timezone": None,
    }
    return Contact(**{**values, **changes})


def built(call: dict[str, Any], person: Contact, slot_ms: int = SLOT_MS) -> dict[str, Any]:
    """Build a body and parse it back."""
    shared = call_fields(Call.model_validate(call), SECRETS)
    found: dict[str, Any] = json.loads(body(shared, contact_fields(person), slot_ms))
    return found


def json_type(value: Any) -> Any:
    """Name the shape of a JSON value, down to the keys of its objects."""
    if isinstance(value, list):
        return [json_type(value[0])]
    return {key: json_type(part) for key, part in value.items()} if isinstance(value, dict) else type(value)


def test_the_documented_example_comes_out_as_documented() -> None:
    """A call, a contact and a slot that say what the documented example says give that very body."""
    assert built(FULL_CALL, contact()) == EXAMPLE


@pytest.mark.parametrize("entry", DOCUMENTED, ids=lambda entry: entry["field"])
def test_every_documented_field_is_sent_under_its_name_and_type(entry: dict[str, Any]) -> None:
    """Each documented field can be sent, with the JSON type of its example; `status` is the API's own to tell."""
    whole = built(FULL_CALL, contact())

    if entry["field"] in NEVER_SENT:
        assert entry["field"] not in whole
    else:
        assert json_type(whole[entry["field"]]) == json_type(entry["example"])


def test_nothing_undocumented_is_sent() -> None:
    """A body holds no field that the API does not document."""
    assert set(built(FULL_CALL, contact())) <= {entry["field"] for entry in DOCUMENTED}


def test_what_is_not_set_is_not_sent() -> None:
    """A campaign and a contact with the least possible send the required fields and the slot, nothing else."""
    whole = built(BARE_CALL, contact(email=None, variables=()))

    assert set(whole) == {entry["field"] for entry in DOCUMENTED if entry["required"]} | {"callDelayedUntil"}
    assert whole["promptVariableValues"] == []


@pytest.mark.parametrize("record", [True, False])
def test_a_recording_flag_is_sent_when_it_is_set_to_either(record: bool) -> None:  # noqa: FBT001 - a table's column
    """False is a choice too: it is sent, not left to the API's default."""
    assert built({**BARE_CALL, "record": record}, contact())["record"] is record


@pytest.mark.parametrize("provider", ["twilio", "plivo", "telnyx"])
def test_every_documented_provider_can_be_sent(provider: str) -> None:
    """The three documented telephony providers go through as written."""
    assert built({**BARE_CALL, "telephony_provider": provider}, contact())["telephonyProvider"] == provider


def test_a_webhook_without_a_secret_is_sent_without_one() -> None:
    """Several webhooks keep their order, and one without `secret_env` sends no secret."""
    plain, signed = "https://hooks.example.com/a", "https://hooks.example.com/b"
    hooks = [{"url": plain}, {"url": signed, "secret_env": "HOOK_SECRET"}]

    assert built({**BARE_CALL, "webhooks": hooks}, contact())["phoneCallWebhooks"] == [
        {"url": plain, "subscribedEvent": "phoneCall.completed"},
        {
            "url": signed,
            "subscribedEvent": "phoneCall.completed",
            "secret": SECRETS["HOOK_SECRET"],
        },
    ]


@pytest.mark.parametrize("own", [{"from_phone_number": "+12015550100"}, {"phone_number_id": "berlin"}])
def test_a_contact_with_its_own_number_is_called_from_no_other(own: dict[str, str]) -> None:
    """Whichever name it has, it takes both names of the campaign's number away; which the API prefers is not known."""
    shared = {**BARE_CALL, "from_phone_number": "+12015550101", "phone_number_id": "new-york", "record": True}
    whole = built(shared, contact(call=tuple(own.items())))
    names = {"from_phone_number": "fromPhoneNumber", "phone_number_id": "phoneNumberId"}

    assert {name: whole.get(field) for name, field in names.items()} == {name: own.get(name) for name in names}
    assert whole["record"] is True


def test_a_missing_webhook_secret_is_a_key_error() -> None:
    """A secret is taken from the given mapping only; one that is not there is never sent as nothing."""
    with pytest.raises(KeyError, match="HOOK_SECRET"):
        call_fields(Call.model_validate(FULL_CALL), {})


@given(slot_ms=st.integers(min_value=0, max_value=to_ms(datetime(2199, 1, 1, tzinfo=UTC))))
def test_the_slot_is_written_in_utc_with_three_digits_of_milliseconds(slot_ms: int) -> None:
    """Any instant has the documented form and reads back as the same millisecond."""
    text = built(BARE_CALL, contact(), slot_ms)["callDelayedUntil"]

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert datetime.fromisoformat(text) == from_ms(slot_ms)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_any_text_arrives_unchanged(text: str) -> None:
    """Names and variables of any script, with quotes or control characters, survive the way into JSON."""
    whole = built(BARE_CALL, contact(name=text, variables=((text, text),)))

    assert whole["nameOfHuman"] == text
    assert whole["promptVariableValues"] == [{"key": text, "value": text}]
