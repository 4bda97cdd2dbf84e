"""Parses numbers exactly as `phonenumbers` does, in a fifth of its time. Pure.

By hand, and not by the library alone, because of its speed on a million rows: its `parse` looks for letters,
extensions and prefixes in a text that holds digits alone. What is decided here is decided by the library's own data,
and whatever is not plain is left to its own `parse`.
"""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumber

_SHORTEST_PLAIN, _LONGEST_PLAIN = 5, 15
"""Digits after the country code for which the library's checks of length say nothing (it refuses over 17)."""

_LONGEST_CODE = 3
"""Digits of the longest country code."""


class Number(NamedTuple):
    """A number by its country code and its national number, digits that keep every zero before them."""

    country_code: int
    national: str

    @property
    def e164(self) -> str:
        """The number as it is sent: `+` and digits."""
        return f"+{self.country_code}{self.national}"


class Dialling(NamedTuple):
    """How numbers of a region are dialled: its country code, and what may stand before the national number.

    `prefix` and `transform` are the prefix of calls within the country, and what takes its place, where anything does;
    `exit` is the prefix of calls abroad.
    """

    country_code: int
    prefix: re.Pattern[str] | None
    transform: str | None
    exit: re.Pattern[str] | None


def parse_digits(dialled: str, region: str | None) -> Number | None:
    """Parse ASCII digits with or without a leading `+`; without one they are read as dialled in *region*.

    Gives what `phonenumbers.parse` gives, and `None` where it raises.
    """
    plain = plain_number(dialled, region)
    if plain is not None:
        return plain
    try:
        return of_library(phonenumbers.parse(dialled, region))
    except phonenumbers.NumberParseException:
        return None


def of_library(number: PhoneNumber) -> Number:
    """Return a number of the library as one of ours."""
    return Number(number.country_code or 0, phonenumbers.national_significant_number(number))


def plain_number(dialled: str, region: str | None) -> Number | None:
    """Parse digits that can be read in one way alone: with no prefix that anybody would take off."""
    return _plain_international(dialled) if dialled.startswith("+") else _plain_national(dialled, region)


def split_code(digits: str) -> Number | None:
    """Part *digits*, as they follow a `+`, into a country code and all the rest; `None` where no country has it."""
    for length in range(1, _LONGEST_CODE + 1):
        country_code = int(digits[:length] or "0")
        if country_code in COUNTRY_CODE_TO_REGION_CODE:
            return Number(country_code, digits[length:]) if digits[0] != "0" else None
    return None


def without_national_prefix(dialled: str, dialling: Dialling) -> str:
    """Take off *dialled* the prefix of calls within the country, and do with the rest what the region's rule says.

    The rule puts the area code before a local number, or a mobile's mark before its area code.
    """
    found = None if dialling.prefix is None else dialling.prefix.match(dialled)
    if found is None:
        return dialled
    rule, rest = dialling.transform, dialled[found.end() :]
    if rule is None or not found.lastindex or found[found.re.groups] is None:
        return rest
    return found.expand(rule) + rest


def _plain_international(dialled: str) -> Number | None:
    number = split_code(dialled[1:])
    return number if number is not None and _is_plain(number.national, _dialling(number.country_code)) else None


def _plain_national(dialled: str, region: str | None) -> Number | None:
    dialling = None if region is None else dialling_in(region)
    if dialling is None or dialled.startswith(str(dialling.country_code)) or not _is_plain(dialled, dialling):
        return None
    if dialling.exit is not None and dialling.exit.match(dialled):
        return None
    return Number(dialling.country_code, dialled)


def _is_plain(national: str, dialling: Dialling | None) -> bool:
    """Return whether the library would leave the national number as it is: no zero and no prefix before it."""
    return (
        dialling is not None
        and _SHORTEST_PLAIN <= len(national) <= _LONGEST_PLAIN
        and national[0] != "0"
        and (dialling.prefix is None or not dialling.prefix.match(national))
    )


@cache
def _dialling(country_code: int) -> Dialling | None:
    region = phonenumbers.region_code_for_country_code(country_code)
    return _dialling_of(PhoneMetadata.metadata_for_region_or_calling_code(country_code, region))


@cache
def dialling_in(region: str) -> Dialling | None:
    """Return how numbers of *region* are dialled; `None` for a region that the library does not know."""
    return _dialling_of(PhoneMetadata.metadata_for_region(region))


def _dialling_of(metadata: PhoneMetadata | None) -> Dialling | None:
    if metadata is None or metadata.country_code is None:
        return None
    prefix, international = metadata.national_prefix_for_parsing, metadata.international_prefix
    return Dialling(
        metadata.country_code,
        re.compile(prefix) if prefix else None,
        metadata.national_prefix_transform_rule,
        re.compile(international) if international else None,
    )
