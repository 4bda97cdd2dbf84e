"""Builds the body of one `POST /v1/phoneCalls`, field for field as the API documents it. Pure.

`status` is never sent: it is the API's own answer, not a wish. `teamId` is documented as an object but shown
and used as a string everywhere, so a string is sent.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from dialer.calls.attempt import PlannedCall
from dialer.campaign.call_table import NUMBER_KEYS, Call, FromNumber
from dialer.clock import iso_ms
from dialer.contacts.contact import Contact

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

FIELDS = {
    "call_template_id": "callTemplateId",
    "phone_number_id": "phoneNumberId",
    "from_phone_number": "fromPhoneNumber",
    "telephony_provider": "telephonyProvider",
    "record": "record",
}
"""What the API calls each key of `[call]` in which rows may differ."""

_NUMBER_FIELDS = frozenset(FIELDS[key] for key in NUMBER_KEYS)


def call_fields(call: Call, secrets: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that every call of a campaign shares; what the campaign leaves out is left out here too.

    *secrets* maps the names of environment variables to webhook secrets; raises `KeyError` for a missing one.
    """
    webhooks = [
        {"url": hook.url, "subscribedEvent": hook.event}
        | ({"secret": secrets[hook.secret_env]} if hook.secret_env else {})
        for hook in call.webhooks
    ]
    choice = {FIELDS[key]: value for key, value in call.chosen.items()}
    fields = {"teamId": call.team_id, **choice, "phoneCallWebhooks": webhooks or None}
    return {name: value for name, value in fields.items() if value is not None}


def pool_fields(pool: Iterable[FromNumber]) -> dict[str, dict[str, Any]]:
    """Return the fields by which a call comes from each number of a pool, by the number's name."""
    named = {each.name: {"fromPhoneNumber": each.number, "phoneNumberId": each.id} for each in pool}
    return {name: {field: value for field, value in fields.items() if value} for name, fields in named.items()}


def shown_call_fields(call: Call) -> dict[str, Any]:
    """Return the same fields for people to read: secrets of webhooks are shown by the names of their variables."""
    names = [hook.secret_env for hook in call.webhooks if hook.secret_env]
    return call_fields(call, {name: f"(the value of {name})" for name in names})


def contact_fields(contact: Contact) -> dict[str, Any]:
    """Return the fields that are one contact's own, as they are kept in the ledger until the call is sent."""
    email = {"toEmailAddress": contact.email} if contact.email else {}
    return {
        "nameOfHuman": contact.name,
        "toPhoneNumber": contact.phone,
        **email,
        "promptVariableValues": [{"key": key, "value": value} for key, value in contact.variables],
        **{FIELDS[key]: value for key, value in contact.call},
    }


def with_call_values(own: Mapping[str, Any], values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return one contact's *own* fields with other *values* of the keys in which rows may differ."""
    kept = {name: value for name, value in own.items() if name not in FIELDS.values()}
    return kept | {FIELDS[key]: value for key, value in values}


def body(shared: Mapping[str, Any], own: Mapping[str, Any], slot_ms: int) -> bytes:
    """Return the JSON body of the call planned for *slot_ms*, UTF-8 encoded.

    What a contact's *own* fields say counts; one that names a number to call from takes the shared one's names away.
    """
    if not _NUMBER_FIELDS.isdisjoint(own):
        shared = {name: value for name, value in shared.items() if name not in _NUMBER_FIELDS}
    whole = {**shared, **own, "callDelayedUntil": iso_ms(slot_ms)}
    return _encoder.encode(whole).encode()


def call_body(
    shared: Mapping[str, Any], call: PlannedCall, from_numbers: Mapping[str, Mapping[str, Any]], slot_ms: int
) -> bytes:
    """Return the JSON body of a planned *call*: what its row says counts before its number of the pool.

    *from_numbers* are the fields of the pool's numbers, by name.
    """
    return body(shared, {**from_numbers.get(call.from_number or "", {}), **json.loads(call.payload)}, slot_ms)
