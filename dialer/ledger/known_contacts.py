"""Recognises contacts that the ledger knows from earlier runs, and says how their rows are reported."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select

from dialer.chunks import chunks
from dialer.ledger.database.engine import marks
from dialer.ledger.database.keyed_hashes import digests
from dialer.ledger.database.schema import CLAIMABLE, State, called, contacts, run_rows
from dialer.reasons import Reason, Status


def known_contacts(tx: Connection, campaign_id: int, keys: Collection[str]) -> dict[str, Any]:
    """Return the campaign's contacts with these *keys*, at most as many as a statement takes, by their key."""
    return {row.key: row for row in _with_keys(tx, "id, key, state, reason, message, replaced_by", campaign_id, keys)}


def contact_ids(tx: Connection, campaign_id: int, keys: Collection[str]) -> dict[str, int]:
    """Return the ids of the campaign's contacts with these *keys*, at most as many as a statement takes, by key."""
    return {row.key: row.id for row in _with_keys(tx, "id, key", campaign_id, keys)}


def _with_keys(tx: Connection, columns: str, campaign_id: int, keys: Collection[str]) -> Iterable[Any]:
    if not keys:
        return ()
    of_campaign = f"FROM contacts WHERE campaign_id = {marks(tx, 1)}"
    statement = f"SELECT {columns} {of_campaign} AND key IN ({marks(tx, len(keys))})"
    return tx.exec_driver_sql(statement, (campaign_id, *keys)).all()


def may_have_call(known: Any) -> bool:
    """Return whether a contact's call exists or may exist; *known* is of `known_contacts`, or None for a new one."""
    return known is not None and known.state not in CLAIMABLE


def is_claimable(known: Any) -> bool:
    """Return whether a contact of an earlier run may be called by this one."""
    return known is not None and known.state in CLAIMABLE and known.replaced_by is None


def row_in_run(contact_id: ColumnElement[int], run_id: ColumnElement[str] | str) -> Select[Any]:
    """Select the row of the sheet by which a contact is in a run, the first if there are several.

    It is found by its contact. `coalesce` hides the run from SQLite's planner, which would answer `min` by walking all
    rows of the run for each of its contacts: 3,000 calls were sent at three quarters of the rate, and it grows squared.
    """
    of_run = func.coalesce(run_rows.c.run_id, "") == run_id
    return select(func.min(run_rows.c.row)).where(run_rows.c.contact_id == contact_id, of_run)


def state_counts(tx: Connection, campaign_id: int) -> Counter[State]:
    """Count the campaign's contacts by state."""
    query = (
        select(contacts.c.state, func.count()).where(contacts.c.campaign_id == campaign_id).group_by(contacts.c.state)
    )
    return Counter({State(state): count for state, count in tx.execute(query)})


class RowStanding(NamedTuple):
    """What a run says of a row by what the ledger knows of its contact."""

    status: Status
    reason: str
    message: str


ROW_STANDINGS: dict[Reason, RowStanding] = {
    reason: RowStanding(reason.status, reason, message)
    for reason, message in {
        Reason.WAITING: "",
        Reason.NOT_SELECTED: "This run sends only rows that failed before; `dialer run` sends this one.",
        Reason.ALREADY_CREATED: "An earlier run created this call; it is not created again.",
        Reason.INTERRUPTED: (
            "The run ended after this call was claimed and before its outcome was known. The call may exist."
        ),
        Reason.REPLACED: "Its row was mended into another contact, which is called instead.",
        Reason.CALLED_BEFORE_ELSEWHERE: (
            "The API lists a call to this number that is not in this ledger. `--accept-earlier-calls` calls it."
        ),
        Reason.SUPPRESSED: "The number, or another one of the person, is on a suppression list and must not be called.",
        Reason.EXCLUDED_NUMBER: (
            "A number of the person is in a file, or was called by a campaign, that exclude under [contacts] names."
        ),
        Reason.ATTEMPTS_SPENT: (
            "It was tried as often as max_calls under [redial] allows. Mend the row, or allow more calls."
        ),
    }.items()
}
"""How a row is reported for each reason that lies in its contact and not in the outcome of a try."""

DECIDED_BY_STATE = {State.CREATED: Reason.ALREADY_CREATED, State.CLAIMED: Reason.INTERRUPTED}
"""The reason of a row whose contact an earlier run has left so. The contact's own reason is that of a settled try: a
created one needs none, and that of a claimed one is older than its open try."""

PURGED = RowStanding(
    Reason.ALREADY_CREATED.status,
    Reason.ALREADY_CREATED,
    "An earlier run created this call, before the campaign's people were purged; it is not created again.",
)

MENDED_AND_CREATED = (
    "The row was mended in a results file, and an earlier run created this call; it is not created again."
    " Change the row in the sheet itself to have it judged anew."
)

MENDED_AND_WAITING = RowStanding(
    Reason.NOT_SELECTED.status, Reason.NOT_SELECTED, "The row was mended in a results file: `dialer retry` sends it."
)


class Known(Protocol):
    """A contact as it stood before the run read its sheet: its state, why, and what has taken its place if anything."""

    state: str
    reason: str
    message: str
    replaced_by: int | None


def standing(before: Known | None) -> RowStanding:
    """Return how a run on a sheet reports the row of a contact; None for a contact that the ledger has never seen."""
    if before is None:
        return ROW_STANDINGS[Reason.WAITING]
    if before.replaced_by is not None:
        return ROW_STANDINGS[Reason.REPLACED]
    if before.state == State.UNKNOWN:
        return RowStanding(Status.UNKNOWN, before.reason, before.message)
    return ROW_STANDINGS[DECIDED_BY_STATE.get(State(before.state), Reason.WAITING)]


CHUNK_KEYS = 500
"""Keys a statement: under every database's parameter limit."""


def remember_called(tx: Connection, campaign_id: int, keys: Sequence[str]) -> int:
    """Remember the contacts with these *keys* as called; return how many were not remembered before."""
    added = 0
    for chunk in chunks(keys, CHUNK_KEYS):
        wanted = set(digests(tx, str(campaign_id), chunk).values())
        wanted -= _stored(tx, campaign_id, wanted)
        if wanted:
            tx.execute(insert(called), [{"campaign_id": campaign_id, "digest": digest} for digest in sorted(wanted)])
        added += len(wanted)
    return added


def called_before(tx: Connection, campaign_id: int, keys: Sequence[str]) -> set[str]:
    """Return those of at most `CHUNK_KEYS` *keys* whose contacts were called before a purge."""
    if not keys or tx.scalar(select(called.c.digest).where(called.c.campaign_id == campaign_id).limit(1)) is None:
        return set()  # most campaigns were never purged
    key_of = {digest: key for key, digest in digests(tx, str(campaign_id), keys).items()}
    return {key_of[digest] for digest in _stored(tx, campaign_id, set(key_of))}


def _stored(tx: Connection, campaign_id: int, wanted: set[str]) -> set[str]:
    query = select(called.c.digest).where(called.c.campaign_id == campaign_id, called.c.digest.in_(wanted))
    return set(tx.scalars(query))
