"""The sheet that a campaign file is drafted for, as the user names it and as the file will."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialer.campaign.address import DATABASES, Address, read_source, scheme_of, seen_from, shown, sqlite_file
from dialer.campaign.tables import Contacts
from dialer.errors import UsageError
from dialer.sheets.header_names import quoted
from dialer.sheets.sheet import Sheet, open_sheet


@dataclass(frozen=True, slots=True)
class GivenSheet:
    """A sheet's *place*, absolute; of a database the *query* or its file. Construct it with `given_sheet`."""

    place: Path | Address
    query: str | None = None
    query_file: Path | None = None
    allow: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What people call the sheet."""
        return str(self.place) if isinstance(self.place, Path) else shown(self.place)

    def settings(self) -> dict[str, Any]:
        """Return the keys under `[contacts]` that name the sheet."""
        named = {"file": str(self.place), "query": self.query, "query_file": self.query_file, "allow": self.allow}
        return {key: value for key, value in named.items() if value}

    def lines(self, folder: Path) -> Iterator[str]:
        """Yield the lines that name the sheet in a campaign file in *folder*."""
        file = self.place if isinstance(self.place, Path) else sqlite_file(self.place)
        written = str(self.place) if file is None else os.path.relpath(file, folder)
        scheme = "" if file is None or isinstance(self.place, Path) else "sqlite:///"
        yield f"file = {quoted(scheme + written)}"
        if self.query is None and self.query_file is None:
            yield '# query = "SELECT ..."                  # what is asked, where file is the address of a database'
        if self.query is not None:
            yield f"query = {quoted(self.query)}"
        if self.query_file is not None:
            yield f"query_file = {quoted(os.path.relpath(self.query_file, folder))}"
        if self.allow:
            yield f"allow = [{', '.join(map(quoted, self.allow))}]"

    def open(self, contacts: Contacts) -> Sheet:
        """Open the sheet as *contacts* say. Raises as `open_sheet` and `open_source` do."""
        if isinstance(self.place, Path):
            return open_sheet(self.place, contacts)
        from dialer.sheets.sources.source import open_source  # noqa: PLC0415 - what a file need not pay for

        return open_source(self.place, contacts, Path.cwd())


def given_sheet(
    text: str, *, query: str | None = None, query_file: Path | None = None, allow: Sequence[str] = ()
) -> GivenSheet:
    """Return the sheet that *text* names, seen from the current folder. Raises `UsageError` for what names none."""
    try:
        found = read_source(text)
    except ValueError as error:
        raise UsageError(f"SHEET: {error}.") from None
    if isinstance(found, str) and scheme_of(found) in DATABASES and query is None and query_file is None:
        raise UsageError(
            f"{shown(found)}: is a database. Say what it is asked: --query 'SELECT ...', or --query-file FILE."
        )
    place = found.absolute() if isinstance(found, Path) else seen_from(Path.cwd(), found)
    return GivenSheet(place, query, None if query_file is None else query_file.absolute(), tuple(allow))
