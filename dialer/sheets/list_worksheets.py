"""Notices where the first worksheet is no list of people, and another one is."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.header_names import holds_number, quoted, says_phone
from dialer.sheets.header_row import LOOKED_AT_ROWS, has_phone_header
from dialer.sheets.workbooks.worksheet import Worksheet, open_worksheet


class UnclearWorksheet(SheetError):
    """The campaign names no worksheet, and the first one is no list of people; *lists* are those that look like one."""

    def __init__(self, message: str, lists: tuple[str, ...]) -> None:
        super().__init__(message)
        self.lists = lists


def refuse_other_list(path: Path, first: Worksheet, contacts: Contacts) -> None:
    """Raise `UnclearWorksheet` where the *first* worksheet has no header of phones and another visible one has.

    Where no header of a phone is known, one that speaks of phones, such as "Telefon (neu)", will do.
    """
    if not first.others or _is_list(first, contacts):
        return
    others = [open_worksheet(path, name) for name in first.others]
    lists = tuple(other.name for other in others if _is_list(other, contacts))
    if not lists and not _may_be_list(first):
        lists = tuple(other.name for other in others if _may_be_list(other))
    if lists:
        named = ", ".join(map(quoted, lists))
        raise UnclearWorksheet(
            f"{path}: the first worksheet, {quoted(first.name)}, has no header that means a phone, and {named}"
            f" {'has' if len(lists) == 1 else 'have'} one. Write which is meant under [contacts], such as\n"
            f"sheet = {quoted(lists[0])}",
            lists,
        )


def _is_list(worksheet: Worksheet, contacts: Contacts) -> bool:
    return has_phone_header(_first_rows(worksheet), contacts)


def _may_be_list(worksheet: Worksheet) -> bool:
    """Return whether one of the first rows has several texts, no number, and speaks of phones."""
    return any(
        sum(1 for cell in cells if cell.strip()) > 1 and any(map(says_phone, cells)) and not holds_number(cells)
        for cells in _first_rows(worksheet)
    )


def _first_rows(worksheet: Worksheet) -> Iterator[Sequence[str]]:
    return (record.cells for record in islice(worksheet.records(None), LOOKED_AT_ROWS))
