"""What `check` tells of the cells that say where people are: which nobody can read, which are of elsewhere."""

from collections import Counter
from collections.abc import Iterator

from dialer.contacts.mapping import Mapping
from dialer.jobs.intake.parallel_check import Verdict
from dialer.schedule.places.regions import CellNote
from dialer.words import counted

_SHOWN = 10

_MEANING = {
    "unread": "cannot be read as a place: the hours of every place of the country hold there",
    "elsewhere": "names another place than the number's: the hours of both hold there",
}


class PlaceFindings:
    """The cells about places of one sheet, seen verdict by verdict."""

    def __init__(self, mapping: Mapping) -> None:
        self._headers = {field: mapping.header[at[0]] for field, at in mapping.columns().items() if at}
        self._counts: Counter[CellNote] = Counter()
        self._rows: dict[CellNote, list[int]] = {}

    def see(self, verdict: Verdict) -> Verdict:
        """Take down what *verdict* says of its cells, and pass it on."""
        for note in verdict.cell_notes:
            self._counts[note] += 1
            rows = self._rows.setdefault(note, [])
            if len(rows) < _SHOWN:
                rows.append(verdict.row)
        return verdict

    def notes(self) -> Iterator[str]:
        """Word what was found, a sentence for each column."""
        for note, count in sorted(self._counts.items()):
            rows = ", ".join(map(str, self._rows[note])) + (", …" if count > _SHOWN else "")
            number = counted(count, "row")
            yield f'Column "{self._headers[note.field]}" {_MEANING[note.kind]}; {number} ({rows}).'
