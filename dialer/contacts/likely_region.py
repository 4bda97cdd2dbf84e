"""Finds the country that numbers written without their country are most likely of, to propose it. Pure."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from dialer.contacts.phones.phone_cell import Phone, read_phone

REGIONS = """
    US CA GB IE AU NZ DE AT CH FR BE NL ES PT IT SE NO DK FI PL CZ GR TR IN SG JP BR MX AR CL CO ZA IL AE
"""
"""Countries that numbers without their country are tried as."""
_BY_SCRIPT = (
    ("HIRAGANA", "JP"),
    ("KATAKANA", "JP"),
    ("HANGUL", "KR"),
    ("CJK", "CN TW HK JP SG"),
    ("CYRILLIC", "RU UA KZ BG RS BY"),
    ("ARABIC", "SA AE EG IQ JO KW LB MA DZ TN OM QA BH IR PK"),
    ("HEBREW", "IL"),
    ("GREEK", "GR CY"),
    ("THAI", "TH"),
    ("DEVANAGARI", "IN NP"),
)
"""Countries where the headers of a sheet are written so, by how Unicode begins the names of the letters."""


def likely_region(numbers: Sequence[str], header: Sequence[str] = ()) -> str | None:
    """Return the country that more than half of *numbers* fit, the most of all; `None` where none does.

    A script of the *header* that few countries use says more than numbers, which fit many.
    """
    names = {unicodedata.name(letter, "").partition(" ")[0] for text in header for letter in text if letter.isalpha()}
    regions = next((countries for script, countries in _BY_SCRIPT if script in names), REGIONS)
    fits: Counter[str] = Counter()
    for candidate in regions.split():
        read = [read_phone(number, region=candidate, allowed=(), column="") for number in numbers]
        fits[candidate] = sum(isinstance(phone, Phone) and phone.region == candidate for phone in read)
    guess, count = max(fits.items(), key=lambda item: item[1])
    return guess if count * 2 > len(numbers) else None
