"""Classifies numbers exactly as `phonenumbers` does, in a fifth of its time. Pure.

By hand, because its `number_type` and `region_code_for_number` each go through the same patterns, and a million rows
have to be judged. The patterns are the library's own.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberDesc,
    PhoneNumberFormat,
    PhoneNumberType,
)

from dialer.contacts.phones.fast_parser import Number

CALLABLE_TYPES = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
"""The number types that reach one person at an ordinary price. Every other type is refused."""

Matcher = Callable[[str], object]
"""Gives something true for the national numbers that it is for."""

_LONGEST_SHORT = 6
"""Digits of the longest number for emergencies and services that is looked for."""


def region_and_type(number: Number) -> tuple[str | None, int]:
    """Return what `region_code_for_number` and `number_type` give, in one go."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(number.country_code)
    if regions is None:
        return None, PhoneNumberType.UNKNOWN
    country_code, national = number
    if len(regions) == 1:
        return regions[0], _type_in(national, country_code, regions[0])
    for region in regions:
        leading = _leading_digits(region)
        if leading is None:
            kind = _type_in(national, country_code, region)
            if kind != PhoneNumberType.UNKNOWN:
                return region, kind
        elif leading(national):
            return region, _type_in(national, country_code, region)
    return None, PhoneNumberType.UNKNOWN


def assignment(number: Number) -> tuple[str | None, int] | None:
    """Return the country and the type of a valid number: the type is known exactly when the number is valid."""
    country, kind = region_and_type(number)
    return None if kind == PhoneNumberType.UNKNOWN else (country, kind)


def is_complete(number: Number) -> bool:
    """Return whether a number is as long as a whole one of its country, area code included."""
    result = phonenumbers.is_possible_number_with_reason(_of_library(number))
    return result == phonenumbers.ValidationResult.IS_POSSIBLE


def is_short(number: Number) -> bool:
    """Return whether a number is one of few digits that a country keeps for emergencies and services."""
    return len(number.national) <= _LONGEST_SHORT and phonenumbers.is_valid_short_number(_of_library(number))


def national_groups(number: Number) -> list[str]:
    """Return the groups of digits that people of its country write a number in, a prefix that they dial among them."""
    return re.findall(r"\d+", phonenumbers.format_number(_of_library(number), PhoneNumberFormat.NATIONAL))


@cache
def writes_prefix(country_code: int) -> bool:
    """Return whether people of a country write the prefix that they dial before any of its numbers."""
    region = phonenumbers.region_code_for_country_code(country_code)
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    return metadata is not None and any(rule.national_prefix_formatting_rule for rule in metadata.number_format)


def _of_library(number: Number) -> PhoneNumber:
    national = number.national
    zeros = len(national) - len(national.lstrip("0"))
    return PhoneNumber(
        country_code=number.country_code,
        national_number=int(national or "0"),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


@cache
def _leading_digits(region: str) -> Matcher | None:
    metadata = PhoneMetadata.metadata_for_region(region)
    digits = None if metadata is None else metadata.leading_digits
    return None if digits is None else re.compile(digits).match


class _Patterns(NamedTuple):
    """The patterns of one region's numbers, in the order in which the library asks them."""

    every: Matcher
    any_special: Matcher
    special: tuple[tuple[Matcher, int], ...]
    fixed: Matcher
    mobile: Matcher
    mobile_is_fixed: bool


def _type_in(national: str, country_code: int, region: str) -> int:
    patterns = _patterns(country_code, region)
    if patterns is None or not patterns.every(national):
        return PhoneNumberType.UNKNOWN
    if patterns.any_special(national):
        for matches, kind in patterns.special:
            if matches(national):
                return kind
    if patterns.fixed(national):
        is_both = patterns.mobile_is_fixed or patterns.mobile(national)
        return PhoneNumberType.FIXED_LINE_OR_MOBILE if is_both else PhoneNumberType.FIXED_LINE
    if not patterns.mobile_is_fixed and patterns.mobile(national):
        return PhoneNumberType.MOBILE
    return PhoneNumberType.UNKNOWN


@cache
def _patterns(country_code: int, region: str) -> _Patterns | None:
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    if metadata is None:
        return None
    special = (
        (metadata.premium_rate, PhoneNumberType.PREMIUM_RATE),
        (metadata.toll_free, PhoneNumberType.TOLL_FREE),
        (metadata.shared_cost, PhoneNumberType.SHARED_COST),
        (metadata.voip, PhoneNumberType.VOIP),
        (metadata.personal_number, PhoneNumberType.PERSONAL_NUMBER),
        (metadata.pager, PhoneNumberType.PAGER),
        (metadata.uan, PhoneNumberType.UAN),
        (metadata.voicemail, PhoneNumberType.VOICEMAIL),
    )
    texts = [desc.national_number_pattern for desc, _ in special if desc is not None and desc.national_number_pattern]
    return _Patterns(
        every=_matcher(metadata.general_desc) or _never,
        # All at once first, whatever the length: few numbers are special, and each would be asked eight times.
        any_special=re.compile("|".join(f"(?:{text})" for text in texts)).fullmatch if texts else _never,
        special=tuple((matches, kind) for desc, kind in special if (matches := _matcher(desc)) is not None),
        fixed=_matcher(metadata.fixed_line) or _never,
        mobile=_matcher(metadata.mobile) or _never,
        mobile_is_fixed=bool(metadata.same_mobile_and_fixed_line_pattern),
    )


def _matcher(desc: PhoneNumberDesc | None) -> Matcher | None:
    """Return a test of a national number's length and pattern; `None` where the region has no such numbers."""
    pattern = None if desc is None else desc.national_number_pattern
    if desc is None or not pattern:
        return None
    fits = re.compile(pattern).fullmatch
    lengths = frozenset(desc.possible_length)
    return (lambda national: len(national) in lengths and fits(national)) if lengths else fits


def _never(_national: str) -> bool:
    return False
