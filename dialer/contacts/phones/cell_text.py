"""Frees the text of a phone cell from all that writing and spreadsheet programs add, down to its digits. Pure."""

import re
import unicodedata

SEPARATORS = re.compile(r"[ ().\-\u00b7]")
"""What people write between the digits of one number."""

ONE_NUMBER = re.compile(r"\+?\d+")

_AS_TEXT = re.compile(r'="(.*)"')
"""A spreadsheet program's way of writing text into a CSV."""

_LABEL = re.compile(r"(?:p|tel):\s*(?=[+0-9(])", re.IGNORECASE)
"""What exports of advertisements' leads (`p:+1…`) and links (`tel:+1…`, RFC 3966) put before a number."""

_SLASHED = re.compile(
    r"(?:\+|00)[0-9]{1,8}(?:/[0-9]{1,5})?/[1-9][0-9]{3,}"
    r"|0[0-9]{1,5}/[1-9][0-9]{3,}"
    r"|[1-9][0-9]{1,3}/[1-9][0-9]{5,}"
    r"|\+?[0-9]{1,4}(?:/[0-9])?(?:/[0-9]{2,4}){3,}"
)
"""`+49/30/1234567`, `030/1234567`, `347/1234567`: slashes part a country code and an area code from the rest, and in
`06/12/34/56/78` all groups. Behind a whole number they stand before another, or an extension."""

_JAPANESE = str.maketrans({"\u30fc": "-", "\u30fb": "-"})
"""The marks that a Japanese keyboard writes for a dash and for a dot in the middle."""


def plain_text(text: str) -> str:
    """Undo what writing and spreadsheet programs add: full-width digits, invisible marks, an apostrophe, `="…"`.

    Digits that are no decimal digits, such as a raised 2, are footnote marks: they are kept from becoming
    part of the number.
    """
    if text.isascii():
        return _bare(text.strip())
    kept = (
        "#" if unicodedata.category(character) in {"No", "Nl"} else character
        for character in text
        if unicodedata.category(character) != "Cf"
    )
    normal = unicodedata.normalize("NFKC", "".join(kept))
    ascii_digits = (str(unicodedata.decimal(character)) if character.isdecimal() else character for character in normal)
    dashes = ("-" if unicodedata.category(character) == "Pd" else character for character in ascii_digits)
    return _bare("".join(dashes).replace("\u2212", "-").translate(_JAPANESE).strip())


def _bare(text: str) -> str:
    if text.startswith("="):
        quoted = _AS_TEXT.fullmatch(text)
        text = quoted[1].strip() if quoted is not None else text
    text = text.lstrip("'\u2019").strip()
    return _LABEL.sub("", text, count=1) if ":" in text and _LABEL.match(text) else text


def digits_of(plain: str) -> str:
    """Join the digits of a *plain* text, with a leading `+`; what is no part of one number stays in between."""
    joined = SEPARATORS.sub("", plain)
    return joined.replace("/", "") if "/" in joined and _SLASHED.fullmatch(joined) else joined


def has_country(text: str) -> bool:
    """Return whether a number is written with its country: after a `+`, or after `00`."""
    return plain_text(text).replace("(", "").startswith(("+", "00"))


def with_plus(text: str, sent: str) -> str:
    """Return *text* with its `+` where the row of a results file proves that it had one.

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
