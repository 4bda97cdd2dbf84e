"""Writes what a run read: its sheet, every row of it, and which contacts it means to call."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, case, null, or_, update

from dialer.contacts.contact import Contact, ExcludedRow
from dialer.ledger.choices.own_choices import remember_choices
from dialer.ledger.database.engine import insert_many
from dialer.ledger.database.schema import CLAIMABLE, State, contacts, run_rows, sheet_rows
from dialer.ledger.database.tables.intakes import left_out
from dialer.ledger.known_contacts import (
    MENDED_AND_CREATED,
    MENDED_AND_WAITING,
    PURGED,
    RowStanding,
    called_before,
    contact_ids,
    is_claimable,
    known_contacts,
    may_have_call,
    standing,
)
from dialer.ledger.mends import has_mends, mended_contacts
from dialer.ledger.runs import Run, compact_json
from dialer.ledger.suppression_list import (
    add_contact_numbers,
    forget_contact_numbers,
    number_digests,
    suppress_rows_numbers,
)
from dialer.reasons import Reason, Status
from dialer.schedule.places.whereabouts import Whereabouts

CHUNK_ROWS = 500
"""Rows a statement: large enough to be fast, small enough to stay under every database's parameter limit."""


class CallableRow(NamedTuple):
    """A contact with what the ledger needs to call it without the sheet: where it may be, and its part of the body."""

    contact: Contact
    where: Whereabouts
    payload: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row of the sheet: its number, its cells as read, and what was decided about it.

    *phones* are all the E.164 numbers that it may name, of a row that is a contact or must not be called; none where
    they are no more than the one that is called.
    """

    number: int
    cells: tuple[str, ...]
    verdict: CallableRow | ExcludedRow
    phones: frozenset[str] = frozenset()


MUST_NOT_BE_CALLED = (Reason.SUPPRESSED, Reason.CONSENT_REVOKED)
"""Reasons for which none of a row's numbers may be called."""

_OF_CHOICE = (Reason.LEFT_OUT_BY_WHERE, Reason.WHERE_UNCLEAR, Reason.EXCLUDED_NUMBER, Reason.CALL_TIME_IMPOSSIBLE)
_NOT_OF_THE_ROW = (Reason.SUPPRESSED, Reason.NO_HOURS, *_OF_CHOICE)
"""Reasons that may come after a contact's call was created: its row tells of the call all the same."""


def record_rows(tx: Connection, run: Run, rows: Sequence[ReadRow]) -> None:
    """Store a chunk of at most `CHUNK_ROWS` rows: their cells, the contacts among them, the run's verdicts.

    A contact that an earlier run created or left unknown is not touched; this run reports it as such, even where its
    number is suppressed by now: its call rings all the same, unless somebody cancels it by its id. One that was
    called before a purge is not stored again. Whoever must not be called is held once all rows are there
    (`dialer.ledger.transitions.claims.hold_suppressed_in_run`), for a later row may say so of an earlier one's number.
    """
    if not rows:
        return
    if not run.sheet_is_stored:
        cells = [(run.sheet_id, row.number, compact_json(row.cells)) for row in rows]
        insert_many(tx, sheet_rows, ("sheet_id", "row", "cells"), cells)
    known = known_contacts(tx, run.campaign_id, [key for row in rows if (key := key_of(row.verdict)) is not None])
    mended = _mended_before(tx, run, rows, known)
    callable_rows = [row.verdict for row in rows if isinstance(row.verdict, CallableRow) and row.number not in mended]
    unseen = [item for item in callable_rows if item.contact.key not in known]
    purged = called_before(tx, run.campaign_id, [item.contact.key for item in unseen])
    _insert_new(tx, run, [item for item in unseen if item.contact.key not in purged])
    refreshed = [item for item in callable_rows if is_claimable(known.get(item.contact.key))]
    _refresh(tx, run, refreshed, known)
    ids = {key: item.id for key, item in known.items()}
    ids |= contact_ids(tx, run.campaign_id, [item.contact.key for item in unseen])
    read_anew = [known[item.contact.key].id for item in refreshed]
    forget_contact_numbers(tx, read_anew)
    own_calls = ((ids.get(item.contact.key), item.contact.call) for item in (*unseen, *refreshed) if item.contact.call)
    remember_choices(tx, read_anew, {contact_id: call for contact_id, call in own_calls if contact_id is not None})
    _remember_numbers(tx, run, rows, ids)
    verdicts = (
        _verdict_on_mended(mended[row.number]) if row.number in mended else _verdict(row, known, ids) for row in rows
    )
    told = [(run.id, row.number, *verdict) for row, verdict in zip(rows, verdicts, strict=True)]
    insert_many(tx, run_rows, ("run_id", "row", *_Verdict._fields), told)
    _remember_left_out(tx, run, rows, known)


def _mended_before(tx: Connection, run: Run, rows: Sequence[ReadRow], known: Mapping[str, Any]) -> dict[int, Any]:
    """Return what stands of rows as they are here that an earlier mend has made into contacts; see `mended_contacts`.

    Not of a row that is a known contact of its own, nor, unless it may have its call, of one that is to be left out.
    """
    if not has_mends(tx, run.campaign_id):
        return {}
    mended = mended_contacts(tx, run.campaign_id, {row.number: compact_json(row.cells) for row in rows})
    return {row.number: mended[row.number] for row in rows if row.number in mended and _counts(row, mended, known)}


def _counts(row: ReadRow, mended: Mapping[int, Any], known: Mapping[str, Any]) -> bool:
    became, own = mended[row.number], known.get(key_of(row.verdict) or "")
    if became is None:
        return own is None
    is_left_out = isinstance(row.verdict, ExcludedRow) and row.verdict.status == Status.SKIPPED
    return own is None or own.id == became.id if not is_left_out else may_have_call(became)


def key_of(verdict: CallableRow | ExcludedRow) -> str | None:
    """Return the key of the contact that a row is, repeats, or would be were its number not suppressed."""
    return verdict.contact.key if isinstance(verdict, CallableRow) else verdict.key


def _remember_left_out(tx: Connection, run: Run, rows: Sequence[ReadRow], known: Mapping[str, Any]) -> None:
    """Store whose the rows are that are not called for a reason that is not theirs: the contact may have its call."""
    told = ((row.number, row.verdict) for row in rows if isinstance(row.verdict, ExcludedRow))
    keys = ((number, held.key or "") for number, held in told if held.reason in _NOT_OF_THE_ROW)
    entries = [(run.id, number, known[key].id) for number, key in keys if key in known]
    insert_many(tx, left_out, ("run_id", "row", "contact_id"), entries)


def _remember_numbers(tx: Connection, run: Run, rows: Sequence[ReadRow], ids: Mapping[str, int]) -> None:
    """Store the numbers of people who have several, and those that no row of the campaign may be called at."""
    numbers_of: defaultdict[int, set[str]] = defaultdict(set)
    forbidden: set[str] = set()
    for row in rows:
        key = key_of(row.verdict)
        if row.phones and key is not None and key in ids:
            numbers_of[ids[key]] |= row.phones
        if isinstance(row.verdict, ExcludedRow) and row.verdict.reason in MUST_NOT_BE_CALLED:
            forbidden |= row.phones
    add_contact_numbers(tx, numbers_of)
    suppress_rows_numbers(tx, forbidden, at_ms=run.started_at_ms, campaign_id=run.campaign_id)


class _Values(NamedTuple):
    """What a contact is by its row: columns of `contacts`."""

    phone: str
    number_digest: str
    zones: str
    regions: str
    payload: str
    planned_in: str
    is_mended: bool
    priority: float | None
    call_times: str


def _values(run: Run, item: CallableRow, digest: str) -> _Values:
    zones, regions, asked = "|".join(item.where.zones), "|".join(item.where.regions), item.where.times.text
    return _Values(
        item.contact.phone, digest, zones, regions, item.payload, run.id, False, item.contact.priority, asked
    )


def _insert_new(tx: Connection, run: Run, items: list[CallableRow]) -> None:
    if items:
        of_phone = number_digests(tx, [item.contact.phone for item in items])
        entries = [
            (run.campaign_id, State.PENDING.value, item.contact.key, *_values(run, item, of_phone[item.contact.phone]))
            for item in items
        ]
        insert_many(tx, contacts, ("campaign_id", "state", "key", *_Values._fields), entries)


def _refresh(tx: Connection, run: Run, items: list[CallableRow], known: dict[str, Any]) -> None:
    """Bring contacts of earlier runs up to date: the sheet may have been mended since."""
    if items:
        of_phone = number_digests(tx, [item.contact.phone for item in items])
        values = [_values(run, item, of_phone[item.contact.phone])._asdict() for item in items]
        of_contact = [{"at_id": known[item.contact.key].id} for item in items]
        tx.execute(_REFRESH, [_bound(each) | at for each, at in zip(values, of_contact, strict=True)])


def _bound(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


_NEW = {name: bindparam(f"new_{name}", type_=contacts.c[name].type) for name in _Values._fields}
_IS_OTHER = or_(contacts.c.payload != _NEW["payload"], contacts.c.phone != _NEW["phone"])
_REFRESH = (
    update(contacts)
    .where(contacts.c.id == bindparam("at_id"), or_(*(contacts.c.state == state for state in CLAIMABLE)))
    # A contact is forgiven the refusals of what its row was before, where the row says something else now.
    .values(slot_ms=null(), mended_at=case((_IS_OTHER, contacts.c.attempts), else_=contacts.c.mended_at), **_NEW)
)
"""For all rows of a chunk at once: one by one, a run on a sheet that waited took 2.7 times as long as the first."""


class _Verdict(NamedTuple):
    """What a run says of a row: columns of `run_rows`."""

    contact_id: int | None
    phone: str | None
    status: str
    reason: str
    message: str


def _verdict_on_mended(became: Any) -> _Verdict:
    """Report a row as what it was mended into: a run sends what the sheet says, so what waits is for a retry."""
    if became is None:
        return _Verdict(None, None, *PURGED)
    report = standing(became)
    if report.reason == Reason.WAITING:
        is_failed = became.state == State.FAILED
        report = RowStanding(Status.FAILED, became.reason, became.message) if is_failed else MENDED_AND_WAITING
    elif report.reason == Reason.ALREADY_CREATED:
        report = report._replace(message=MENDED_AND_CREATED)
    return _Verdict(became.id, became.phone, *report)


def _verdict(row: ReadRow, known: dict[str, Any], ids: dict[str, int]) -> _Verdict:
    key = key_of(row.verdict)
    if isinstance(row.verdict, ExcludedRow):
        held = row.verdict
        if held.reason in _NOT_OF_THE_ROW and key is not None and may_have_call(known.get(key)):
            contact_id, phone, report = known[key].id, held.phone, standing(known[key])
        else:
            contact_id, phone, report = None, held.phone, RowStanding(held.status, held.reason, held.message)
    elif row.verdict.contact.key in ids:
        contact = row.verdict.contact
        contact_id, phone, report = ids[contact.key], contact.phone, standing(known.get(contact.key))
    else:
        contact_id, phone, report = None, row.verdict.contact.phone, PURGED
    return _Verdict(contact_id, phone, *report)
