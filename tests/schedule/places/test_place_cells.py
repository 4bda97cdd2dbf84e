"""States, cities and postal codes are read as people write them."""

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.schedule.places.gazetteer import names_in, state_names
from dialer.schedule.places.place_cells import UNREAD, is_blank, read_postal_code, read_state
from dialer.schedule.places.tz_database import load_zone

AMERICA = ("US", "CA")


def states(cell: str, *countries: str) -> set[str]:
    """Return the regions of a state cell."""
    return {spot.region for spot in read_state(cell, countries or AMERICA).spots}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Calif.", "US-CA"),
        ("CA, USA", "US-CA"),
        ("CA - California", "US-CA"),
        ("California (CA)", "US-CA"),
        ("State of California", "US-CA"),
        ("Wash.", "US-WA"),
        ("Washington State", "US-WA"),
        ("Washington, D.C.", "US-DC"),
        ("D.C.", "US-DC"),
        ("Penna.", "US-PA"),
        ("N. Carolina", "US-NC"),
        ("W. Va.", "US-WV"),
        ("Los Angeles", "US-CA"),
        ("Los Angeles, CA 90012", "US-CA"),
        ("Los Angeles, Calif., United States", "US-CA"),
        ("Miami / FL", "US-FL"),
        ("Tampa, FL", "US-FL"),
        ("Smallville, KS", "US-KS"),
        ("Portland, Maine", "US-ME"),
        ("90012", "US-CA"),
        ("Los Angeles CA", "US-CA"),
        ("Tampa FL 33601", "US-FL"),
        ("Southern California", "US-CA"),
        ("So. Cal", "US-CA"),
        ("Northern Virginia", "US-VA"),
        ("West Virginia", "US-WV"),
        ("Ont.", "CA-ON"),
        ("B.C.", "CA-BC"),
        ("Qu\u00e9bec", "CA-QC"),
    ],
)
def test_a_cell_names_one_state(cell: str, code: str) -> None:
    """Abbreviations, both forms at once, a city with its state, the country behind it: one state."""
    assert states(cell) == {code}


@pytest.mark.parametrize(
    "abbreviation", ["Ala.", "Ariz.", "Ark.", "Colo.", "Conn.", "Del.", "Fla.", "Ga.", "Ill.", "Ind."]
)
def test_the_traditional_abbreviations_are_read(abbreviation: str) -> None:
    """What the Associated Press writes for a state is that state, by its first letters."""
    found = states(abbreviation)
    assert len(found) == 1
    assert state_names()[found.pop()][:2] == abbreviation[:2] or abbreviation == "Ga."


@pytest.mark.parametrize(
    ("cell", "countries", "codes"),
    [
        ("Toronto", AMERICA, {"CA-ON", "US-OH"}),  # the second has 5,000 people
        ("Ontario", AMERICA, {"CA-ON", "US-CA", "US-NY", "US-OH", "US-OR", "US-WI"}),  # a city of 170,000 in California
        ("Ontario", ("CA", "US"), {"CA-ON"}),
        ("Ontario, CA", AMERICA, {"CA-ON", "US-CA"}),
        ("WA", ("AU",), {"AU-WA"}),
        ("WA", ("GB",), {"AU-WA", "US-WA"}),
        ("CA", ("IT",), {"IT"}),  # Cagliari
        ("Bayern", ("DE",), {"DE"}),
        ("SP", ("BR",), {"BR-SP"}),
        ("S\u00e3o Paulo", ("BR",), {"BR-SP"}),
        ("Jal.", ("MX",), {"MX-JAL"}),
        ("Georgia", ("GB",), {"GE", "US-GA"}),
        ("Toronto, Canada", AMERICA, {"CA-ON"}),
        ("NY/NJ", AMERICA, {"US-NJ", "US-NY"}),
    ],
)
def test_a_name_of_several_places_means_all_and_one_at_home_first(
    cell: str, countries: tuple[str, ...], codes: set[str]
) -> None:
    """The number's own country is read first; elsewhere, whatever bears the name counts."""
    assert states(cell, *countries) == codes


def test_the_country_of_the_sheet_keeps_namesakes_away() -> None:
    """In a British sheet that says so, Kent is no city of Washington; California stays California."""
    assert states("Kent", "GB") == {"US-WA"}
    assert read_state("Kent", ("GB",), is_told=True) == UNREAD
    assert {spot.region for spot in read_state("California", ("GB",), is_told=True).spots} == {"US-CA"}


@pytest.mark.parametrize("cell", ["", " ", "-", "N/A", "n.a.", "none", "Unknown", "--"])
def test_an_empty_cell_says_nothing(cell: str) -> None:
    """A dash or `N/A` is no doubt."""
    assert is_blank(cell)
    assert read_state(cell, AMERICA).is_read
    assert read_postal_code(cell, ("US",)).is_read


@pytest.mark.parametrize(
    ("code", "countries", "region"),
    [
        ("2000", ("AU",), "AU-NSW"),
        ("800", ("AU",), "AU-NT"),
        ("6000", ("AU",), "AU-WA"),
        ("01310-100", ("BR",), "BR-SP"),
        ("69005010", ("BR",), "BR-AM"),
        ("77500", ("MX",), "MX-ROO"),
        ("35001", ("ES",), "ES-CN"),
        ("28001", ("ES",), "ES"),
        ("9000-001", ("PT",), "PT-30"),
        ("1000-001", ("PT",), "PT"),
        ("75001", ("FR",), "FR"),  # Paris, and no town of Texas
        ("SW1A 1AA", ("GB",), "GB"),
        ("90210", ("GB",), "US-CA"),
        ("K1A 0B1", ("GB",), "CA-ON"),
        ("80331", ("DE", "US"), "DE"),
    ],
)
def test_a_postal_code_is_read_as_its_country_writes_it(code: str, countries: tuple[str, ...], region: str) -> None:
    """Five digits are a ZIP code only where the number's country has no such codes."""
    assert region in {spot.region for spot in read_postal_code(code, countries).spots}
    assert len(countries) > 1 or {spot.region for spot in read_postal_code(code, countries).spots} == {region}


@given(st.text(max_size=40), st.sampled_from([AMERICA, ("GB",), ("BR",), ("AU",), ("RU",), ("DE", "US")]))
def test_any_text_is_read_or_told(cell: str, countries: tuple[str, ...]) -> None:
    """Whatever stands in a cell, the answer is a place with zones, nothing for an empty cell, or `unread`."""
    for reading in (read_state(cell, countries), read_postal_code(cell, countries)):
        assert reading.is_read == (bool(reading.spots) or is_blank(cell))
        assert all(spot.zones for spot in reading.spots if spot.region not in {"BV", "HM"})


def test_every_city_is_in_a_place_that_exists() -> None:
    """Every line of the list of cities names states of the table, or countries with real zones."""
    known = state_names()
    lines = files("dialer.schedule.places").joinpath("cities.tsv").read_text("utf-8").splitlines()
    for name, spots in csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t"):
        for spot in spots.split():
            region, _, zone = spot.rstrip("!").partition(":")
            assert name.isalpha()
            assert (load_zone(zone).key == zone) if zone else region in known


def test_a_way_to_write_a_state_means_one_state_of_its_country() -> None:
    """No abbreviation stands for two states of a country."""
    for country in ("US", "CA", "AU", "BR", "MX"):
        assert {name: spots for name, spots in names_in(country).items() if len(spots) > 1} == {}
