"""Our short way to a number and its kind gives exactly what the phone library gives."""

from collections.abc import Iterator

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneNumber, PhoneNumberType

from dialer.contacts.phones.fast_parser import of_library, parse_digits
from dialer.contacts.phones.number_kinds import region_and_type

TYPES = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]
CODES = sorted(COUNTRY_CODE_TO_REGION_CODE)


def _by_library(dialled: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None


def _examples(region: str) -> Iterator[PhoneNumber]:
    for kind in TYPES:
        example = phonenumbers.example_number_for_type(region, kind)
        if example is not None:
            yield example


def _assert_same(dialled: str, region: str | None) -> None:
    number, expected = parse_digits(dialled, region), _by_library(dialled, region)
    assert number == (None if expected is None else of_library(expected)), (dialled, region)
    if expected is not None:
        assert region_and_type(of_library(expected)) == (
            phonenumbers.region_code_for_number(expected),
            phonenumbers.number_type(expected),
        ), (dialled, region)


@pytest.mark.slow
@pytest.mark.parametrize("digits", range(10))
def test_numbers_of_every_region_and_type_are_read_as_the_library_reads_them(digits: int) -> None:
    """The library's example of each type, and its neighbours in the last places, in every way of writing them."""
    for region in sorted(SUPPORTED_REGIONS)[digits::10]:
        for example in _examples(region):
            national = phonenumbers.national_significant_number(example)
            for last in ("", "0", "7", "99"):
                changed = national[: len(national) - len(last)] + last
                _assert_same(f"+{example.country_code}{changed}", None)
                _assert_same(changed, region)
                _assert_same("0" + changed, region)
                _assert_same(f"{example.country_code}{changed}", region)


def test_numbers_of_no_country_are_read_as_the_library_reads_them() -> None:
    """Satellite and other numbers without a country are told by their own codes."""
    for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS:
        example = phonenumbers.example_number_for_non_geo_entity(code)
        if example is not None:
            _assert_same(f"+{code}{phonenumbers.national_significant_number(example)}", None)


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(
    code=st.sampled_from(CODES),
    digits=st.text("0123456789", max_size=18),
    region=st.sampled_from([None, *sorted(SUPPORTED_REGIONS)]),
)
def test_any_digits_are_read_as_the_library_reads_them(code: int, digits: str, region: str | None) -> None:
    """Whatever the digits, with a country code or without, both say the same, or both refuse."""
    _assert_same(f"+{code}{digits}", region)
    _assert_same(f"+{digits}", region)
    _assert_same(digits, region)


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(st.text("0123456789", min_size=10, max_size=10), st.sampled_from(["US", "CA", "DO", "GB", "KZ", "DE", "AU"]))
def test_national_numbers_of_shared_codes_are_read_as_the_library_reads_them(digits: str, region: str) -> None:
    """Where several countries share a code, the same one is told."""
    _assert_same(digits, region)
