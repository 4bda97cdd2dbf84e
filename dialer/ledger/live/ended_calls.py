"""How the calls of a campaign have ended so far: its pilot, the shares of each outcome, and what somebody accepted."""

from collections import Counter
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, select

from dialer.calls.disposition import GONE
from dialer.ledger.database.control_tables import accepted_ends
from dialer.ledger.database.engine import upsert
from dialer.ledger.database.schema import attempts, contacts, dispositions, may_exist
from dialer.ledger.live.pauses import Request


class PilotCalls(NamedTuple):
    """The first calls of a campaign: how many are *made*, or may be, how many have *no_end*, the last one's slot."""

    made: int
    no_end: int
    last_slot_ms: int


def first_calls(tx: Connection, campaign_id: int, count: int) -> PilotCalls:
    """Return how the first *count* calls of the campaign stand."""
    is_its = and_(dispositions.c.contact_id == attempts.c.contact_id, dispositions.c.number == attempts.c.number)
    query = (
        select(attempts.c.slot_ms, dispositions.c.is_final)
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .outerjoin(dispositions, is_its)
        .where(contacts.c.campaign_id == campaign_id, may_exist())
        .order_by(attempts.c.claimed_at_ms, attempts.c.contact_id)
        .limit(count)
    )
    rows = tx.execute(query).all()
    return PilotCalls(len(rows), sum(not row.is_final for row in rows), max((row.slot_ms for row in rows), default=0))


def ends_of(tx: Connection, campaign_id: int) -> tuple[int, Counter[str]]:
    """Return how many calls have ended since somebody accepted the ends before, and how many with each word of the API.

    A call counts by its status and by its status code.
    """
    ended_ms = func.coalesce(dispositions.c.ended_at_ms, dispositions.c.seen_at_ms)
    by = (dispositions.c.status, dispositions.c.status_code)
    query = (
        select(*by, func.count())
        .join(contacts, contacts.c.id == dispositions.c.contact_id)
        .where(contacts.c.campaign_id == campaign_id, dispositions.c.is_final, dispositions.c.status != GONE)
        .where(ended_ms > (accepted_at(tx, campaign_id) or 0))
        .group_by(*by)
    )
    total, of = 0, Counter[str]()
    for status, code, count in tx.execute(query):
        total += count
        for word in {status, code}:
            of[word] += count
    return total, of


def accepted_at(tx: Connection, campaign_id: int) -> int | None:
    """Return the instant (ms) until which the ends of the campaign's calls are accepted; None where none are."""
    return tx.scalar(select(accepted_ends.c.at_ms).where(accepted_ends.c.campaign_id == campaign_id))


def accept_ends(tx: Connection, campaign_id: int, request: Request) -> None:
    """Let the campaign go on, whatever its calls have ended with so far and though some of its pilot have not ended."""
    values = {"at_ms": request.at_ms, "accepted_by": request.by}
    statement = upsert(tx, accepted_ends).values(campaign_id=campaign_id, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["campaign_id"], set_=values))
