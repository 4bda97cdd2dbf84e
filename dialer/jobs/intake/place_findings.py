"""What `check` tells of the cells that say where people are: which nobody can read, which are of elsewhere."""

from collections import Counter
from collections.abc import Iterator

from dialer.contacts.mapping import Mapping
from dialer.jobs.intake.parallel_check import Verdict
from dialer.words import counted

_SHOWN = 10

_MEANING = {
    "unread": (
        "cannot be read as a place: the hours of every place of the country hold there. Correct or empty these cells,"
        " or give people's zones in a column that is mapped as timezone"
    ),
    "elsewhere": "names another place than the number's: the hours of both hold there",
}


class PlaceFindings:
    """The cells about places of one sheet, seen verdict by verdict."""

    def __init__(self, mapping: Mapping) -> None:
        self._headers = {field: mapping.header[at[0]] for field, at in mapping.columns().items() if at}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._rows: dict[tuple[str, str], list[str]] = {}

    def see(self, verdict: Verdict) -> Verdict:
        """Take down what *verdict* says of its cells, and pass it on."""
        for note in verdict.cell_notes:
            kind = (note.field, note.kind)
            self._counts[kind] += 1
            rows = self._rows.setdefault(kind, [])
            if len(rows) < _SHOWN:
                rows.append(f'{verdict.row} "{note.value}"')
        return verdict

    def notes(self) -> Iterator[str]:
        """Word what was found, a sentence for each column."""
        for (field, kind), count in sorted(self._counts.items()):
            rows = ", ".join(self._rows[field, kind]) + (", …" if count > _SHOWN else "")
            number = counted(count, "row")
            yield f'Column "{self._headers[field]}" {_MEANING[kind]}; {number} ({rows}).'
