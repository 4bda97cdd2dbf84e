"""What the ledger tells row by row: what one run did, for ever, and where everything stands now."""

import pytest
from sqlalchemy import Engine

from dialer.calls.attempt import Claim
from dialer.calls.outcome import Kind
from dialer.errors import UsageError
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.known_contacts import state_counts
from dialer.ledger.row_reports import PAGE_ROWS, RowReport, reports
from dialer.ledger.runs import campaign_id_of, campaign_names, end_run, find_run, runs_of, stop_waiting_rows
from dialer.reasons import Status
from tests.ledger.books import NOON_MS, attempt, begin, claims, held, people, planned, ready, take_in
from tests.support import number


def _told(engine: Engine, run_id: str, *, standing: bool = False) -> list[RowReport]:
    with read(engine) as tx:
        run = find_run(tx, run_id)
    return list(reports(Ledger(engine), run, standing=standing))


def _brief(engine: Engine, run_id: str, *, standing: bool = False) -> list[tuple[str, str, str | None]]:
    return [(str(row.status), row.reason, row.call_id) for row in _told(engine, run_id, standing=standing)]


def _next(engine: Engine, run_id: str) -> Claim:
    """Begin a later run on the same sheet of one row and return the claim that follows."""
    take_in(engine, run_id, people(1))
    return claims(run_id, planned(engine, run_id, [2], first_ms=NOON_MS + 60_000))[0]


CREATED = ("created", "", "call-1")
REFUSED = ("failed", "api_400", None)
NOT_SENT = ("failed", "not_sent", None)
AGAIN = ("pending", "not_sent", None)
UNKNOWN = ("unknown", "no_reply", None)
OPEN = ("unknown", "interrupted", None)
SKIPPED = ("skipped", "already_created", "call-1")
WAITING = ("pending", "waiting", None)

_ENDS = {
    "created": (Kind.CREATED, False, CREATED),
    "refused": (Kind.REFUSED, False, REFUSED),
    "refused, the run stopped": (Kind.REFUSED, True, ("pending", "api_400", None)),
    "not sent": (Kind.NOT_SENT, False, NOT_SENT),
    "not sent, again": (Kind.NOT_SENT, True, AGAIN),
    "unknown": (Kind.UNKNOWN, False, UNKNOWN),
    "killed": (None, False, OPEN),
}


@pytest.mark.parametrize("end", _ENDS)
def test_run_tells_how_its_attempt_ended(engine: Engine, end: str) -> None:
    """Each end of an attempt is told with its status, reason, id, number, slot and time, in both views."""
    kind, again, expected = _ENDS[end]
    claim = ready(engine, 1)[0]
    attempt(engine, claim, kind, again=again)
    for standing in (False, True):
        assert _brief(engine, "r1", standing=standing) == [expected]
        row = _told(engine, "r1", standing=standing)[0]
        assert (row.phone, row.slot_ms, row.attempts, row.submitted_at_ms) == (number(2), NOON_MS, 1, NOON_MS)
        assert row.cells == ("Person 2", number(2))


@pytest.mark.parametrize("second", ["created", "refused", "not sent, again", "killed"])
@pytest.mark.parametrize("first", ["refused", "refused, the run stopped", "not sent", "not sent, again"])
def test_earlier_runs_tale_does_not_change(engine: Engine, first: str, second: str) -> None:
    """Whatever a later run does with the row, the earlier run's own file says what that run did."""
    kind, again, expected = _ENDS[first]
    attempt(engine, ready(engine, 1)[0], kind, again=again)
    later = _next(engine, "r2")
    assert _brief(engine, "r1") == [expected]
    assert _brief(engine, "r2") == [WAITING]
    assert _brief(engine, "r2", standing=True) == [expected]
    kind, again, then = _ENDS[second]
    then = ("created", "", "call-1-2") if kind == Kind.CREATED else then  # the second attempt's
    attempt(engine, later, kind, again=again)
    assert _brief(engine, "r1") == [expected]
    assert _brief(engine, "r2") == [then]
    assert _brief(engine, "r1", standing=True) == _brief(engine, "r2", standing=True) == [then]


def test_call_of_an_earlier_run_is_skipped_with_its_id(engine: Engine) -> None:
    """A later run tells a created row as skipped, and the standing view as created; both give the id."""
    attempt(engine, ready(engine, 1)[0], Kind.CREATED)
    take_in(engine, "r2", people(1))
    assert _brief(engine, "r2") == [SKIPPED]
    assert _brief(engine, "r2", standing=True) == [CREATED]
    assert _brief(engine, "r1") == [CREATED]


@pytest.mark.slow
def test_row_a_run_never_reached_has_no_id_of_a_later_call(engine: Engine) -> None:
    """A run that stopped before a row's turn says so for ever, also after a later run created the call."""
    run = take_in(engine, "r1", people(1))
    with write(engine) as tx:
        stop_waiting_rows(tx, run)
        end_run(tx, run, ended_at_ms=NOON_MS, exit_code=5, stop="No credit.")
    attempt(engine, _next(engine, "r2"), Kind.CREATED)
    assert _brief(engine, "r1") == [("pending", "stopped", None)]
    assert _brief(engine, "r1", standing=True) == [CREATED]


def test_unknown_of_an_earlier_run_stays_unknown(engine: Engine) -> None:
    """A later run tells an unknown row as unknown, for the same reason, and has not tried it."""
    attempt(engine, ready(engine, 1)[0], Kind.UNKNOWN)
    take_in(engine, "r2", people(1))
    assert _brief(engine, "r2") == _brief(engine, "r2", standing=True) == [UNKNOWN]
    assert _told(engine, "r2")[0].submitted_at_ms is None


def test_last_of_several_tries_counts(engine: Engine) -> None:
    """A call put off twice and created then is created, on its third attempt."""
    claim = ready(engine, 1)[0]
    for number_, kind in ((1, Kind.NOT_SENT), (2, Kind.NOT_SENT), (3, Kind.CREATED)):
        tried = Claim(claim.contact_id, number_, "r1", claim.phone, claim.slot_ms + number_, NOON_MS + number_)
        attempt(engine, tried, kind, again=kind == Kind.NOT_SENT)
    row = _told(engine, "r1")[0]
    assert (row.status, row.attempts, row.slot_ms, row.submitted_at_ms) == (
        Status.CREATED,
        3,
        NOON_MS + 3,
        NOON_MS + 3,
    )


@pytest.mark.slow
def test_every_row_is_told_once_in_the_sheets_order(engine: Engine) -> None:
    """A sheet longer than a page comes whole and in order, whichever way its rows were stored."""
    rows = [held(row) if row % 5 == 0 else person for row, person in enumerate(people(PAGE_ROWS + 3), start=2)]
    take_in(engine, "r1", rows[::-1])
    for standing in (False, True):
        told = _told(engine, "r1", standing=standing)
        assert [row.row for row in told] == [row.number for row in rows]
        assert [row.cells for row in told] == [row.cells for row in rows]
        assert {row.status for row in told if row.row % 5 == 0} == {Status.REJECTED}


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, PAGE_ROWS - 1, PAGE_ROWS])
def test_sheets_of_just_a_page_end(engine: Engine, count: int) -> None:
    """No row is lost or repeated where a page ends with the sheet."""
    take_in(engine, "r1", people(count))
    assert [row.row for row in _told(engine, "r1")] == list(range(2, count + 2))


def test_campaigns_and_runs_are_listed(engine: Engine) -> None:
    """Campaigns come by name, runs newest first, contacts counted by state; what is not there is said."""
    wanted = ready(engine, 3)
    attempt(engine, wanted[0], Kind.CREATED)
    begin(engine, "r2", at_ms=NOON_MS + 1)
    begin(engine, "a1", campaign="autumn")
    with read(engine) as tx:
        spring = campaign_id_of(tx, "spring")
        assert spring is not None
        assert campaign_id_of(tx, "winter") is None
        assert campaign_names(tx) == ["autumn", "spring"]
        assert [run.id for run in runs_of(tx, spring)] == ["r2", "r1"]
        assert runs_of(tx, spring)[0].header == ("Name", "Phone")
        assert state_counts(tx, spring) == {"created": 1, "pending": 2}
        with pytest.raises(UsageError, match="no run r9"):
            find_run(tx, "r9")
