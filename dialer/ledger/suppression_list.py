"""The suppression list as the ledger keeps it: numbers never to call, as keyed hashes, so that it survives a purge.

An entry counts for every campaign of the ledger, or for one: those come from a campaign's own suppression files when
they change while it runs, and from rows of its sheet that must not be called.

`is_suppressed` is the one rule. A number is not called when it is on the list, nor when it is one of the numbers of a
person another of whose numbers is: whatever put that one there. Only what a row says counts for its own numbers alone:
others may share one of them, an office's for instance, and have said nothing. Claims look here themselves, in the
transaction that writes them (`dialer.ledger.transitions`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from sqlalchemy import ColumnElement, Connection, and_, delete, false, or_, select, text, true, update
from typing_extensions import TypedDict

from dialer.chunks import chunks
from dialer.clock import iso_ms
from dialer.ledger.database.engine import upsert
from dialer.ledger.database.keyed_hashes import digests
from dialer.ledger.database.schema import (
    attempts,
    campaigns,
    contact_numbers,
    contacts,
    may_exist,
    suppressed,
)

EVERY_CAMPAIGN = 0
"""The campaign id of an entry that counts everywhere."""

CHUNK_NUMBERS = 500
"""Numbers a statement: under every database's parameter limit."""

ROW_REASON = "stands in a row that must not be called"

_SCOPE = "number"
_SHOWN_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One suppressed number as a person may see it: its last two digits, why it is there and since when (ms)."""

    ending: str
    reason: str
    added_at_ms: int

    def as_json(self) -> "EntryJson":
        """Return the object that `--json` prints."""
        return {"ending": self.ending, "reason": self.reason, "added_at": iso_ms(self.added_at_ms)}


class EntryJson(TypedDict):
    """A number on the list, by its last two digits."""

    ending: str
    reason: str
    added_at: str


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that was created, or may have been, for a number that is not to be called any more.

    *call_id* is None where nobody knows whether it exists. *slot_ms*: when it rings, ms since the epoch.
    """

    campaign: str
    call_id: str | None
    slot_ms: int

    def as_json(self) -> "OpenCallJson":
        """Return the object that `--json` prints."""
        return {"campaign": self.campaign, "call_id": self.call_id, "slot": iso_ms(self.slot_ms)}


class OpenCallJson(TypedDict):
    """A call that will ring although nobody wants it any more."""

    campaign: str
    call_id: str | None
    slot: str


def number_digests(tx: Connection, phones: Iterable[str]) -> dict[str, str]:
    """Return the keyed hash of each E.164 number, as `contacts.number_digest` and the suppression list hold it."""
    return digests(tx, _SCOPE, phones)


def suppress_numbers(
    tx: Connection, phones: Iterable[str], *, reason: str, at_ms: int, campaign_id: int = EVERY_CAMPAIGN
) -> int:
    """Put E.164 numbers on the list, whatever their number; return how many were not on it.

    Waits for the claims that are under way: they are stored before the list is, or come after it and are refused.
    """
    phones = list(phones)
    if phones:
        wait_for_claims(tx)
    return _add(tx, phones, reason=reason, at_ms=at_ms, campaign_id=campaign_id, is_of_row=False)


def suppress_rows_numbers(tx: Connection, phones: Iterable[str], *, at_ms: int, campaign_id: int) -> None:
    """Put the E.164 numbers of rows that must not be called on the campaign's list: another row may hold them, too.

    One that an earlier sheet put there counts as of *at_ms* from now on. Waits for nobody: the campaign itself is still
    being read.
    """
    _add(tx, phones, reason=ROW_REASON, at_ms=at_ms, campaign_id=campaign_id, is_of_row=True)


def _add(tx: Connection, phones: Iterable[str], *, reason: str, at_ms: int, campaign_id: int, is_of_row: bool) -> int:
    statement = upsert(tx, suppressed)
    if is_of_row:
        statement = statement.on_conflict_do_update(
            index_elements=["digest", "campaign_id"], set_={"added_at_ms": at_ms}, where=suppressed.c.is_of_row
        )
    else:
        statement = statement.on_conflict_do_update(
            index_elements=["digest", "campaign_id"], set_={"is_of_row": False}, where=suppressed.c.is_of_row
        )
    statement = statement.returning(suppressed.c.digest)
    added = 0
    for chunk in chunks(dict.fromkeys(phones), CHUNK_NUMBERS):
        of_phone = number_digests(tx, chunk)
        entries = [
            {
                "digest": digest,
                "campaign_id": campaign_id,
                "ending": phone[-_SHOWN_DIGITS:],
                "reason": reason,
                "added_at_ms": at_ms,
                "is_of_row": is_of_row,
            }
            for phone, digest in sorted(of_phone.items(), key=itemgetter(1))  # or two imports wait for each other
        ]
        added += len(tx.execute(statement, entries).all())
    return added


def wait_for_claims(tx: Connection) -> None:
    """Wait until no claim and no change of the list is under way, and let none begin before the transaction ends."""
    if tx.dialect.name == "postgresql":  # SQLite has one writer at a time
        tx.execute(text(f"LOCK TABLE {contacts.name} IN SHARE ROW EXCLUSIVE MODE"))


def unsuppress_numbers(tx: Connection, phones: Iterable[str]) -> int:
    """Take E.164 numbers off the list of every campaign; return how many were on it."""
    removed = 0
    for chunk in chunks(dict.fromkeys(phones), CHUNK_NUMBERS):
        digests_ = number_digests(tx, chunk).values()
        everywhere = suppressed.c.campaign_id == EVERY_CAMPAIGN
        removed += tx.execute(delete(suppressed).where(suppressed.c.digest.in_(digests_), everywhere)).rowcount
    return removed


def forget_file_entries(tx: Connection, campaign_id: int) -> None:
    """Drop what a campaign's suppression files added during an earlier run: the files have been read anew.

    What a row of the sheet says too stays, as its word alone.
    """
    is_of_file = (suppressed.c.campaign_id == campaign_id, suppressed.c.is_of_row == false())
    tx.execute(update(suppressed).where(*is_of_file, suppressed.c.reason == ROW_REASON).values(is_of_row=True))
    tx.execute(delete(suppressed).where(*is_of_file))


def forget_row_entries(tx: Connection, campaign_id: int, *, but_of_ms: int) -> None:
    """Drop what the rows of a campaign's sheet added, but for those added at *but_of_ms*: a sheet was read anew."""
    is_earlier = (suppressed.c.is_of_row == true(), suppressed.c.added_at_ms != but_of_ms)
    tx.execute(delete(suppressed).where(suppressed.c.campaign_id == campaign_id, *is_earlier))


def add_contact_numbers(tx: Connection, numbers_of: Mapping[int, Collection[str]]) -> None:
    """Remember every E.164 number of the contacts with these ids, that which is called among them."""
    digest_of = number_digests(tx, {phone for phones in numbers_of.values() for phone in phones})
    rows = [
        {"contact_id": contact_id, "digest": digest_of[phone]}
        for contact_id, phones in numbers_of.items()
        for phone in sorted(phones)
    ]
    if rows:
        tx.execute(upsert(tx, contact_numbers).on_conflict_do_nothing(), rows)


def forget_contact_numbers(tx: Connection, contact_ids: Collection[int]) -> None:
    """Forget the numbers of at most `CHUNK_NUMBERS` contacts: their rows are read anew."""
    if contact_ids:
        tx.execute(delete(contact_numbers).where(contact_numbers.c.contact_id.in_(contact_ids)))


def suppressed_among(tx: Connection, phones: Sequence[str], *, campaign_id: int = EVERY_CAMPAIGN) -> dict[str, Entry]:
    """Return those of *phones*, at most `CHUNK_NUMBERS`, that the campaign must not call, with their entries."""
    phone_of = {digest: phone for phone, digest in number_digests(tx, phones).items()}
    if not phone_of:
        return {}
    query = select(suppressed).where(
        suppressed.c.digest.in_(phone_of), suppressed.c.campaign_id.in_((EVERY_CAMPAIGN, campaign_id))
    )
    return {phone_of[row.digest]: Entry(row.ending, row.reason, row.added_at_ms) for row in tx.execute(query)}


def entries(tx: Connection) -> list[Entry]:
    """Return every entry that counts everywhere, the newest first."""
    columns = (suppressed.c.ending, suppressed.c.reason, suppressed.c.added_at_ms)
    query = select(*columns).where(suppressed.c.campaign_id == EVERY_CAMPAIGN)
    return [Entry(*row) for row in tx.execute(query.order_by(suppressed.c.added_at_ms.desc(), suppressed.c.digest))]


def calls_still_to_ring(tx: Connection, phones: Iterable[str], *, from_ms: int) -> list[OpenCall]:
    """Return the calls that exist or may exist and whose slot is not before *from_ms*, by slot: those to *phones*, and
    to people of whom one of them is another number.
    """
    found: list[OpenCall] = []
    for chunk in chunks(dict.fromkeys(phones), CHUNK_NUMBERS):
        digests_ = number_digests(tx, chunk).values()
        of_people = select(contact_numbers.c.contact_id).where(contact_numbers.c.digest.in_(digests_))
        query = (
            select(campaigns.c.name, attempts.c.call_id, attempts.c.slot_ms)
            .join(contacts, contacts.c.id == attempts.c.contact_id)
            .join(campaigns, campaigns.c.id == contacts.c.campaign_id)
            .where(or_(attempts.c.phone.in_(chunk), attempts.c.contact_id.in_(of_people)))
            .where(attempts.c.slot_ms >= from_ms)
            .where(may_exist())
        )
        found += [OpenCall(*row) for row in tx.execute(query)]
    return sorted(found, key=lambda call: call.slot_ms)


def is_suppressed(*besides: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition, on `contacts`, that its campaign must not call it, by entries *besides*: the one rule."""
    counts = and_(suppressed.c.campaign_id.in_((EVERY_CAMPAIGN, contacts.c.campaign_id)), *besides)
    itself = select(suppressed.c.digest).where(suppressed.c.digest == contacts.c.number_digest, counts)
    same, other = contact_numbers.alias("same_number"), contact_numbers.alias("other_number")
    another = (
        select(suppressed.c.digest)
        .select_from(same)
        .join(other, other.c.contact_id == same.c.contact_id)
        .join(suppressed, and_(suppressed.c.digest == other.c.digest, suppressed.c.is_of_row == false(), counts))
        .where(same.c.digest == contacts.c.number_digest)
    )
    return or_(itself.correlate(contacts).exists(), another.correlate(contacts).exists())


def suppressed_contacts(tx: Connection, contact_ids: Collection[int]) -> frozenset[int]:
    """Return those of *contact_ids* whose numbers must not be called by their campaign."""
    return frozenset(tx.scalars(select(contacts.c.id).where(contacts.c.id.in_(contact_ids), is_suppressed())))
