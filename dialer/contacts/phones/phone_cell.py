"""Decides whether the text of a phone cell is one number that may be called, and which. Pure.

A number that could be read in two ways, or that a spreadsheet program may have changed, is refused: the cost
of guessing is a call to a stranger.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from dialer.contacts.phones.ambiguity import ONE_NUMBER, SEPARATORS, Mark, holds_two, is_foreign_too, readings
from dialer.contacts.phones.fast_parser import assignment
from dialer.reasons import Reason
from dialer.sheets.damaged_numbers import is_damaged

CALLABLE_TYPES = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
"""The number types that reach one person at an ordinary price. Every other type is refused."""

MAX_DIGITS = 15
"""The most digits an international number has (ITU-T E.164, section 6.2.1)."""
_LONGEST_SHORT_NUMBER = 6
_NON_GEOGRAPHIC = "001"
_UNBROKEN = re.compile(rf"\d{{{MAX_DIGITS + 1}}}")
_DIALLED = re.compile(rf"\+?(?!00)[0-9]{{1,{MAX_DIGITS}}}")
"""A number as most sheets have it."""


class Phone(NamedTuple):
    """A number that may be called: E.164 (`+` and digits) and the ISO code of its country."""

    e164: str
    region: str


class PhoneProblem(NamedTuple):
    """Why a phone cell holds no number that may be called; *message* never shows the number."""

    reason: Reason
    message: str


def read_phone(text: str, *, region: str | None, allowed: tuple[str, ...], column: str) -> Phone | PhoneProblem:
    """Judge the *text* of a phone cell.

    A number without `+` is read as one of *region*. *allowed* are the countries that may be called; empty
    means any. *column* is the cell's header, for the message. The number must be valid, that is, in a range
    that carriers assign; that it could exist is not enough. Emergency, short, premium, shared-cost,
    toll-free, pager, voicemail, personal, universal-access and non-geographic numbers are refused.
    """
    found = _read_one(text, region, column, assignment)
    if isinstance(found, PhoneProblem):
        return found
    number, (country, kind) = found
    if country is None or country == _NON_GEOGRAPHIC or kind not in CALLABLE_TYPES:
        return _type_refused(column)
    if allowed and country not in allowed:
        return PhoneProblem(
            Reason.REGION_NOT_ALLOWED,
            f'The number in column "{column}" is of {country}, and this campaign calls only'
            f" {', '.join(allowed)}. Add {country} to regions under [contacts] if people there are to be"
            " called.",
        )
    if len(allowed) > 1 and is_foreign_too(text, country, allowed):
        return _invalid(column, text, "can be read as numbers of two countries", "Write it with + and the country code")
    return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164), country)


def read_any_number(text: str, *, region: str | None, column: str) -> str | PhoneProblem:
    """Give the E.164 form of any complete number, of any country and type, whether or not it may be called.

    For suppression lists: what must never be called need not be a number that could be. A number without its
    area code is refused, as it would match nothing.
    """
    found = _read_one(text, region, column, _completeness)
    if isinstance(found, PhoneProblem):
        return found
    return phonenumbers.format_number(found[0], PhoneNumberFormat.E164)


def has_country(text: str) -> bool:
    """Tell whether a number is written with its country: after a `+`, or after `00`."""
    return _plain(text).replace("(", "").startswith(("+", "00"))


def with_plus(text: str, sent: str) -> str:
    """Give *text* its `+` back where the row of a results file proves that it had one.

    A spreadsheet program takes the `+` off a number in both cells. *sent* is the cell of `dialer_phone`, which never
    held anything but E.164: where both hold the same digits alone, these are the digits of an international number.
    """
    digits = text.strip()
    return f"+{digits}" if digits.isdecimal() and digits == sent.strip().removeprefix("+") else text


def shape(text: str) -> str:
    """Describe a cell that should hold a number without telling it, such as `9 digits, no +`."""
    digits = sum(character.isdecimal() for character in text)
    plus = "with +" if "+" in unicodedata.normalize("NFKC", text) else "no +"
    letters = ", with letters" if any(map(str.isalpha, text)) else ""
    return f"{digits} digit{'' if digits == 1 else 's'}, {plus}{letters}"


def _completeness(number: PhoneNumber) -> int | None:
    """Give a mark for a number that is as long as a whole one, area code included."""
    result = phonenumbers.is_possible_number_with_reason(number)
    return result if result == phonenumbers.ValidationResult.IS_POSSIBLE else None


def _read_one(
    text: str, region: str | None, column: str, accept: Callable[[PhoneNumber], Mark | None]
) -> tuple[PhoneNumber, Mark] | PhoneProblem:
    """Parse *text* in every way it may be meant; give the number, and what *accept* says of it, only when
    exactly one is accepted.
    """
    dialled = _dialled(text, column)
    if isinstance(dialled, PhoneProblem):
        return dialled
    if region is None and not dialled.startswith(("+", "00")):
        return _invalid(
            column,
            text,
            "has no country",
            'Write it with + and the country code, or set region = "US" under [contacts]',
        )
    numbers = readings(dialled, region)
    accepted = [(number, mark) for number in numbers if (mark := accept(number)) is not None]
    if len(accepted) == 1 and not holds_two(text, region, accept):
        return accepted[0]
    if accepted:
        return _invalid(column, text, "can be read as two numbers", "Write it with + and the country code")
    if any(_is_short(number) for number in numbers):
        return _type_refused(column)
    where = "of any country" if dialled.startswith(("+", "00")) else f"of region {region}"
    return _invalid(column, text, f"is no valid number {where}", "Write the whole number with + and the country code")


def _is_short(number: PhoneNumber) -> bool:
    national = phonenumbers.national_significant_number(number)
    return len(national) <= _LONGEST_SHORT_NUMBER and phonenumbers.is_valid_short_number(number)


def _dialled(text: str, column: str) -> str | PhoneProblem:
    """Give the digits of the one number in *text*, with its leading `+` if it has one."""
    if _DIALLED.fullmatch(text):
        return text
    plain = _plain(text)
    if not plain:
        return PhoneProblem(Reason.PHONE_MISSING, f'Column "{column}" is empty. Fill in the number to call.')
    if is_damaged(plain):
        return PhoneProblem(
            Reason.PHONE_DAMAGED,
            f'Column "{column}" holds what a spreadsheet program has made of a number ({shape(text)}; an exponent, a'
            " decimal mark, a minus sign, an error value or a date). Copy it again from its source, into a column"
            " formatted as text.",
        )
    if any(character.isalpha() for character in plain):
        return _invalid(column, text, "has letters or an extension", "Leave only the number")
    return _checked(SEPARATORS.sub("", plain), text, column)


def _checked(dialled: str, text: str, column: str) -> str | PhoneProblem:
    if not ONE_NUMBER.fullmatch(dialled):
        return _invalid(column, text, "has marks no number has: two numbers or an extension", "Leave only one number")
    if len(dialled.lstrip("+")) > MAX_DIGITS + (2 if dialled.startswith("00") else 0):
        if not _UNBROKEN.search(text):
            return _invalid(column, text, f"has more than {MAX_DIGITS} digits", "Leave only one number")
        return PhoneProblem(
            Reason.PHONE_DAMAGED,
            f'Column "{column}" holds {shape(text)}; no number has more than {MAX_DIGITS}, and of more a spreadsheet'
            " program keeps as many and makes the rest zeros. Copy it again from its source, into a column formatted"
            " as text, and leave only one number.",
        )
    return dialled


def _plain(text: str) -> str:
    """Undo what writing and spreadsheet programs add: full-width digits, invisible marks, an apostrophe.

    Digits that are no decimal digits, such as a raised 2, are footnote marks: they are kept from becoming
    part of the number.
    """
    if text.isascii():
        return text.strip().lstrip("'").strip()
    kept = (
        "#" if unicodedata.category(character) in {"No", "Nl"} else character
        for character in text
        if unicodedata.category(character) != "Cf"
    )
    normal = unicodedata.normalize("NFKC", "".join(kept))
    ascii_digits = (str(unicodedata.decimal(character)) if character.isdecimal() else character for character in normal)
    dashes = ("-" if unicodedata.category(character) == "Pd" else character for character in ascii_digits)
    return "".join(dashes).replace("\u2212", "-").strip().lstrip("'\u2019").strip()


def _invalid(column: str, text: str, what: str, mend: str) -> PhoneProblem:
    return PhoneProblem(Reason.PHONE_INVALID, f'The number in column "{column}" ({shape(text)}) {what}. {mend}.')


def _type_refused(column: str) -> PhoneProblem:
    return PhoneProblem(
        Reason.PHONE_TYPE_REFUSED,
        f'The number in column "{column}" is an emergency, short, toll-free, premium, shared-cost, personal,'
        " pager, voicemail or satellite number. Fill in the person's ordinary fixed or mobile number.",
    )
