"""Where a contact could be: every zone and every region whose rules then hold. Pure."""

from functools import lru_cache
from typing import NamedTuple, Self

from dialer.contacts.choosing.call_times import ANY_TIME, CallTimes
from dialer.contacts.contact import Contact, ExcludedRow
from dialer.reasons import Reason
from dialer.schedule.places.regions import CellNote, Place, place_of, regions_of_zone
from dialer.schedule.places.tz_database import is_same_zone
from dialer.schedule.places.zones import combined, zones_of_number
from dialer.words import masked

_SHOWN_CHARACTERS = 40


class Whereabouts(NamedTuple):
    """The *zones* (IANA names) and the *regions* (`dialer.schedule.places.regions`) that a person could be in.

    *times* are when they ask to be called, by the clock of wherever they are.
    """

    zones: tuple[str, ...]
    regions: tuple[str, ...]
    times: CallTimes = ANY_TIME

    @classmethod
    def of(cls, zones: str, regions: str, times: str = "") -> Self:
        """Return the place of which *zones* and *regions* are written with | between them, as the ledger keeps it."""
        return cls(tuple(filter(None, zones.split("|"))), tuple(filter(None, regions.split("|"))), CallTimes.of(times))

    @property
    def at_any_time(self) -> Self:
        """The same place, whatever is asked for."""
        return self._replace(times=ANY_TIME)


def placed(contact: Contact) -> Whereabouts | ExcludedRow:
    """Return where the contact could be; without any zone nobody knows a permitted hour, and it is excluded.

    A timezone of the sheet that neither the number nor the sheet's place has adds the rules of the places that keep it.
    """
    place, number = _place(contact), zones_of_number(contact.phone)
    zones = combined(number, contact.timezone, place.zones)
    if not zones:
        message = "No time zone is known for this number. Add a column with the person's zone and map it as timezone."
        return ExcludedRow(Reason.NO_ZONE, message, contact.phone)
    if contact.timezone and not _is_among(contact.timezone, number, place.zones):
        return Whereabouts(zones, _with_regions_of(contact.timezone, place.regions), contact.times)
    return Whereabouts(zones, place.regions, contact.times)


def cell_notes(contact: Contact) -> tuple[CellNote, ...]:
    """Return which of the contact's cells about its place could not be read, or say another place than its number."""
    if contact.state is None and contact.postal_code is None and contact.country is None and contact.timezone is None:
        return ()
    place = _place(contact)
    notes = place.notes
    if contact.timezone and not _is_among(contact.timezone, zones_of_number(contact.phone), place.zones):
        notes = (*notes, CellNote("timezone", "elsewhere"))
    return tuple(note._replace(value=masked(getattr(contact, note.field))[:_SHOWN_CHARACTERS]) for note in notes)


def _place(contact: Contact) -> Place:
    return place_of(
        contact.phone,
        contact.region,
        state=contact.state,
        postal_code=contact.postal_code,
        country=contact.country,
    )


@lru_cache(maxsize=16384)
def _is_among(zone: str, number: tuple[str, ...], place: frozenset[str]) -> bool:
    return any(is_same_zone(zone, other) for other in (*number, *place))


@lru_cache(maxsize=4096)
def _with_regions_of(zone: str, regions: tuple[str, ...]) -> tuple[str, ...]:
    return (regions[0], *sorted({*regions[1:], *regions_of_zone(zone)} - {regions[0]}))
