"""Opens a sheet that lies in no file, by its address, as one that does."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TextIO
from urllib.parse import urlsplit

from dialer.campaign.address import (
    DATABASES,
    OBJECT_STORES,
    STANDARD_INPUT,
    Address,
    filled,
    scheme_of,
    seen_from,
    shown,
)
from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.own_files import reading_of
from dialer.sheets.record import SUFFIXES, Record
from dialer.sheets.sheet import Sheet, open_sheet
from dialer.sheets.sources.private_copy import PrivateCopy
from dialer.sheets.stamp import stamp_of
from dialer.words import trouble

_PIECE_BYTES = 1 << 20
_NAME, _LONGEST_NAME = "sheet", 100
MOST_QUERY_BYTES = 1 << 20
"""The size of a file with a query."""


def open_source(
    address: Address, contacts: Contacts, folder: Path, *, environment: Mapping[str, str] = os.environ
) -> Sheet:
    """Copy what *address* gives, once, and open the copy as *contacts* say; paths begin at *folder*.

    Raises `SheetError` as `open_sheet` does and where the source gives nothing, and `SettingsError` for a variable
    that *environment* lacks.
    """
    copy, notes = _copied(address, contacts, folder, environment)
    with copy.told():
        sheet = open_sheet(copy.path, reading_of(copy.path, contacts))

    def records(exact: frozenset[int] | None) -> Iterator[Record]:
        with copy.told():  # which also keeps the copy
            yield from sheet.records(exact)

    return replace(sheet, source=copy.label, records=records, notes=(*sheet.notes, *notes))


def _copied(
    address: Address, contacts: Contacts, folder: Path, environment: Mapping[str, str]
) -> tuple[PrivateCopy, tuple[str, ...]]:
    if address == STANDARD_INPUT:
        return _of_standard_input(sys.stdin), ()
    label, text = shown(address), seen_from(folder, filled(address, environment))
    scheme = scheme_of(text)
    if scheme in DATABASES:
        from dialer.sheets.sources.database import order_notes, rows_of  # noqa: PLC0415 - 0.1 s that a file need not pay

        query = _query(label, contacts, folder)
        return PrivateCopy(label, f"{_NAME}.jsonl", rows_of(text, query, label=label)), order_notes(query)
    if contacts.query is not None or contacts.query_file is not None:
        raise SheetError(f"{label}: has a query, and holds the address of no database. Leave out the query.")
    name = _name(address, text)
    if scheme in OBJECT_STORES:
        from dialer.sheets.sources.object_store import pieces_of_object  # noqa: PLC0415 - an extra

        return PrivateCopy(label, name, pieces_of_object(text, label=label)), ()
    from dialer.sheets.sources.web import pieces_of_page  # noqa: PLC0415 - 0.1 s that a file need not pay

    return PrivateCopy(label, name, pieces_of_page(text, contacts.allow, label=label)), ()


def _name(address: Address, text: str) -> str:
    """Return the file's name for messages: that of *address* as it is written, whose ending a variable may hold."""
    written, meant = (PurePosixPath(urlsplit(shown(Address(each))).path) for each in (address, text))
    suffix = meant.suffix if meant.suffix.lower() in SUFFIXES else written.suffix
    return f"{written.stem[:_LONGEST_NAME] or _NAME}{suffix}"


@lru_cache(maxsize=1)
def _of_standard_input(stream: TextIO | None) -> PrivateCopy:
    """Return the copy of what was piped in, which can be read once: a command that asks again gets the same copy."""
    label = shown(STANDARD_INPUT)
    if stream is None:
        raise SheetError(f"{label}: is closed. Pipe a sheet into the command.")
    if stream.isatty():
        raise SheetError(
            f"{label}: is the keyboard. Let a file or another program give the sheet, as in: dialer … < people.csv"
        )
    return PrivateCopy(label, _NAME, iter(lambda: stream.buffer.read(_PIECE_BYTES), b""))


def _query(label: str, contacts: Contacts, folder: Path) -> str:
    if contacts.query is not None:
        return contacts.query
    if contacts.query_file is None:
        raise SheetError(f"{label}: is a database. Write query or query_file under [contacts].")
    path = Path(os.path.normpath(folder / contacts.query_file))
    try:
        if stamp_of(path).size_bytes > MOST_QUERY_BYTES:
            raise SheetError(
                f"{path}: has more than {MOST_QUERY_BYTES:,} bytes, so it is no query. Name the right file."
            )
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise SheetError(f"{path}: the query is not UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        raise SheetError(f"{path}: the query cannot be read: {trouble(error)}.") from error
