"""However a number is written, it is called as itself or not at all; and whoever asked for no call is held by it."""

import re
from functools import cache

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from dialer.contacts.phones.phone_cell import Phone, PhoneProblem, read_any_numbers, read_phone
from dialer.reasons import Reason
from tests.contacts.phones.written_numbers import CALLED, REGIONS, Meant, national_format, numbers_of, written

EVERY_KIND = tuple(kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN)
SLICES = 8


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_a_number_with_its_country_code_is_itself_or_nobodys(part: int) -> None:
    """Every region, type and length: after +, 00, the region's own prefix for abroad or nothing, with (0) and marks."""
    called = 0
    for region in REGIONS[part::SLICES]:
        for meant in numbers_of(region, CALLED):
            for text in (*written(meant), national_format(meant), meant.national):
                verdict = read_phone(text, region=region, allowed=(), column="Phone")
                if isinstance(verdict, Phone):
                    assert verdict.e164 == meant.e164, (region, text)
                    called += 1
    assert called > 1_000, "most ways have one meaning"


@pytest.mark.slow
def test_a_number_after_a_plus_is_called() -> None:
    """Where the country code is told from the rest there is nothing to refuse, wherever the campaign is."""
    for region in REGIONS:
        for meant in numbers_of(region, (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)):
            verdict = read_phone(meant.e164, region="US", allowed=(), column="Phone")
            is_called = isinstance(verdict, Phone) and verdict.e164 == meant.e164
            assert is_called or (isinstance(verdict, PhoneProblem) and verdict.reason == Reason.PHONE_TYPE_REFUSED)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_a_number_never_to_call_is_always_held(part: int) -> None:
    """The doubt goes the other way: whatever else the digits may mean, the number that was meant is among them."""
    for region in REGIONS[part::SLICES]:
        for meant in numbers_of(region, EVERY_KIND):
            for text in written(meant):
                found = read_any_numbers(text, region=region, column="Phone")
                assert not isinstance(found, PhoneProblem), (region, text)
                assert meant.e164 in found, (region, text)


FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


def _without_plus(meant: Meant) -> list[str]:
    """Write digits that have lost their + as sheets hold them."""
    digits = f"{meant.code}{meant.national}"
    return [
        f"{digits[:2]} {digits[2:6]} {digits[6:]}",
        f"'{digits}",
        f"\u202a{digits}",
        digits.translate(FULL_WIDTH),
        f"{digits[:3]}-{digits[3:]}",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_a_number_that_lost_its_plus_rings_nobody_in_another_country(part: int) -> None:
    """Every pair of countries that a campaign calls, with spaces, marks and full-width digits."""
    foreign = {region: numbers_of(region, (PhoneNumberType.MOBILE,)) for region in REGIONS}
    for at, region in enumerate(REGIONS[part::SLICES]):
        for other in REGIONS:
            for number, meant in enumerate(foreign[other] if other != region else ()):
                ways = _without_plus(meant)
                text = ways[(at + number) % len(ways)]
                verdict = read_phone(text, region=region, allowed=(region, other), column="Phone")
                assert isinstance(verdict, PhoneProblem) or verdict.e164 == meant.e164, (region, text)


PEOPLES = {*CALLED, PhoneNumberType.FIXED_LINE_OR_MOBILE}
"""The types of numbers that people have."""


@cache
def _everybodys() -> list[tuple[Meant, str]]:
    """Return a number of every region, type and length, and its digits as they are parted after a +."""
    return [
        (meant, phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL).removeprefix("+"))
        for region in REGIONS
        for meant in numbers_of(region, CALLED)
        if phonenumbers.number_type(number := phonenumbers.parse(meant.e164)) in PEOPLES
    ]


def _as_at_home(phone: Phone) -> str:
    return phonenumbers.format_number(phonenumbers.parse(phone.e164), PhoneNumberFormat.NATIONAL)


def _groups(text: str) -> list[str]:
    return re.findall(r"\d+", text)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_digits_of_another_country_ring_nobody_at_home(part: int) -> None:
    """Every pair of countries, where the campaign calls one alone and every number has lost its +.

    Parted as abroad, they are called only where they are parted so at home, too; unparted, only where people at home
    write no prefix before them that is missing.
    """
    foreign = _everybodys()
    for region in REGIONS[part::SLICES]:
        for meant, parted in foreign:
            for text in (parted, meant.code + meant.national):
                verdict = read_phone(text, region=region, allowed=(region,), column="Phone")
                if not isinstance(verdict, Phone) or verdict.e164 == meant.e164:
                    continue
                at_home = _groups(_as_at_home(verdict))
                if text == parted:
                    assert at_home[1 - len(_groups(text)) :] == _groups(text)[1:], (region, text)
                else:
                    assert len("".join(at_home)) <= len(text), (region, text)


@pytest.mark.parametrize(
    "text",
    [
        "6592345678",
        "65 9234 5678",
        "45 86 12 34 56",
        "47 92 34 56 78",
        "'6592345678",
        "\uff16\uff15\uff19\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "\u200e6592345678",
        "\u202a6592345678",
    ],
)
def test_digits_of_two_called_countries_are_refused(text: str) -> None:
    """Numbers of Singapore, Denmark and Norway without their + are valid in the USA: nobody there is rung for them."""
    verdict = read_phone(text, region="US", allowed=("US", "SG", "DK", "NO"), column="Phone")

    assert isinstance(verdict, PhoneProblem)
    assert verdict.reason == Reason.PHONE_AMBIGUOUS


@pytest.mark.parametrize(
    ("text", "region", "held"),
    [
        ("4917612345678", "DE", {"+4917612345678", "+494917612345678"}),
        ("030 1234 030 1235", "DE", {"+49301234", "+49301235", "+493012340301235"}),
        ("6592345678", "SG", {"+6592345678"}),
        ('="2025550143"', "US", {"+12025550143"}),
        ("2025550143.0", "US", {"+12025550143"}),
    ],
)
def test_every_reading_of_a_number_never_to_call_is_held(text: str, region: str, held: set[str]) -> None:
    """Both readings of a country code without +, and both numbers of a cell with two."""
    found = read_any_numbers(text, region=region, column="Phone")

    assert not isinstance(found, PhoneProblem)
    assert held <= found
