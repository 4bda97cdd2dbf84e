"""Finds the column that a number was taken from: the ledger keeps the number and the cells, not which it was. Pure."""

from collections.abc import Sequence

from dialer.sheets.damaged_numbers import whole_digits

_COMPARED = 6
"""Digits at the end of a number that are the same in every way of writing it."""


def column_of(phone: str, cells: Sequence[str]) -> int | None:
    """Return the 0-based position of the first of *cells* that ends as the E.164 number *phone* does."""
    likely = [at for at, text in enumerate(cells) if text.endswith(phone[-1])]  # spares a million rows the rest
    return next((at for at in (*likely, *range(len(cells))) if _ends_alike(phone, cells[at])), None)


def _ends_alike(phone: str, text: str) -> bool:
    digits = whole_digits(text.strip()) or "".join(character for character in text if character.isdecimal())
    return len(digits) >= _COMPARED and str(int(digits[-_COMPARED:])).zfill(_COMPARED) == phone[-_COMPARED:]
