"""The zones a person could be in, from the number and from what the sheet says: always the tightest reading.

A number that may belong to several zones keeps all of them, and may be called when every one allows it.
"""

import re
import tomllib
from collections.abc import Collection
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberType
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.contacts.phones.fast_parser import split_code
from dialer.contacts.phones.number_kinds import region_and_type
from dialer.schedule.places.tz_database import is_same_zone, zones_of_country

_AREA_DIGITS = 4
"""A North American area code with its country code: `1` and three digits."""

_PLACELESS = frozenset({PhoneNumberType.TOLL_FREE, PhoneNumberType.UNKNOWN})
_WITH_PREFIX = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def zones_of(phone: str, timezone: str | None, place: Collection[str] = ()) -> tuple[str, ...]:
    """Return the sorted IANA names of every zone that the person behind *phone* could be in.

    *phone* is a valid number in E.164 (`+` and digits), *timezone* a valid IANA name or `None`, *place* the zones of
    the state or the postal code (see `dialer.schedule.places.regions`).

    - A number is in every zone of its country (`zone.tab`), unless its prefix tells more: a North American area code
      (`area_codes.toml`, and the phone library's data, checked against the numbering plan's own list) or a prefix of
      `number_prefixes.toml`. A code that spans zones counts as all of them, whatever its exchange.
    - A *timezone* among the zones of the *place* stands for them, and so do a timezone or a place whose zones are all
      among the number's, or aliases of them. What is not among them must be satisfied together with all of them;
      where the number has none it stands alone.
    - `()` means unknown: a toll-free or global number, or one that nobody can place, without a *timezone* or a
      *place*. Nobody may be called then.

    Raises `ValueError` for text that is not a plus sign and digits.
    """
    return combined(zones_of_number(phone), timezone, place)


def combined(number: tuple[str, ...], timezone: str | None, place: Collection[str]) -> tuple[str, ...]:
    """Return the zones of *number* narrowed or widened by the sheet's *timezone* and *place*; see `zones_of`."""
    by_sheet = _narrowed((timezone,), tuple(sorted(place))) if timezone else tuple(sorted(place))
    return _narrowed(by_sheet, number)


def zones_of_number(phone: str) -> tuple[str, ...]:
    """Return the zones that the number alone allows; see `zones_of`."""
    if not (phone.startswith("+") and phone[1:].isdecimal() and phone.isascii()):
        raise ValueError("a number that is not in E.164")
    digits = phone[1:]
    if digits.startswith("1"):
        zones = _zones_of_area(digits[:_AREA_DIGITS])
        if zones:
            return zones
    number = split_code(digits)
    region, kind = (None, PhoneNumberType.UNKNOWN) if number is None else region_and_type(number)
    if kind in _PLACELESS or region is None:
        return ()
    prefixed = _zones_of_prefix(digits[: _longest_prefix()]) if kind in _WITH_PREFIX else ()
    return prefixed or zones_of_country(region)


@cache
def _narrowed(precise: tuple[str, ...], coarse: tuple[str, ...]) -> tuple[str, ...]:
    if precise and all(any(is_same_zone(zone, other) for other in coarse) for zone in precise):
        return precise
    return tuple(sorted({*precise, *coarse}))


@cache
def _zones_of_area(code: str) -> tuple[str, ...]:
    """Return the zones of a North American area code, the same for all its numbers; none if it has no place.

    Without a row of ours it is, outside the United States and Canada, every zone of the country; in them the union over
    everything the library lists within the code: what it says of an exchange is what it says of the longest prefix it
    knows, and some codes lack the entry for the rest.
    """
    listed = _area_codes().get(code)
    if listed:
        return listed
    island = next((region for region in COUNTRY_CODE_TO_REGION_CODE[1] if _leads(region, code[1:])), None)
    if island is not None:
        return zones_of_country(island)
    return tuple(sorted({zone for prefix, zones in TIMEZONE_DATA.items() if prefix.startswith(code) for zone in zones}))


def _leads(region: str, area: str) -> bool:
    metadata = PhoneMetadata.metadata_for_region(region)
    leading = None if metadata is None else metadata.leading_digits
    return leading is not None and re.match(leading, area) is not None


@lru_cache(maxsize=65536)
def _zones_of_prefix(digits: str) -> tuple[str, ...]:
    found = (_number_prefixes().get(digits[:length]) for length in range(len(digits), 0, -1))
    return next((zones for zones in found if zones is not None), ())


@cache
def _longest_prefix() -> int:
    return max(map(len, _number_prefixes()))


@cache
def _number_prefixes() -> dict[str, tuple[str, ...]]:
    rows = _rows_of("number_prefixes.toml", "prefixes")
    return {prefix: tuple(sorted(row["zones"])) for row in rows for prefix in row["prefixes"].split()}


@cache
def _area_codes() -> dict[str, tuple[str, ...]]:
    return {code: tuple(sorted(row["zones"])) for row in _rows_of("area_codes.toml", "areas") for code in row["codes"]}


def _rows_of(name: str, table: str) -> list[dict[str, Any]]:
    content: dict[str, list[dict[str, Any]]] = tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))
    return content[table]
