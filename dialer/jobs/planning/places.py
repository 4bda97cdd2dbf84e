"""What a plan says of each row, found by its number: where its contact may be, and its slot."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from dialer.jobs.planning.layout import Layout
from dialer.jobs.planning.timetable import Timetable, Waiting
from dialer.schedule.by_row import ByRow
from dialer.schedule.places.whereabouts import Whereabouts

QUARTER_MS = 900_000


class Places:
    """Where the contact of each row to plan may be: nowhere for another row."""

    def __init__(self, waiting: Waiting) -> None:
        self._places = list(waiting)
        self._place_of = ByRow()
        for index, rows in enumerate(waiting.values()):
            for row in rows:
                self._place_of[row] = index

    def __getitem__(self, row: int) -> Whereabouts:
        index = self._place_of.get(row)
        return Whereabouts((), ()) if index is None else self._places[index]

    def calls_by_quarter(self, table: Timetable) -> Iterator[tuple[tuple[str, ...], int, int]]:
        """Yield (zones, an instant in ms, how many slots) for each quarter of an hour: all clocks change at one."""
        calls = zip(table.slots_ms, table.rows, strict=True)
        for quarter, group in groupby(calls, key=lambda call: call[0] // QUARTER_MS):
            of_place = Counter(self._place_of[row] for _, row in group)
            yield from ((self._places[at].zones, quarter * QUARTER_MS, count) for at, count in of_place.items())


def slots_by_row(table: Timetable) -> ByRow:
    """Return the slot (ms, UTC) of each row that has one, also beyond the horizon."""
    found = ByRow()
    for row, slot_ms in zip(table.rows, table.slots_ms, strict=True):
        found[row] = slot_ms
    return found


def committed_by_row(layout: Layout) -> Iterator[tuple[int, int]]:
    """Return (row, slot in ms) of what the run commits, in the order of the rows."""
    slots, last_ms = slots_by_row(layout.table), layout.facts.last_slot_ms
    return ((row, slots[row]) for row in slots if last_ms is not None and slots[row] <= last_ms)
