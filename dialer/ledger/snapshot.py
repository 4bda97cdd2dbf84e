"""Copies what a dry run has to know of a ledger, so that it can do everything else on the copy."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, insert, literal, select, union, update

from dialer.chunks import chunks
from dialer.ledger.choices.own_choices import is_choice_of_attempt
from dialer.ledger.database.choice_tables import attempt_choices, contact_choices
from dialer.ledger.database.control_tables import accepted_ends
from dialer.ledger.database.keyed_hashes import HASH_KEY
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import (
    attempts,
    called,
    called_elsewhere,
    campaigns,
    contact_numbers,
    contacts,
    dispositions,
    may_exist,
    mends,
    meta,
    run_rows,
    runs,
    sheet_rows,
    sheets,
    suppressed,
)
from dialer.ledger.database.tables.intakes import intakes, left_out
from dialer.ledger.retries import Source, last_source

CHUNK_ROWS = 1_000

_OF_CAMPAIGN = (mends, called_elsewhere, accepted_ends)


def copy_campaign(source: Ledger, target: Ledger, name: str, *, since_ms: int = 0, whole: Collection[str] = ()) -> None:
    """Copy a campaign's runs, contacts, attempts and dispositions from *source* into the empty ledger *target*.

    Of other campaigns, the calls come along that were created or may have been, from *since_ms* on: they count towards
    the caps. Of those named in *whole*, all such calls do. So do the people with several numbers: who must not be
    called at one of them is not called at another.
    """
    last = _last_source(source, name)
    with target.write() as tx:
        tx.execute(delete(meta).where(meta.c.name == HASH_KEY))  # the hashes are those of the other one's key
    with source.read() as snapshot:  # one for all: a run may be writing, and every attempt needs its contact
        for table, query in _queries(name, since_ms, whole):
            for chunk in _read_chunks(snapshot, query):
                with target.write() as tx:
                    tx.execute(insert(table), chunk)
        if last is not None:
            _copy_rows(snapshot, target, last)


def _queries(name: str, since_ms: int, whole: Collection[str]) -> Sequence[tuple[Any, Select[Any]]]:
    """Return what is copied into each table, in the order in which their keys need it."""
    of_campaign = select(campaigns.c.id).where(campaigns.c.name == name).scalar_subquery()
    of_contacts = select(contacts.c.id).where(contacts.c.campaign_id == of_campaign)
    of_whole = select(contacts.c.id).join(campaigns).where(campaigns.c.name.in_(whole))
    counts = may_exist() & ((attempts.c.slot_ms >= since_ms) | attempts.c.contact_id.in_(of_whole))
    elsewhere = union(
        select(attempts.c.contact_id).where(counts, attempts.c.contact_id.not_in(of_contacts)),
        select(contact_numbers.c.contact_id).where(contact_numbers.c.contact_id.not_in(of_contacts)),
    )
    others = [column for column in contacts.c if column.name not in {"payload", "planned_in", "slot_ms", "replaced_by"}]
    return (
        (campaigns, select(campaigns)),
        (sheets, select(*(column for column in sheets.c if column.name != "row_count"))),  # only the last's are copied
        (runs, select(runs)),
        (contacts, select(contacts).where(contacts.c.campaign_id == of_campaign)),
        (contacts, select(*others, literal("").label("payload")).where(contacts.c.id.in_(elsewhere))),
        (contact_numbers, select(contact_numbers)),
        (attempts, select(attempts).where(attempts.c.contact_id.in_(of_contacts))),
        (attempts, select(attempts).where(counts, attempts.c.contact_id.not_in(of_contacts))),
        *_choices(of_contacts, counts),
        (dispositions, select(dispositions).where(dispositions.c.contact_id.in_(of_contacts))),
        (called, select(called)),
        *((each, select(each).where(each.c.campaign_id == of_campaign)) for each in _OF_CAMPAIGN),
        (meta, select(meta).where(meta.c.name == HASH_KEY)),
        (suppressed, select(suppressed)),
    )


def _choices(of_contacts: Select[Any], counts: ColumnElement[bool]) -> Iterator[tuple[Table, Select[Any]]]:
    """Yield how the contacts and attempts are called that are copied: *counts* tells those of other campaigns."""
    yield contact_choices, select(contact_choices).where(contact_choices.c.contact_id.in_(of_contacts))
    is_copied = counts | attempts.c.contact_id.in_(of_contacts)
    yield attempt_choices, select(attempt_choices).join(attempts, is_choice_of_attempt()).where(is_copied)


def _last_source(source: Ledger, name: str) -> Source | None:
    with source.read() as tx:
        return last_source(tx, name)


def _copy_rows(snapshot: Connection, target: Ledger, last: Source) -> None:
    """Copy the rows that the last run to read its sheet has reported: a retry begins on them."""
    for table, query in (
        (sheet_rows, select(sheet_rows).where(sheet_rows.c.sheet_id == last.sheet_id)),
        (run_rows, select(run_rows).where(run_rows.c.run_id == last.run_id)),
        (left_out, select(left_out).where(left_out.c.run_id == last.run_id)),
        (intakes, select(intakes).where(intakes.c.run_id == last.run_id)),
    ):
        for chunk in _read_chunks(snapshot, query):
            with target.write() as tx:
                tx.execute(insert(table), chunk)
    with target.write() as tx:
        tx.execute(update(sheets).where(sheets.c.id == last.sheet_id).values(row_count=last.row_count))


def _read_chunks(source: Connection, query: Select[Any]) -> Iterator[list[dict[str, Any]]]:
    rows = source.execute(query.execution_options(yield_per=CHUNK_ROWS)).mappings()
    return chunks((dict(row) for row in rows), CHUNK_ROWS)


_NEVER_USED = hashlib.sha256().hexdigest()


def ledger_fingerprint(tx: Connection | None) -> str:
    """Return the fingerprint, hexadecimal; the same for no ledger (None) and for one that has never called anybody."""
    if tx is None:
        return _NEVER_USED
    digest = hashlib.sha256()
    made = select(attempts.c.contact_id, attempts.c.number, attempts.c.slot_ms, attempts.c.outcome, attempts.c.call_id)
    erased = select(called.c.campaign_id, called.c.digest).order_by(*called.primary_key.columns)
    for query in (made.order_by(attempts.c.contact_id, attempts.c.number), erased):
        for row in tx.execute(query):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()
