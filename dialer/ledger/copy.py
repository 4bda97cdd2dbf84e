"""Copies what a dry run has to know of a ledger, so that it can do everything else on the copy."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Select, delete, insert, select

from dialer.ledger.connect import read, write
from dialer.ledger.keyed import HASH_KEY
from dialer.ledger.schema import attempts, called, campaigns, contacts, dispositions, meta, runs, sheets, suppressed

CHUNK_ROWS = 1_000


def copy_campaign(source: Engine, target: Engine, name: str) -> None:
    """Copy a campaign's runs, contacts, attempts and dispositions from *source* into the empty ledger *target*."""
    of_campaign = select(campaigns.c.id).where(campaigns.c.name == name).scalar_subquery()
    of_contacts = select(contacts.c.id).where(contacts.c.campaign_id == of_campaign)
    unread = (column for column in sheets.c if column.name != "row_count")  # their rows are not copied
    queries: tuple[tuple[Any, Select[Any]], ...] = (
        (campaigns, select(campaigns).where(campaigns.c.name == name)),
        (sheets, select(*unread).where(sheets.c.campaign_id == of_campaign)),
        (runs, select(runs).where(runs.c.campaign_id == of_campaign)),
        (contacts, select(contacts).where(contacts.c.campaign_id == of_campaign)),
        (attempts, select(attempts).where(attempts.c.contact_id.in_(of_contacts))),
        (dispositions, select(dispositions).where(dispositions.c.contact_id.in_(of_contacts))),
        (called, select(called).where(called.c.campaign_id == of_campaign)),
        (meta, select(meta).where(meta.c.name == HASH_KEY)),
        (suppressed, select(suppressed)),
    )
    with write(target) as tx:
        tx.execute(delete(meta).where(meta.c.name == HASH_KEY))  # the hashes are those of the other one's key
    with read(source) as snapshot:  # one for all: a run may be writing, and every attempt needs its contact
        for table, query in queries:
            for chunk in _chunks(snapshot, query):
                with write(target) as tx:
                    tx.execute(insert(table), chunk)


def _chunks(source: Connection, query: Select[Any]) -> Iterator[list[dict[str, Any]]]:
    rows = iter(source.execute(query.execution_options(yield_per=CHUNK_ROWS)).mappings())
    while chunk := [dict(row) for row in islice(rows, CHUNK_ROWS)]:
        yield chunk
