"""Where a campaign stands as a whole: contacts by state and reason, what is in doubt since when, what rings next."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from dialer.calls.disposition import WATCHED
from dialer.calls.outcome import Kind
from dialer.campaign.budget import Spending
from dialer.campaign.recurring import Redial
from dialer.ledger.database.schema import State, attempts, contacts, dispositions, run_rows, runs
from dialer.ledger.dispositions import status_counts
from dialer.ledger.known_contacts import state_counts
from dialer.ledger.live.ended_calls import accepted_at
from dialer.ledger.purge import called_count
from dialer.ledger.retries import may_go
from dialer.ledger.spending import spending_of
from dialer.ledger.suppression_list import is_suppressed
from dialer.ledger.transitions.reopened import spent
from dialer.reasons import Reason, Status


@dataclass(frozen=True)
class Standing:
    """What the ledger knows of a campaign at one instant; instants in ms, None where there is none.

    *counts* are contacts by state, *reasons* those that failed, are unknown or wait for the pilot, by reason;
    *unknown_since_ms* is when the oldest unknown was claimed. *ringing* calls exist and have their slot before them,
    the next at *next_slot_ms*; *not_asked* calls had their slot, nobody knows how they ended, and a sync would still
    ask. A retry would send *retriable* contacts, a run *waiting* ones. *ends* counts calls by how they ended, *again*
    contacts that wait to be called again, *rejected* rows of the last run. *purged* contacts were called and erased.
    *spending* is what its calls have come to.
    """

    counts: dict[State, int]
    reasons: Counter[str] = field(default_factory=Counter)
    unknown_since_ms: int | None = None
    ringing: int = 0
    next_slot_ms: int | None = None
    last_slot_ms: int | None = None
    not_asked: int = 0
    retriable: int = 0
    waiting: int = 0
    ends: dict[str, int] = field(default_factory=dict)
    again: int = 0
    rejected: int = 0
    purged: int = 0
    spending: Spending = field(default_factory=Spending)


WATCHED_MS = WATCHED // timedelta(milliseconds=1)
DEFAULT_BUDGET = Redial().max_calls

NOTHING = Standing(dict.fromkeys(State, 0))
"""How a campaign stands that the ledger has never seen."""


def standing_of(tx: Connection, campaign_id: int, *, now_ms: int, max_calls: int = DEFAULT_BUDGET) -> Standing:
    """Count everything; *max_calls* is the budget of the campaign."""
    of_campaign = contacts.c.campaign_id == campaign_id
    counts = state_counts(tx, campaign_id)
    in_doubt = contacts.c.state.in_((State.FAILED, State.UNKNOWN))
    by_reason = select(contacts.c.reason, func.count().label("contacts")).where(of_campaign, in_doubt)
    unknown = attempts.c.outcome.is_(None) | (attempts.c.outcome == Kind.UNKNOWN)
    since = _of_attempts(func.min(attempts.c.claimed_at_ms)).where(of_campaign, unknown)
    is_call = and_(of_campaign, attempts.c.outcome == Kind.CREATED)
    slots = (func.count(), func.min(attempts.c.slot_ms), func.max(attempts.c.slot_ms))
    ringing = tx.execute(_of_attempts(*slots).where(is_call, attempts.c.slot_ms > now_ms)).one()
    is_end = and_(dispositions.c.contact_id == attempts.c.contact_id, dispositions.c.number == attempts.c.number)
    not_asked = (
        _of_attempts(func.count())
        .outerjoin(dispositions, is_end)
        .where(is_call, attempts.c.slot_ms.between(now_ms - WATCHED_MS, now_ms), dispositions.c.is_final.is_not(True))
    )
    free = (of_campaign, contacts.c.replaced_by.is_(None), ~is_suppressed())
    retriable = select(func.count()).where(*free, may_go(), spent() < max_calls)
    to_send = (*free, contacts.c.state == State.PENDING, ~contacts.c.is_mended)
    waiting = select(func.count()).where(*to_send)
    again = select(func.count()).where(of_campaign, contacts.c.state == State.PENDING, contacts.c.not_before_ms > 0)
    reasons = {row.reason: row.contacts for row in tx.execute(by_reason.group_by(contacts.c.reason))}
    return Standing(
        counts={state: counts[state] for state in State},
        reasons=+Counter({**reasons, Reason.PILOT_WAITS: _pilot_waits(tx, campaign_id, to_send)}),
        unknown_since_ms=tx.scalar(since),
        ringing=ringing[0],
        next_slot_ms=ringing[1],
        last_slot_ms=ringing[2],
        not_asked=tx.scalar(not_asked) or 0,
        retriable=tx.scalar(retriable) or 0,
        waiting=tx.scalar(waiting) or 0,
        ends={" ".join(filter(None, end)): count for end, count in status_counts(tx, campaign_id).items()},
        again=tx.scalar(again) or 0,
        rejected=_rejected(tx, campaign_id),
        purged=called_count(tx, campaign_id),
        spending=spending_of(tx, campaign_id),
    )


def _of_attempts(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(attempts).join(contacts, contacts.c.id == attempts.c.contact_id)


def _rejected(tx: Connection, campaign_id: int) -> int:
    query = select(func.count()).where(_is_of_last_run(campaign_id), run_rows.c.status == Status.REJECTED)
    return tx.scalar(query) or 0


def _pilot_waits(tx: Connection, campaign_id: int, to_send: Iterable[ColumnElement[bool]]) -> int:
    """Count those of the contacts *to_send* that the last run has kept back for the pilot, unless it was accepted."""
    if accepted_at(tx, campaign_id) is not None:
        return 0
    rows = select(func.count()).select_from(run_rows).join(contacts, contacts.c.id == run_rows.c.contact_id)
    is_held = run_rows.c.reason == Reason.PILOT_WAITS
    return tx.scalar(rows.where(_is_of_last_run(campaign_id), is_held, *to_send)) or 0


def _is_of_last_run(campaign_id: int) -> ColumnElement[bool]:
    last = select(runs.c.id).where(runs.c.campaign_id == campaign_id).order_by(runs.c.started_at_ms.desc()).limit(1)
    return run_rows.c.run_id == last.scalar_subquery()
