"""Every state that a person could be in counts, whoever says so."""

import tomllib
from importlib.resources import files
from typing import Any

import phonenumbers
import pytest
from phonenumbers.geocoder import description_for_number

from dialer.schedule.regions import name_of, narrowed, place_of
from dialer.schedule.tz_database import load_zone
from dialer.schedule.zones import zones_of

ROWS: list[dict[str, Any]] = tomllib.loads(files("dialer.schedule").joinpath("regions.toml").read_text("utf-8"))[
    "places"
]
NEW_YORK, MIAMI, HALIFAX, BRISBANE = "+12125550123", "+13055550123", "+19025550123", "+61491570006"


def regions(phone: str, region: str, state: str | None = None, postal_code: str | None = None) -> tuple[str, ...]:
    """Give only the regions of a place."""
    return place_of(phone, region, state=state, postal_code=postal_code).regions


@pytest.mark.parametrize("written", ["FL", "fl", "US-FL", "Florida", " florida ", "F.L."])
def test_a_state_is_read_as_people_write_it(written: str) -> None:
    """A code, a name, any case: the same state."""
    assert regions(MIAMI, "US", written) == ("US", "US-FL")


def test_a_state_beside_another_area_code_satisfies_both() -> None:
    """Somebody in Florida with a New York number is protected by both places, in rules and in zones."""
    place = place_of(NEW_YORK, "US", state="FL")

    assert place.regions == ("US", "US-FL", "US-NY")
    assert zones_of(NEW_YORK, None, place.zones) == ("America/Chicago", "America/New_York")


def test_a_florida_area_code_stays_floridas() -> None:
    """Florida presumes that whoever has its area code is there, whatever the sheet says."""
    assert regions(MIAMI, "US", "Georgia", "30301") == ("US", "US-FL", "US-GA")


@pytest.mark.parametrize(
    ("postal_code", "state"),
    [
        ("02134", "US-MA"),
        ("2134", "US-MA"),  # as a spreadsheet program leaves it
        ("2134.0", "US-MA"),
        ("501", "US-NY"),
        ("02134-1234", "US-MA"),
        ("021341234", "US-MA"),
        ("96799", "US-AS"),
        ("96815", "US-HI"),
        ("06390", "US-NY"),
        ("06510", "US-CT"),
        ("83414", "US-WY"),
        ("K1A 0B1", "CA-ON"),
        ("k1a0b1", "CA-ON"),
        ("H2Y", "CA-QC"),
    ],
)
def test_a_postal_code_tells_the_state(postal_code: str, state: str) -> None:
    """ZIP codes, also damaged ones, and Canadian codes count beside the area code."""
    found = regions("+12125550123", "US", None, postal_code)

    assert state in found
    assert "US-ZZ" not in found


@pytest.mark.parametrize(
    ("state", "postal_code"), [("Bavaria", None), (None, "SW1A 1AA"), (None, "09012"), (None, "12"), ("NY", "xyz")]
)
def test_a_cell_that_cannot_be_read_is_a_doubt(state: str | None, postal_code: str | None) -> None:
    """What nobody can read makes the state unknown, and is never passed over."""
    assert "US-ZZ" in regions(NEW_YORK, "US", state, postal_code)


def test_a_number_of_no_state_is_of_an_unknown_one() -> None:
    """A number that is reached everywhere, or of a code younger than our list, is nobody's state."""
    assert regions("+15005550123", "US") == ("US", "US-ZZ")


def test_a_shared_area_code_counts_for_each_province_until_the_sheet_tells() -> None:
    """902 is Nova Scotia and Prince Edward Island; a postal code of one of them is believed."""
    assert regions(HALIFAX, "CA") == ("CA", "CA-NS", "CA-PE")
    assert regions(HALIFAX, "CA", None, "B3H 1A1") == ("CA", "CA-NS")


def test_a_person_abroad_with_their_old_number_satisfies_both_countries() -> None:
    """An American number in Ontario has the rules of both countries."""
    assert regions(NEW_YORK, "US", "Ontario") == ("US", "CA", "CA-ON", "US-NY")


def test_an_australian_state_narrows_the_mobile() -> None:
    """A mobile may be anywhere from Perth to Sydney; a state says where."""
    place = place_of(BRISBANE, "AU", state="Queensland")

    assert zones_of(BRISBANE, None, place.zones) == ("Australia/Brisbane",)


def test_elsewhere_the_country_is_all_that_is_known() -> None:
    """A British county decides nothing."""
    assert place_of("+442079460123", "GB", state="Kent", postal_code="SW1A 1AA").regions == ("GB",)


def test_a_zone_of_the_sheet_beats_its_state_and_not_the_number() -> None:
    """An explicit zone inside the state stands for it; one outside is added; the number's own zones stay."""
    tennessee = place_of("+16155550123", "US", state="TN").zones

    assert zones_of("+14235550123", "America/Chicago", tennessee) == ("America/Chicago",)
    assert zones_of("+16155550123", "America/Denver", tennessee) == (
        "America/Chicago",
        "America/Denver",
        "America/New_York",
    )


def test_disagreeing_sources_are_all_kept() -> None:
    """Precise inside coarse is precise; anything else is both; nothing is nothing."""
    one, both = frozenset("a"), frozenset("ab")
    assert narrowed(one, both) == one
    assert narrowed(both, one) == both
    assert narrowed(frozenset("c"), both) == frozenset("abc")
    assert narrowed(frozenset(), both) == both


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["code"]))
def test_every_row_names_real_zones_and_all_that_its_numbers_have(row: dict[str, Any]) -> None:
    """A state has every zone of its own area codes, except where a code is shared with other places."""
    shared = {"867", "812", "930", "782", "902"}  # territories; Indiana beside Louisville; Cape Breton
    for zone in row["zones"]:
        load_zone(zone)
    assert name_of(row["code"]) == row["name"]
    for code in row.get("area_codes", "").split():
        if code not in shared:
            assert set(zones_of(f"+1{code}5550123", None)) <= set(row["zones"]), code


@pytest.mark.parametrize("country", ["US", "CA"])
def test_every_area_code_of_the_library_has_its_state(country: str) -> None:
    """New library data with an area code that we do not list, or list elsewhere, fails here."""
    names = {row["name"]: row["code"] for row in ROWS if row["code"].startswith(country)}
    names |= {"Washington State": "US-WA", "Washington D.C.": "US-DC", "British Colombia": "CA-BC"}
    for area in range(201, 990):
        number = phonenumbers.parse(f"+1{area}5550100")
        if phonenumbers.region_code_for_number(number) != country:
            continue
        told = names.get(description_for_number(number, "en"))
        assert told is None or told in regions(f"+1{area}5550100", country), area


def test_no_two_states_share_a_postal_code() -> None:
    """A prefix stands for one state, but for the two territories of Canada that share a letter."""
    seen: dict[str, str] = {}
    for row in ROWS:
        for prefix in row.get("postal", "").split():
            assert prefix == "X" or seen.setdefault(prefix, row["code"]) == row["code"], prefix
