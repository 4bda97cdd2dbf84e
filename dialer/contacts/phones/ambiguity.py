"""Finds whether the text of a phone cell can be read as more than one number: guessing between them rings a stranger.

Pure.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber

from dialer.contacts.phones.fast_parser import assignment, parse_digits

SEPARATORS = re.compile(r"[ ().\-\u00b7]")
"""What people write between the digits of one number."""

ONE_NUMBER = re.compile(r"\+?\d+")
_SECOND_NUMBER = re.compile(r"(?<=\d)\s+[0+]")
Mark = TypeVar("Mark")


def readings(dialled: str, region: str | None) -> list[PhoneNumber]:
    """List the distinct numbers that *dialled* (ASCII digits, perhaps after a `+`) may mean.

    `00` stands for `+` in most countries, yet some dial another prefix and give `00` another meaning; so
    where the region is known, both readings count.
    """
    number = None if region is None and not dialled.startswith("+") else parse_digits(dialled, region)
    numbers = [] if number is None else [number]
    if dialled.startswith("00"):
        abroad = parse_digits("+" + dialled[2:], None)
        if abroad is not None and abroad not in numbers:
            numbers.insert(0, abroad)
    return numbers


def holds_two(text: str, region: str | None, accept: Callable[[PhoneNumber], Mark | None]) -> bool:
    """Tell whether a blank parts *text* into two whole numbers, the second with a prefix of its own."""
    for gap in _SECOND_NUMBER.finditer(text):
        halves = (text[gap.end() - 1 :], text[: gap.start()])
        if all(_is_number(SEPARATORS.sub("", half), region, accept) for half in halves):
            return True
    return False


def _is_number(dialled: str, region: str | None, accept: Callable[[PhoneNumber], Mark | None]) -> bool:
    if not ONE_NUMBER.fullmatch(dialled) or (not dialled.startswith("+") and len(dialled) < _fewest_digits(region)):
        return False
    number = parse_digits(dialled, region)
    return number is not None and accept(number) is not None


@cache
def _fewest_digits(region: str | None) -> int:
    """Give the fewest digits of a whole number of *region*: the second half of most gaps has not even these."""
    metadata = None if region is None else PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.general_desc is None or metadata.national_prefix_transform_rule is not None:
        return 0  # such a rule may put an area code before the digits
    return min(metadata.general_desc.possible_length, default=0)


def is_foreign_too(text: str, country: str, allowed: tuple[str, ...]) -> bool:
    """Tell whether digits without `+` would, with it, be a number of another country of *allowed*."""
    digits = text.strip()
    if not digits.startswith(_foreign_codes(country, allowed)) or not digits.isdecimal():
        return False
    number = parse_digits(f"+{digits}", None)
    assigned = None if number is None else assignment(number)
    return assigned is not None and assigned[0] != country and assigned[0] in allowed


@cache
def _foreign_codes(country: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(phonenumbers.country_code_for_region(other)) for other in allowed if other != country)
