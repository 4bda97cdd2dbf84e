"""Recognises contacts of a sheet that the ledger knows from earlier runs, and what may be done about them."""

from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, func, select

from dialer.ledger.database.schema import (
    CLAIMABLE,
    State,
    contacts,
)
from dialer.reasons import Reason, Status


def known_contacts(tx: Connection, campaign_id: int, keys: Collection[str]) -> dict[str, Any]:
    """Give the campaign's contacts with these *keys*, at most as many as a statement takes, by their key."""
    if not keys:
        return {}
    told = (contacts.c.state, contacts.c.reason, contacts.c.message, contacts.c.replaced_by)
    query = select(contacts.c.id, contacts.c.key, *told)
    query = query.where(contacts.c.campaign_id == campaign_id, contacts.c.key.in_(keys))
    return {row.key: row for row in tx.execute(query)}


def may_exist(known: Any) -> bool:
    """Tell whether a contact's call exists or may exist; *known* is one of `known_contacts`, or None for a new one."""
    return known is not None and known.state not in CLAIMABLE


def is_claimable(known: Any) -> bool:
    """Tell whether a contact of an earlier run may be called by this one."""
    return known is not None and known.state in CLAIMABLE and known.replaced_by is None


def state_counts(tx: Connection, campaign_id: int) -> Counter[State]:
    """Count the campaign's contacts by state."""
    query = (
        select(contacts.c.state, func.count()).where(contacts.c.campaign_id == campaign_id).group_by(contacts.c.state)
    )
    return Counter({State(state): count for state, count in tx.execute(query)})


ALREADY_MESSAGE = "An earlier run created this call; it is not created again."


PURGED_MESSAGE = "An earlier run created this call, before the campaign's people were purged; it is not created again."


INTERRUPTED_MESSAGE = "The run ended after this call was claimed and before its outcome was known. The call may exist."


class RowStanding(NamedTuple):
    """What a run says of a row before it sends anything."""

    status: Status
    reason: str
    message: str


class Known(Protocol):
    """A contact as it stood before the run read its sheet: its state, why, and what has taken its place if anything."""

    state: str
    reason: str
    message: str
    replaced_by: int | None


def standing(before: Known | None) -> RowStanding:
    """Tell a row by its contact; None for one that the ledger has never seen."""
    if before is None:
        return RowStanding(Status.PENDING, Reason.WAITING, "")
    if before.replaced_by is not None:
        return RowStanding(Status.SKIPPED, Reason.REPLACED, "Its row was mended into another contact.")
    of_state = {
        State.CREATED: RowStanding(Status.SKIPPED, Reason.ALREADY_CREATED, ALREADY_MESSAGE),
        # its own reason is that of an attempt before the one that is open
        State.CLAIMED: RowStanding(Status.UNKNOWN, Reason.INTERRUPTED, INTERRUPTED_MESSAGE),
        State.UNKNOWN: RowStanding(Status.UNKNOWN, before.reason, before.message),
    }
    return of_state.get(State(before.state), RowStanding(Status.PENDING, Reason.WAITING, ""))
