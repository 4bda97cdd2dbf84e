"""Finds the cells of a workbook whose value is not what their owner sees, before anything is made of them. Pure."""

from collections.abc import Mapping as Table
from dataclasses import dataclass

from dialer.contacts.calculated import Formulas
from dialer.contacts.contact import HeldBack
from dialer.contacts.mapping import Mapping
from dialer.contacts.marks import Marks
from dialer.status import REASONS, Reason

Rows = Table[int, frozenset[int]]
"""By 0-based column, the numbers of rows."""

_TOLD = {
    Reason.CELL_UNREADABLE: (
        "holds an error, a formula that was never calculated, or a value without its type. Write the value itself, or"
        " empty the cell."
    ),
    Reason.CELL_MERGED: (
        "is merged with the row above, and its value is that row's alone. Split the cells, and fill in each row."
    ),
}


@dataclass(frozen=True, slots=True)
class CellFaults:
    """The marked cells of the columns that a campaign uses."""

    formulas: Formulas
    errors: Rows
    merged: Rows

    @classmethod
    def of(cls, marks: Marks, mapping: Mapping) -> "CellFaults":
        """Take from a worksheet's *marks* those of the columns that are mapped; of formulas only who is rung counts."""
        fields = {index for indices in mapping.columns().values() for index in indices}
        used = fields | mapping.exact | {variable.index for variable in mapping.variables}
        empty: frozenset[int] = frozenset()
        bad = {column: marks.errors.rows(column) for column in mapping.phones}  # the next column may hold a number
        calculated = {column: marks.formulas.rows(column) | bad.get(column, empty) for column in mapping.exact}
        formulas = {column: rows for column, rows in calculated.items() if rows}
        return cls(
            formulas,
            {column: rows for column in used if (rows := marks.errors.rows(column) - formulas.get(column, empty))},
            {column: rows for column in used if (rows := marks.merged.rows(column))},
        )

    def fault_of(self, row: int, mapping: Mapping) -> HeldBack | None:
        """Hold a row back for the first of its cells that cannot be read, or is covered by the one above."""
        if not self.errors and not self.merged:  # as in most sheets
            return None
        for reason, table in ((Reason.CELL_UNREADABLE, self.errors), (Reason.CELL_MERGED, self.merged)):
            for column in sorted(table):
                if row in table[column]:
                    header = mapping.header[column]
                    message = f'{mapping.address(row, column)}: Column "{header}" {_TOLD[reason]}'
                    return HeldBack(REASONS[reason][0], reason, message, column=header)
        return None
