"""Every state that a person could be in counts, whoever says so."""

import tomllib
from importlib.resources import files
from typing import Any

import phonenumbers
import pytest
from phonenumbers.geocoder import description_for_number

from dialer.schedule.places.gazetteer import Spot
from dialer.schedule.places.regions import name_of, narrowed, place_of, regions_of_zone
from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.places.zones import zones_of
from tests.schedule.world import clocks, table

ROWS: list[dict[str, Any]] = tomllib.loads(files("dialer.schedule.places").joinpath("regions.toml").read_text("utf-8"))[
    "places"
]
NEW_YORK, MIAMI, HALIFAX, BRISBANE = "+12125550123", "+13055550123", "+19025550123", "+61491570006"


def regions(
    phone: str, region: str, state: str | None = None, postal_code: str | None = None, country: str | None = None
) -> tuple[str, ...]:
    """Return only the regions of a place."""
    return place_of(phone, region, state=state, postal_code=postal_code, country=country).regions


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
    """An American number in Alberta has the rules of both countries."""
    assert regions(NEW_YORK, "US", "Alberta") == ("US", "CA", "CA-AB", "US-NY")


def test_an_australian_state_narrows_the_mobile() -> None:
    """A mobile may be anywhere from Perth to Sydney; a state says where."""
    place = place_of(BRISBANE, "AU", state="Queensland")

    assert clocks(zones_of(BRISBANE, None, place.zones)) == clocks(["Australia/Brisbane"])


def test_a_county_without_rules_leaves_the_country() -> None:
    """A British county and postcode decide nothing."""
    place = place_of("+442079460123", "GB", state="Essex", postal_code="SW1A 1AA")

    assert place.regions == ("GB",)
    assert clocks(place.zones) == clocks(["Europe/London"])


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
    here, there, elsewhere = (frozenset({Spot(region, ())}) for region in ("US-NY", "US-FL", "US-GA"))
    assert narrowed(here, here | there) == here
    assert narrowed(here | there, here) == here | there
    assert narrowed(elsewhere, here | there) == elsewhere | here | there
    assert narrowed(frozenset(), here) == here


def test_a_city_agrees_with_a_postal_code_that_tells_the_country_alone() -> None:
    """Nobody reads Russian postal codes; one beside "Moscow" takes nothing away."""
    moscow = "+74951234567"

    assert place_of(moscow, "RU", state="Moscow", postal_code="101000").zones == {"Europe/Moscow"}
    assert len(place_of(moscow, "RU", postal_code="630000").zones) > 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["code"]))
def test_every_row_names_real_zones_and_all_that_its_numbers_have(row: dict[str, Any]) -> None:
    """A state has every clock of its own area codes, except where a code is shared with other places."""
    shared = {"867", "812", "930", "782", "902"}  # territories; Indiana beside Louisville; Cape Breton
    for zone in row["zones"]:
        load_zone(zone)
    assert name_of(row["code"]) == (row["name"] if "-" in row["code"] else None)
    for code in row.get("area_codes", "").split():
        if code not in shared and not row["code"].startswith("BR"):
            assert clocks(zones_of(f"+1{code}5550123", None)) <= clocks(row["zones"]), code


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


def test_no_two_states_share_a_prefix_of_postal_codes() -> None:
    """A prefix stands for one state, but where a country shares it among two."""
    shared = {"X", "0872", "2611", "2618", "2619", "2620", "2406", "3644", "3691", "3707"}
    shared |= {"4375", "4377", "4380", "4383", "4385"}  # Australian towns beside a border
    seen: dict[tuple[str, str], str] = {}
    for row in ROWS:
        for prefix in expanded(row.get("postal", "")):
            key = (row["code"][:2], prefix)
            assert prefix in shared or seen.setdefault(key, row["code"]) == row["code"], prefix


BORDER_VILLAGES = {
    "BR-AM": {"America/Santarem"},
    "BR-GO": {"America/Cuiaba"},
    "MX-JAL": {"America/Mazatlan"},
    "MX-ROO": {"America/Merida"},
}
"""Zones that GeoNames takes over from across a border, against the law of the state (IANA's comments on zone.tab)."""


@pytest.mark.parametrize("row", table("state_zones.csv"), ids=lambda row: row["state"])
def test_every_state_keeps_the_clocks_of_its_towns(row: dict[str, str]) -> None:
    """Whoever says a state alone could live in any of its towns."""
    kept = next(set(place["zones"]) for place in ROWS if place["code"] == row["state"])

    assert clocks(set(row["zones"].split("|")) - BORDER_VILLAGES.get(row["state"], set())) <= clocks(kept)


def expanded(ranges: str) -> list[str]:
    """Write out ranges such as `2618-2620`."""
    bounds = [text.partition("-") for text in ranges.split()]
    return [
        prefix
        for first, dash, last in bounds
        for prefix in ([str(n).zfill(len(first)) for n in range(int(first), int(last) + 1)] if dash else [first])
    ]


@pytest.mark.parametrize("row", table("zip_prefixes.csv"), ids=lambda row: row["prefix"])
def test_every_zip_prefix_has_the_state_and_the_clocks_of_another_list(row: dict[str, str]) -> None:
    """A ZIP code of any prefix names its state, and every clock that somebody of it keeps."""
    if row["state"] in {"AA", "AE", "AP"} or row["prefix"] in {"099", "885", "888"}:
        return  # forces' post offices and one agency's mail tell no place; El Paso's 885 is listed without its zone
    place = place_of(NEW_YORK, "US", postal_code=row["prefix"].ljust(5, "1"))

    assert {row["state"], f"US-{row['state']}"} & set(place.regions)
    assert clocks(filter(None, row["zones"].split("|"))) <= clocks(place.zones)


@pytest.mark.parametrize(
    ("zip_code", "states"),
    [
        ("42223", {"US-KY", "US-TN"}),  # Census: the thirteen tabulation areas that cross a line
        ("02861", {"US-MA", "US-RI"}),
        ("59221", {"US-MT", "US-ND"}),
        ("63673", {"US-IL", "US-MO"}),
        ("71749", {"US-AR", "US-LA"}),
        ("73949", {"US-OK", "US-TX"}),
        ("81137", {"US-CO", "US-NM"}),
        ("84536", {"US-AZ", "US-UT"}),
        ("86044", {"US-AZ", "US-UT"}),
        ("86515", {"US-AZ", "US-NM"}),
        ("88063", {"US-NM", "US-TX"}),
        ("89439", {"US-CA", "US-NV"}),
        ("97635", {"US-CA", "US-OR"}),
        ("86514", {"US-AZ", "US-NM", "US-UT"}),
        ("96940", {"PW"}),
        ("96941", {"FM"}),
        ("96960", {"MH"}),
    ],
)
def test_a_zip_code_that_crosses_a_line_counts_as_every_place(zip_code: str, states: set[str]) -> None:
    """A ZIP code that reaches into two states has the rules and the zones of both."""
    assert states <= set(regions(NEW_YORK, "US", None, zip_code))


@pytest.mark.parametrize("row", table("brazil_ddd.csv"), ids=lambda row: row["prefix"])
def test_every_brazilian_area_code_has_the_states_of_its_municipalities(row: dict[str, str]) -> None:
    """A Brazilian number counts for every state that its area code serves, and no other."""
    assert set(regions(f"+{row['prefix']}982345678", "BR")[1:]) == {f"BR-{state}" for state in row["states"].split("|")}


@pytest.mark.parametrize(
    ("phone", "region"),
    [
        ("+17875550123", "PR"),
        ("+18765550123", "JM"),
        ("+18095550123", "DO"),
        ("+442079460123", "GB"),
        ("+493012345678", "DE"),
        ("+525512345678", "MX"),
        ("+61491570006", "AU"),
        ("+14165550123", "CA"),
    ],
)
@pytest.mark.parametrize(
    "cells", [("CA", None), ("California", None), (None, "90001-1234"), ("Los Angeles, CA", "90001")]
)
def test_the_sheets_place_counts_for_the_numbers_of_every_country(
    phone: str, region: str, cells: tuple[str | None, str | None]
) -> None:
    """A number of anywhere whose person is in California has California's rules and clock besides its own."""
    place = place_of(phone, region, state=cells[0], postal_code=cells[1])

    assert {region, "US", "US-CA"} <= set(place.regions)
    assert clocks(["America/Los_Angeles"]) <= clocks(zones_of(phone, None, place.zones))
    assert clocks(zones_of(phone, None)) <= clocks(zones_of(phone, None, place.zones))


def test_another_country_of_the_sheet_adds_all_its_zones_and_its_rules() -> None:
    """A British number of somebody in the United States is in each of their zones, in a state that nobody knows."""
    place = place_of("+442079460123", "GB", country="US")

    assert place.regions == ("GB", "US", "US-ZZ")
    assert clocks(["Pacific/Honolulu", "America/New_York", "America/Adak"]) <= clocks(place.zones)


def test_a_state_says_where_in_the_other_country() -> None:
    """With its state, only that state's zones are added."""
    place = place_of("+442079460123", "GB", state="FL", country="US")

    assert place.regions == ("GB", "US", "US-FL")
    assert place.zones == {"America/Chicago", "America/New_York"}


def test_the_numbers_own_country_adds_nothing() -> None:
    """A sheet that repeats the number's country, or the one a territory belongs to, says nothing new."""
    assert place_of(NEW_YORK, "US", country="US") == place_of(NEW_YORK, "US")
    assert place_of("+17875550123", "PR", country="US").zones == frozenset()


def test_what_cannot_be_read_adds_every_zone_of_the_countries() -> None:
    """An unreadable state of a New York number could be Hawaii's."""
    place = place_of(NEW_YORK, "US", state="Xyzzy")

    assert clocks(["Pacific/Honolulu", "America/Los_Angeles", "America/Phoenix"]) <= clocks(place.zones)


@pytest.mark.parametrize(
    ("zone", "regions_there"),
    [
        ("Europe/Paris", {"FR"}),
        ("Asia/Dubai", {"AE"}),
        ("America/Chicago", {"US", "US-ZZ"}),
        ("America/Phoenix", {"US", "US-AZ"}),
        ("Pacific/Honolulu", {"US", "US-HI"}),
        ("America/Detroit", {"US", "US-MI"}),
        ("America/Edmonton", {"CA", "CA-AB", "CA-BC", "CA-NT", "CA-NU", "CA-SK"}),
        ("Etc/UTC", {"ZZ"}),
    ],
)
def test_a_zone_has_the_rules_of_its_places(zone: str, regions_there: set[str]) -> None:
    """A zone stands for its country and, where it lies in few, its states; a zone of nowhere is the strictest."""
    assert regions_of_zone(zone) == regions_there
