"""From the sheet into the ledger: every row judged, every contact stored with its zones and its part of the body."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from dialer.contacts import Contact, HeldBack, JudgedRow, Loaded
from dialer.ledger import Ledger, write
from dialer.ledger.intake import (
    CHUNK_ROWS,
    CallableRow,
    ReadRow,
    Run,
    SheetFacts,
    begin_run,
    finish_intake,
    record_rows,
)
from dialer.schedule import Whereabouts, place_of, zones_of
from dialer.schedule.places import UNKNOWN
from dialer.status import Reason, Status
from dialer.submit.payload import contact_fields


@dataclass(frozen=True, slots=True)
class RunStart:
    """How a run introduces itself to the ledger."""

    run_id: str
    campaign: str
    started_at_ms: int
    facts: Mapping[str, object]


def take_in(ledger: Ledger, loaded: Loaded, start: RunStart) -> Run:
    """Store the sheet and begin a run on it. Raises `SheetError` for a sheet that cannot be read to its end."""
    sheet = SheetFacts(loaded.sheet.path.name, loaded.sheet.sha256, loaded.sheet.header)
    with write(ledger.engine) as tx:
        run = begin_run(
            tx,
            run_id=start.run_id,
            campaign=start.campaign,
            sheet=sheet,
            started_at_ms=start.started_at_ms,
            facts=start.facts,
        )
    total = 0
    for chunk in _chunks(judged_rows(loaded)):
        with write(ledger.engine) as tx:
            record_rows(tx, run, chunk)
        total += len(chunk)
    with write(ledger.engine) as tx:
        finish_intake(tx, run, row_count=total)
    return run


def judged_rows(loaded: Loaded) -> Iterator[ReadRow]:
    """Give every row of the sheet once, in order; a contact without any known zone is held back."""
    return (read_row(judged) for judged in loaded.rows())


def read_row(judged: JudgedRow) -> ReadRow:
    """Give a judged row as the ledger takes it in: with the zones of its contact, and its part of the body."""
    verdict = judged.verdict
    if isinstance(verdict, Contact):
        return ReadRow(judged.row.number, judged.row.cells, _with_zones(verdict))
    return ReadRow(judged.row.number, judged.row.cells, verdict)


def placed(contact: Contact) -> Whereabouts | HeldBack:
    """Give where the contact could be; without any zone nobody knows a permitted hour, and it is held back."""
    place = place_of(contact.phone, contact.region, state=contact.state, postal_code=contact.postal_code)
    zones = zones_of(contact.phone, contact.timezone, place.zones)
    if not zones:
        message = "No time zone is known for this number. Add a column with the person's zone and map it as timezone."
        return HeldBack(Status.REJECTED, Reason.NO_ZONE, message, contact.phone)
    return Whereabouts(zones, place.regions + _unknown_state(contact, place.regions, zones))


def _unknown_state(contact: Contact, regions: tuple[str, ...], zones: tuple[str, ...]) -> tuple[str, ...]:
    """Count every state where the sheet's zone contradicts the number: then nobody knows which one the person is in."""
    has_moved = contact.timezone is not None and len(zones) > 1 and not (contact.state or contact.postal_code)
    states = any("-" in region for region in regions)
    unknown = f"{contact.region}-{UNKNOWN}"
    return (unknown,) if has_moved and states and unknown not in regions else ()


def _with_zones(contact: Contact) -> CallableRow | HeldBack:
    whereabouts = placed(contact)
    if isinstance(whereabouts, HeldBack):
        return whereabouts
    payload = json.dumps(contact_fields(contact), ensure_ascii=False, separators=(",", ":"))
    return CallableRow(contact, whereabouts, payload)


def _chunks(rows: Iterable[ReadRow]) -> Iterator[list[ReadRow]]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield chunk
