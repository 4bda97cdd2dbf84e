"""Turns what is known about waiting rows into a timetable: the campaign's terms, everybody's hours, the planner."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain
from typing import NamedTuple

from dialer.campaign.file import Campaign
from dialer.clock import from_ms, to_ms
from dialer.contacts.choosing.call_times import ANY_TIME
from dialer.jobs.planning.caller_numbers import Callers, calls_a_day, number_calls
from dialer.ledger.slots import ROW, NumberCalls
from dialer.reasons import Reason
from dialer.schedule.by_row import ByRow, TextByRow, row_set
from dialer.schedule.caps import CapBook, CappedRow
from dialer.schedule.compliance import SEARCH, Compliance
from dialer.schedule.instants import Instants
from dialer.schedule.places.whereabouts import Whereabouts
from dialer.schedule.planner import Group, Terms, plan
from dialer.schedule.windows import Interval

Waiting = Mapping[Whereabouts, Sequence[int]]
"""Row numbers in sheet order, by where their contact may be."""

LEAD = timedelta(seconds=30)
"""How long after "now" the first slot lies: the connections have to be opened and the first calls sent by then."""

REQUEST_SHARE = 0.95
"""The share of `requests_per_second` that slots may count on; the pacing keeps a little below the limit."""

DAY = timedelta(days=1)


class CallsLeft(NamedTuple):
    """How many more *calls* may be committed, None: any number, and the reason of the rows beyond them."""

    calls: int | None = None
    held_for: Reason = Reason.BUDGET_SPENT


ANY_NUMBER = CallsLeft()


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a plan is made of, read from the ledger at *now_ms*: the same inputs give the same plan.

    *waiting* are the rows that are to be planned, *beyond_limit* those that `--limit` leaves out, *taken_ms* the slots
    that the campaign has given already, *numbers* the other calls of the waiting numbers, in any campaign. The budget
    allows *calls_left* more calls; None: any number. *ranks* are those of the waiting rows by their priorities, the
    smallest first; None: all are equal. *callers* decide from which numbers the calls come.
    """

    campaign: Campaign
    waiting: Waiting
    beyond_limit: Sequence[int]
    taken_ms: Sequence[int]
    numbers: NumberCalls
    now_ms: int
    calls_left: CallsLeft = ANY_NUMBER
    ranks: ByRow | None = None
    callers: Callers = field(default_factory=lambda: Callers({}, {}, {}, {}))

    @property
    def rows_waiting(self) -> int:
        """How many rows are to be planned."""
        return sum(len(rows) for rows in self.waiting.values())

    @property
    def has_wishes(self) -> bool:
        """Whether somebody asks to be called at a time of their own."""
        return any(where.times != ANY_TIME for where in self.waiting)

    @property
    def start_ms(self) -> int:
        """The first instant at which a slot may lie."""
        start, first_ms = self.campaign.schedule.start, self.now_ms + to_span_ms(LEAD)
        return first_ms if isinstance(start, str) else max(first_ms, to_ms(start))

    @property
    def end_ms(self) -> int:
        """The instant before which every slot lies: the campaign's end, or as far as one looks ahead."""
        end = self.campaign.schedule.end
        return self.last_end_ms if end is None else to_ms(end)

    @property
    def last_end_ms(self) -> int:
        """As far as one looks ahead."""
        return to_ms(from_ms(self.start_ms) + SEARCH)

    @property
    def fastest_per_minute(self) -> float:
        """The pace that the pacing towards the API can follow."""
        return min(60_000.0, self.campaign.submit.requests_per_second * 60 * REQUEST_SHARE)

    @property
    def calls_per_minute(self) -> float:
        """The pace of the plan: the campaign's, and never faster than calls can be sent."""
        return min(self.campaign.schedule.calls_per_minute, self.fastest_per_minute)


@dataclass(frozen=True, slots=True)
class Timetable:
    """A plan as two columns: row *rows*[i] has the slot *slots_ms*[i] (UTC); slots ascend.

    *put_off* are rows without a slot whose caps allow none in time, *unkept* those that find none when they ask for
    it, now or later. *horizon_end_ms* is the last instant that a run commits. *is_cut* says that the plan stops there,
    and *beyond* is the first (row, slot in ms) after it; otherwise every other row without a slot finds none before the
    end. *numbers* are those of the campaign's pool that rows with
    a slot are called from; rows *without_number* have no slot because none of it was free.
    """

    rows: "array[int]"
    slots_ms: Instants
    put_off: ByRow
    horizon_end_ms: int
    is_cut: bool = False
    beyond: tuple[int, int] | None = None
    numbers: TextByRow = field(default_factory=TextByRow)
    unkept: ByRow = field(default_factory=lambda: row_set(()))
    without_number: ByRow = field(default_factory=lambda: row_set(()))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def settled(self) -> int:
        """How many rows have a slot, or a reason of their own to have none."""
        return len(self.rows) + len(self.put_off) + len(self.unkept) + len(self.without_number)


def make_timetable(
    inputs: Inputs,
    *,
    pace: float | None = None,
    end_ms: int | None = None,
    to_horizon: bool = False,
    horizon_end_ms: int | None = None,
) -> Timetable:
    """Plan all of *inputs*, or with another *pace* (calls a minute) or end; *to_horizon* stops where a run does.

    The horizon counts from the first instant at which anybody of *inputs* may be called by hours alone: neither caps,
    nor redial waits, nor slots that are taken move it. *horizon_end_ms* is where it ended when the run was planned
    before, so that planning anew never stretches it.
    """
    compliance = Compliance(inputs.campaign.schedule, inputs.campaign.limits)
    caps = cap_book(inputs.waiting, inputs.numbers, compliance)
    terms = _terms(inputs, pace, inputs.end_ms if end_ms is None else end_ms)
    groups = _groups(inputs, compliance, terms)
    if horizon_end_ms is None:
        opens_ms = min((hours.opens_ms for hours in groups if hours.opens_ms is not None), default=terms.start_ms)
        horizon_end_ms = opens_ms + to_span_ms(inputs.campaign.schedule.horizon)
    found, slots = array(ROW), Instants()
    beyond = None
    planned = plan([each.group for each in groups], terms, taken_ms=inputs.taken_ms, caps=caps, ranks=inputs.ranks)
    for row, slot_ms in planned:
        if to_horizon and slot_ms > horizon_end_ms:
            beyond = (row, slot_ms)
            break
        found.append(row)
        slots.append(slot_ms)
    is_cut = beyond is not None
    last_ms = horizon_end_ms if is_cut else terms.end_ms
    with_slot = row_set(found if inputs.numbers.phones or inputs.has_wishes else ())
    without = (row for row in caps if row not in with_slot)
    put_off = row_set(row for row in without if (free := caps.free_ms(row)) is None or free >= last_ms)
    asked = _asked_in_vain(inputs, compliance, last_ms if is_cut else None)
    unkept = row_set(row for row in asked if row not in with_slot and row not in put_off)
    table = Timetable(found, slots, put_off, horizon_end_ms, is_cut=is_cut, beyond=beyond, unkept=unkept)
    return numbered(inputs, table) if inputs.campaign.from_numbers else table


def numbered(inputs: Inputs, table: Timetable) -> Timetable:
    """Return *table* with a number of the campaign's pool for each call, but for those that find none free."""
    calls = zip(table.rows, table.slots_ms, strict=True)
    found = number_calls(calls, inputs.campaign, inputs.callers, inputs.waiting, inputs.numbers.phones)
    return replace(table, rows=found.rows, slots_ms=found.slots_ms, numbers=found.numbers, without_number=found.without)


class _Hours:
    """The rows of one group, and when its hours first open for longer than the margin."""

    def __init__(self, rows: Sequence[int], intervals: Iterator[Interval], margin_ms: int) -> None:
        seen: list[Interval] = []
        self.opens_ms: int | None = None
        for opens, closes in intervals:
            seen.append((opens, closes))
            if closes - margin_ms > opens:
                self.opens_ms = opens
                break
        self.group = Group(rows, chain(seen, intervals))


def _groups(inputs: Inputs, compliance: Compliance, terms: Terms) -> list[_Hours]:
    """Return the rows of each place with their hours, in the order of their ranks if they have any."""
    # A day beyond the end: the campaign's end is no end of anybody's hours, so it needs no margin.
    beyond_ms = terms.end_ms + to_span_ms(DAY)
    found = []
    for where, rows in inputs.waiting.items():
        in_order = rows if inputs.ranks is None else array(ROW, sorted(rows, key=inputs.ranks.__getitem__))
        intervals = compliance.intervals(where, start_ms=terms.start_ms, end_ms=beyond_ms)
        found.append(hours := _Hours(in_order, intervals, terms.end_margin_ms))
        if where.times != ANY_TIME:  # what single people ask for moves no horizon
            at_any_time = compliance.intervals(where.at_any_time, start_ms=terms.start_ms, end_ms=beyond_ms)
            hours.opens_ms = _Hours((), at_any_time, terms.end_margin_ms).opens_ms
    return found


def _asked_in_vain(inputs: Inputs, compliance: Compliance, cut_ms: int | None) -> Iterator[int]:
    """Yield the rows that ask for a time; of a plan that is cut, those whose time has passed by then."""
    for where, rows in inputs.waiting.items():
        if where.times != ANY_TIME and (
            cut_ms is None
            or next(compliance.intervals(where, start_ms=cut_ms, end_ms=inputs.last_end_ms), None) is None
        ):
            yield from rows


def _terms(inputs: Inputs, pace: float | None, end_ms: int) -> Terms:
    schedule = inputs.campaign.schedule
    return Terms(
        start_ms=inputs.start_ms,
        end_ms=end_ms,
        calls_per_minute=inputs.calls_per_minute if pace is None else pace,
        end_margin_ms=to_span_ms(schedule.end_margin),
        daily_limit=calls_a_day(inputs.campaign, inputs.callers),
    )


def cap_book(waiting: Waiting, numbers: NumberCalls, compliance: Compliance) -> CapBook:
    """Return the book of when each waiting row becomes free, as of the other calls of their *numbers*."""
    phones = numbers.phones
    if not phones:
        return CapBook((), {})
    capped = (
        CappedRow(row, phones[row], caps, numbers.not_before_ms.get(row, 0))
        for caps, rows in ((compliance.caps(where.regions), rows) for where, rows in waiting.items())
        for row in rows
        if row in phones
    )
    return CapBook(capped, numbers.slots_ms, phones)


def to_span_ms(span: timedelta) -> int:
    """Return a span as whole milliseconds."""
    return span // timedelta(milliseconds=1)
