"""Unknown attempts as the ledger keeps them, and what a look at the API's listing may change about them.

Found, refuted and released, of the state machine in `dialer.ledger.transitions`.
"""

from collections.abc import Iterable
from itertools import chain

from sqlalchemy import ColumnElement, Connection, func, select, update

from dialer.calls.endpoint import Endpoint
from dialer.calls.known_calls import KnownCalls
from dialer.calls.outcome import Kind
from dialer.calls.reconciliation import ExpectedCalls, Finding, Found, UnknownAttempt
from dialer.errors import TransitionRefused
from dialer.ledger.choices.own_choices import every_own_template, is_choice_of_attempt
from dialer.ledger.database.choice_tables import attempt_choices
from dialer.ledger.database.schema import CLAIMABLE, State, attempts, contacts
from dialer.ledger.runs import endpoints_of_runs
from dialer.ledger.transitions.late import hold_created_late
from dialer.reasons import Reason

_NOT_FOUND = (
    "Looked for in two whole listings of the API and not found. That is no proof: look at the API, then free it with"
    " `dialer reconcile --release`."
)
_TWO_MATCHES = (
    "The API lists more than one call that this could be, or one that another attempt or somebody else could have made"
    " as well. Look there; the person may be rung twice."
)
_RELEASED = "Not found in the API's listing and freed by hand; it may be sent again."


def unknown_attempts(tx: Connection, campaign_id: int | None) -> dict[Endpoint, list[UnknownAttempt]]:
    """Return the attempts whose call may exist, oldest first, by where they were sent; None: of all campaigns."""
    of_campaign = () if campaign_id is None else (_is_of(campaign_id),)
    return _attempts(tx, attempts.c.outcome == Kind.UNKNOWN, *of_campaign)


def refused_attempts(tx: Connection, campaign_id: int) -> dict[Endpoint, list[UnknownAttempt]]:
    """Return the attempts that the API refused or put off, of contacts that may be sent again, by where they were sent.

    What refused them may have created them all the same: a listing that holds them is believed before the refusal.
    """
    return _attempts(
        tx,
        _is_of(campaign_id),
        contacts.c.state.in_(CLAIMABLE),
        attempts.c.outcome.in_(_TURNED_AWAY),
        attempts.c.http_status.is_not(None),
    )


_TURNED_AWAY = (Kind.REFUSED, Kind.NOT_SENT)


def _is_of(campaign_id: int) -> ColumnElement[bool]:
    """Return the condition that a contact is the campaign's.

    `coalesce` hides it from SQLite's planner, which would begin with every contact: a quarter of a second for 100,000.
    """
    return func.coalesce(contacts.c.campaign_id, 0) == campaign_id


def _attempts(tx: Connection, *which: ColumnElement[bool]) -> dict[Endpoint, list[UnknownAttempt]]:
    place_of = endpoints_of_runs(tx)
    found: dict[Endpoint, list[UnknownAttempt]] = {}
    query = (
        select(
            attempts.c.run_id,
            attempt_choices.c.call_template_id,
            attempts.c.contact_id,
            attempts.c.number,
            attempts.c.phone,
            attempts.c.slot_ms,
            attempts.c.claimed_at_ms,
            func.coalesce(attempts.c.settled_at_ms, attempts.c.claimed_at_ms),
            attempts.c.reason == Reason.REPLY_DIFFERS,
        )
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .outerjoin(attempt_choices, is_choice_of_attempt())
        .where(*which)
        .order_by(attempts.c.claimed_at_ms, attempts.c.contact_id)
    )
    for run_id, template, *attempt in tx.execute(query):
        found.setdefault(place_of[run_id].under(template), []).append(UnknownAttempt(*attempt))
    return found


def known_calls(tx: Connection, place: Endpoint) -> ExpectedCalls:
    """Return every call that the ledger knows to exist: those a listing of *place* must hold, and the others.

    The former are in the order in which they were claimed.
    """
    place_of = endpoints_of_runs(tx)
    is_there: dict[tuple[str, str | None], bool] = {}
    listed, elsewhere, claimed_at_ms = {}, set(), {}
    of_call = (attempts.c.call_id, attempts.c.slot_ms, attempts.c.claimed_at_ms)
    query = select(attempts.c.run_id, attempt_choices.c.call_template_id, *of_call)
    query = query.outerjoin_from(attempts, attempt_choices, is_choice_of_attempt())
    query = query.where(attempts.c.call_id.is_not(None)).order_by(attempts.c.claimed_at_ms)
    for run_id, template, call_id, slot_ms, at_ms in tx.execute(query):
        sent_to = (run_id, template)
        if sent_to not in is_there:
            is_there[sent_to] = place_of[run_id].under(template).is_same(place)
        if is_there[sent_to]:
            listed[str(call_id)] = int(slot_ms)
            claimed_at_ms[str(call_id)] = int(at_ms)
        else:
            elsewhere.add(str(call_id))
    return ExpectedCalls(listed, elsewhere, claimed_at_ms)


def known_calls_of(tx: Connection, run_id: str) -> KnownCalls:
    """Return what the ledger knows of other calls when the run begins to send, judged by where its own calls go."""
    place = endpoints_of_runs(tx)[run_id]
    others = {template: known_calls(tx, place.under(template)).listed for template in every_own_template(tx)}
    return KnownCalls(known_calls(tx, place), chain.from_iterable(unknown_attempts(tx, None).values()), others)


def write_findings(tx: Connection, findings: Iterable[Found]) -> None:
    """Store what was found out, unless a late outcome has told meanwhile that the call exists.

    Raises `TransitionRefused` when an attempt is not unknown any more for another reason.
    """
    for found in findings:
        if found.finding == Finding.CREATED:
            resolve(tx, found.attempt, State.CREATED, Kind.CREATED, call_id=found.call_id)
        elif found.finding == Finding.NOT_FOUND:
            _explain_doubt(tx, found.attempt, Reason.NOT_FOUND, _NOT_FOUND)
        elif found.finding == Finding.TWO_MATCHES:
            _explain_doubt(tx, found.attempt, Reason.TWO_MATCHES, _TWO_MATCHES)


def write_created(tx: Connection, findings: Iterable[Found]) -> int:
    """Store the calls that were created although the API refused them or put them off; return their number."""
    written = 0
    for found in findings:
        is_contact = (contacts.c.id == found.attempt.contact_id, contacts.c.state.in_(CLAIMABLE))
        is_attempt = (attempts.c.contact_id == found.attempt.contact_id, attempts.c.number == found.attempt.number)
        values = {"reason": "", "message": "", "call_id": found.call_id}
        contact = update(contacts).where(*is_contact).values(state=State.CREATED, planned_in=None, **values)
        if tx.execute(contact).rowcount:
            attempt = update(attempts).where(*is_attempt, attempts.c.outcome.in_(_TURNED_AWAY))
            written += tx.execute(attempt.values(outcome=Kind.CREATED, left_state=State.CREATED, **values)).rowcount
    return written


def release_not_found(tx: Connection, findings: Iterable[Found]) -> int:
    """Free the attempts that these *findings*, just made, did not find, and only those; return their number.

    Their contacts become failed, so that the next run sends them again. This is the one place where a call that
    might exist is let go, and it takes a person's word.
    """
    missing = [found.attempt for found in findings if found.finding == Finding.NOT_FOUND]
    released = sum(
        resolve(tx, attempt, State.FAILED, Kind.NOT_SENT, reason=Reason.RELEASED, message=_RELEASED)
        for attempt in missing
    )
    hold_created_late(tx, [attempt.contact_id for attempt in missing])
    return released


def resolve(
    tx: Connection,
    attempt: UnknownAttempt,
    state: State,
    outcome: Kind,
    *,
    call_id: str | None = None,
    reason: str = "",
    message: str = "",
) -> bool:
    """Settle an unknown attempt and its contact; return False where a late outcome has made them created.

    Raises `TransitionRefused` when one is not unknown any more for another reason.
    """
    values = {"reason": reason, "message": message, "call_id": call_id}
    changed = tx.execute(
        update(attempts)
        .where(
            attempts.c.contact_id == attempt.contact_id,
            attempts.c.number == attempt.number,
            attempts.c.outcome == Kind.UNKNOWN,
        )
        .values(outcome=outcome, left_state=state, **values)
    ).rowcount
    changed += tx.execute(
        update(contacts)
        .where(contacts.c.id == attempt.contact_id, contacts.c.state == State.UNKNOWN)
        .values(state=state, planned_in=None, **values)
    ).rowcount
    if not changed and _is_created(tx, attempt):
        return False
    if changed != 2:  # noqa: PLR2004 - the attempt and its contact
        raise TransitionRefused(f"contact {attempt.contact_id}: its attempt {attempt.number} is not unknown any more")
    return True


def _is_created(tx: Connection, attempt: UnknownAttempt) -> bool:
    is_attempt = (attempts.c.contact_id == attempt.contact_id, attempts.c.number == attempt.number)
    return tx.scalar(select(attempts.c.outcome).where(*is_attempt)) == Kind.CREATED


def _explain_doubt(tx: Connection, attempt: UnknownAttempt, reason: Reason, message: str) -> None:
    values = {"reason": reason, "message": message}
    is_attempt = (attempts.c.contact_id == attempt.contact_id, attempts.c.number == attempt.number)
    tx.execute(update(attempts).where(*is_attempt, attempts.c.outcome == Kind.UNKNOWN).values(**values))
    is_contact = (contacts.c.id == attempt.contact_id, contacts.c.state == State.UNKNOWN)
    tx.execute(update(contacts).where(*is_contact).values(**values))
