"""Finds the cells of a workbook whose value is not what their owner sees, before anything is made of them. Pure."""

from collections.abc import Mapping as Table
from dataclasses import dataclass

from dialer.contacts.contact import ExcludedRow
from dialer.contacts.mapping import Mapping
from dialer.contacts.phones.cell_text import shape
from dialer.contacts.phones.phone_cell import PhoneProblem
from dialer.reasons import Reason
from dialer.sheets.sheet import SheetRow
from dialer.sheets.workbooks.metadata.model import NOT_AVAILABLE, WorksheetMetadata

ERROR_VALUES = frozenset(
    [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#GETTING_DATA",
        "#BLOCKED!",
        "#CONNECT!",
    ]
)
"""The error values of spreadsheet programs, as a text file holds them."""

Rows = Table[int, frozenset[int]]
"""By 0-based column, the numbers of rows."""

Formulas = Rows
"""By 0-based column, the numbers of the rows whose cell is a formula."""

NO_FORMULAS: Formulas = {}

_TOLD = {
    Reason.CELL_UNREADABLE: (
        "holds an error, a formula that was never calculated, or a value without its type. Write the value itself, or"
        " empty the cell."
    ),
    Reason.CELL_MERGED: (
        "is merged with another cell, and the value of that one alone is shown. Split the cells, and fill in each."
    ),
}


@dataclass(frozen=True, slots=True)
class UnreliableCells:
    """The marked cells of the columns that a campaign uses: `used` are all but its phones, which are judged as such.

    `unreadable` are the errors of every one of its columns and what merges cover.
    """

    formulas: Formulas
    errors: Rows
    merged: Rows
    unreadable: Rows
    used: frozenset[int]

    @classmethod
    def of(cls, metadata: WorksheetMetadata, mapping: Mapping) -> "UnreliableCells":
        """Take from a worksheet's *marks* those of the columns that are mapped; of formulas only who is rung counts."""
        fields = {index for indices in mapping.columns().values() for index in indices}
        used = fields | mapping.exact | mapping.choosing | {variable.index for variable in mapping.variables}
        empty: frozenset[int] = frozenset()
        bad = {column: metadata.errors.rows(column) for column in mapping.phones}  # the next column may hold a number
        calculated = {column: metadata.formulas.rows(column) | bad.get(column, empty) for column in mapping.exact}
        formulas = {column: rows for column, rows in calculated.items() if rows}
        errors = {column: rows for column in used if (rows := metadata.errors.rows(column))}
        merged = {column: rows for column in used if (rows := metadata.merged.rows(column))}
        return cls(
            formulas,
            {column: rows for column in errors if (rows := errors[column] - formulas.get(column, empty))},
            merged,
            {column: errors.get(column, empty) | merged.get(column, empty) for column in errors.keys() | merged.keys()},
            frozenset(used - set(mapping.phones)),
        )

    def marked(self, row: SheetRow) -> SheetRow:
        """Put `NOT_AVAILABLE` in the place of what cannot be read, so that no copy of the row says that it is empty."""
        columns = [column for column, rows in self.unreadable.items() if row.number in rows and column < len(row.cells)]
        if not columns:
            return row
        cells = (NOT_AVAILABLE if column in columns else text for column, text in enumerate(row.cells))
        return row._replace(cells=tuple(cells))

    def fault_of(self, row: SheetRow, mapping: Mapping) -> ExcludedRow | None:
        """Hold a row back for the first of its cells that cannot be read, or is covered by another."""
        if self.unreadable:  # no text file has any
            for reason, table in ((Reason.CELL_MERGED, self.merged), (Reason.CELL_UNREADABLE, self.errors)):
                for column in sorted(table):
                    if row.number in table[column]:
                        return _held(reason, row.number, column, mapping)
        if not ERROR_VALUES.isdisjoint(row.cells):
            for column in sorted(self.used):
                if column < len(row.cells) and row.cells[column] in ERROR_VALUES:
                    return _held(Reason.CELL_UNREADABLE, row.number, column, mapping)
        return None


def _held(reason: Reason, row: int, column: int, mapping: Mapping) -> ExcludedRow:
    header = mapping.header[column]
    message = f'{mapping.address(row, column)}: Column "{header}" {_TOLD[reason]}'
    return ExcludedRow(reason, message, column=header)


def formula_problem(formulas: Formulas, *, row: int, column: int, header: str) -> str | None:
    """Word what is wrong with a cell that is one of the *formulas*; `None` for any other."""
    if row not in formulas.get(column, ()):
        return None
    return (
        f'Column "{header}" holds a formula or an error: what a program calculated last may be another value by now.'
        " Copy the column, and paste it in its place as values."
    )


def format_problem(held: str, shown: str | None, header: str) -> PhoneProblem:
    """Word what is wrong with a phone cell that holds one number and shows another, or nobody can tell which."""
    seen = "in a number format that cannot be read here" if shown is None else f"as {shape(shown)}"
    return PhoneProblem(
        Reason.CELL_FORMATTED,
        f'The number in column "{header}" is stored as {shape(held)}, and its number format shows it {seen}: nobody can'
        " tell which is meant. Write the number that is meant as text, with + and the country code.",
    )
