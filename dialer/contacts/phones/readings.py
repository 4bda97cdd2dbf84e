"""Lists every number that the digits of a cell may mean: one is called, several are refused. Pure.

Digits without `+` can be a national number, or begin with what stands in front of one: the country code, `00`, or the
prefix by which the region dials abroad. Which of them a person meant nobody can know, so all are tried.
"""

import re
from collections.abc import Iterator
from functools import cache

import phonenumbers

from dialer.contacts.phones.fast_parser import (
    Number,
    dialling_in,
    parse_digits,
    plain_number,
    split_code,
    without_national_prefix,
)
from dialer.contacts.phones.number_kinds import assignment

ABROAD = "00"
"""The prefix for abroad that most countries have (ITU-T E.164), and that people write in all of them."""

_ELSEWHERE = ("US", "AU", "JP")
"""Regions whose prefixes for abroad, 011, 0011 and 010, are written in lists that come from there."""

_LONGEST_EXIT = 8
"""Digits of the longest prefix for abroad, Australia's with an operator: `1488 0011`."""

_FORMER_PREFIXES = {52: re.compile(r"(?:01|04[45]|1)(?=\d{10}$)")}
"""By country code, what sheets still hold and the library no longer takes off. Mexico dropped its prefixes, that of
mobiles after +52 among them, on 3 August 2019 (IFT, Plan Técnico Fundamental de Numeración)."""


def readings(dialled: str, region: str | None) -> list[Number]:
    """List the distinct numbers that *dialled* (ASCII digits, perhaps after a `+`) may mean, valid or not.

    After a `+` the digits are those of an international number. Without one they are tried as a number of *region*
    (without one, none is), with and without the prefix of calls within the country, as one with the region's own
    country code, and as one after `00` or the region's own prefix for abroad.
    """
    plain = plain_number(dialled, region)
    if plain is not None and plain.country_code not in _FORMER_PREFIXES and not dialled.startswith(ABROAD):
        return [plain]
    return list(dict.fromkeys(_every(dialled, region)))


def with_optional_zero(before: str, after: str, region: str | None) -> list[Number]:
    """List the numbers that digits with `(0)` between them may mean: `+49 (0)30 …`.

    *before* ends in a country code, most often the region's own, and the zero is dialled within the country alone;
    where it belongs to the number, as in Italy, it stays. So both are tried.
    """
    digits = [before + after, f"{before}0{after}"]
    if before.startswith("+"):
        found = [number for text in digits for number in readings(text, region)]
    else:
        found = [number for text in digits for number in _with_country_code(text)]
        code = None if region is None else dialling_in(region)
        if code is None or before != str(code.country_code):
            found += [number for text in digits for number in readings(text, region)]
    return list(dict.fromkeys(found))


def foreign_readings(dialled: str, allowed: tuple[str, ...]) -> list[Number]:
    """List the valid numbers with a country code of the countries *allowed* that digits without `+` are with one."""
    if not dialled.startswith(_codes(allowed)):
        return []
    return [number for number in _with_country_code(dialled) if assignment(number) is not None]


def readings_from_elsewhere(dialled: str) -> list[Number]:
    """List the valid numbers that *dialled* means where another prefix for abroad is dialled: `011 49 30 …`."""
    if not dialled.startswith("0"):
        return []
    lengths = {length for region in _ELSEWHERE for length in exits(dialled, region)}
    every = (number for length in sorted(lengths) for number in _with_country_code(dialled[length:]))
    return [number for number in every if assignment(number) is not None]


def exits(dialled: str, region: str | None) -> list[int]:
    """List how many digits the prefix for abroad at the start of *dialled* may have: `00`, and the region's own."""
    dialling = None if region is None else dialling_in(region)
    own = None if dialling is None else dialling.exit
    return [
        length
        for length in range(1, min(_LONGEST_EXIT, len(dialled)) + 1)
        if dialled[:length] == ABROAD or (own is not None and own.fullmatch(dialled, 0, length))
    ]


def _every(dialled: str, region: str | None) -> Iterator[Number]:
    if dialled.startswith("+"):
        yield from _with_country_code(dialled[1:])
        return
    dialling = None if region is None else dialling_in(region)
    if dialling is not None and region is not None:
        yield from _national(dialled, region)
        if dialled.startswith(str(dialling.country_code)):
            yield from _with_country_code(dialled)
    for length in exits(dialled, region):
        yield from _with_country_code(dialled[length:])


def _with_country_code(digits: str) -> Iterator[Number]:
    """Return the number of *digits* that begin with a country code; as they stand, wherever that is a valid number."""
    whole = split_code(digits)
    if whole is not None and assignment(whole) is not None:
        yield whole
        return
    parsed = parse_digits(f"+{digits}", None)
    # Taking the country code off twice, as of `+1 1 212 …`, is dialled nowhere: in North America alone it is the prefix
    # of calls within the country, too.
    if parsed is not None and not digits.startswith(str(parsed.country_code) * 2 + parsed.national):
        yield parsed
        yield from _as_written_once(parsed)


def _national(dialled: str, region: str) -> Iterator[Number]:
    """Return the numbers of *dialled* within *region*: as it stands, and without the prefix of calls in the country."""
    dialling = dialling_in(region)
    if dialling is None:
        return
    whole = Number(dialling.country_code, dialled)
    stripped = Number(dialling.country_code, without_national_prefix(dialled, dialling))
    if stripped == whole or assignment(whole) is not None:
        yield whole
    if stripped.national and stripped != whole:
        yield stripped
    yield from _as_written_once(whole)


def _as_written_once(number: Number) -> Iterator[Number]:
    """Return the number of today behind a prefix that was dialled until its country gave it up."""
    former = _FORMER_PREFIXES.get(number.country_code)
    found = None if former is None else former.match(number.national)
    if found is not None:
        yield Number(number.country_code, number.national[found.end() :])


@cache
def _codes(regions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(phonenumbers.country_code_for_region(region)) for region in regions)
