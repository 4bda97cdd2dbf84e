"""Which country a cell names, in many languages and codes."""

import phonenumbers
import pytest
from holidays import registry

from dialer.contacts.countries import read_country


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mexico", "MX"),
        ("M\u00e9xico", "MX"),
        (" MEXIKO ", "MX"),
        ("mx", "MX"),
        ("MEX", "MX"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("Alemania", "DE"),
        ("Almanya", "DE"),
        ("\u30c9\u30a4\u30c4", "DE"),
        ("\u5fb7\u56fd", "DE"),
        ("\u0413\u0435\u0440\u043c\u0430\u043d\u0438\u044f", "DE"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("England", "GB"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("EE. UU.", "US"),
        ("Korea, Republic of", "KR"),
        ("Germany (DE)", "DE"),
        ("DE - Deutschland", "DE"),
        ("T\u00fcrkiye", "TR"),
        ("C\u00f4te d'Ivoire", "CI"),
        ("\U0001f1e9\U0001f1ea", "DE"),
        ("49", "DE"),
        ("+49", "DE"),
        ("0049", "DE"),
        ("49.0", "DE"),
        ("276", "DE"),
        ("840", "US"),
        ("Germany (+49)", "DE"),
        ("+41 (Switzerland)", "CH"),
        ("Canada (+1)", "CA"),
        ("+44 UK", "GB"),
        ("\U0001f1eb\U0001f1f7 France", "FR"),
        ("Korea (South)", "KR"),
        ("Korea, North", "KP"),
        ("Samoa, American", "AS"),
        ("Guinea (Equatorial)", "GQ"),
        ("Netherlands, The", "NL"),
        ("The Gambia", "GM"),
        ("Oesterreich", "AT"),
        ("Daenemark", "DK"),
        ("Tuerkei", "TR"),
        ("\u0627\u0644\u0627\u0645\u0627\u0631\u0627\u062a", "AE"),
        ("\u0421\u0428\u0410", "US"),
        ("\u0420\u0424", "RU"),
        ("\u30a2\u30e1\u30ea\u30ab", "US"),
        ("\u81fa\u7063", "TW"),
        ("ABD", "US"),
        ("\u0130ngiltere", "GB"),
        ("M\u00e9jico", "MX"),
        ("KSA", "SA"),
        ("GER", "DE"),
        ("GB-ENG", "GB"),
        ("EL", "GR"),
        ("+1", None),
        ("1", None),
        ("44", None),
    ],
)
def test_a_country_is_read_however_it_is_named(text: str, code: str | None) -> None:
    """Names, short and former ones among them, ISO codes, flags and calling codes; one of several has no code."""
    country = read_country(text)

    assert country is not None
    assert country.code == code


@pytest.mark.parametrize(("text", "region"), [("+1", "US"), ("44", "GB"), ("7", "RU"), ("+39", "IT")])
def test_a_calling_code_of_several_countries_is_read_in_the_first(text: str, region: str) -> None:
    """Their numbers are dialled in one way, and all of them are taken."""
    country = read_country(text)

    assert country is not None
    assert country.region == region
    assert region in country.regions
    assert len(country.regions) > 1


@pytest.mark.parametrize(
    "text",
    [
        "Atlantis",
        "-",
        "n/a",
        "Korea",
        "Congo",
        "Kongo",
        "380",
        "999",
        "+999",
        "1-809",
        "US, Canada",
        "USA/Mexico",
        "EU",
        "?",
        "+49 (Austria)",
        "US (+44)",
        "+1 / +44",
        "Georgia (US)",
        "Berlin, Germany",
        "\U0001f1fa\U0001f1f8\U0001f1e8\U0001f1e6",
    ],
)
def test_what_names_no_country_or_two_is_not_guessed(text: str) -> None:
    """Two Koreas, two Congos, and 380, which is Italy's ISO number and Ukraine's calling code."""
    assert read_country(text) is None


def test_every_iso_code_is_known() -> None:
    """By two letters and three, as another package lists them, for every region of the phone library."""
    listed = {alpha2: alpha3 for _, alpha2, alpha3, *_ in registry.COUNTRIES.values()}
    for region in sorted(phonenumbers.SUPPORTED_REGIONS & (listed.keys() - {"NA"})):
        for code in (region, listed[region], region.lower()):
            country = read_country(code)
            assert country is not None, code
            assert (country.region, country.code) == (region, region)


@pytest.mark.parametrize(
    "name",
    [
        "Elfenbeink\u00fcste",
        "Ivory Coast",
        "C\u00f4te d\u2019Ivoire",
        "Costa de Marfil",
        "Ivoorkust",
        "Elfenbenskusten",
    ],
)
def test_one_country_has_many_names(name: str) -> None:
    """What each language calls it, and what it called itself."""
    country = read_country(name)

    assert country is not None
    assert country.code == "CI"


@pytest.mark.parametrize(
    ("text", "code"), [("\u00c1o", "AT"), ("AO", "AO"), ("ao", "AO"), ("NGA", "NG"), ("B\u1ec9", "BE")]
)
def test_an_accent_and_a_code_tell_apart(text: str, code: str) -> None:
    """Vietnamese names of Austria and Belgium are the codes of Angola and Burundi without their accents."""
    country = read_country(text)

    assert country is not None
    assert country.code == code


@pytest.mark.parametrize("text", ["Nga", "NA", "na", "N.A."])
def test_a_code_that_says_something_else_as_often_is_refused(text: str) -> None:
    """Russia in Vietnamese or Nigeria; Namibia or "not available"."""
    assert read_country(text) is None


def test_people_of_a_territory_are_said_to_live_in_its_country() -> None:
    """A row of the USA may hold a number of Puerto Rico; one of Puerto Rico none of the mainland."""
    country, territory = read_country("USA"), read_country("PR")

    assert country is not None
    assert territory is not None
    assert {"US", "PR", "GU"} <= country.regions
    assert territory.regions == {"PR"}
