"""Which runs were of which night of a campaign, and whether their end was told."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select, update

from dialer.ledger.database.schema import campaigns, runs
from dialer.ledger.runs import compact_json

_TOLD = "told"
"""The key of a run's facts that says so of a night."""


@dataclass(frozen=True, slots=True)
class NightRun:
    """One run of a night; *ended_at_ms* and *exit_code* are None while it goes on or after a kill.

    *is_told*: its summary was kept and everybody was notified.
    """

    run_id: str
    night: date
    ended_at_ms: int | None
    exit_code: int | None
    is_told: bool = False


def night_runs(tx: Connection, campaign: str) -> Iterator[NightRun]:
    """Yield the campaign's nightly runs, newest first."""
    query = (
        select(runs.c.id, runs.c.facts, runs.c.ended_at_ms, runs.c.exit_code)
        .join(campaigns, campaigns.c.id == runs.c.campaign_id)
        .where(campaigns.c.name == campaign)
        .order_by(runs.c.started_at_ms.desc(), runs.c.id.desc())
    )
    for row in tx.execute(query):
        facts = json.loads(row.facts)
        if (night := facts.get("night")) is not None:
            is_told = bool(facts.get(_TOLD))
            yield NightRun(row.id, date.fromisoformat(night), row.ended_at_ms, row.exit_code, is_told)


def note_told(tx: Connection, run_id: str) -> None:
    """Note that the summary of a night's run was kept and everybody was notified."""
    facts = json.loads(tx.scalar(select(runs.c.facts).where(runs.c.id == run_id).with_for_update()) or "{}")
    tx.execute(update(runs).where(runs.c.id == run_id).values(facts=compact_json(facts | {_TOLD: True})))
