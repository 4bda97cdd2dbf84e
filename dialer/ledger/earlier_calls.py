"""Numbers that the API lists as called and that this ledger has not called: held, until somebody says otherwise."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, delete, insert, select, tuple_, update

from dialer.calls.reconciliation import ListedCall
from dialer.chunks import chunks
from dialer.ledger.database.schema import (
    CLAIMABLE,
    attempts,
    called_elsewhere,
    campaign_places,
    campaigns,
    contacts,
    run_rows,
)
from dialer.ledger.known_contacts import ROW_STANDINGS, called_before
from dialer.ledger.suppression_list import number_digests
from dialer.reasons import Reason

CHUNK_CALLS = 400


def remember_earlier_calls(tx: Connection, campaign_id: int, listed: Iterable[ListedCall]) -> int:
    """Hold the campaign's contacts with a number of a *listed* call that this ledger has not made.

    The campaign's runs look no more. Returns how many numbers are held.
    """
    held: set[str] = set()
    for chunk in chunks(listed, CHUNK_CALLS):
        held |= set(number_digests(tx, _strangers(tx, chunk)).values())
    held -= set(tx.scalars(select(called_elsewhere.c.digest).where(called_elsewhere.c.campaign_id == campaign_id)))
    if held:
        tx.execute(
            insert(called_elsewhere), [{"campaign_id": campaign_id, "digest": digest} for digest in sorted(held)]
        )
    _looked(tx, campaign_id)
    return len(held)


def _strangers(tx: Connection, listed: Sequence[ListedCall]) -> list[str]:
    """Return the numbers of calls that are no attempt's of this ledger, as E.164, but not of people it has purged."""
    ids = set(tx.scalars(select(attempts.c.call_id).where(attempts.c.call_id.in_([call.call_id for call in listed]))))
    prints = [(call.phone, call.slot_ms) for call in listed if call.slot_ms is not None]
    pair = tuple_(attempts.c.phone, attempts.c.slot_ms)
    own = {tuple(row) for row in tx.execute(select(attempts.c.phone, attempts.c.slot_ms).where(pair.in_(prints)))}
    phones = {
        "+" + "".join(filter(str.isdecimal, call.phone))
        for call in listed
        if call.call_id not in ids and (call.phone, call.slot_ms) not in own
    }
    for campaign_id in tx.scalars(select(campaigns.c.id)).all():
        phones -= called_before(tx, campaign_id, sorted(phones))
    return sorted(phones)


def accept_earlier_calls(tx: Connection, campaign_id: int) -> None:
    """Let the campaign call whom the API lists as called, by somebody's word, and look no more."""
    tx.execute(delete(called_elsewhere).where(called_elsewhere.c.campaign_id == campaign_id))
    _looked(tx, campaign_id)


def _looked(tx: Connection, campaign_id: int) -> None:
    is_campaign = campaign_places.c.campaign_id == campaign_id
    tx.execute(update(campaign_places).where(is_campaign).values(must_look=False))


def was_called_elsewhere() -> ColumnElement[bool]:
    """Return the condition, on `contacts`, that the API lists a call to its number that this ledger has not made."""
    listed = select(called_elsewhere.c.digest).where(
        called_elsewhere.c.campaign_id == contacts.c.campaign_id,
        called_elsewhere.c.digest == contacts.c.number_digest,
    )
    return listed.correlate(contacts).exists()


def hold_called_elsewhere(tx: Connection, run_id: str) -> int:
    """Take such contacts out of the run and report their rows so; return how many they are."""
    if tx.scalar(select(called_elsewhere.c.digest).limit(1)) is None:
        return 0  # asked of each of 100,000 contacts, it took a third of a second
    of_run = (contacts.c.planned_in == run_id, contacts.c.state.in_(CLAIMABLE), was_called_elsewhere())
    held = select(contacts.c.id).where(*of_run)
    is_row = (run_rows.c.run_id == run_id, run_rows.c.contact_id.in_(held), run_rows.c.reason == Reason.WAITING)
    tx.execute(update(run_rows).where(*is_row).values(ROW_STANDINGS[Reason.CALLED_BEFORE_ELSEWHERE]._asdict()))
    return tx.execute(update(contacts).where(*of_run).values(planned_in=None)).rowcount
