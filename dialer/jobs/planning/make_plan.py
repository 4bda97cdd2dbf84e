"""Makes a run's plan and stores it, or keeps the slots that it has taken over from a run that was killed."""

from dialer.calls.attempt import MIN_LEAD_MS
from dialer.jobs.planning.layout import (
    Layout,
    PlanFacts,
    committed,
    lay_out,
    pool_numbers,
    store_reasons,
)
from dialer.jobs.planning.timetable import Inputs, make_timetable
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


def plan_of(inputs: Inputs, *, horizon_end_ms: int | None) -> Layout:
    """Return the plan of a run's *inputs*; *horizon_end_ms* is where its horizon ended if it was planned before.

    A campaign with an end is planned to its end, so that what does not fit is known.
    """
    to_horizon = inputs.campaign.schedule.end is None
    return lay_out(inputs, make_timetable(inputs, to_horizon=to_horizon, horizon_end_ms=horizon_end_ms))


def store_plan(ledger: Ledger, run: Run, layout: Layout, before: StoredPlan | None) -> StoredPlan:
    """Store the slots that the run commits, and why each other row gets none; return what is remembered of the plan.

    *before* is what the run remembers of the plan that it has made or taken over, if any: rows that it holds stay held.
    """
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
    made = StoredPlan(layout.inputs.now_ms, layout.table.horizon_end_ms, facts.resumes, is_whole)
    if before is None:
        return made
    resumes, is_whole = before.resumes or facts.resumes, before.is_whole and is_whole
    return made._replace(made_at_ms=before.made_at_ms, resumes=resumes, is_whole=is_whole)
