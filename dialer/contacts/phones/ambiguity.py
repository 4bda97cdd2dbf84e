"""Finds whether the text of a phone cell holds two numbers: guessing between them rings a stranger. Pure."""

import re
from collections.abc import Callable
from functools import cache

from phonenumbers import PhoneMetadata

from dialer.contacts.phones.cell_text import ONE_NUMBER, SEPARATORS
from dialer.contacts.phones.fast_parser import Number, parse_digits

_SECOND_NUMBER = re.compile(r"(?<=\d)(?:\s+(?=[0+])|\s*/\s*)")


def two_numbers(text: str, region: str | None, is_taken: Callable[[Number], bool]) -> tuple[str, str] | None:
    """Return the digits of the two whole numbers that *text* may hold, parted by a slash, or by a blank and a prefix.

    *is_taken* tells of a number whether it is one that counts.
    """
    for gap in _SECOND_NUMBER.finditer(text):
        second, first = SEPARATORS.sub("", text[gap.end() :]), SEPARATORS.sub("", text[: gap.start()])
        if _is_number(second, region, is_taken) and _is_number(first, region, is_taken):
            return first, second
    return None


def _is_number(dialled: str, region: str | None, is_taken: Callable[[Number], bool]) -> bool:
    if not ONE_NUMBER.fullmatch(dialled) or (not dialled.startswith("+") and len(dialled) < _fewest_digits(region)):
        return False
    number = parse_digits(dialled, region)
    return number is not None and is_taken(number)


@cache
def _fewest_digits(region: str | None) -> int:
    """Return the fewest digits of a whole number of *region*: the second half of most gaps has not even these."""
    metadata = None if region is None else PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.general_desc is None or metadata.national_prefix_transform_rule is not None:
        return 0  # such a rule may put an area code before the digits
    return min(metadata.general_desc.possible_length, default=0)
