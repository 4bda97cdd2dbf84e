"""What people ask of a campaign's run through the ledger, and the pauses that a run made.

A pause is the campaign's: it outlasts the run that was going, and holds the next one back, until somebody resumes. A
request to stop is one run's. A claim looks at both in its own transaction, so that none follows a request.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from typing_extensions import TypedDict

from dialer.calls.pause import Pause, PauseReason
from dialer.clock import iso_ms
from dialer.errors import CampaignPaused, StopRequested
from dialer.ledger.database.control_tables import paused_campaigns, pauses, stop_requests
from dialer.ledger.database.engine import upsert
from dialer.ledger.database.lock import taken
from dialer.ledger.database.schema import campaigns, runs


class RequestJson(TypedDict):
    """Who has asked, and when."""

    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody has asked for: who, and at which instant (ms)."""

    by: str
    at_ms: int

    def __str__(self) -> str:
        return f"by {self.by}, {iso_ms(self.at_ms)}"

    def as_json(self) -> RequestJson:
        """Return the object that `--json` prints."""
        return {"by": self.by, "at": iso_ms(self.at_ms)}


def pause_campaign(tx: Connection, campaign: str, request: Request) -> Request:
    """Pause *campaign*, which the ledger knows; return the request that holds: an earlier one stays."""
    _wait_for_claims(tx, campaign)
    values = {"since_ms": request.at_ms, "asked_by": request.by}
    campaign_id = select(campaigns.c.id).where(campaigns.c.name == campaign).scalar_subquery()
    tx.execute(upsert(tx, paused_campaigns).values(campaign_id=campaign_id, **values).on_conflict_do_nothing())
    return paused_by(tx, campaign) or request


def resume_campaign(tx: Connection, campaign: str) -> Request | None:
    """Let *campaign* go on; return the request that had paused it, None where none had."""
    found = paused_by(tx, campaign)
    of_campaign = select(campaigns.c.id).where(campaigns.c.name == campaign)
    tx.execute(delete(paused_campaigns).where(paused_campaigns.c.campaign_id.in_(of_campaign)))
    return found


def paused_by(tx: Connection, campaign: str) -> Request | None:
    """Return the request that has paused *campaign*; None while it is not paused."""
    query = select(paused_campaigns.c.asked_by, paused_campaigns.c.since_ms).join(campaigns)
    return _request(tx.execute(query.where(campaigns.c.name == campaign)).one_or_none())


def ask_to_stop(tx: Connection, campaign: str, run_id: str, request: Request) -> None:
    """Ask the run *run_id* of *campaign* to end as Ctrl-C ends it; an earlier request stays."""
    _wait_for_claims(tx, campaign)
    values = {"run_id": run_id, "asked_at_ms": request.at_ms, "asked_by": request.by}
    tx.execute(upsert(tx, stop_requests).values(**values).on_conflict_do_nothing())


def _wait_for_claims(tx: Connection, campaign: str) -> None:
    """Wait for the claims that are being written, as each has a share of its lock's row; later ones wait for *tx*."""
    tx.execute(select(taken.c.epoch).where(taken.c.name == campaign).with_for_update())


_ASKED = (
    select(
        paused_campaigns.c.asked_by,
        paused_campaigns.c.since_ms,
        stop_requests.c.asked_by,
        stop_requests.c.asked_at_ms,
    )
    .select_from(runs)
    .outerjoin(paused_campaigns, paused_campaigns.c.campaign_id == runs.c.campaign_id)
    .outerjoin(stop_requests, stop_requests.c.run_id == runs.c.id)
    .where(runs.c.id == bindparam("of_run"))
)
"""Built once: every commit of claims asks, and building it takes as long as the commit."""


def refuse_claims(tx: Connection, run_id: str) -> None:
    """Raise `CampaignPaused` or `StopRequested` where the run must claim nothing now."""
    row = tx.execute(_ASKED, {"of_run": run_id}).one_or_none()
    if row is not None and row[2] is not None:
        asked = Request(row[2], row[3])
        raise StopRequested(f"Stopped {asked}. What was in flight is finished, the rest stays pending.")
    if row is not None and row[0] is not None:
        raise CampaignPaused(f"Paused {Request(row[0], row[1])}.")


def _request(row: Any) -> Request | None:
    return None if row is None else Request(*row)


def record_pauses(tx: Connection, run_id: str, made: Iterable[Pause]) -> None:
    """Store the pauses of a run; one that is stored already, while it went on, gets its end."""
    for pause in made:
        values = {"until_ms": pause.until_ms, "message": pause.message}
        key = {"run_id": run_id, "from_ms": pause.from_ms, "reason": pause.reason.value}
        insert = upsert(tx, pauses).values(**key, **values)
        tx.execute(insert.on_conflict_do_update(index_elements=list(pauses.primary_key), set_=values))


def pauses_of(tx: Connection, run_id: str) -> list[Pause]:
    """Return the pauses of a run, the first first."""
    query = select(pauses).where(pauses.c.run_id == run_id).order_by(pauses.c.from_ms, pauses.c.reason)
    return [Pause(PauseReason(row.reason), row.from_ms, row.until_ms, row.message) for row in tx.execute(query)]
