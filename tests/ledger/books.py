"""What the ledger's tests share: rows of a sheet, runs on them, claims, outcomes, and a plain reading of the tables."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine, select

from dialer.calls.attempt import Claim, PlannedCall, Settlement
from dialer.calls.outcome import Kind, Outcome
from dialer.contacts.contact import Contact, ExcludedRow
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import attempts, contacts, metadata, run_rows
from dialer.ledger.intake import CHUNK_ROWS, CallableRow, ReadRow, record_rows
from dialer.ledger.runs import Run, SheetFacts, begin_run, finish_intake
from dialer.ledger.slots import next_page, set_slots
from dialer.ledger.transitions.claims import claim_all, hold_suppressed_in_run, settle_all
from dialer.ledger.writer import LedgerWriter
from dialer.reasons import Reason
from dialer.schedule.places.whereabouts import Whereabouts
from tests.support import number

NOON_MS = 1_795_453_200_000
"""2026-11-23T17:00:00Z."""

ZONES = ("America/New_York",)


def empty(ledger: Ledger) -> None:
    """Take everything out of a ledger on PostgreSQL but its version and its key."""
    names = ", ".join(table.name for table in metadata.sorted_tables if table.name != "meta")
    with ledger.write_own() as tx:
        tx.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")


def person(
    row: int, *, phone: str | None = None, key: str | None = None, zones: tuple[str, ...] = ZONES, payload: str = "{}"
) -> ReadRow:
    """Return a callable row; its number and its key follow from the row unless told."""
    phone = phone or number(row)
    contact = Contact(
        row=row,
        key=key or phone,
        phone=phone,
        region="US",
        name=f"Person {row}",
        email=None,
        variables=(),
        timezone=None,
    )
    return ReadRow(row, (f"Person {row}", phone), CallableRow(contact, Whereabouts(zones, ("US",)), payload))


def people(count: int) -> list[ReadRow]:
    """Return *count* callable rows, from row 2 on."""
    return [person(row) for row in range(2, count + 2)]


def held(row: int) -> ReadRow:
    """Return a row that cannot be called as written."""
    return ReadRow(row, ("", ""), ExcludedRow(Reason.PHONE_MISSING, "The phone cell is empty."))


def sheet(content: str = "a") -> SheetFacts:
    """Return a sheet whose fingerprint is *content*."""
    return SheetFacts("contacts.csv", content, ("Name", "Phone"))


def begin(engine: Engine, run_id: str, *, content: str = "a", campaign: str = "spring", at_ms: int = NOON_MS) -> Run:
    """Begin a run and store no row of it yet."""
    with write(engine) as tx:
        return begin_run(
            tx, run_id=run_id, campaign=campaign, sheet=sheet(content), started_at_ms=at_ms, facts={"version": "0"}
        )


def take_in(
    engine: Engine, run_id: str, rows: Sequence[ReadRow], *, content: str = "a", campaign: str = "spring"
) -> Run:
    """Begin a run on *rows* and store them all, as a job does."""
    run = begin(engine, run_id, content=content, campaign=campaign)
    for start in range(0, len(rows), CHUNK_ROWS):
        with write(engine) as tx:
            record_rows(tx, run, rows[start : start + CHUNK_ROWS])
    with write(engine) as tx:
        finish_intake(tx, run, row_count=len(rows))
        hold_suppressed_in_run(tx, run.id)
    return run


def planned(engine: Engine, run_id: str, rows: Iterable[int], *, first_ms: int = NOON_MS) -> list[PlannedCall]:
    """Return *rows* of the run slots a second apart and read the first page of them."""
    with write(engine) as tx:
        set_slots(tx, run_id, [(row, first_ms + index * 1000) for index, row in enumerate(rows)])
    with read(engine) as tx:
        return next_page(tx, run_id, after_ms=-1)


def claims(run_id: str, calls: Iterable[PlannedCall]) -> list[Claim]:
    """Return the claim that follows from each planned call."""
    return [
        Claim(
            *(call.contact_id, call.attempts + 1, run_id, call.phone, call.slot_ms, NOON_MS),
            call_template_id=call.call_template_id,
            from_number=call.from_number,
        )
        for call in calls
    ]


def ready(engine: Engine, count: int, run_id: str = "r1") -> list[Claim]:
    """Store a run of *count* planned contacts and return the claims that are next."""
    take_in(engine, run_id, people(count))
    return claims(run_id, planned(engine, run_id, range(2, count + 2)))


OUTCOMES = {
    Kind.CREATED: Outcome(Kind.CREATED, call_id="call-1", http_status=200),
    Kind.REFUSED: Outcome(Kind.REFUSED, "api_400", "Refused.", http_status=400),
    Kind.NOT_SENT: Outcome(Kind.NOT_SENT, Reason.NOT_SENT, "Not sent."),
    Kind.UNKNOWN: Outcome(Kind.UNKNOWN, Reason.NO_REPLY, "No reply."),
}


def settlement(claim: Claim, kind: Kind, *, again: bool = False) -> Settlement:
    """Return the settlement of *claim* with an ordinary outcome of that kind; what is created has an id of its own."""
    outcome = OUTCOMES[kind]
    if kind == Kind.CREATED:
        outcome = replace(
            outcome, call_id=f"call-{claim.contact_id}" + (f"-{claim.number}" if claim.number > 1 else "")
        )
    return Settlement(claim, outcome, NOON_MS + 500, again=again)


async def claim_each(book: LedgerWriter, wanted: Iterable[Claim]) -> list[Claim | Exception]:
    """Claim each of *wanted* by a request of its own, all at once; return the answers."""
    return [answer for (answer,) in await asyncio.gather(*(book.claim([claim]) for claim in wanted))]


def attempt(engine: Engine, claim: Claim, kind: Kind | None, *, again: bool = False) -> None:
    """Claim and settle one call; *kind* None leaves the claim open, as a kill does."""
    with write(engine) as tx:
        claim_all(tx, [claim])
    if kind is not None:
        with write(engine) as tx:
            settle_all(tx, [settlement(claim, kind, again=again)])


def contact_rows(engine: Engine) -> list[Any]:
    """Read every contact, in the order they came."""
    with read(engine) as tx:
        return list(tx.execute(select(contacts).order_by(contacts.c.id)))


def attempt_rows(engine: Engine) -> list[Any]:
    """Read every attempt, by contact and number."""
    with read(engine) as tx:
        return list(tx.execute(select(attempts).order_by(attempts.c.contact_id, attempts.c.number)))


def verdicts(engine: Engine, run_id: str) -> list[tuple[int, str, str]]:
    """Read the row, status and reason of every row of the run."""
    query = select(run_rows.c.row, run_rows.c.status, run_rows.c.reason).where(run_rows.c.run_id == run_id)
    with read(engine) as tx:
        return [(row, status, reason) for row, status, reason in tx.execute(query.order_by(run_rows.c.row))]
