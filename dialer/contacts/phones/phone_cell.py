"""Decides whether the text of a phone cell is one number that may be called, and which. Pure.

A number that could be read in two ways, or that a spreadsheet program may have changed, is refused: the cost
of guessing is a call to a stranger. Of a number never to call, every reading counts.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from dialer.contacts.phones.ambiguity import lost_plus, two_numbers
from dialer.contacts.phones.cell_text import ONE_NUMBER, SEPARATORS, digits_of, plain_text, shape
from dialer.contacts.phones.fast_parser import Number
from dialer.contacts.phones.number_kinds import CALLABLE_TYPES, assignment, is_complete, is_short
from dialer.contacts.phones.readings import (
    exits,
    foreign_readings,
    readings,
    readings_from_elsewhere,
    with_optional_zero,
)
from dialer.reasons import Reason
from dialer.sheets.damaged_numbers import is_damaged, whole_digits

MAX_DIGITS = 15
"""The most digits an international number has (ITU-T E.164, section 6.2.1)."""
_NON_GEOGRAPHIC = "001"
_UNBROKEN = re.compile(rf"\d{{{MAX_DIGITS + 1}}}")
_DIALLED = re.compile(rf"\+?(?!00)[0-9]{{1,{MAX_DIGITS}}}")
"""A number as most sheets have it."""
_LETTER = re.compile(r"[^\W\d_]")
_OPTIONAL_ZERO = re.compile(r"\(\s*0\s*\)")
_SHOWN_DIGITS = 3


class Phone(NamedTuple):
    """A number that may be called: E.164 (`+` and digits) and the ISO code of its country."""

    e164: str
    region: str


class PhoneProblem(NamedTuple):
    """Why a phone cell holds no number that may be called; *message* never shows the number."""

    reason: Reason
    message: str


class _Read(NamedTuple):
    """What the digits of a cell are, with a leading `+`, and every number that they may mean.

    `two` are the digits of two numbers that the cell may hold instead.
    """

    dialled: str
    numbers: list[Number]
    two: tuple[str, str] | None = None


def read_phone(
    text: str, *, region: str | None, allowed: tuple[str, ...], column: str, names_country: bool = False
) -> Phone | PhoneProblem:
    """Judge the *text* of a phone cell.

    A number without `+` is read as one of *region*, in every way in which it may be meant; where these are two valid
    numbers, or with a `+` it would be one of another of the countries *allowed*, it is refused, and both are named.
    So it is where it looks as if it had lost the `+` of any country (`lost_plus`), unless its row *names_country*.
    *allowed* are the countries that may be called; empty means any. *column* is the cell's header, for the message.
    The number must be valid, that is, in a range that carriers assign; that it could exist is not enough. Emergency,
    short, premium, shared-cost, toll-free, pager, voicemail, personal, universal-access and non-geographic numbers are
    refused.
    """
    read = _read(text, region, column, _is_valid)
    if isinstance(read, PhoneProblem):
        return read
    if read.two is not None:
        return _invalid(column, text, "can be read as two numbers", "Leave only one number")
    valid = [(number, found) for number in read.numbers if (found := assignment(number)) is not None]
    if not valid:
        return _none_valid(read, text, region, column)
    number, (country, kind) = valid[0]
    others = [other for other, _ in valid[1:]]
    if not others and len(allowed) > 1:
        others = [other for other in foreign_readings(read.dialled, allowed) if other != number]
    if not others and not names_country and (abroad := lost_plus(text, number)) is not None:
        others = [abroad]
    if others:
        return _ambiguous(column, text, (number, others[0]))
    return _callable(number, country, kind, allowed, column)


def _callable(
    number: Number, country: str | None, kind: int, allowed: tuple[str, ...], column: str
) -> Phone | PhoneProblem:
    if country is None or country == _NON_GEOGRAPHIC or kind not in CALLABLE_TYPES:
        return _type_refused(column)
    if allowed and country not in allowed:
        return PhoneProblem(
            Reason.REGION_NOT_ALLOWED,
            f'The number in column "{column}" is of {country}, and this campaign calls only'
            f" {', '.join(allowed)}. Add {country} to regions under [contacts] if people there are to be"
            " called.",
        )
    return Phone(number.e164, country)


def read_any_numbers(text: str, *, region: str | None, column: str) -> frozenset[str] | PhoneProblem:
    """Return the E.164 form of every complete number, of any country and type, that *text* may mean.

    For suppression lists: what must never be called need not be a number that could be, and of two numbers that may be
    meant neither is called. A number without its area code is refused, as it would match nothing.
    """
    read = _read(text, region, column, is_complete)
    if isinstance(read, PhoneProblem):
        return read
    every = [*read.numbers, *(number for half in read.two or () for number in readings(half, region))]
    every += readings_from_elsewhere(read.dialled)
    every += [abroad for number in read.numbers if (abroad := lost_plus(text, number)) is not None]
    whole = frozenset(number.e164 for number in every if is_complete(number) or _is_valid(number))
    return whole or _none_valid(read, text, region, column)


def numbers_in(text: str, *, region: str | None) -> frozenset[str]:
    """Return what `read_any_numbers` does; nothing of a text that is no number."""
    found = read_any_numbers(text, region=region, column="")
    return frozenset() if isinstance(found, PhoneProblem) else found


def _is_valid(number: Number) -> bool:
    return assignment(number) is not None


def _read(text: str, region: str | None, column: str, is_taken: Callable[[Number], bool]) -> _Read | PhoneProblem:
    """Return the digits of the one number in *text*, and all that they may mean."""
    if _DIALLED.fullmatch(text):
        read = _Read(text, readings(text, region))
    else:
        found = _read_written(text, region, column, is_taken)
        if isinstance(found, PhoneProblem):
            return found
        read = found
    if region is None and not read.dialled.startswith(("+", "00")):
        return _invalid(
            column,
            text,
            "has no country",
            'Write it with + and the country code, or set region = "US" under [contacts]',
        )
    return read


def _read_written(
    text: str, region: str | None, column: str, is_taken: Callable[[Number], bool]
) -> _Read | PhoneProblem:
    plain = plain_text(text)
    whole = whole_digits(plain) if "." in plain or "," in plain else None
    if whole is not None:  # a zero before it would be lost: with one, it may be another number
        return _Read(whole, list(dict.fromkeys([*readings(whole, region), *readings(f"0{whole}", region)])))
    dialled, zero = digits_of(plain), _OPTIONAL_ZERO.search(plain) if "(" in plain else None
    problem = _no_number(plain, text, column) or _checked(dialled, text, column, region, has_zero=zero is not None)
    if problem is not None:
        return problem
    two = two_numbers(plain, region, is_taken)
    if zero is not None:
        before = SEPARATORS.sub("", plain[: zero.start()])
        if before.removeprefix("+").isdecimal():
            return _Read(dialled, with_optional_zero(before, dialled[len(before) + 1 :], region), two)
    return _Read(dialled, readings(dialled, region), two)


def _no_number(plain: str, text: str, column: str) -> PhoneProblem | None:
    if not plain:
        return PhoneProblem(Reason.PHONE_MISSING, f'Column "{column}" is empty. Fill in the number to call.')
    if is_damaged(plain):
        return PhoneProblem(
            Reason.PHONE_DAMAGED,
            f'Column "{column}" holds what a spreadsheet program has made of a number ({shape(text)}; an exponent, a'
            " decimal mark, a minus sign, an error value or a date). Copy it again from its source, into a column"
            " formatted as text.",
        )
    if _LETTER.search(plain):
        return _invalid(column, text, "has letters or an extension", "Leave only the number")
    return None


def _checked(dialled: str, text: str, column: str, region: str | None, *, has_zero: bool) -> PhoneProblem | None:
    if not ONE_NUMBER.fullmatch(dialled):
        return _invalid(column, text, "has marks no number has: two numbers or an extension", "Leave only one number")
    digits = len(dialled) - dialled.startswith("+")
    if digits > MAX_DIGITS and digits > MAX_DIGITS + max(exits(dialled, region), default=0) + has_zero:
        if not _UNBROKEN.search(text):
            return _invalid(column, text, f"has more than {MAX_DIGITS} digits", "Leave only one number")
        return PhoneProblem(
            Reason.PHONE_DAMAGED,
            f'Column "{column}" holds {shape(text)}; no number has more than {MAX_DIGITS}, and of more a spreadsheet'
            " program keeps as many and makes the rest zeros. Copy it again from its source, into a column formatted"
            " as text, and leave only one number.",
        )
    return None


def _none_valid(read: _Read, text: str, region: str | None, column: str) -> PhoneProblem:
    if any(map(is_short, read.numbers)):
        return _type_refused(column)
    if read.dialled.startswith("+"):
        return _invalid(column, text, "is no valid number of any country", "Compare it with its source")
    where = "of any country" if read.dialled.startswith("00") else f"of region {region}"
    return _invalid(column, text, f"is no valid number {where}", "Write the whole number with + and the country code")


def _invalid(column: str, text: str, what: str, mend: str) -> PhoneProblem:
    return PhoneProblem(Reason.PHONE_INVALID, f'The number in column "{column}" ({shape(text)}) {what}. {mend}.')


def _ambiguous(column: str, text: str, numbers: tuple[Number, Number]) -> PhoneProblem:
    first, second = sorted(f"+{number.country_code} {number.national[:_SHOWN_DIGITS]}\u2026" for number in numbers)
    lengths = "" if first != second else " (they differ further on)"
    return PhoneProblem(
        Reason.PHONE_AMBIGUOUS,
        f'The number in column "{column}" ({shape(text)}) may mean {first} or {second}{lengths}. Write the right one'
        " with + and the country code.",
    )


def _type_refused(column: str) -> PhoneProblem:
    return PhoneProblem(
        Reason.PHONE_TYPE_REFUSED,
        f'The number in column "{column}" is an emergency, short, toll-free, premium, shared-cost, personal,'
        " pager, voicemail or satellite number. Fill in the person's ordinary fixed or mobile number.",
    )
