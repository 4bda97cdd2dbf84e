"""Zone rules come from the package and are found under every name."""

import zoneinfo
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from dialer.schedule.places.tz_database import countries_of_zone, is_same_zone, load_zone, zones_of_country


def test_the_package_wins_over_the_machine(tmp_path: Path) -> None:
    """A machine whose own zone files are wrong does not shift a single call."""
    wrong = files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes()
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "Vancouver").write_bytes(wrong)
    zoneinfo.reset_tzpath(to=[tmp_path])
    load_zone.cache_clear()
    try:
        offset = datetime(2026, 12, 1, tzinfo=load_zone("America/Vancouver")).utcoffset()
    finally:
        zoneinfo.reset_tzpath()
        load_zone.cache_clear()

    assert offset in {timedelta(hours=-7), timedelta(hours=-8)}


def test_a_name_only_the_machine_knows_is_still_found(tmp_path: Path) -> None:
    """A zone younger than the package is taken from the machine."""
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Newtown").write_bytes(files("tzdata").joinpath("zoneinfo", "Europe", "Paris").read_bytes())
    zoneinfo.reset_tzpath(to=[tmp_path])
    try:
        offset = datetime(2026, 12, 1, tzinfo=load_zone("Europe/Newtown")).utcoffset()
    finally:
        zoneinfo.reset_tzpath()
        load_zone.cache_clear()

    assert offset == timedelta(hours=1)


@pytest.mark.parametrize("name", ["America/Nowhere", "", ".", "America", "../tzdata/zones", "/etc/localtime"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    """An unknown zone, a folder and a path are errors: never a default, never a file elsewhere."""
    with pytest.raises(zoneinfo.ZoneInfoNotFoundError):
        load_zone(name)


def test_a_zone_knows_its_own_name() -> None:
    """A loaded zone carries the name it was asked for."""
    assert load_zone("America/Indiana/Knox").key == "America/Indiana/Knox"


def test_an_alias_is_the_same_zone() -> None:
    """`US/Central` means `America/Chicago`."""
    assert is_same_zone("US/Central", "America/Chicago")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("America/Chicago", "America/Denver"),
        ("America/New_York", "America/Detroit"),  # the same time today, and each free to change
        ("America/Chicago", "America/Nowhere"),
    ],
)
def test_other_zones_are_not_the_same(name: str, other: str) -> None:
    """Only names of one zone are taken for each other."""
    assert not is_same_zone(name, other)


@pytest.mark.parametrize(
    ("country", "zones"),
    [
        ("AU", 12),  # counted in zone.tab by eye, tzdata 2026f
        ("BR", 16),
        ("CL", 4),
        ("MX", 12),
        ("NO", 1),
        ("ZZ", 0),
    ],
)
def test_a_country_has_all_its_zones(country: str, zones: int) -> None:
    """Every zone of a country is known, also where another country keeps the same time."""
    assert len(zones_of_country(country)) >= zones
    assert bool(zones_of_country(country)) == bool(zones)


@pytest.mark.parametrize(
    ("name", "countries"),
    [
        ("Europe/Paris", {"FR"}),
        ("Asia/Dubai", {"AE"}),
        ("Asia/Calcutta", {"IN"}),  # an alias
        ("US/Pacific", {"US"}),
        ("Europe/Belfast", {"GB", "GG", "IM", "JE"}),
        ("Etc/UTC", set()),
    ],
)
def test_a_zone_tells_its_countries(name: str, countries: set[str]) -> None:
    """A zone belongs to the country it is named for; an alias to those of the zone it stands for."""
    assert countries_of_zone(name) == countries
