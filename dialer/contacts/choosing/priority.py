"""How early a row is called, by the cell that `priority` names. Pure."""

from collections.abc import Iterator, Sequence

from dialer.campaign.tables import Priority
from dialer.campaign.values import folded_word
from dialer.contacts.choosing.cell_values import numbers_of
from dialer.contacts.mapping import Mapping
from dialer.sheets.sheet import SheetRow
from dialer.words import counted

_SHOWN_ROWS = 10


def priority_in(text: str, priority: Priority) -> float | None:
    """Return the priority that a cell says: the larger the earlier. `None`, the last of all, where it says none.

    Of words the first of `order` is the largest. A number that may be two counts as the larger, since few amounts have
    three decimals.
    """
    if priority.order:
        places = {folded_word(word): -float(at) for at, word in enumerate(priority.order)}
        return places.get(folded_word(text))
    return max(map(float, numbers_of(text)), default=None)


class CellsWithoutPriority:
    """The cells seen so far that hold something, and no priority: their rows are called last."""

    def __init__(self, mapping: Mapping, priority: Priority | None) -> None:
        self._header, self._column, self._priority = mapping.header, mapping.priority, priority
        self._rows: list[int] = []

    def look(self, rows: Sequence[SheetRow]) -> None:
        """Look through *rows*, in the sheet's order."""
        at, priority = self._column, self._priority
        if at is not None and priority is not None:
            cells = ((row.number, row.cells[at].strip()) for row in rows if at < len(row.cells))
            self._rows += [number for number, cell in cells if cell and priority_in(cell, priority) is None]

    def notes(self) -> Iterator[str]:
        """Word what was found, in one sentence."""
        if self._rows and self._column is not None and self._priority is not None:
            listed = ", ".join(map(str, self._rows[:_SHOWN_ROWS])) + (", …" if len(self._rows) > _SHOWN_ROWS else "")
            what = "none of the words of order" if self._priority.order else "no number"
            yield (
                f'Column "{self._header[self._column]}" decides who is called first, and holds {what} in'
                f" {counted(len(self._rows), 'row')} ({listed}): they are called last."
            )
