"""Lays out what a run plans: its waiting rows, as far as the horizon, the budget and the limit go."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from dialer.campaign.file import Campaign
from dialer.campaign.stopping import Pilot
from dialer.clock import from_ms
from dialer.jobs.planning.caller_numbers import read_callers
from dialer.jobs.planning.redial_times import policy_of
from dialer.jobs.planning.timetable import DAY, CallsLeft, Inputs, Timetable, Waiting, to_span_ms
from dialer.ledger.database.engine import Transaction
from dialer.ledger.database.many_rows import keep_little
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.ended_calls import accepted_at, first_calls
from dialer.ledger.runs import Run, campaign_id_of
from dialer.ledger.slots import (
    ROW,
    calls_of_numbers,
    committed_slots,
    hold_rows,
    waiting_ranks,
    waiting_rows,
)
from dialer.ledger.spending import spending_of
from dialer.ledger.transitions.reopened import reopen_due
from dialer.memory import give_back
from dialer.reasons import Reason
from dialer.schedule.by_row import ByRow, row_set
from dialer.schedule.compliance import SEARCH, Compliance
from dialer.schedule.places.tz_database import load_zone


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What was planned: how many calls, from when to when (ms since the epoch), and how many rows were left out."""

    planned: int
    beyond_horizon: int
    beyond_limit: int
    no_slot: int
    first_slot_ms: int | None
    last_slot_ms: int | None
    beyond_budget: int = 0
    beyond_pilot: int = 0
    without_number: int = 0
    resumes: str = ""
    """When a later run commits the next slot, as the clocks of whoever it is for show it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A plan with what it was made of; the first `facts.planned` slots are those that the run commits."""

    inputs: Inputs
    table: Timetable
    facts: PlanFacts


def read_inputs(ledger: Ledger, run: Run, campaign: Campaign, *, now_ms: int, limit: int | None) -> Inputs:
    """Read what the plan of *run* is made of; *limit* keeps the first rows only."""
    since_ms = now_ms - Compliance(campaign.schedule, campaign.limits).longest_cap_ms
    with ledger.read() as tx:
        keep_little(tx)
        give_back()
        waiting = waiting_rows(tx, run.id)
        taken = committed_slots(tx, run.campaign_id, from_ms=now_ms - to_span_ms(DAY))
        numbers = calls_of_numbers(tx, run.id, since_ms=since_ms, now_ms=now_ms)
        left = calls_left(tx, run.campaign_id, campaign, now_ms=now_ms)
        ranks = None if campaign.contacts.priority is None else waiting_ranks(tx, run.id)
        callers = read_callers(tx, run.id, campaign.from_numbers, now_ms=now_ms)
    kept, beyond_limit = _first_rows(waiting, limit, ranks)
    return Inputs(campaign, kept, beyond_limit, taken, numbers, now_ms, left, ranks, callers)


def calls_left(tx: Transaction, campaign_id: int, campaign: Campaign, *, now_ms: int) -> CallsLeft:
    """Return how many more calls the campaign may make now, by its budget and its pilot, whichever allows fewer."""
    budget, pilot = campaign.budget, _pilot_left(tx, campaign_id, campaign.pilot, now_ms)
    paid = budget.calls_left(spending_of(tx, campaign_id)) if budget.is_limited else None
    if pilot is None or (paid is not None and paid <= pilot):
        return CallsLeft(paid, Reason.BUDGET_SPENT)
    return CallsLeft(pilot, Reason.PILOT_WAITS)


def _pilot_left(tx: Transaction, campaign_id: int, pilot: Pilot, now_ms: int) -> int | None:
    """Return how many calls the pilot allows; None, any number, once it is over or somebody accepts how it stands."""
    if pilot.calls is None or accepted_at(tx, campaign_id) is not None:
        return None
    first = first_calls(tx, campaign_id, pilot.calls)
    if first.made < pilot.calls:
        return pilot.calls - first.made
    is_over = not first.no_end and now_ms >= first.last_slot_ms + to_span_ms(pilot.wait)
    return None if is_over else 0


def store_reasons(tx: Transaction, run: Run, layout: Layout) -> None:
    """Store why each row gets no slot that the run commits."""
    for reason, rows in held_rows(layout).items():
        hold_rows(tx, run.id, rows, reason, message_of(reason, layout.inputs.campaign))


def lay_out(inputs: Inputs, table: Timetable) -> Layout:
    """Cut *table* at the run's horizon and at the budget; count what lies on either side, and what is left out."""
    in_horizon = bisect_right(table.slots_ms, table.horizon_end_ms)
    left, held_for = inputs.calls_left
    planned = in_horizon if left is None else min(in_horizon, left)
    is_within = in_horizon < len(table)
    following = (table.rows[in_horizon], table.slots_ms[in_horizon]) if is_within else table.beyond
    missed = inputs.rows_waiting - table.settled
    facts = PlanFacts(
        planned=planned,
        beyond_horizon=len(table) - in_horizon + (missed if table.is_cut else 0),
        beyond_limit=len(inputs.beyond_limit),
        no_slot=0 if table.is_cut else missed,
        first_slot_ms=table.slots_ms[0] if planned else None,
        last_slot_ms=table.slots_ms[planned - 1] if planned else None,
        beyond_budget=in_horizon - planned if held_for == Reason.BUDGET_SPENT else 0,
        beyond_pilot=in_horizon - planned if held_for == Reason.PILOT_WAITS else 0,
        without_number=len(table.without_number),
        resumes="" if following is None else _resumes(inputs, *following),
    )
    return Layout(inputs, table, facts)


def _resumes(inputs: Inputs, row: int, slot_ms: int) -> str:
    """Return when a run is early enough for the *row* at its slot: its horizon reaches it at any later start, too."""
    where = next(where for where, rows in inputs.waiting.items() if row in rows)
    at = from_ms(slot_ms) - inputs.campaign.schedule.horizon
    return f"{at.astimezone(load_zone(where.zones[0])):%a %Y-%m-%d %H:%M %Z}"


def committed(layout: Layout) -> Iterator[tuple[int, int]]:
    """Return (row, slot in ms) of what the run commits, in order."""
    return islice(zip(layout.table.rows, layout.table.slots_ms, strict=True), layout.facts.planned)


def pool_numbers(table: Timetable, calls: Iterable[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Return (row, number) of those of *calls*, (row, slot in ms), that come from a number of the campaign's pool."""
    return ((row, table.numbers[row]) for row, _ in calls if row in table.numbers)


def held_rows(layout: Layout) -> dict[Reason, Iterable[int]]:
    """Return the rows that the run will not send, ascending, by the reason that holds each."""
    table, planned = layout.table, layout.facts.planned
    missed = missed_rows(layout)
    waits = layout.inputs.numbers.not_before_ms.keys()
    in_horizon = planned + layout.facts.beyond_budget + layout.facts.beyond_pilot
    later = islice(table.rows, in_horizon, None)
    return {
        layout.inputs.calls_left.held_for: row_set(islice(table.rows, planned, in_horizon)),
        Reason.BEYOND_HORIZON: row_set(chain(later, missed) if table.is_cut else later),
        Reason.NO_SLOT: () if table.is_cut else missed,
        Reason.REDIAL_WAITS: (row for row in table.put_off if row in waits),
        Reason.CAP_REACHED: (row for row in table.put_off if row not in waits),
        Reason.FROM_NUMBERS_USED: table.without_number,
        Reason.CALL_TIME_FULL: table.unkept,
        Reason.BEYOND_LIMIT: layout.inputs.beyond_limit,
    }


def missed_rows(layout: Layout) -> ByRow:
    """Return the rows for which there is no slot, but for those that have a reason of their own."""
    table = layout.table
    others = (row_set(table.rows), table.put_off, table.unkept, table.without_number)
    all_rows = chain.from_iterable(layout.inputs.waiting.values())
    return row_set(row for row in all_rows if not any(row in rows for rows in others))


MESSAGES = {
    Reason.BEYOND_HORIZON: "Its slot lies beyond the campaign's horizon; a later run commits it.",
    Reason.BUDGET_SPENT: "The campaign's budget is spent; raise the limits under [budget], then run again.",
    Reason.PILOT_WAITS: "The first calls are a pilot, and not all have ended; a later run sends the rest.",
    Reason.BEYOND_LIMIT: "Left out by --limit; run again without it.",
    Reason.CALL_TIME_FULL: (
        "No slot is left when the row asks for the call: others come first, the campaign ends, or the time has passed."
    ),
    Reason.NO_SLOT: "No permitted time is left before the campaign's end.",
    Reason.REDIAL_WAITS: "It is called again, and its wait is not over; a later run calls it.",
    Reason.FROM_NUMBERS_USED: (
        "The numbers that it may be called from have made all calls that calls_per_day allows; a later run calls it."
    ),
    Reason.CAP_REACHED: "Its number has been called as often as its caps allow for now; a later run calls it.",
}


def message_of(reason: Reason, campaign: Campaign) -> str:
    """Return what is said of a row that gets no slot for *reason*."""
    if reason == Reason.NO_SLOT and campaign.schedule.end is None:
        return (
            f"No permitted time was found in the next {SEARCH.days} days: its hours, rules and zones have none in"
            " common, or the pace is too slow. `dialer check` lists cells about its place that cannot be read."
        )
    return MESSAGES[reason]


def _first_rows(waiting: Waiting, limit: int | None, ranks: ByRow | None) -> tuple[Waiting, Sequence[int]]:
    """Part the rows after the first *limit*: those of the smallest ranks, and in the order of the sheet."""
    if limit is None:
        return waiting, ()
    rows: Iterable[int] = row_set(chain.from_iterable(waiting.values()))
    kept = row_set(islice(rows if ranks is None else sorted(rows, key=ranks.__getitem__), limit))
    inside = {where: array(ROW, (row for row in rows if row in kept)) for where, rows in waiting.items()}
    left_out = row_set(row for rows in waiting.values() for row in rows if row not in kept)
    return {where: rows for where, rows in inside.items() if rows}, array(ROW, left_out)


def reopen_due_contacts(ledger: Ledger, campaign: Campaign, *, now_ms: int) -> int:
    """Reopen the contacts that the campaign calls again; return how many there are. A new campaign has none."""
    with ledger.write() as tx:
        campaign_id = campaign_id_of(tx, campaign.name)
        policy = policy_of(campaign, now_ms=now_ms)
        return 0 if campaign_id is None else reopen_due(tx, campaign_id, policy, now_ms=now_ms)
