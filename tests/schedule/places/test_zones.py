"""Every zone a person could be in, and none that only chance would give."""

import tomllib
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.places.zones import zones_of
from tests.schedule.world import clocks

AREAS: list[dict[str, Any]] = tomllib.loads(files("dialer.schedule.places").joinpath("area_codes.toml").read_text())[
    "areas"
]
LISTED = {code: row for row in AREAS for code in row["codes"]}
NANP_CODES = sorted({prefix[:4] for prefix in TIMEZONE_DATA if prefix[0] == "1" and len(prefix) > 1})
LIBRARY_ZONES = {
    code: {zone for prefix, zones in TIMEZONE_DATA.items() if prefix.startswith(code) for zone in zones}
    for code in NANP_CODES
}


def test_one_zone_for_an_area_code_in_one_zone() -> None:
    """A New York number is in New York's zone and in no other."""
    assert zones_of("+12125550123", None) == ("America/New_York",)


@pytest.mark.parametrize(
    ("phone", "needed"),
    [
        ("+18505550123", {"America/Chicago", "America/New_York"}),
        ("+12085550123", {"America/Boise", "America/Los_Angeles"}),
        ("+19865550123", {"America/Boise", "America/Los_Angeles"}),
        ("+19285550123", {"America/Phoenix", "America/Denver"}),
        ("+12705550123", {"America/Chicago", "America/New_York"}),
        ("+13645550123", {"America/Chicago", "America/New_York"}),
        ("+18125550123", {"America/Indiana/Indianapolis", "America/Chicago"}),
        ("+19305550123", {"America/Indiana/Indianapolis", "America/Chicago"}),
        ("+14235550123", {"America/Chicago", "America/New_York"}),
        ("+17295550123", {"America/Chicago", "America/New_York"}),
        ("+19065550123", {"America/Detroit", "America/Menominee"}),
        ("+19075550123", {"America/Anchorage", "America/Adak"}),
        ("+14485550123", {"America/Chicago", "America/New_York"}),
        ("+17755550123", {"America/Los_Angeles", "America/Boise"}),
        ("+18075550123", {"America/Toronto", "America/Winnipeg", "America/Atikokan"}),
        ("+17785550123", {"America/Vancouver", "America/Edmonton", "America/Fort_Nelson"}),
        ("+18675550123", {"America/Whitehorse", "America/Iqaluit", "America/Rankin_Inlet"}),
        ("+61755500123", {"Australia/Brisbane", "Australia/Sydney"}),
    ],
)
def test_a_split_area_code_counts_as_all_its_zones(phone: str, needed: set[str]) -> None:
    """An exchange that the library does not list never hides a zone of its area code, nor of an overlay."""
    assert needed <= set(zones_of(phone, None))


def test_an_overlay_of_newfoundland_is_not_in_puerto_rico() -> None:
    """879 has the zones of 709, not the island that the library names."""
    assert zones_of("+18795550123", None) == zones_of("+17095550123", None)
    assert "America/Puerto_Rico" not in zones_of("+18795550123", None)


@pytest.mark.parametrize("code", NANP_CODES)
def test_no_zone_of_the_library_is_lost(code: str) -> None:
    """Whatever clock the library gives for any number of an area code, every number of the code has it."""
    excepted = set(LISTED.get(code, {}).get("not", ()))

    assert clocks(zones_of(f"+{code}5550123", None)) >= clocks(LIBRARY_ZONES[code] - excepted)


def test_every_split_code_of_the_library_has_a_row() -> None:
    """New library data that splits another area code fails here, so that someone looks at the map."""
    split = {code for code in NANP_CODES if len(LIBRARY_ZONES[code]) > 1}

    assert split - set(LISTED) == set()


@pytest.mark.parametrize("row", AREAS, ids=lambda row: row["codes"][0])
def test_every_row_says_why_and_names_real_zones(row: dict[str, Any]) -> None:
    """A row of the table has a reason and zones that exist, none of which it calls an error."""
    for zone in [*row["zones"], *row.get("not", [])]:
        load_zone(zone)

    assert len(set(row["zones"])) == len(row["zones"])
    assert row["because"].endswith(".")
    assert set(row["zones"]).isdisjoint(row.get("not", []))
    assert set(row) <= {"codes", "zones", "because", "not"}


def test_a_code_stands_in_one_row() -> None:
    """No area code is listed twice with two truths."""
    assert len(LISTED) == sum(len(row["codes"]) for row in AREAS)


def test_a_zone_among_the_numbers_narrows_to_itself() -> None:
    """A sheet that says Denver for a code that spans Denver is believed."""
    assert zones_of("+13085550123", "America/Denver") == ("America/Denver",)


def test_an_alias_narrows_too() -> None:
    """`US/Mountain` in the sheet is Denver."""
    assert zones_of("+13085550123", "US/Mountain") == ("US/Mountain",)


def test_a_zone_that_disagrees_is_added() -> None:
    """A person in Miami with a Los Angeles number is called when both places allow it."""
    assert zones_of("+13105550123", "America/New_York") == ("America/Los_Angeles", "America/New_York")


def test_a_zone_that_disagrees_with_a_split_code_is_added_to_all() -> None:
    """Where the sheet and a split code disagree, nothing is narrowed."""
    assert zones_of("+18505550123", "Europe/Paris") == ("America/Chicago", "America/New_York", "Europe/Paris")


@pytest.mark.parametrize("phone", ["+18005550123", "+448081570123", "+80012345678", "+881612345678", "+19995550123"])
def test_a_number_without_a_place_has_no_zone(phone: str) -> None:
    """Toll-free, global and unassigned numbers tell no place, so they tell no hour."""
    assert zones_of(phone, None) == ()


def test_a_number_without_a_place_takes_the_zone_of_the_sheet() -> None:
    """A zone in the sheet is enough where the number tells nothing."""
    assert zones_of("+18005550123", "America/Denver") == ("America/Denver",)


def test_an_empty_zone_is_no_zone() -> None:
    """An empty cell leaves the number's own zones."""
    assert zones_of("+442079460123", "") == ("Europe/London",)


def test_a_mobile_of_a_wide_country_has_all_its_zones() -> None:
    """An Australian mobile may be anywhere from Perth to Sydney."""
    assert {"Australia/Perth", "Australia/Sydney"} <= set(zones_of("+61491570006", None))


@pytest.mark.parametrize("phone", ["12125550123", "+1 212 555 0123", "", "+", "+1212555O123", "+\uff11\uff12"])
def test_text_that_is_no_number_is_refused_without_repeating_it(phone: str) -> None:
    """The error names no digit of what it was given."""
    with pytest.raises(ValueError, match=r"^a number that is not in E\.164$"):
        zones_of(phone, None)


@given(code=st.sampled_from(NANP_CODES), line=st.integers(100, 199), later=st.integers(100, 199))
@settings(deadline=None)
def test_every_number_of_an_area_code_has_the_same_zones(code: str, line: int, later: int) -> None:
    """What is remembered for one number of an area code is right for the next."""
    assert zones_of(f"+{code}5550{line}", None) == zones_of(f"+{code}5550{later}", None) != ()


def test_every_zone_of_the_library_exists() -> None:
    """No zone that a number can get is missing from the zone data."""
    for zone in {zone for zones in TIMEZONE_DATA.values() for zone in zones}:
        assert load_zone(zone).key == zone
