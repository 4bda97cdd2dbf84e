"""Fills a ledger with calls by its own functions, as a run does, but for the requests."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from benchmarks.measure import ordinary_areas
from dialer.calls.attempt import Claim, Settlement
from dialer.calls.outcome import Kind, Outcome
from dialer.chunks import chunks
from dialer.contacts.contact import Contact
from dialer.ledger.database.open import Ledger
from dialer.ledger.intake import CHUNK_ROWS, CallableRow, ReadRow, record_rows
from dialer.ledger.runs import Run, SheetFacts, begin_run, end_run, finish_intake, stop_waiting_rows
from dialer.ledger.slots import next_page, set_slots
from dialer.ledger.transitions.claims import claim_all, settle_all
from dialer.schedule.places.whereabouts import Whereabouts

START_MS = 1_795_453_200_000
"""2026-11-23T17:00:00Z, the first slot."""

GROUP = 50
"""Claims a commit, and outcomes: what a run reaches whose requests hold 50 calls."""

FIRST_NUMBER = 2_000
"""Those before are for tonight's people: nobody of them is held because of an old call."""

HEADER = ("Name", "Phone", "E-mail", "Plan", "Street")


@dataclass(frozen=True)
class Campaign:
    """One campaign of *rows* people, and the id of its run; each slot is *shift_ms* later than another campaign's."""

    name: str
    run_id: str
    rows: int
    shift_ms: int = 0


@cache
def _areas() -> list[str]:
    return ordinary_areas()


def _phone(index: int) -> str:
    """Return a number that rings nobody; there are 30,000, so the people of a large campaign share them."""
    area = _areas()[index // 100 % len(_areas())]
    return f"+1{area}55501{index % 100:02d}"


def person(row: int) -> ReadRow:
    """Return a row of five cells with a name, a number, an address and two values."""
    name, phone, email = f"Person {row}", _phone(FIRST_NUMBER + row), f"person{row}@example.com"
    contact = Contact(
        row=row, key=f"{phone}/{row}", phone=phone, region="US", name=name, email=email, variables=(), timezone=None
    )
    payload = (
        f'{{"toPhoneNumber":"{phone}","nameOfHuman":"{name}","toEmailAddress":"{email}",'
        '"customVariables":{"plan":"Family","street":"1 Main Street"}}'
    )
    where = Whereabouts(("America/New_York",), ("US", "US-NY"))
    return ReadRow(row, (name, phone, email, "Family", "1 Main Street"), CallableRow(contact, where, payload))


def plan_people(ledger: Ledger, campaign: Campaign) -> Run:
    """Take the campaign's people in, give each a slot, a second apart, and return the run that means to call them."""
    with ledger.write() as tx:
        run = begin_run(
            tx,
            run_id=campaign.run_id,
            campaign=campaign.name,
            sheet=SheetFacts("people.csv", campaign.run_id, HEADER),
            started_at_ms=START_MS - 60_000,
            facts={"key": ["phone"], "address": "http://127.0.0.1", "call_template_id": "3635736673646664736673"},
        )
    numbers = range(2, campaign.rows + 2)
    for chunk in chunks(numbers, CHUNK_ROWS):
        with ledger.write() as tx:
            record_rows(tx, run, [person(row) for row in chunk])
    with ledger.write() as tx:
        finish_intake(tx, run, row_count=campaign.rows)
        set_slots(tx, run.id, ((row, START_MS + row * 1000 + campaign.shift_ms) for row in numbers))
    return run


def planned_claims(ledger: Ledger, run_id: str) -> Iterator[Claim]:
    """Yield the claim of each planned call of a run, in slot order."""
    after_ms = -1
    while True:
        with ledger.read() as tx:
            page = next_page(tx, run_id, after_ms=after_ms)
        if not page:
            return
        after_ms = page[-1].slot_ms
        for call in page:
            yield Claim(call.contact_id, call.attempts + 1, run_id, call.phone, call.slot_ms, call.slot_ms - 30_000)


def created(claim: Claim) -> Settlement:
    """Return that the call was created, with an id as long as the API's."""
    call_id = f"{claim.run_id[-8:]:0>8}{claim.contact_id:016x}"
    return Settlement(claim, Outcome(Kind.CREATED, call_id=call_id, http_status=200), claim.claimed_at_ms + 300)


def call_people(ledger: Ledger, campaign: Campaign) -> None:
    """Plan the campaign's people and call them all: a claim and an outcome for each, in groups of `GROUP`."""
    run = plan_people(ledger, campaign)
    settled: list[Settlement] = []
    for group in chunks(planned_claims(ledger, campaign.run_id), GROUP):
        with ledger.write() as tx:
            settle_all(tx, settled)
            claim_all(tx, list(group))
        settled = [created(claim) for claim in group]
    with ledger.write() as tx:
        settle_all(tx, settled)
        stop_waiting_rows(tx, run)
        end_run(tx, run, ended_at_ms=START_MS + campaign.rows * 1000, exit_code=0, stop=None)
