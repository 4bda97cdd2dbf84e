"""Valid numbers of every region, type and length of the phone library, and the ways in which people write them."""

import random
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import SUPPORTED_REGIONS, PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

REGIONS = sorted(SUPPORTED_REGIONS)

LONGEST = 15
"""The most digits of an international number (ITU-T E.164)."""

CALLED = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.VOIP)

EXITS = {
    **dict.fromkeys(["US", "CA", "DO", "JM", "PR", "BS", "GU"], ("011",)),
    "AU": ("0011",),
    "JP": ("010",),
    "KR": ("001", "002", "00700"),
    "BR": ("0015", "0021", "0041"),
    "RU": ("810",),
    "KZ": ("810",),
    "HK": ("001",),
    "SG": ("001",),
    "TH": ("001", "007"),
    "ID": ("008", "009"),
    "TW": ("002",),
    "KE": ("000",),
    "TZ": ("000",),
    "UG": ("000",),
    "NG": ("009",),
    "FI": ("990", "00"),
    "CO": ("009", "005", "007"),
    "KH": ("001",),
    "IL": ("00", "012", "013"),
    "CU": ("119",),
    "MG": ("00",),
    "UZ": ("00",),
    "SC": ("010",),
    "PW": ("011",),
}
"""How people of a region dial abroad, as telephone books and the ITU's list of dialling procedures have it."""


class Meant(NamedTuple):
    """A number as its owner means it: its region, country code and national number."""

    region: str
    code: str
    national: str

    @property
    def e164(self) -> str:
        """What is to be called."""
        return f"+{self.code}{self.national}"


@cache
def numbers_of(region: str, kinds: tuple[int, ...], seed: int = 1) -> tuple[Meant, ...]:
    """Return a valid number of every type of *kinds* and every length that *region* has."""
    return tuple(_numbers_of(region, kinds, seed))


def _numbers_of(region: str, kinds: tuple[int, ...], seed: int) -> Iterator[Meant]:
    chance = random.Random(f"{region} {seed}")  # a str seeds reproducibly
    for kind in kinds:
        example = phonenumbers.example_number_for_type(region, kind)
        if example is not None:
            national = phonenumbers.national_significant_number(example)
            for length in _lengths(region):
                found = _like(region, national, length, chance)
                if found is not None and len(found) + len(str(example.country_code)) <= LONGEST:
                    yield Meant(region, str(example.country_code), found)


@cache
def _lengths(region: str) -> tuple[int, ...]:
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    assert metadata.general_desc is not None
    return tuple(metadata.general_desc.possible_length)


def _like(region: str, national: str, length: int, chance: random.Random) -> str | None:
    """Make a number of *length* digits that begins as *national* does, for as many digits as it takes to be valid."""
    code = phonenumbers.country_code_for_region(region)
    for attempt in range(40):
        kept = min(1 + attempt % 6, length, len(national))
        digits = national[:kept] + "".join(chance.choice("0123456789") for _ in range(length - kept))
        parsed = _number(code, digits)
        if phonenumbers.is_valid_number_for_region(parsed, region):
            return digits
    return None


def _number(code: int, national: str) -> PhoneNumber:
    zeros = len(national) - len(national.lstrip("0"))
    return PhoneNumber(
        country_code=code,
        national_number=int(national),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def written(meant: Meant) -> Iterator[str]:
    """Return every way in which *meant* is written with its country code."""
    code, national = meant.code, meant.national
    heads = [f"+{code}", code, f"00{code}", *(out + code for out in EXITS.get(meant.region, ()))]
    heads += [f"+ {code}", f"(+{code})", f"00 {code}", f"+({code})"]
    cuts = (national[:2], national[2:])
    bodies = [
        national,
        f"(0){national}",
        f" (0) {national}",
        f" {' '.join(cuts)}",
        f"-{'-'.join(cuts)}",
        f" ({cuts[0]}) {cuts[1]}",
        f" {cuts[0]} {cuts[1][:3]}-{cuts[1][3:]}",
    ]
    for head in heads:
        for body in bodies:
            yield head + body


def national_format(meant: Meant) -> str:
    """Write *meant* as people of its region do."""
    return phonenumbers.format_number(_number(int(meant.code), meant.national), PhoneNumberFormat.NATIONAL)
