"""Where a contact could be: the number, the sheet's place and its zone together, and what is told of the cells."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.contacts.contact import Contact, ExcludedRow
from dialer.reasons import Reason
from dialer.schedule.places.regions import CellNote
from dialer.schedule.places.whereabouts import Whereabouts, cell_notes, placed
from tests.schedule.world import clocks, zone_tab

NEW_YORK = Contact(2, "k", "+12125550123", "US", "Ada", None, (), None)
LONDON = NEW_YORK._replace(phone="+442079460123", region="GB")


def regions(contact: Contact) -> tuple[str, ...]:
    """Return the regions of a contact that can be placed."""
    where = placed(contact)
    assert isinstance(where, Whereabouts)
    return where.regions


def told(contact: Contact) -> set[CellNote]:
    """Return what is told of a contact's cells."""
    return set(cell_notes(contact))


@pytest.mark.parametrize(
    ("contact", "timezone", "expected"),
    [
        (LONDON, "Europe/Paris", ("GB", "FR")),
        (LONDON, "Asia/Dubai", ("GB", "AE")),
        (NEW_YORK._replace(state="NY"), "America/Chicago", ("US", "US-NY", "US-ZZ")),
        (NEW_YORK, "America/Phoenix", ("US", "US-AZ", "US-NY")),
        (NEW_YORK, "Etc/UTC", ("US", "US-NY", "ZZ")),
    ],
)
def test_a_zone_that_contradicts_adds_the_rules_of_its_place(
    contact: Contact, timezone: str, expected: tuple[str, ...]
) -> None:
    """Somebody whose sheet says Paris is protected by France besides the country of the number, and so on."""
    moved = contact._replace(timezone=timezone)
    where = placed(moved)

    assert regions(moved) == expected
    assert isinstance(where, Whereabouts)
    assert clocks([timezone]) <= clocks(where.zones)
    assert told(moved) == {CellNote("timezone", "elsewhere", timezone)}


@pytest.mark.parametrize(
    ("phone", "timezone", "state"),
    [
        ("+13135550123", "America/Detroit", "US-MI"),
        ("+13135550123", "America/New_York", "US-MI"),
        ("+13175550123", "America/Indiana/Indianapolis", "US-IN"),
        ("+13175550123", "America/Indianapolis", "US-IN"),
        ("+15025550123", "America/Kentucky/Louisville", "US-KY"),
        ("+15025550123", "America/Louisville", "US-KY"),
        ("+12125550123", "US/Eastern", "US-NY"),
        ("+18505550123", "America/Chicago", "US-FL"),
    ],
)
def test_another_name_of_the_numbers_zone_contradicts_nothing(phone: str, timezone: str, state: str) -> None:
    """Zones that keep the time of the code's towns, and older names of them, add no place."""
    contact = NEW_YORK._replace(phone=phone, timezone=timezone)

    assert regions(contact) == ("US", state)
    assert told(contact) == set()


def test_a_zone_of_the_sheets_place_contradicts_nothing() -> None:
    """A New York number of somebody in Los Angeles, whose sheet says both, is in two states and no third."""
    moved = NEW_YORK._replace(state="CA", timezone="America/Los_Angeles")

    assert regions(moved) == ("US", "US-CA", "US-NY")
    assert told(moved) == set()


@pytest.mark.parametrize(
    ("contact", "notes"),
    [
        (NEW_YORK, set()),
        (NEW_YORK._replace(state="FL", postal_code="33101"), set()),
        (NEW_YORK._replace(state="Xyzzy"), {CellNote("state", "unread", "Xyzzy")}),
        (NEW_YORK._replace(postal_code="SW1A 1AA"), {CellNote("postal_code", "unread", "SW1A 1AA")}),
        (LONDON._replace(state="California"), {CellNote("state", "elsewhere", "California")}),
        (LONDON._replace(postal_code="90210"), {CellNote("postal_code", "elsewhere", "90210")}),
        (LONDON._replace(country="US"), {CellNote("country", "elsewhere", "US")}),
        (LONDON._replace(country="GB"), set()),
        (NEW_YORK._replace(phone="+17875550123", region="PR", country="US", state="PR"), set()),
    ],
)
def test_cells_that_cannot_be_read_or_are_of_elsewhere_are_told(contact: Contact, notes: set[CellNote]) -> None:
    """An operator hears which cell nobody could read, and which one says another place than the number."""
    assert told(contact) == notes


PHONES = [
    (f"+{number.country_code}{phonenumbers.national_significant_number(number)}", region)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
]
CELLS = ["FL", "Calif.", "Ontario", "WA", "SP", "Bayern", "London", "Los Angeles, CA", "Georgia", "Xyzzy", "-", "Kent"]
CODES = ["33101", "2134", "90001-1234", "K1A 0B1", "SW1A 1AA", "01310-100", "6000", "28001", "xyz", "n/a"]
COUNTRIES = ["US", "GB", "CA", "MX", "AU", "PR", "JM", "RU"]


@pytest.mark.slow
@given(
    phone=st.sampled_from(PHONES),
    state=st.none() | st.sampled_from(CELLS),
    code=st.none() | st.sampled_from(CODES),
    country=st.none() | st.sampled_from(COUNTRIES),
    timezone=st.none() | st.sampled_from(["America/New_York", "Europe/Paris", "Asia/Tokyo", "US/Pacific", "Etc/UTC"]),
)
@settings(deadline=None)
def test_nothing_the_sheet_says_ever_loses_a_place(
    phone: tuple[str, str], state: str | None, code: str | None, country: str | None, timezone: str | None
) -> None:
    """Whatever the cells say, a person is in fewer of the number's own zones, or in all of them and others besides."""
    number = NEW_YORK._replace(phone=phone[0], region=phone[1])
    contact = number._replace(state=state, postal_code=code, country=country, timezone=timezone)
    where, alone = placed(contact), placed(number)
    assert isinstance(where, Whereabouts)
    assert isinstance(alone, Whereabouts)
    own, clocks_there = clocks(alone.zones), clocks(where.zones)

    assert where.regions[0] == phone[1]
    assert clocks_there <= own or own <= clocks_there
    assert timezone is None or clocks([timezone]) <= clocks_there
    assert country is None or country in where.regions
    assert {region for region in alone.regions if "-" not in region} <= set(where.regions)


@pytest.mark.parametrize("phone", PHONES, ids=lambda phone: phone[0][:6])
def test_another_country_brings_every_zone_of_it(phone: tuple[str, str]) -> None:
    """A number of anywhere whose sheet says Mexico is in every zone that `zone.tab` gives Mexico, besides its own."""
    contact = NEW_YORK._replace(phone=phone[0], region=phone[1], country="MX")
    where = placed(contact)
    assert isinstance(where, Whereabouts)

    assert "MX" in where.regions
    assert phone[1] == "MX" or clocks(zone_tab()["MX"]) <= clocks(where.zones)


def test_without_any_zone_nobody_is_called() -> None:
    """An Inmarsat number may ring at sea, in any zone: it is rejected with what to add, never given the operator's."""
    found = placed(NEW_YORK._replace(phone="+870773111632", region="001"))

    assert isinstance(found, ExcludedRow)
    assert found.reason == Reason.NO_ZONE
    assert "timezone" in found.message
    assert "870" not in found.message
