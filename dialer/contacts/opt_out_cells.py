"""Finds cells that say that somebody is not to be called, in columns that nothing reads for it. Pure."""

from collections import defaultdict
from collections.abc import Sequence

from dialer.contacts.mapping import Mapping
from dialer.sheets.header_names import shown
from dialer.sheets.opt_out_words import says_not_to_call, texts_that_say_so
from dialer.sheets.sheet import SheetRow

_SHOWN_ROWS = 10


class OptOutCells:
    """The cells seen so far, by column: who wrote them there is not heard where the campaign reads another column."""

    def __init__(self, mapping: Mapping) -> None:
        self._header = mapping.header
        read = {index for indices in mapping.consent.mapped().values() for index in indices}
        read.update(mapping.phones[:1])  # of later ones no cell is read behind a number that can be called
        self._looked_at = [at for at in range(mapping.width) if at not in read and at != mapping.email]
        self._rows: defaultdict[int, list[int]] = defaultdict(list)

    def look(self, rows: Sequence[SheetRow]) -> None:
        """Look through *rows*, in the sheet's order."""
        whole = [row for row in rows if len(row.cells) == len(self._header)]
        for position in texts_that_say_so(["\x1f".join(map(row.cells.__getitem__, self._looked_at)) for row in whole]):
            row = whole[position]
            for column in self._looked_at:
                if says_not_to_call(row.cells[column]):
                    self._rows[column].append(row.number)

    def notes(self) -> tuple[str, ...]:
        """Word what was found, a sentence for each column."""
        return tuple(self._note(column, rows) for column, rows in sorted(self._rows.items()))

    def _note(self, column: int, rows: Sequence[int]) -> str:
        listed = ", ".join(map(str, rows[:_SHOWN_ROWS])) + (", \u2026" if len(rows) > _SHOWN_ROWS else "")
        return (
            f"Column {shown(self._header[column])} reads like a wish not to be called in {len(rows):,}"
            f" {'row' if len(rows) == 1 else 'rows'} ({listed}), and nothing reads it for that: such rows are called"
            " unless something else keeps them back. Move the wish into a column of its own, named as consent_revoked"
            " under [contacts.columns]."
        )
