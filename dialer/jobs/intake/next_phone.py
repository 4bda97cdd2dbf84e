"""Calls a person at the next number of their row, once a call to the last one rang out or failed."""

from collections.abc import Sequence
from dataclasses import replace

from dialer.contacts.contact import ExcludedRow, JudgedRow
from dialer.contacts.loader import Loaded
from dialer.contacts.row_phone import callable_numbers
from dialer.jobs.intake.placing import Placing
from dialer.jobs.intake.read_rows import with_zones
from dialer.ledger.database.engine import Transaction
from dialer.ledger.dispositions import LastCall, last_calls
from dialer.ledger.intake import CallableRow, ReadRow
from dialer.ledger.runs import Run


def has_next_phones(loaded: Loaded) -> bool:
    """Return whether people of *loaded* may be called at another number than the first of their row."""
    return loaded.campaign.redial.next_phone and len(loaded.mapping.phones) > 1


def at_next_phones(
    tx: Transaction, run: Run, loaded: Loaded, placing: Placing, judged: Sequence[JudgedRow], rows: Sequence[ReadRow]
) -> list[ReadRow]:
    """Return *rows*, at most 500, as read of *judged*, with each person at the number to call now.

    It is the one after the last that was called, in the order of the columns, where that call rang out or failed and
    the person is called again; after the last column the first. Otherwise it stays the last that was called.
    """
    keys = [row.verdict.contact.key for row in rows if isinstance(row.verdict, CallableRow)]
    last_of = last_calls(tx, run.campaign_id, keys)
    return [
        _at_number(loaded, placing, item, row, last_of[row.verdict.contact.key])
        if isinstance(row.verdict, CallableRow) and row.verdict.contact.key in last_of
        else row
        for item, row in zip(judged, rows, strict=True)
    ]


def _at_number(loaded: Loaded, placing: Placing, judged: JudgedRow, row: ReadRow, last: LastCall) -> ReadRow:
    found = callable_numbers(judged.row, loaded.mapping, loaded.judge.contacts, loaded.judge.faults.formulas)
    numbers = list({number.phone.e164: number for number in found}.values())
    called = [number.phone.e164 for number in numbers]
    if last.phone not in called or not isinstance(row.verdict, CallableRow):
        return row
    first = called.index(last.phone) + last.moves_on
    for number in (numbers[at % len(numbers)] for at in range(first, first + len(numbers))):
        header = loaded.mapping.header[number.column]
        phone = number.phone
        contact = row.verdict.contact._replace(phone=phone.e164, region=phone.region, phone_column=header)
        placed = with_zones(contact, placing)
        if not isinstance(placed, ExcludedRow):
            return replace(row, verdict=placed)
    return row
