"""The plan of a run that was killed: the run that takes its rows over keeps the slots that still hold.

A run stores with its slots when it has planned and how far. Everything else that decides a plan is in the fingerprint
of the rows (`dialer.ledger.earlier_rows.repeated_intake`), or lies in the contacts, which are asked anew.
"""

import json
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update

from dialer.clock import MILLISECOND
from dialer.ledger.database.schema import contacts, run_rows, runs
from dialer.reasons import Reason

HELD_BY_PLAN = (Reason.CAP_REACHED, Reason.BEYOND_HORIZON, Reason.REDIAL_WAITS, Reason.CALL_TIME_FULL)
"""Reasons of rows to which a plan gives no slot, and which a later run plans anew."""

HELD_MS = timedelta(hours=1) // MILLISECOND
HELD_SHARE = 24
"""How old a plan that holds rows may be, an hour and at most this part of how far it reached: a plan made anew reaches
so much further, and might free some."""

_PLAN = "plan"
"""Where it stands among the facts of a run."""


class StoredPlan(NamedTuple):
    """What a run remembers of its plan: *made_at_ms*, where its horizon ended, and when a later run *resumes* it.

    One that *is_whole* holds every row that waited, but for those that `HELD_BY_PLAN` tells of, and nothing that runs
    out decided it: no budget, no pilot, no pool of numbers.
    """

    made_at_ms: int
    horizon_end_ms: int
    resumes: str
    is_whole: bool


def remember_plan(tx: Connection, run_id: str, plan: StoredPlan) -> None:
    """Store the plan of a run, in the transaction that stores its slots."""
    facts = json.loads(tx.scalar(select(runs.c.facts).where(runs.c.id == run_id)) or "{}")
    text = json.dumps(facts | {_PLAN: plan._asdict()}, separators=(",", ":"))
    tx.execute(update(runs).where(runs.c.id == run_id).values(facts=text))


def stored_plan(tx: Connection, run_id: str) -> StoredPlan | None:
    """Return the plan of a run; None of one that has made none, or that follows a plan file."""
    found = json.loads(tx.scalar(select(runs.c.facts).where(runs.c.id == run_id)) or "{}").get(_PLAN)
    return None if found is None else StoredPlan(**found)


def plan_to_keep(tx: Connection, run_id: str, *, now_ms: int) -> StoredPlan | None:
    """Return the plan of a run that was killed; None where one made anew might give a slot to more rows."""
    plan = stored_plan(tx, run_id)
    has_ended = tx.scalar(select(runs.c.ended_at_ms).where(runs.c.id == run_id)) is not None
    if plan is None or has_ended or not plan.is_whole or plan.made_at_ms > now_ms:
        return None
    held = select(run_rows.c.row).where(run_rows.c.run_id == run_id, run_rows.c.reason.in_(HELD_BY_PLAN)).limit(1)
    is_young = now_ms - plan.made_at_ms <= min(HELD_MS, (plan.horizon_end_ms - plan.made_at_ms) // HELD_SHARE)
    return plan if is_young or tx.scalar(held) is None else None


class StoredSlots(NamedTuple):
    """How many rows of a run wait, how many slots they have, the first and the last of them (ms, None: there is none).

    *beyond_horizon* rows are held because their slot would lie too far ahead.
    """

    waiting: int
    planned: int
    first_ms: int | None
    last_ms: int | None
    beyond_horizon: int


NO_SLOTS = StoredSlots(0, 0, None, None, 0)


def stored_slots(tx: Connection, run_id: str) -> StoredSlots:
    """Return what slots there are for the rows of a run that has not sent anything yet."""
    by_reason = select(run_rows.c.reason, func.count()).where(run_rows.c.run_id == run_id).group_by(run_rows.c.reason)
    rows = {reason: count for reason, count in tx.execute(by_reason)}  # noqa: C416 - rows are no pairs
    of_run = (contacts.c.planned_in == run_id, contacts.c.slot_ms.is_not(None))
    query = select(func.count(), func.min(contacts.c.slot_ms), func.max(contacts.c.slot_ms)).where(*of_run)
    planned, first_ms, last_ms = tx.execute(query).one()
    return StoredSlots(rows.get(Reason.WAITING, 0), planned, first_ms, last_ms, rows.get(Reason.BEYOND_HORIZON, 0))
