"""The zones a person could be in, from the number and from what the sheet says: always the tightest reading.

A number that may belong to several zones keeps all of them, and may be called when every one allows it.
"""

import tomllib
from collections.abc import Collection
from functools import cache
from importlib.resources import files

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneNumber,
    PhoneNumberType,
    is_number_type_geographical,
)
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.contacts.phones.fast_parser import of_library
from dialer.contacts.phones.number_kinds import region_and_type
from dialer.schedule.tz_database import is_same_zone

_AREA_DIGITS = 4
"""A North American area code with its country code: `1` and three digits."""

_PLACELESS = frozenset({PhoneNumberType.TOLL_FREE, PhoneNumberType.UNKNOWN})


def zones_of(phone: str, timezone: str | None, place: Collection[str] = ()) -> tuple[str, ...]:
    """Give the sorted IANA names of every zone that the person behind *phone* could be in.

    *phone* is a valid number in E.164 (`+` and digits), *timezone* a valid IANA name or `None`, *place* the zones of
    the state or the postal code (see `dialer.schedule.regions`).

    - An area code that spans zones counts as all of them, whatever its exchange (`area_codes.toml`).
    - A *timezone* among the zones of the *place* stands for them, and so do a timezone or a place whose zones are all
      among the number's, or aliases of them. What is not among them must be satisfied together with all of them;
      where the number has none it stands alone.
    - `()` means unknown: a toll-free or global number, or one that the phone library cannot place, without a
      *timezone* or a *place*. Nobody may be called then.

    Raises `ValueError` for text that is not a plus sign and digits.
    """
    if not (phone.startswith("+") and phone[1:].isdecimal() and phone.isascii()):
        raise ValueError("a number that is not in E.164")
    by_sheet = _narrowed((timezone,), tuple(sorted(place))) if timezone else tuple(sorted(place))
    return _narrowed(by_sheet, _zones_of_number(phone[1:]))


@cache
def _narrowed(precise: tuple[str, ...], coarse: tuple[str, ...]) -> tuple[str, ...]:
    if precise and all(any(is_same_zone(zone, other) for other in coarse) for zone in precise):
        return precise
    return tuple(sorted({*precise, *coarse}))


def _zones_of_number(digits: str) -> tuple[str, ...]:
    area = _zones_of_area(digits[:_AREA_DIGITS]) if digits.startswith("1") else _area_codes().get(digits[:3])
    return area or _zones_by_library(digits)


@cache
def _zones_of_area(code: str) -> tuple[str, ...]:
    """Give the zones of a North American area code, the same for all its numbers; none if it has no place.

    Without a row of ours it is the union over everything the library lists within the code: what it says of
    an exchange is what it says of the longest prefix it knows, and some codes lack the entry for the rest.
    """
    listed = _area_codes().get(code)
    if listed:
        return listed
    return tuple(sorted({zone for prefix, zones in TIMEZONE_DATA.items() if prefix.startswith(code) for zone in zones}))


def _zones_by_library(digits: str) -> tuple[str, ...]:
    """Answer as `phonenumbers.timezone` does: by prefix where digits tell the place, else by country."""
    number = _as_number(digits)
    _, kind = region_and_type(of_library(number))
    if kind in _PLACELESS:
        return ()
    country_code = number.country_code or 0
    return _longest_match(digits if is_number_type_geographical(kind, country_code) else str(country_code))


def _as_number(digits: str) -> PhoneNumber:
    """Take E.164 apart; twice as fast for a whole sheet as parsing a text that was parsed before."""
    length = next((n for n in (1, 2, 3) if int(digits[:n]) in COUNTRY_CODE_TO_REGION_CODE), 3)
    national = digits[length:]
    zeros = len(national) - len(national.lstrip("0"))
    return PhoneNumber(
        country_code=int(digits[:length]),
        national_number=int(national or "0"),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def _longest_match(digits: str) -> tuple[str, ...]:
    for length in range(len(digits), 0, -1):
        zones = TIMEZONE_DATA.get(digits[:length])
        if zones is not None:
            return tuple(sorted(zones))
    return ()


@cache
def _area_codes() -> dict[str, tuple[str, ...]]:
    content = tomllib.loads(files(__package__).joinpath("area_codes.toml").read_text("utf-8"))
    return {code: tuple(sorted(row["zones"])) for row in content["areas"] for code in row["codes"]}
