"""Which campaign a name in the ledger stands for: its id, where its file lies, how many of its calls were claimed."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select, true, update

from dialer.ledger.database.copy_guard import sign_rows
from dialer.ledger.database.engine import upsert
from dialer.ledger.database.keyed_hashes import digests
from dialer.ledger.database.schema import attempts, campaign_places, campaigns, runs
from dialer.ledger.runs import add_campaign, purged_claims

ID_DIGITS = 32


@dataclass(frozen=True, slots=True)
class CampaignPlace:
    """A campaign as the ledger knows it. *uid* is random, "" for one that only earlier programs ran.

    *file* is the path of its file on *host*, as of its last run. *must_look*: its next run first looks whether the API
    lists calls that this ledger has not made.
    """

    id: int
    uid: str
    file: str
    host: str
    must_look: bool


def ledger_id(tx: Connection) -> str:
    """Return the ledger's own id, 32 hex digits: the same for its copies, and for nobody else's ledger."""
    return digests(tx, "ledger", [""])[""][:ID_DIGITS]


def place_of(tx: Connection, name: str) -> CampaignPlace | None:
    """Return what the ledger knows of the campaign *name*; None when it has never seen it."""
    found = tx.execute(_places().where(campaigns.c.name == name)).one_or_none()
    return None if found is None else CampaignPlace(*found)


def places(tx: Connection) -> list[CampaignPlace]:
    """Return every campaign that the ledger knows."""
    return [CampaignPlace(*found) for found in tx.execute(_places().order_by(campaigns.c.id))]


def _places() -> Select[Any]:
    texts = (
        func.coalesce(column, "") for column in (campaign_places.c.uid, campaign_places.c.file, campaign_places.c.host)
    )
    columns = (campaigns.c.id, *texts, func.coalesce(campaign_places.c.must_look, true()))
    return select(*columns).outerjoin(campaign_places, campaign_places.c.campaign_id == campaigns.c.id)


def settle_place(tx: Connection, name: str, *, uid: str | None, file: str, host: str) -> str:
    """Store where the campaign lies, with *uid* or its own or else a new one; return its id. It may be new.

    Without the *uid* of a mark nothing tells whether this is an older state of the ledger: the next run looks.
    """
    sign_rows(tx)
    known = place_of(tx, name)
    must_look = {} if uid else {"must_look": True}
    uid = uid or (known.uid if known else "") or secrets.token_hex(ID_DIGITS // 2)
    campaign_id = add_campaign(tx, name)
    statement = upsert(tx, campaign_places).values(
        campaign_id=campaign_id, uid=uid, file=file, host=host, must_look=True
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["campaign_id"], set_={"uid": uid, "file": file, "host": host} | must_look
        )
    )
    return uid


def claims_made(tx: Connection, name: str) -> int:
    """Count the claims of the campaign's runs, those that a purge has erased among them: it never becomes less."""
    of_campaign = select(runs.c.id).join(campaigns).where(campaigns.c.name == name)
    made = tx.scalar(select(func.count()).select_from(attempts).where(attempts.c.run_id.in_(of_campaign))) or 0
    return made + purged_claims(tx, name)


def look_again(tx: Connection) -> None:
    """Let every campaign's next run look at the API's listing first: this ledger may not be the one that ran last."""
    sign_rows(tx, anew=True)
    tx.execute(update(campaign_places).values(must_look=True))
