"""Where a contact could be: every zone and every region whose rules then hold. Pure."""

from typing import NamedTuple

from dialer.contacts.contact import Contact, ExcludedRow
from dialer.reasons import Reason
from dialer.schedule.regions import UNKNOWN, place_of
from dialer.schedule.zones import zones_of


class Whereabouts(NamedTuple):
    """The *zones* (IANA names) and the *regions* (`dialer.schedule.regions`) that a person could be in."""

    zones: tuple[str, ...]
    regions: tuple[str, ...]


def placed(contact: Contact) -> Whereabouts | ExcludedRow:
    """Give where the contact could be; without any zone nobody knows a permitted hour, and it is held back."""
    place = place_of(contact.phone, contact.region, state=contact.state, postal_code=contact.postal_code)
    zones = zones_of(contact.phone, contact.timezone, place.zones)
    if not zones:
        message = "No time zone is known for this number. Add a column with the person's zone and map it as timezone."
        return ExcludedRow(Reason.NO_ZONE, message, contact.phone)
    return Whereabouts(zones, place.regions + _unknown_state(contact, place.regions, zones))


def _unknown_state(contact: Contact, regions: tuple[str, ...], zones: tuple[str, ...]) -> tuple[str, ...]:
    """Count every state where the sheet's zone contradicts the number: then nobody knows which one the person is in."""
    has_moved = contact.timezone is not None and len(zones) > 1 and not (contact.state or contact.postal_code)
    states = any("-" in region for region in regions)
    unknown = f"{contact.region}-{UNKNOWN}"
    return (unknown,) if has_moved and states and unknown not in regions else ()
