"""What each column of one sheet means. Pure."""

import re
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from typing import Literal

from dialer.contacts.columns.call_columns import CallColumn
from dialer.contacts.consent import ConsentColumns

KeyField = Literal["phone", "name", "email"]

Columns = Table[str, int]
"""0-based columns by what names them."""

_BARE_WORKSHEET = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class VariableColumn:
    """A prompt variable *key* and the 0-based column it is read from."""

    key: str
    header: str
    index: int
    required: bool
    default: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """What each column of one sheet means. Columns are 0-based indices into the header and every row.

    `names` are joined by a space; of `phones` the first with a number that may be called counts. `key` tells what
    identifies a contact: a mapped field by its name, any other column by its index. `unmapped` are the headers that
    nothing uses, without the columns of a results file; `sent_phone` is that file's own column of numbers. `chosen_by`
    are the columns that `where` names, by the names that it has for them; `call` decides how people are called, and
    `priority` who is called first, and `asked` are the columns of when people ask to be called.
    """

    worksheet: str | None
    header: tuple[str, ...]
    names: tuple[int, ...]
    phones: tuple[int, ...]
    email: int | None
    timezone: int | None
    state: int | None
    postal_code: int | None
    country: int | None
    consent: ConsentColumns
    variables: tuple[VariableColumn, ...]
    key: tuple[KeyField | int, ...]
    unmapped: tuple[str, ...]
    sent_phone: int | None
    chosen_by: Columns = field(default_factory=dict)
    asked: Columns = field(default_factory=dict)
    call: tuple[CallColumn, ...] = ()
    priority: int | None = None

    @property
    def width(self) -> int:
        """The number of cells every row has."""
        return len(self.header)

    @property
    def exact(self) -> frozenset[int]:
        """The columns whose cells are read for their whole value, not as a number format shows it."""
        numbers = {*self.phones, *([] if self.sent_phone is None else [self.sent_phone])}
        numbers |= {column.index for column in self.call if column.key is not None}
        return frozenset(numbers | {part for part in self.key if isinstance(part, int)})

    @property
    def told_exactly(self) -> frozenset[int]:
        """The columns that are read exactly: those, and consents, whose dates must be understood in every language.

        So are those that rows are chosen by, unless a call speaks them: then they are read as they are shown.
        """
        chosen = self.choosing - {variable.index for variable in self.variables}
        chosen |= frozenset(self.asked.values())
        return self.exact | chosen | {index for indices in self.consent.mapped().values() for index in indices}

    @property
    def choosing(self) -> frozenset[int]:
        """The columns that say whether and in what order rows are called."""
        return frozenset(self.chosen_by.values()) | frozenset(() if self.priority is None else (self.priority,))

    def columns(self) -> dict[str, tuple[int, ...]]:
        """Return the columns of each field of `[contacts.columns]` that the sheet has."""
        single = {
            "email": self.email,
            "timezone": self.timezone,
            "state": self.state,
            "postal_code": self.postal_code,
            "country": self.country,
        }
        found = {field: (index,) for field, index in {**single, **self.asked}.items() if index is not None}
        call = {column.name: (column.index,) for column in self.call}
        return {"name": self.names, "phone": self.phones} | found | self.consent.mapped() | call

    def described(self) -> dict[str, str]:
        """Return the header behind each field and variable: `{"phone": "Mobile", "variables.city": "Town"}`."""
        found = {field: ", ".join(self.header[index] for index in indices) for field, indices in self.columns().items()}
        if self.chosen_by:
            found["where"] = ", ".join(self.header[index] for index in self.chosen_by.values())
        if self.priority is not None:
            found["priority"] = self.header[self.priority]
        return found | {f"variables.{variable.key}": variable.header for variable in self.variables}

    def address(self, row: int, column: int) -> str:
        """Return a cell's address, `Sheet1!C17`, or `C17` in a text file; *column* counts from 0."""
        cell = f"{column_letters(column)}{row}"
        if self.worksheet is None:
            return cell
        quoted = self.worksheet if _BARE_WORKSHEET.fullmatch(self.worksheet) else f"'{self.worksheet}'"
        return f"{quoted}!{cell}"


def column_letters(column: int) -> str:
    """Return the letters of the 0-based *column*: `A`, `Z`, `AA`."""
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
