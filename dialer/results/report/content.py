"""What the page says, section by section, as values that the template only lays out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a list or of a chart: *count*, out of *of* where it is a share; *note* says more of it.

    *kind* colours it: a status, `good` or `bad`, or "".
    """

    label: str
    count: float
    of: float = 0
    note: str = ""
    kind: str = ""

    @property
    def share(self) -> float:
        """How much of *of* it is, between 0 and 1."""
        return self.count / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class HourCell:
    """An hour of a local day: its slots, and whether people may be called then (`all`, `some` or `none` of them)."""

    slots: int
    permitted: str


@dataclass(frozen=True, slots=True)
class ZoneDays:
    """The slots of the people whose first zone this is, by local day and hour: 24 cells a day."""

    zone: str
    slots: int
    days: Sequence[tuple[str, Sequence[HourCell]]]
    busiest: int
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class PauseSpan:
    """A while without requests, as parts of the whole time (0 to 1)."""

    begin: float
    end: float
    note: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Requests over time: calls claimed a second in stretches of equal length, against the *limit*.

    *ticks* are instants (UTC) under the chart, evenly spread.
    """

    run_id: str
    bars: Sequence[Bar]
    limit: float
    step_seconds: int
    ticks: Sequence[str]
    pauses: Sequence[PauseSpan] = ()
    put_off: int = 0


@dataclass(frozen=True, slots=True)
class Ends:
    """How calls ended, as far as the API was asked: counts, lengths, and how many were answered by a person."""

    asked: int
    calls: int
    dispositions: Sequence[Bar]
    durations: Sequence[Bar]
    talk: str
    by_hour: Sequence[Bar]
    by_weekday: Sequence[Bar]
    by_from_number: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is that goes on; *left* tells in words how long it may still take, "" where nobody knows.

    *held_by* tells why nothing is sent now, "" while something is.
    """

    done: int
    planned: int
    left: str = ""
    held_by: str = ""


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """The rows that need a person, column by column, as the page's script reads them; *count* rows in all.

    *first* are those that the page shows without its script. `repr()` shows nobody.
    """

    count: int
    columns: Mapping[str, Any] = field(repr=False)
    first: Sequence[Mapping[str, str]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run, in words; "" where there is nothing to tell."""

    id: str
    night: str
    started: str
    ended: str
    exit: str
    stop: str
    attempts: str


@dataclass(frozen=True, slots=True)
class Report:
    """The whole page. *written_at* is an instant in words; *refresh_seconds* is None once nothing changes any more."""

    title: str
    subtitle: str
    written_at: str
    next_step: str
    progress: Progress | None
    funnel: Sequence[Bar]
    statuses: Sequence[Bar]
    reasons: Sequence[Bar]
    zones: Sequence[ZoneDays]
    timeline: Timeline | None
    ends: Ends | None
    nights: Sequence[Bar]
    people: PeopleTable
    runs: Sequence[RunLine]
    facts: Sequence[tuple[str, str]]
    is_masked: bool = True
    refresh_seconds: int | None = None
