"""The nights that the ledger remembers: which run belongs to which, and how it ended."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from dialer.ledger.schema import campaigns, runs


@dataclass(frozen=True, slots=True)
class NightRun:
    """One run of a night; *ended_at_ms* and *exit_code* are None while it goes on or after a kill."""

    run_id: str
    night: date
    ended_at_ms: int | None
    exit_code: int | None


def night_runs(tx: Connection, campaign: str) -> Iterator[NightRun]:
    """Give the campaign's nightly runs, newest first."""
    query = (
        select(runs.c.id, runs.c.facts, runs.c.ended_at_ms, runs.c.exit_code)
        .join(campaigns, campaigns.c.id == runs.c.campaign_id)
        .where(campaigns.c.name == campaign)
        .order_by(runs.c.started_at_ms.desc(), runs.c.id.desc())
    )
    for row in tx.execute(query):
        night = json.loads(row.facts).get("night")
        if night is not None:
            yield NightRun(row.id, date.fromisoformat(night), row.ended_at_ms, row.exit_code)
