"""Parses and classifies numbers exactly as `phonenumbers` does, in a fifth of its time. Pure.

By hand, and not by the library alone, because of its speed on a million rows: its `parse` looks for letters,
extensions and prefixes in a text that holds digits alone, and `number_type` and `region_code_for_number` each go
through the same patterns. What is decided here is decided by the library's own data; whatever is not plain is left to
its own `parse`; and `tests/contacts/test_numbering.py` holds both to the same answers over its example numbers of every
region and type, and over random digits.
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
    PhoneNumberType,
    national_significant_number,
)

_SHORTEST_PLAIN, _LONGEST_PLAIN = 5, 15
"""Digits after the country code for which the library's checks of length say nothing (it refuses over 17)."""

_Matcher = Callable[[str], object]


class _Dialling(NamedTuple):
    """How numbers of a region are dialled: its country code, and what may stand before the national number."""

    country_code: int
    prefix: _Matcher | None
    international_prefix: _Matcher | None


def parse_digits(dialled: str, region: str | None) -> PhoneNumber | None:
    """Parse ASCII digits with or without a leading `+`; without one they are read as dialled in *region*.

    Gives what `phonenumbers.parse` gives, and `None` where it raises.
    """
    plain = _plain_international(dialled) if dialled.startswith("+") else _plain_national(dialled, region)
    if plain is not None:
        return plain
    try:
        return phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None


def region_and_type(number: PhoneNumber) -> tuple[str | None, int]:
    """Give what `region_code_for_number` and `number_type` give, in one go."""
    country_code = number.country_code or 0
    regions = COUNTRY_CODE_TO_REGION_CODE.get(country_code)
    if regions is None:
        return None, PhoneNumberType.UNKNOWN
    national = national_significant_number(number)
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


def assignment(number: PhoneNumber) -> tuple[str | None, int] | None:
    """Give the country and the type of a valid number: the type is known exactly when the number is valid."""
    country, kind = region_and_type(number)
    return None if kind == PhoneNumberType.UNKNOWN else (country, kind)


def _plain_international(dialled: str) -> PhoneNumber | None:
    digits = dialled[1:]
    for length in (1, 2, 3):
        country_code = int(digits[:length] or "0")
        if country_code in COUNTRY_CODE_TO_REGION_CODE:
            break
    else:
        return None
    national = digits[length:]
    dialling = _dialling(country_code)
    return _number(country_code, national) if _is_plain(national, dialling) and digits[0] != "0" else None


def _plain_national(dialled: str, region: str | None) -> PhoneNumber | None:
    dialling = None if region is None else _dialling_in(region)
    if dialling is None or dialled.startswith(str(dialling.country_code)) or not _is_plain(dialled, dialling):
        return None
    if dialling.international_prefix is not None and dialling.international_prefix(dialled):
        return None
    return _number(dialling.country_code, dialled)


def _is_plain(national: str, dialling: _Dialling | None) -> bool:
    """Tell whether the library would leave the national number as it is: no zero and no prefix before it."""
    return (
        dialling is not None
        and _SHORTEST_PLAIN <= len(national) <= _LONGEST_PLAIN
        and national[0] != "0"
        and (dialling.prefix is None or not dialling.prefix(national))
    )


def _number(country_code: int, national: str) -> PhoneNumber:
    return PhoneNumber(country_code=country_code, national_number=int(national))


@cache
def _dialling(country_code: int) -> _Dialling | None:
    region = phonenumbers.region_code_for_country_code(country_code)
    return _dialling_of(PhoneMetadata.metadata_for_region_or_calling_code(country_code, region))


@cache
def _dialling_in(region: str) -> _Dialling | None:
    return _dialling_of(PhoneMetadata.metadata_for_region(region))


def _dialling_of(metadata: PhoneMetadata | None) -> _Dialling | None:
    if metadata is None or metadata.country_code is None:
        return None
    prefix, international = metadata.national_prefix_for_parsing, metadata.international_prefix
    return _Dialling(
        metadata.country_code,
        re.compile(prefix).match if prefix else None,
        re.compile(international).match if international else None,
    )


@cache
def _leading_digits(region: str) -> _Matcher | None:
    metadata = PhoneMetadata.metadata_for_region(region)
    digits = None if metadata is None else metadata.leading_digits
    return None if digits is None else re.compile(digits).match


class _Patterns(NamedTuple):
    """The patterns of one region's numbers, in the order in which the library asks them."""

    every: _Matcher
    any_special: _Matcher
    special: tuple[tuple[_Matcher, int], ...]
    fixed: _Matcher
    mobile: _Matcher
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


def _matcher(desc: PhoneNumberDesc | None) -> _Matcher | None:
    """Give a test of a national number's length and pattern; `None` where the region has no such numbers."""
    pattern = None if desc is None else desc.national_number_pattern
    if desc is None or not pattern:
        return None
    fits = re.compile(pattern).fullmatch
    lengths = frozenset(desc.possible_length)
    return (lambda national: len(national) in lengths and fits(national)) if lengths else fits


def _never(_national: str) -> bool:
    return False
