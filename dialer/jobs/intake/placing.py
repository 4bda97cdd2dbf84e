"""Places the contacts of a sheet, and holds back whom no hour of the campaign will ever suit."""

from collections.abc import Sequence

from dialer.clock import from_ms, to_ms
from dialer.contacts.choosing.call_times import ANY_TIME, AskedTime, CallTimes
from dialer.contacts.contact import Contact, ExcludedRow
from dialer.contacts.loader import Loaded
from dialer.reasons import Reason
from dialer.schedule.compliance import SEARCH, Compliance
from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.places.whereabouts import Whereabouts, cell_notes, placed

_MEND = "give the person's zone in a column that is mapped as timezone under [contacts.columns]"


_SHOWN_ZONES = 3
_BY_WEIGHT = ("call_at", "not_after", "not_before")
"""The columns of what is asked for, first the one that says most: the message names its cell."""


class Placing:
    """Where the contacts of *loaded* could be, under the terms of its campaign; it can be sent to another process."""

    def __init__(self, loaded: Loaded) -> None:
        schedule = loaded.campaign.schedule
        self._mapping = loaded.mapping
        self._compliance = Compliance(schedule, loaded.campaign.limits)
        self._start_ms = loaded.now_ms if isinstance(schedule.start, str) else max(loaded.now_ms, to_ms(schedule.start))
        self._starts_later = self._start_ms > loaded.now_ms
        self._is_ever_open: dict[Whereabouts, bool] = {}

    def place(self, contact: Contact) -> Whereabouts | ExcludedRow:
        """Return where the contact could be; it is excluded where nobody knows, or no hour is ever permitted there."""
        where = placed(contact)
        if isinstance(where, ExcludedRow):
            return where
        if self.is_ever_open(where):
            return where
        is_asked = where.times != ANY_TIME and self.is_ever_open(where.at_any_time)
        return self._asked_in_vain(contact, where) if is_asked else self._held(contact, where)

    def is_ever_open(self, where: Whereabouts) -> bool:
        """Return whether any hour is permitted to people *where*, from now or from the campaign's start on."""
        is_open = self._is_ever_open.get(where)
        if is_open is None:
            is_open = self._is_ever_open[where] = self._compliance.is_ever_open(where, start_ms=self._start_ms)
        return is_open

    def _asked_in_vain(self, contact: Contact, where: Whereabouts) -> ExcludedRow:
        """Word that the person may not be called when they ask for it, and why."""
        name, why = self._why_never(where)
        (column,) = self._mapping.columns()[name]
        header, zones = self._mapping.header[column], ", ".join(where.zones[:_SHOWN_ZONES])
        is_one = len(where.zones) == 1
        message = (
            f"{self._mapping.address(contact.row, column)}: The row asks for a call: {where.times.described}. That"
            f" {why} {zones}. Correct the cell or empty it{'' if is_one else f', or {_MEND}'}."
        )
        return ExcludedRow(Reason.CALL_TIME_IMPOSSIBLE, message, contact.phone, header, contact.key)

    def _why_never(self, where: Whereabouts) -> tuple[str, str]:
        """Return the cell that keeps the person from being called when they ask for it, and why, before their zones."""
        cells = {name: cell for name in _BY_WEIGHT if (cell := getattr(where.times, name)) is not None}
        if self._compliance.is_asked_for(where, start_ms=self._start_ms):
            return next(iter(cells)), "lies in no hour that is permitted in"
        for name, cell in cells.items():
            alone = where._replace(times=CallTimes(**{name: cell}))
            if not self._compliance.is_asked_for(alone, start_ms=self._start_ms):
                return name, self._why_never_alone(cell, where.zones)
        return next(iter(cells)), "leaves no time at all in"

    def _why_never_alone(self, cell: AskedTime, zones: Sequence[str]) -> str:
        start, is_one = from_ms(self._start_ms), len(zones) == 1
        today = min(start.astimezone(load_zone(zone)).date() for zone in zones)
        if cell.day is not None and (cell.day < today or (is_one and cell.day == today)):
            return "has passed when the campaign starts in" if self._starts_later else "has passed in"
        if cell.day is not None and cell.day >= (start + SEARCH).date():
            return "lies more than a year ahead in"
        return "is a time that clocks skip on that day in" if is_one else "never comes at once in all of"

    def _held(self, contact: Contact, where: Whereabouts) -> ExcludedRow:
        zones = f"{len(where.zones)} time zones, {where.zones[0]} to {where.zones[-1]}"
        never = "they have no permitted hour in common, so the person is never called"
        note = next(iter(cell_notes(contact)), None)
        if len(where.zones) == 1:
            message = (
                f"The hours of the campaign and of the rules where the person is ({where.zones[0]}) have none in"
                " common. Widen window or days under [schedule]; `dialer rules` shows the rules."
            )
            return ExcludedRow(Reason.NO_HOURS, message, contact.phone, key=contact.key)
        if note is None:
            message = f"The number may be in any of {zones}: {never}. To have the person called, {_MEND}."
            return ExcludedRow(Reason.NO_HOURS, message, contact.phone, key=contact.key)
        (index,) = self._mapping.columns()[note.field]
        header = self._mapping.header[index]
        what = "cannot be read as a place" if note.kind == "unread" else "names another place than the number's"
        cell = f'{self._mapping.address(contact.row, index)}: Column "{header}" ("{note.value}")'
        message = (
            f"{cell} {what}, and the person may be in any of {zones}: {never}. Correct or empty the cell, or {_MEND}."
        )
        return ExcludedRow(Reason.NO_HOURS, message, contact.phone, header, contact.key)
