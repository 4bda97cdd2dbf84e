"""Finds the country that numbers written without their country are most likely of, to propose it. Pure."""

from collections import Counter
from collections.abc import Sequence

from dialer.contacts.phones.phone_cell import Phone, read_phone

REGIONS = """
    US CA GB IE AU NZ DE AT CH FR BE NL ES PT IT SE NO DK FI PL CZ GR TR IN SG JP BR MX AR CL CO ZA IL AE
"""
"""Countries that numbers without their country are tried as."""


def likely_region(numbers: Sequence[str]) -> str | None:
    """Return the country that more than half of *numbers* fit, the most of all; `None` where none does."""
    fits: Counter[str] = Counter()
    for candidate in REGIONS.split():
        read = [read_phone(number, region=candidate, allowed=(), column="") for number in numbers]
        fits[candidate] = sum(isinstance(phone, Phone) and phone.region == candidate for phone in read)
    guess, count = max(fits.items(), key=lambda item: item[1])
    return guess if count * 2 > len(numbers) else None
