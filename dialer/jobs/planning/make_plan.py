"""Makes a run's plan and stores it, or keeps the slots that it has taken over from a run that was killed."""

from dialer.calls.attempt import MIN_LEAD_MS
from dialer.campaign.file import Campaign
from dialer.jobs.planning.layout import (
    Layout,
    PlanFacts,
    committed,
    lay_out,
    pool_numbers,
    read_inputs,
    store_reasons,
)
from dialer.jobs.planning.timetable import make_timetable
from dialer.ledger.choices.own_choices import set_pool_numbers
from dialer.ledger.database.open import Ledger
from dialer.ledger.earlier_rows.kept_plan import StoredPlan, StoredSlots, remember_plan
from dialer.ledger.runs import Run
from dialer.ledger.slots import clear_slots, set_slots

AHEAD_MS = MIN_LEAD_MS + 5_000
"""How far ahead the first slot must lie that is kept: what a request needs, and what comes before the first."""


def kept_facts(plan: StoredPlan, slots: StoredSlots, *, now_ms: int) -> PlanFacts | None:
    """Return what a run has planned that took over *plan* with its *slots*; None where it has to plan anew.

    It has to where a row waits that has none, and where one has passed, or nearly so. The hours of each are judged
    again before its call, and so are the caps; the pace and the calls a day are those of the plan, of which these are a
    part. Until its contact changed hands, other campaigns have left each slot its room.
    """
    if slots.waiting != slots.planned or (slots.first_ms is not None and slots.first_ms < now_ms + AHEAD_MS):
        return None
    return PlanFacts(slots.planned, slots.beyond_horizon, 0, 0, slots.first_ms, slots.last_ms, resumes=plan.resumes)


def plan_run(
    ledger: Ledger, run: Run, campaign: Campaign, *, now_ms: int, limit: int | None, before: StoredPlan | None
) -> tuple[Layout, StoredPlan]:
    """Plan the run's waiting rows from *now_ms* on, and store their slots; return what is remembered of the plan, too.

    *limit* takes the first rows only. *before* is what the run remembers when it is planned anew: then its horizon
    ends where it did. A campaign with an end is planned to its end, so that what does not fit is known.
    """
    inputs = read_inputs(ledger, run, campaign, now_ms=now_ms, limit=limit)
    horizon_end_ms = None if before is None else before.horizon_end_ms
    table = make_timetable(inputs, to_horizon=campaign.schedule.end is None, horizon_end_ms=horizon_end_ms)
    layout = lay_out(inputs, table)
    return layout, store_plan(ledger, run, layout, before)


def store_plan(ledger: Ledger, run: Run, layout: Layout, before: StoredPlan | None) -> StoredPlan:
    """Store the slots that the run commits, why each other row gets none, and what is remembered of the plan."""
    made = _remembered(layout, before)
    with ledger.write() as tx:
        clear_slots(tx, run.id)
        set_slots(tx, run.id, committed(layout))
        set_pool_numbers(tx, run.id, pool_numbers(layout.table, committed(layout)))
        store_reasons(tx, run, layout)
        remember_plan(tx, run.id, made)
    return made


def _remembered(layout: Layout, before: StoredPlan | None) -> StoredPlan:
    facts, campaign = layout.facts, layout.inputs.campaign
    left_out = facts.beyond_limit or facts.no_slot or facts.beyond_budget or facts.beyond_pilot or facts.without_number
    runs_out = campaign.budget.is_limited or campaign.pilot.calls is not None or campaign.from_numbers
    is_whole = not left_out and not runs_out
    if before is None:
        return StoredPlan(layout.inputs.now_ms, layout.table.horizon_end_ms, facts.resumes, is_whole)
    return before._replace(resumes=before.resumes or facts.resumes, is_whole=before.is_whole and is_whole)
