"""A judged row as the ledger takes it in: with its contact's zones, its part of the body, and all its numbers."""

from dialer.api.payload import contact_fields
from dialer.contacts.contact import Contact, ExcludedRow, JudgedRow
from dialer.contacts.loader import Judge
from dialer.jobs.intake.placing import Placing
from dialer.ledger.intake import CallableRow, ReadRow
from dialer.ledger.runs import compact_json


def read_row(judged: JudgedRow, judge: Judge, placing: Placing) -> ReadRow:
    """Return a judged row as the ledger takes it in: its contact's zones, its part of the body, all its numbers."""
    verdict = judged.verdict
    phones = judge.numbers(judged.row, verdict)
    placed_ = with_zones(verdict, placing) if isinstance(verdict, Contact) else verdict
    return ReadRow(judged.row.number, judged.row.cells, placed_, phones)


def with_zones(contact: Contact, placing: Placing) -> CallableRow | ExcludedRow:
    """Return a contact with its zones and its part of the body; excluded where no permitted hour is known for it."""
    whereabouts = placing.place(contact)
    if isinstance(whereabouts, ExcludedRow):
        return whereabouts
    return CallableRow(contact, whereabouts, compact_json(contact_fields(contact)))
