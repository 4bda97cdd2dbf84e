"""Where a contact could be: every doubt adds a place, and nobody is placed where nothing says so."""

from dataclasses import replace

from dialer.contacts.contact import Contact, ExcludedRow
from dialer.reasons import Reason
from dialer.schedule.whereabouts import Whereabouts, placed

NEW_YORKER = Contact(2, "k", "+12125550100", "US", "Ann", None, (), None)


def whereabouts(contact: Contact) -> Whereabouts:
    """Place a contact of whom enough is known."""
    found = placed(contact)
    assert isinstance(found, Whereabouts)
    return found


def test_a_number_tells_where_somebody_could_be() -> None:
    """212 is Manhattan: one zone, and the rules of the country and the state."""
    assert whereabouts(NEW_YORKER) == Whereabouts(("America/New_York",), ("US", "US-NY"))


def test_a_zone_that_contradicts_the_number_makes_the_state_unknown() -> None:
    """The person has moved, and nobody knows where to: the rules of every state hold until the sheet says."""
    moved = whereabouts(replace(NEW_YORKER, timezone="America/Chicago"))
    stayed = whereabouts(replace(NEW_YORKER, timezone="America/New_York"))
    told = whereabouts(replace(NEW_YORKER, timezone="America/Chicago", state="IL"))

    assert set(moved.zones) == {"America/Chicago", "America/New_York"}
    assert "US-ZZ" in moved.regions
    assert "US-ZZ" not in stayed.regions + told.regions


def test_without_any_zone_nobody_is_called() -> None:
    """An Inmarsat number may ring at sea, in any zone: it is held back with what to add, never given the operator's."""
    found = placed(replace(NEW_YORKER, phone="+870773111632", region="001"))

    assert isinstance(found, ExcludedRow)
    assert found.reason == Reason.NO_ZONE
    assert "timezone" in found.message
    assert "870" not in found.message
