"""Finds whether the text of a phone cell may mean two numbers: guessing between them rings a stranger. Pure."""

import re
from collections.abc import Callable
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from dialer.contacts.phones.cell_text import ONE_NUMBER, SEPARATORS, plain_text
from dialer.contacts.phones.fast_parser import Number, parse_digits, split_code
from dialer.contacts.phones.number_kinds import CALLABLE_TYPES, assignment, national_groups, writes_prefix

_SECOND_NUMBER = re.compile(r"(?<=\d)(?:\s+(?=[0+])|\s*/\s*)")


def two_numbers(text: str, region: str | None, is_taken: Callable[[Number], bool]) -> tuple[str, str] | None:
    """Return the digits of the two whole numbers that *text* may hold, parted by a slash, or by a blank and a prefix.

    *is_taken* tells of a number whether it is one that counts.
    """
    if "/" not in text and " 0" not in text and " +" not in text:
        return None  # the usual case, at once: no other white space than a blank stands within one number
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


_GROUP = re.compile(r"\d+")
_CODES = frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))


def lost_plus(text: str, number: Number) -> Number | None:
    """Return the number of another country that *text* would be with a `+`, where it is as likely to be meant.

    *number* is what the digits are without one. They are as likely a number abroad where they are parted behind its
    country code and not as people of *number*'s country part them (`43 664 1234567` in Germany), and, unparted, where
    these would write a prefix that is missing (`436641234567`).
    """
    if text.startswith(("0", "+")) or (text == number.national and not writes_prefix(number.country_code)):
        return None  # the usual cases, at once
    groups = _GROUP.findall(text if text.isascii() else plain_text(text))
    if len(groups) > 1 and groups[0] not in _CODES:
        return None
    abroad = split_code("".join(groups))
    found = None if abroad is None or abroad.country_code == number.country_code else assignment(abroad)
    if abroad is None or found is None or found[1] not in CALLABLE_TYPES:
        return None
    own = national_groups(number)
    missing = max(0, len("".join(own)) - len("".join(groups)))
    if len(groups) == 1:
        return abroad if missing else None
    return abroad if groups != [group for group in (own[0][missing:], *own[1:]) if group] else None
