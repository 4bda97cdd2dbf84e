"""What a campaign has spent of its budget: counted from its attempts, so that a claim is its own reservation.

The row of an attempt is written in the transaction of its claim, before the request leaves. It counts from then on,
whatever becomes of the process, until an outcome proves that there is no call.
"""

import json
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, case, func, select

from dialer.calls.disposition import COMPLETED, FINAL
from dialer.campaign.budget import Budget, Spending
from dialer.errors import BudgetSpent
from dialer.ledger.database.schema import attempts, contacts, dispositions, may_exist, runs

PURGED = "purged"
"""The key of a run's facts under which a purge keeps its counts, those of its calls among them."""


def spending_of(tx: Connection, campaign_id: int) -> Spending:
    """Add up what the campaign's calls have come to, also those that a purge has erased."""
    return _sum(_calls_of(tx, campaign_id), purged_spending(tx, campaign_id))


def spending_by_run(tx: Connection, campaign_id: int) -> dict[str, Spending]:
    """Return what the calls of each run of the campaign have come to."""
    query = _spending(campaign_id, attempts.c.run_id).group_by(attempts.c.run_id)
    return {run_id: _spending_in(row) for *row, run_id in tx.execute(query)}


def purged_spending(tx: Connection, campaign_id: int) -> Spending:
    """Return what the calls have come to that purges of the campaign have erased."""
    total = Spending()
    for text in tx.scalars(select(runs.c.facts).where(runs.c.campaign_id == campaign_id)):
        counts = json.loads(text).get(PURGED, {})
        values = (counts.get(name, 0) for name in ("calls", "seconds", "reserved"))
        total = _sum(total, _spending_in(values))
    return total


def _calls_of(tx: Connection, campaign_id: int) -> Spending:
    return _spending_in(tx.execute(_spending(campaign_id)).one())


def _spending(campaign_id: int, *columns: Any) -> Select[Any]:
    ended = dispositions.c.status.in_(sorted(FINAL))
    is_known = and_(ended, dispositions.c.duration_seconds.is_not(None) | (dispositions.c.status != COMPLETED))
    seconds = case((is_known, func.coalesce(dispositions.c.duration_seconds, 0.0)), else_=0.0)
    reserved = case((is_known, 0), else_=1)
    is_end = and_(dispositions.c.contact_id == attempts.c.contact_id, dispositions.c.number == attempts.c.number)
    return (
        select(func.count(), func.sum(seconds), func.sum(reserved), *columns)
        .select_from(attempts)
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .outerjoin(dispositions, is_end)
        .where(contacts.c.campaign_id == campaign_id, may_exist())
    )


def _spending_in(values: Any) -> Spending:
    calls, seconds, reserved = values
    return Spending(int(calls), float(seconds or 0), int(reserved or 0))


def _sum(one: Spending, other: Spending) -> Spending:
    seconds = one.settled_seconds + other.settled_seconds
    return Spending(one.calls + other.calls, seconds, one.reserved + other.reserved)


class _Noted(NamedTuple):
    campaign_id: int
    budget: Budget
    purged: Spending


class BudgetGuard:
    """Keeps the claims of runs within the budget that each run has noted in its facts when it began."""

    def __init__(self) -> None:
        self._noted: dict[str, _Noted | None] = {}

    def admit(self, tx: Connection, run_id: str, claims: int = 1) -> None:
        """Let so many *claims* of the run be written in *tx*, after its settlements. Raises `BudgetSpent`."""
        if run_id not in self._noted:
            self._noted[run_id] = _noted(tx, run_id)
        noted = self._noted[run_id]
        if noted is None:
            return
        left = noted.budget.calls_left(_sum(_calls_of(tx, noted.campaign_id), noted.purged))
        if left is not None and claims > left:
            raise BudgetSpent(f"The campaign's budget is spent: {noted.budget.limits} under [budget].")


def _noted(tx: Connection, run_id: str) -> _Noted | None:
    run = tx.execute(select(runs.c.campaign_id, runs.c.facts).where(runs.c.id == run_id)).one_or_none()
    budget = None if run is None else json.loads(run.facts).get("budget")
    if run is None or budget is None:
        return None
    return _Noted(run.campaign_id, Budget.model_validate(budget), purged_spending(tx, run.campaign_id))
