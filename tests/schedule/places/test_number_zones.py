"""The zones of numbers outside North America, held against `zone.tab` and lists that the product was not made from.

Run again whenever `tzdata` or `phonenumbers` changes: every prefix that the library knows is asked.
"""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import phonenumbers
import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumberType
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.places.zones import zones_of
from tests.schedule.world import clocks, expected, listed_prefixes, zone_tab

ROWS: list[dict[str, Any]] = tomllib.loads(
    files("dialer.schedule.places").joinpath("number_prefixes.toml").read_text("utf-8")
)["prefixes"]
NANP = 1
GEOGRAPHIC = {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
AREA = 5
"""Digits of a country code with an area code."""

WIDE = ("52", "55", "61", "62", "7")
"""Countries with several clocks whose prefixes we list: there the towns of the geocoder are asked too."""

TOWNS = {prefix for prefix in GEOCODE_DATA if prefix.startswith(WIDE) and len(prefix) <= AREA}
ABROAD = sorted({prefix for prefix in {*TIMEZONE_DATA, *TOWNS, *listed_prefixes()} if not prefix.startswith(str(NANP))})
KINDS = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.UAN,
    PhoneNumberType.SHARED_COST,
)


@cache
def lengths(country_code: int) -> tuple[int, ...]:
    """Return how long a number of the country code may be, without the code."""
    found: set[int] = set()
    for region in COUNTRY_CODE_TO_REGION_CODE[country_code]:
        metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
        general = None if metadata is None else metadata.general_desc
        found |= set(() if general is None else general.possible_length)
    return tuple(sorted(found, reverse=True))


def number_within(prefix: str) -> phonenumbers.PhoneNumber | None:
    """Return a number with a place that begins with *prefix*, or None where no such number is valid."""
    code = next(n for n in (1, 2, 3) if int(prefix[:n]) in COUNTRY_CODE_TO_REGION_CODE)
    for length in lengths(int(prefix[:code])):
        missing = length + code - len(prefix)
        for filler in ("2", "3", "5", "20", "4", "1", "6", "9", "7", "0", "8"):
            digits = prefix + (filler * 15)[: max(missing, 0)]
            number = phonenumbers.PhoneNumber(country_code=int(digits[:code]), national_number=int(digits[code:] or 0))
            if (
                missing >= 0
                and phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == f"+{digits}"
                and phonenumbers.number_type(number) in GEOGRAPHIC
            ):
                return number
    return None


@pytest.mark.slow
def test_every_prefix_has_the_clocks_that_zone_tab_gives_its_country() -> None:
    """No prefix of any country is told an hour that is not listed with its reason, and none is missing one."""
    wrong, asked = [], 0
    for prefix in ABROAD:
        number = number_within(prefix)
        if number is None:
            continue
        asked += 1
        phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        country = phonenumbers.region_code_for_number(number) or ""
        if clocks(zones_of(phone, None)) != clocks(expected(phone[1:], country)):
            wrong.append((prefix, country, zones_of(phone, None), sorted(expected(phone[1:], country))))

    assert wrong == []
    assert asked > 1_000


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_kind_of_number_has_the_clocks_of_its_country(region: str) -> None:
    """Fixed lines, mobiles and numbers without an area: only a listed prefix is narrower than the country."""
    for kind in KINDS:
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None or number.country_code == NANP:
            continue
        phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        has_prefix = phonenumbers.number_type(number) in GEOGRAPHIC
        country = phonenumbers.region_code_for_number(number) or ""

        assert clocks(zones_of(phone, None)) == clocks(
            expected(phone[1:], country) if has_prefix else zone_tab().get(country, {"Atlantic/St_Helena"})
        )


@pytest.mark.parametrize(
    ("phone", "clock"),
    [
        ("+5581982345678", "America/Recife"),
        ("+5591982345678", "America/Belem"),
        ("+5593982345678", "America/Santarem"),
        ("+5594982345678", "America/Belem"),
        ("+5597982345678", "America/Eirunepe"),
        ("+56221234567", "America/Punta_Arenas"),
        ("+56221234567", "America/Coyhaique"),
        ("+56221234567", "Pacific/Easter"),
        ("+6281234567890", "Asia/Makassar"),
        ("+6281234567890", "Asia/Jayapura"),
        ("+526142345678", "America/Chihuahua"),
        ("+526562345678", "America/Ciudad_Juarez"),
        ("+528682345678", "America/Matamoros"),
        ("+212612345678", "Africa/Casablanca"),
        ("+213612345678", "Africa/Algiers"),
        ("+67570123456", "Pacific/Bougainville"),
        ("+78452123456", "Europe/Saratov"),
        ("+299221234", "America/Danmarkshavn"),
        ("+68940412345", "Pacific/Marquesas"),
    ],
)
def test_a_place_that_was_once_forgotten_counts(phone: str, clock: str) -> None:
    """Cities that were rung an hour or more outside their day are in the zones of their numbers."""
    assert clocks([clock]) <= clocks(zones_of(phone, None))


@pytest.mark.parametrize(
    ("phone", "clock"),
    [
        ("+526142345678", "America/Mazatlan"),
        ("+78452123456", "Europe/Moscow"),
        ("+212612345678", "Atlantic/Canary"),
        ("+213612345678", "Europe/Paris"),
        ("+5511982345678", "America/Manaus"),
    ],
)
def test_a_clock_of_elsewhere_narrows_no_day(phone: str, clock: str) -> None:
    """What the phone library says of another place or another year is not taken over."""
    assert not clocks([clock]) & clocks(zones_of(phone, None))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["prefixes"].split()[0]))
def test_every_row_says_why_whence_and_when(row: dict[str, Any]) -> None:
    """A prefix that is narrower than its country has a reason, a source, the day it was read, and real zones."""
    for zone in row["zones"]:
        load_zone(zone)
    assert set(row) == {"prefixes", "zones", "because", "source", "read"}
    assert row["because"].endswith(".")
    assert row["source"]
    assert isinstance(row["read"], date)


def test_a_prefix_stands_in_one_row() -> None:
    """No prefix is listed twice with two truths."""
    listed = [prefix for row in ROWS for prefix in row["prefixes"].split()]
    assert len(set(listed)) == len(listed)
