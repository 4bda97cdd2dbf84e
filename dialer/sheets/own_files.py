"""Finds out whether a file is one that this program wrote: then a campaign's words about its own sheet do not apply."""

from pathlib import Path

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.results_format import is_result_column
from dialer.sheets.sheet import open_records

UTF_8_MARK = b"\xef\xbb\xbf"


def reading_of(path: Path, contacts: Contacts) -> Contacts:
    """Return how to read *path*: as *contacts* say, or, for results and rejected rows, as this program writes them.

    Such a file has its header in the first row, whatever stood above the header of the sheet that its rows are from.
    Its worksheet and delimiter are those of the program that saved it last, and so is its encoding, if it has a mark.
    """
    keys = ["header_row", "delimiter", "sheet"]
    if not path.is_file():
        return contacts  # `open_sheet` says what it is
    try:
        with path.open("rb") as file:
            keys += ["encoding"] if file.read(len(UTF_8_MARK)) == UTF_8_MARK else []
    except OSError:
        return contacts  # `open_sheet` says what it is
    plain = contacts.model_copy(update=dict.fromkeys(keys))
    if plain == contacts or path.stat().st_size == 0:
        return contacts
    try:
        _, records, *_ = open_records(path, plain)
        first = next(records(None), None)
    except SheetError:
        return contacts
    return plain if first is not None and any(map(is_result_column, first.cells)) else contacts
