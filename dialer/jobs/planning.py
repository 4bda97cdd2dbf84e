"""Gives the waiting rows of a run their slots, as far as the horizon and the limit go."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice

from dialer.campaign import Campaign
from dialer.campaign_tables import Schedule
from dialer.clock import from_ms, to_ms
from dialer.ledger import Ledger, read, write
from dialer.ledger.intake import Run
from dialer.ledger.slots import clear_slots, committed_slots, hold_rows, set_slots, waiting_rows
from dialer.schedule import Group, Planned, open_intervals, plan
from dialer.status import Reason

Waiting = Mapping[tuple[str, ...], Sequence[int]]
"""Row numbers in sheet order, by the zones of their contact."""

LEAD = timedelta(seconds=30)
"""How long after "now" the first slot lies: the connections have to be opened and the first calls sent by then."""

SEARCH = timedelta(days=366)
"""How far ahead a permitted time is looked for when the campaign names no end."""

REQUEST_SHARE = 0.95
"""The share of `requests_per_second` that slots may count on; the pacing keeps a little below the limit."""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What was planned: how many calls, from when to when (ms since the epoch), and how many rows were left out."""

    planned: int
    beyond_horizon: int
    beyond_limit: int
    no_slot: int
    first_slot_ms: int | None
    last_slot_ms: int | None


def plan_run(
    ledger: Ledger, run: Run, campaign: Campaign, *, now_ms: int, limit: int | None, first_slot_ms: int | None
) -> PlanFacts:
    """Plan the run's waiting rows from *now_ms* on, and store their slots.

    *limit* takes the first rows of the sheet only. *first_slot_ms* is the run's first slot when it was planned
    before: the horizon counts from there, so that planning anew never stretches it.
    """
    with read(ledger.engine) as tx:
        waiting = waiting_rows(tx, run.id)
        taken = committed_slots(tx, run.campaign_id, from_ms=now_ms)
    kept, beyond_limit = _first_rows(waiting, limit)
    planned = _slots(campaign, kept, taken, now_ms=now_ms, first_slot_ms=first_slot_ms)
    missed = sorted(set(chain.from_iterable(kept.values())) - {item.row for item in planned})
    held = _why_missed(campaign, planned, first_slot_ms)
    with write(ledger.engine) as tx:
        clear_slots(tx, run.id)
        set_slots(tx, run.id, planned)
        hold_rows(tx, run.id, missed, held, _MESSAGES[held])
        hold_rows(tx, run.id, beyond_limit, Reason.BEYOND_LIMIT, _MESSAGES[Reason.BEYOND_LIMIT])
    return PlanFacts(
        planned=len(planned),
        beyond_horizon=len(missed) if held == Reason.BEYOND_HORIZON else 0,
        beyond_limit=len(beyond_limit),
        no_slot=len(missed) if held == Reason.NO_SLOT else 0,
        first_slot_ms=planned[0].slot_ms if planned else None,
        last_slot_ms=planned[-1].slot_ms if planned else None,
    )


_MESSAGES = {
    Reason.BEYOND_HORIZON: "Its slot lies beyond the campaign's horizon; a later run commits it.",
    Reason.BEYOND_LIMIT: "Left out by --limit; run again without it.",
    Reason.NO_SLOT: "No permitted time is left before the campaign's end.",
}


def _first_rows(waiting: Waiting, limit: int | None) -> tuple[Waiting, list[int]]:
    if limit is None:
        return waiting, []
    in_order = sorted(chain.from_iterable(waiting.values()))
    left_out = set(islice(in_order, limit, None))
    kept = {zones: array("q", (row for row in rows if row not in left_out)) for zones, rows in waiting.items()}
    return {zones: rows for zones, rows in kept.items() if rows}, sorted(left_out)


def _slots(
    campaign: Campaign,
    waiting: Waiting,
    taken: list[int],
    *,
    now_ms: int,
    first_slot_ms: int | None,
) -> list[Planned]:
    schedule = campaign.schedule
    start_ms = now_ms + to_span_ms(LEAD)
    if not isinstance(schedule.start, str):
        start_ms = max(start_ms, to_ms(schedule.start))
    end_ms = _end_ms(schedule, start_ms)
    groups = [
        Group(rows, open_intervals(schedule.week, zones, start_ms=start_ms, end_ms=end_ms))
        for zones, rows in waiting.items()
    ]
    per_minute = min(schedule.calls_per_minute, campaign.submit.requests_per_second * 60 * REQUEST_SHARE)
    planned: list[Planned] = []
    for item in plan(groups, start_ms=start_ms, end_ms=end_ms, calls_per_minute=per_minute, taken_ms=taken):
        first_slot_ms = item.slot_ms if first_slot_ms is None else first_slot_ms
        if item.slot_ms > first_slot_ms + to_span_ms(schedule.horizon):
            break
        planned.append(item)
    return planned


def _end_ms(schedule: Schedule, start_ms: int) -> int:
    return to_ms(schedule.end) if schedule.end is not None else to_ms(from_ms(start_ms) + SEARCH)


def _why_missed(campaign: Campaign, planned: list[Planned], first_slot_ms: int | None) -> Reason:
    """Tell what keeps rows without a slot: the horizon, unless the campaign's end comes before it."""
    first = first_slot_ms if first_slot_ms is not None else (planned[0].slot_ms if planned else None)
    end = campaign.schedule.end
    if first is None or (end is not None and to_ms(end) <= first + to_span_ms(campaign.schedule.horizon)):
        return Reason.NO_SLOT
    return Reason.BEYOND_HORIZON


def to_span_ms(span: timedelta) -> int:
    """Give a span as whole milliseconds."""
    return span // timedelta(milliseconds=1)
