"""Begins a run on a sheet that the campaign's last run has judged: its verdicts are taken over, in SQL.

A verdict is a row of the sheet's own. What the runs since have done lies in the row's contact, and each contact is
asked anew where it stands, as `dialer.ledger.intake.record_rows` asks. Where that might not come to what a reading
comes to, there is nothing to take over, and the sheet is read.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, literal, or_, select, update

from dialer.ledger.database.schema import CLAIMABLE, State, campaigns, contacts, run_rows, runs, sheets, suppressed
from dialer.ledger.database.tables.intakes import intakes, left_out
from dialer.ledger.earlier_rows.kept_plan import HELD_BY_PLAN
from dialer.ledger.known_contacts import DECIDED_BY_STATE, ROW_STANDINGS
from dialer.ledger.mends import has_mends
from dialer.ledger.runs import Run
from dialer.reasons import Reason, Status
from dialer.schedule.places.whereabouts import Whereabouts

CHUNK_ROWS = 20_000
"""Rows a transaction: few enough that another campaign's claims wait for a fraction of a second."""

_CLOSED = (Reason.NO_HOURS, Reason.CALL_TIME_IMPOSSIBLE)
"""Reasons of rows without any permitted hour, which may have one today."""

_STALE = (*DECIDED_BY_STATE.values(), Reason.REPLACED)
"""Reasons of rows whose contacts were not brought up to date by the run that reported them so; see `_is_doubtful`."""


class Judged(NamedTuple):
    """What a run has judged to the end of its sheet: *fingerprint* of all that decides the verdicts.

    *bad_emails* rows are called without an address, *first_bad_email* is the first of them.
    """

    run_id: str
    fingerprint: str
    bad_emails: int
    first_bad_email: int


def remember_judged(tx: Connection, run: Run, judged: Judged) -> None:
    """Let the campaign's next run take over what *run* has judged, if nothing comes between."""
    tx.execute(insert(intakes).values(campaign_id=run.campaign_id, **judged._asdict()))


def last_judged(tx: Connection, campaign: str, fingerprint: str) -> Judged | None:
    """Return what the last run of *campaign* has judged by just this *fingerprint*; None where a reading may differ.

    Whether every hour that a contact may be called at has passed is for the caller to ask (`places_of_run`).
    """
    query = (
        select(*(intakes.c[name] for name in Judged._fields), intakes.c.campaign_id, sheets.c.row_count)
        .join(campaigns, campaigns.c.id == intakes.c.campaign_id)
        .join(runs, runs.c.id == intakes.c.run_id)
        .join(sheets, sheets.c.id == runs.c.sheet_id)
        .where(campaigns.c.name == campaign, intakes.c.fingerprint == fingerprint)
    )
    found = tx.execute(query).one_or_none()
    if found is None or has_mends(tx, found.campaign_id):
        return None
    rows = select(func.count()).where(run_rows.c.run_id == found.run_id)
    if tx.scalar(rows) != found.row_count or _is_doubtful(tx, found.run_id):
        return None
    return Judged(*found[:4])


def _is_doubtful(tx: Connection, run_id: str) -> bool:
    """Return whether a row has a contact who may be called and whom the run has not brought up to date.

    Nor is it sure whether a row without permitted hours has none today.
    """
    of_run = run_rows.c.run_id == run_id
    was_left = or_(run_rows.c.reason.in_(_STALE), run_rows.c.status == Status.UNKNOWN)
    may_go = and_(contacts.c.state.in_(CLAIMABLE), contacts.c.replaced_by.is_(None))
    reopened = select(run_rows.c.row).join(contacts, contacts.c.id == run_rows.c.contact_id)
    closed = select(run_rows.c.row).where(of_run, run_rows.c.reason.in_(_CLOSED))
    return any(tx.execute(query.limit(1)).first() for query in (closed, reopened.where(of_run, was_left, may_go)))


def places_of_run(tx: Connection, run_id: str) -> list[Whereabouts]:
    """Return where the contacts of a run may be, each place once."""
    query = select(contacts.c.zones, contacts.c.regions, contacts.c.call_times).distinct()
    query = query.join(run_rows, run_rows.c.contact_id == contacts.c.id).where(run_rows.c.run_id == run_id)
    return [Whereabouts.of(*where) for where in tx.execute(query)]


def last_row(tx: Connection, run_id: str) -> int:
    """Return the highest row number of a run."""
    return tx.scalar(select(func.max(run_rows.c.row)).where(run_rows.c.run_id == run_id)) or 0


def take_over(tx: Connection, run: Run, source_run_id: str, *, after: int, keeps_plan: bool) -> None:
    """Report the `CHUNK_ROWS` row numbers *after* one as the source run judged them, and take whoever may be called.

    With the plan, a contact that waits since the source run keeps its slot, or the reason why it has none.
    """
    is_row = run_rows.c.row.between(after + 1, after + CHUNK_ROWS)
    held = HELD_BY_PLAN if keeps_plan else ()
    columns = ["run_id", "row", "contact_id", "status", "reason", "message", "phone"]
    tx.execute(insert(run_rows).from_select(columns, _told(run, source_run_id, held).where(is_row)))
    left = select(literal(run.id), left_out.c.row, left_out.c.contact_id)
    left = left.where(left_out.c.run_id == source_run_id, left_out.c.row.between(after + 1, after + CHUNK_ROWS))
    tx.execute(insert(left_out).from_select(["run_id", "row", "contact_id"], left))
    waiting = select(run_rows.c.contact_id).where(run_rows.c.run_id == run.id, is_row)
    waiting = waiting.where(run_rows.c.reason.in_((Reason.WAITING, *held)))
    slot_ms = case((contacts.c.planned_in == source_run_id, contacts.c.slot_ms)) if keeps_plan else None
    tx.execute(update(contacts).where(contacts.c.id.in_(waiting)).values(planned_in=run.id, slot_ms=slot_ms))


def renew_row_entries(tx: Connection, run: Run) -> None:
    """Let what rows forbid count as of this run, as if they had just been read."""
    is_of_row = (suppressed.c.campaign_id == run.campaign_id, suppressed.c.is_of_row)
    tx.execute(update(suppressed).where(*is_of_row).values(added_at_ms=run.started_at_ms))


def _told(run: Run, source_run_id: str, held: Collection[Reason]) -> Any:
    """Select the source run's rows as *run* reports them: the standing of `known_contacts.standing`, in SQL.

    Contacts that wait since the source run for one of the reasons *held* go on waiting for it.
    """
    is_same = and_(left_out.c.run_id == run_rows.c.run_id, left_out.c.row == run_rows.c.row)
    whose = func.coalesce(run_rows.c.contact_id, left_out.c.contact_id)
    stays = or_(contacts.c.id.is_(None), and_(left_out.c.row.is_not(None), contacts.c.state.in_(CLAIMABLE)))
    is_held = and_(contacts.c.planned_in == source_run_id, contacts.c.state.in_(CLAIMABLE), run_rows.c.reason.in_(held))
    own = (run_rows.c.status, run_rows.c.reason, run_rows.c.message)
    cases: list[tuple[ColumnElement[bool], tuple[Any, ...]]] = [
        (stays, own),
        (contacts.c.replaced_by.is_not(None), ROW_STANDINGS[Reason.REPLACED]),
        (contacts.c.state == State.UNKNOWN, (Status.UNKNOWN, contacts.c.reason, contacts.c.message)),
        *((contacts.c.state == state, ROW_STANDINGS[reason]) for state, reason in DECIDED_BY_STATE.items()),
        (is_held, own),
    ]
    reported = [
        case(*((is_one, _value(told[at])) for is_one, told in cases), else_=_value(ROW_STANDINGS[Reason.WAITING][at]))
        for at in range(len(own))
    ]
    contact_id = case((stays, run_rows.c.contact_id), else_=contacts.c.id)
    return (
        select(literal(run.id), run_rows.c.row, contact_id, *reported, run_rows.c.phone)
        .select_from(run_rows.outerjoin(left_out, is_same).outerjoin(contacts, contacts.c.id == whose))
        .where(run_rows.c.run_id == source_run_id)
    )


def _value(value: Any) -> Any:
    return literal(str(value)) if isinstance(value, str) else value
