"""Finds the row that holds the headers, when the campaign does not say: a title may stand above it. Pure."""

import re
from collections.abc import Iterable, Sequence

from dialer.campaign.tables import Contacts
from dialer.sheets.damaged_numbers import is_damaged
from dialer.sheets.header_names import ALIASES, holds_number, normalise

LOOKED_AT_ROWS = 30
"""How far down the headers are looked for."""

_DAY, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<![\d+(./-])(?:{_YEAR}([./-]){_DAY}\1{_DAY}|{_DAY}([./-]){_DAY}\2{_YEAR})(?![\d./-])"
    r"(?:[ T,]+\d?\d:\d\d(?::\d\d)?)?"
)
"""A date in a title, such as "Members, as of 2026-11-12 09:30"."""

_NAMES = ALIASES["name"] | ALIASES["first_name"] | ALIASES["last_name"]


def find_header_row(records: Sequence[Sequence[str]], contacts: Contacts) -> int:
    """Return the row (from 1) of the headers among the first *records* of a sheet.

    It is the first row with two or more texts, a phone's header among them (one that the campaign names, or a known
    one) and no number, which only somebody's own row holds. What stands above it must be a title, with fewer texts
    than the headers and no number: else it could be somebody's row, and the first row with two texts is taken for the
    headers, to be judged and complained of as such. So it is where no header is known. Of two such rows the lower one
    holds the headers where it has more texts: the upper one spans groups of columns, such as "Phone" over "Mobile" and
    "Home".
    """
    filled = [sum(1 for cell in cells if cell.strip()) for cells in records]
    likely = [filled[index] > 1 and _names_phone(cells, contacts) for index, cells in enumerate(records)]
    if any(likely):
        index = likely.index(True)
        while index + 1 < len(records) and likely[index + 1] and filled[index + 1] > filled[index]:
            index += 1
        above = zip(filled[:index], records[:index], strict=True)
        if all(count < filled[index] and not _is_person(cells) for count, cells in above):
            return index + 1
    several = next((index for index, count in enumerate(filled) if count > 1), None)
    some = next((index for index, count in enumerate(filled) if count), 0)
    return (several if several is not None else some) + 1


def _names_phone(cells: Sequence[str], contacts: Contacts) -> bool:
    """Return whether a row holds a header that means the phone and, unlike somebody's own row, no number."""
    return has_phone_header([cells], contacts) and not holds_number(cells)


def _is_person(cells: Iterable[str]) -> bool:
    """Return whether one of the cells may be somebody's number; a date, as titles have them, is none."""
    return holds_number(_DATE.sub(" ", cell) for cell in cells if not is_damaged(cell.strip()))


def known_fields(contacts: Contacts) -> dict[str, frozenset[str]]:
    """Return the normalised headers that mean the phone and the name in this campaign."""
    named = contacts.columns
    return {
        "phone": frozenset(map(normalise, named.phone or ())) or ALIASES["phone"],
        "name": frozenset(map(normalise, named.name or ())) or _NAMES,
    }


def has_phone_header(records: Iterable[Sequence[str]], contacts: Contacts) -> bool:
    """Return whether one of the rows holds a header that means the phone in this campaign."""
    known = known_fields(contacts)["phone"]
    return any(known & {normalise(cell) for cell in cells} for cells in records)


def count_known(header: Iterable[str], contacts: Contacts) -> int:
    """Return how many of name and phone a row of headers is known to hold: 0, 1 or 2."""
    forms = {normalise(text) for text in header}
    return sum(bool(forms & names) for names in known_fields(contacts).values())
