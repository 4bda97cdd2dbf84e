"""Takes a campaign's people out of the ledger: their rows deleted, their bytes overwritten, the run history kept."""

import json
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, select, update
from sqlalchemy.exc import DBAPIError

from dialer.calls.outcome import Kind
from dialer.errors import LedgerBusy, LedgerWriteFailed
from dialer.ledger.choices.own_choices import forget_choices
from dialer.ledger.database.busy import busy, is_busy
from dialer.ledger.database.choice_tables import attempt_choices, contact_choices
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.refusal import why_refused
from dialer.ledger.database.schema import (
    State,
    attempts,
    called,
    contact_numbers,
    contacts,
    dispositions,
    may_exist,
    mends,
    result_columns,
    run_rows,
    runs,
    sheet_rows,
    sheets,
)
from dialer.ledger.database.tables.intakes import intakes, left_out
from dialer.ledger.known_contacts import remember_called, state_counts
from dialer.ledger.mends import forget_mends
from dialer.ledger.spending import PURGED, spending_by_run

CALLED_STATES = (State.CREATED, State.UNKNOWN, State.CLAIMED)
"""Whoever may have a call is remembered as called: the doubt never rings a person twice."""

_ERASED_NOTHING_YET = (
    "The people are deleted, but their bytes may still be in the ledger's files. Mend that, then run `dialer purge`"
    " again."
)


@dataclass(frozen=True, slots=True)
class People:
    """What the ledger holds of a campaign's people: contacts by state, rows of its sheets, runs that called them."""

    contacts: Counter[State]
    sheet_rows: int
    runs: int

    @property
    def in_doubt(self) -> int:
        """How many contacts may have a call of which nobody knows yet."""
        return self.contacts[State.UNKNOWN] + self.contacts[State.CLAIMED]


def people_of(tx: Connection, campaign_id: int) -> People:
    """Count what the ledger holds of the campaign's people."""
    of_sheets = select(sheets.c.id).where(sheets.c.campaign_id == campaign_id)
    rows = tx.scalar(select(func.count()).select_from(sheet_rows).where(sheet_rows.c.sheet_id.in_(of_sheets)))
    of_runs = tx.scalar(select(func.count()).select_from(runs).where(runs.c.campaign_id == campaign_id))
    return People(state_counts(tx, campaign_id), rows or 0, of_runs or 0)


def called_count(tx: Connection, campaign_id: int) -> int:
    """Count the contacts that purges of the campaign have left as keyed hashes."""
    return tx.scalar(select(func.count()).select_from(called).where(called.c.campaign_id == campaign_id)) or 0


def forget_people(tx: Connection, campaign_id: int) -> int:
    """Delete everything about the campaign's people and return how many are now remembered as called.

    Their keyed hashes and the deletion are one transaction: there is no moment at which they could be called again.
    Runs stay, with their counts in `facts`; the sheets they read stay without header, name and rows.
    """
    was_called = select(attempts.c.number).where(attempts.c.contact_id == contacts.c.id, may_exist())
    # also those who wait to be called again
    is_remembered = (
        contacts.c.campaign_id == campaign_id,
        contacts.c.state.in_(CALLED_STATES)
        | was_called.correlate(contacts).exists()
        | contacts.c.replaced_by.is_not(None),
    )
    remembered = remember_called(tx, campaign_id, list(tx.scalars(select(contacts.c.key).where(*is_remembered))))
    forget_mends(tx, campaign_id, select(contacts.c.id).where(*is_remembered))
    _keep_counts(tx, campaign_id)
    of_contacts = select(contacts.c.id).where(contacts.c.campaign_id == campaign_id)
    of_runs = select(runs.c.id).where(runs.c.campaign_id == campaign_id)
    of_sheets = select(sheets.c.id).where(sheets.c.campaign_id == campaign_id)
    tx.execute(delete(dispositions).where(dispositions.c.contact_id.in_(of_contacts)))
    tx.execute(delete(result_columns).where(result_columns.c.campaign_id == campaign_id))
    forget_choices(tx, of_contacts)
    tx.execute(delete(attempts).where(attempts.c.contact_id.in_(of_contacts)))
    tx.execute(delete(intakes).where(intakes.c.campaign_id == campaign_id))
    tx.execute(delete(left_out).where(left_out.c.run_id.in_(of_runs)))
    tx.execute(delete(run_rows).where(run_rows.c.run_id.in_(of_runs)))
    tx.execute(delete(contact_numbers).where(contact_numbers.c.contact_id.in_(of_contacts)))
    tx.execute(delete(contacts).where(contacts.c.campaign_id == campaign_id))
    tx.execute(delete(sheet_rows).where(sheet_rows.c.sheet_id.in_(of_sheets)))
    for sheet_id in tx.scalars(of_sheets).all():
        # Its fingerprint goes too, so that the same sheet, when read again, is stored anew.
        nameless = {"file": "", "header": "[]", "sha256": f"purged {sheet_id}"}
        tx.execute(update(sheets).where(sheets.c.id == sheet_id).values(**nameless))
    return remembered


def _keep_counts(tx: Connection, campaign_id: int) -> None:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    of_campaign = runs.c.campaign_id == campaign_id
    rows = select(run_rows.c.run_id, func.count()).join(runs).where(of_campaign).group_by(run_rows.c.run_id)
    for run_id, count in tx.execute(rows):
        counts[run_id]["rows"] = count
    by_outcome = (attempts.c.run_id, attempts.c.outcome)
    tried = select(*by_outcome, func.count()).join(runs).where(of_campaign).group_by(*by_outcome)
    for run_id, outcome, count in tx.execute(tried):
        counts[run_id][outcome or Kind.UNKNOWN] += count
    for run_id, spent in spending_by_run(tx, campaign_id).items():
        counts[run_id].update(calls=spent.calls, seconds=round(spent.settled_seconds), reserved=spent.reserved)
    for run_id, purged in counts.items():
        facts = json.loads(tx.scalar(select(runs.c.facts).where(runs.c.id == run_id)) or "{}")
        text = json.dumps(facts | {PURGED: purged}, ensure_ascii=False, separators=(",", ":"))
        tx.execute(update(runs).where(runs.c.id == run_id).values(facts=text))


def erase_traces(ledger: Ledger) -> None:
    """Write the database anew without what was deleted. Call it after the deletion is committed.

    SQLite: `secure_delete` has overwritten the deleted rows; VACUUM rewrites the pages that kept pieces of them, and
    the write-ahead log, where there is one, is emptied. On PostgreSQL VACUUM frees the rows; its own files, logs and
    backups are its administrator's business. Raises `LedgerWriteFailed`, and may be called again.
    """
    engine = ledger.engine
    try:
        if engine.dialect.name == "sqlite":
            _vacuum_file(engine)
        else:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                of_calls = (dispositions, attempt_choices, attempts, contact_choices)
                of_people = (mends, *of_calls, contact_numbers, run_rows, contacts)
                emptied = (*of_people, result_columns, sheet_rows, sheets)
                names = ", ".join(table.name for table in emptied)
                connection.exec_driver_sql(f"VACUUM {names}")
    except (DBAPIError, sqlite3.Error) as error:
        said = error.orig if isinstance(error, DBAPIError) else error
        if is_busy(said):
            raise LedgerBusy(f"{busy(engine.url.database)} {_ERASED_NOTHING_YET}") from error
        raise LedgerWriteFailed(
            f"{engine.url.database}: the ledger cannot be written anew: {why_refused(said)} {_ERASED_NOTHING_YET}"
        ) from error


def _vacuum_file(engine: Engine) -> None:
    pooled = engine.raw_connection()  # VACUUM stands outside any transaction
    try:
        plain = pooled.driver_connection
        assert isinstance(plain, sqlite3.Connection)  # noqa: S101 - the one driver of an SQLite ledger
        plain.execute("VACUUM")
        busy, *_ = plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        pooled.close()
    if busy:
        raise LedgerWriteFailed(
            f"{engine.url.database}: somebody reads the ledger, so its log cannot be emptied. {_ERASED_NOTHING_YET}"
        )
