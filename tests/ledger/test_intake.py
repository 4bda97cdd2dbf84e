"""What a run writes before it sends: its sheet once, every row once, and whom it may call."""

from collections import Counter

import pytest
from sqlalchemy import Engine, func, select

from dialer.calls.outcome import Kind
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.schema import campaigns, sheet_rows, sheets
from dialer.ledger.intake import CHUNK_ROWS, record_rows
from dialer.ledger.runs import begin_run, end_run, find_run, finish_intake, stop_waiting_rows
from tests.ledger.books import (
    NOON_MS,
    attempt,
    begin,
    claims,
    contact_rows,
    held,
    people,
    person,
    planned,
    ready,
    sheet,
    take_in,
    verdicts,
)
from tests.support import number


def _count(engine: Engine, table: object) -> int:
    with read(engine) as tx:
        return int(tx.scalar(select(func.count()).select_from(table)) or 0)  # type: ignore[arg-type]


def test_sheet_is_stored_once_over_runs(engine: Engine) -> None:
    """A second run on the same sheet stores no cell again; a changed sheet is a new one."""
    first = take_in(engine, "r1", people(3))
    second = take_in(engine, "r2", people(3))
    assert (first.sheet_is_stored, second.sheet_is_stored) == (False, True)
    assert first.sheet_id == second.sheet_id
    assert _count(engine, sheet_rows) == 3
    third = take_in(engine, "r3", people(4), content="b")
    assert third.sheet_id != first.sheet_id
    assert _count(engine, sheet_rows) == 7
    assert len(contact_rows(engine)) == 4


def test_same_sheet_of_two_campaigns_is_two(engine: Engine) -> None:
    """A contact's key counts within its campaign: each campaign may call the person."""
    take_in(engine, "r1", people(2))
    take_in(engine, "s1", people(2), campaign="summer")
    assert _count(engine, campaigns) == 2
    assert [row.state for row in contact_rows(engine)] == ["pending"] * 4


@pytest.mark.slow
def test_run_killed_while_reading_is_made_good_by_the_next(engine: Engine) -> None:
    """A sheet half stored is stored anew, whole, without a clash; no contact comes twice."""
    rows = people(CHUNK_ROWS + 5)
    killed = begin(engine, "r1")
    with write(engine) as tx:
        record_rows(tx, killed, rows[:CHUNK_ROWS])
    with read(engine) as tx:
        assert tx.scalar(select(sheets.c.row_count)) is None
    take_in(engine, "r2", rows)
    with read(engine) as tx:
        assert tx.scalar(select(sheets.c.row_count)) == len(rows)
    assert _count(engine, sheet_rows) == len(rows) == len(contact_rows(engine))
    assert [row for row, _, _ in verdicts(engine, "r2")] == [row.number for row in rows]
    with read(engine) as tx:
        assert find_run(tx, "r1").ended_at_ms is None


def test_every_row_has_one_verdict(engine: Engine) -> None:
    """Callable or held back, each row of the sheet stands exactly once in the run's rows."""
    rows = [held(row) if row % 3 == 0 else person(row) for row in range(2, 2 * CHUNK_ROWS + 9)]
    take_in(engine, "r1", rows)
    found = verdicts(engine, "r1")
    assert [row for row, _, _ in found] == [row.number for row in rows]
    expected = Counter(("rejected", "phone_missing") if row.number % 3 == 0 else ("pending", "waiting") for row in rows)
    assert Counter((status, reason) for _, status, reason in found) == expected


def test_contacts_of_earlier_runs_are_judged_by_where_they_stand(engine: Engine) -> None:
    """Created is skipped, unknown and claimed stay unknown, pending and failed are taken over by the later run."""
    wanted = ready(engine, 6)
    for claim, kind, again in (
        (wanted[0], Kind.CREATED, False),
        (wanted[1], Kind.UNKNOWN, False),
        (wanted[2], None, False),
        (wanted[3], Kind.REFUSED, False),
        (wanted[4], Kind.NOT_SENT, True),
    ):
        attempt(engine, claim, kind, again=again)
    before = contact_rows(engine)
    mended = [
        person(row, key=number(row), phone=number(row + 50), zones=("Europe/London",), payload='{"new":1}')
        for row in range(2, 8)
    ]
    take_in(engine, "r2", mended, content="b")
    assert verdicts(engine, "r2") == [
        (2, "skipped", "already_created"),
        (3, "unknown", "no_reply"),
        (4, "unknown", "interrupted"),
        (5, "pending", "waiting"),
        (6, "pending", "waiting"),
        (7, "pending", "waiting"),
    ]
    after = contact_rows(engine)
    assert after[:3] == before[:3]
    for row, contact in zip(range(5, 8), after[3:], strict=True):
        assert (contact.phone, contact.zones, contact.payload) == (number(row + 50), "Europe/London", '{"new":1}')
        assert (contact.planned_in, contact.slot_ms) == ("r2", None)
    assert [row.state for row in after] == ["created", "unknown", "claimed", "failed", "pending", "pending"]
    assert [row.attempts for row in after] == [1, 1, 1, 1, 1, 0]


def test_claim_of_a_second_try_is_not_told_by_the_first_ones_reason(engine: Engine) -> None:
    """A claim that a kill left open on a contact refused before is unknown because of the kill."""
    attempt(engine, ready(engine, 1)[0], Kind.REFUSED)
    take_in(engine, "r2", people(1))
    attempt(engine, claims("r2", planned(engine, "r2", [2], first_ms=NOON_MS + 60_000))[0], None)
    take_in(engine, "r3", people(1))
    assert verdicts(engine, "r3") == [(2, "unknown", "interrupted")]


def test_one_key_in_two_chunks_is_one_contact(engine: Engine) -> None:
    """A key that comes again later in the same sheet makes no second contact, and both rows have their verdict."""
    run = begin(engine, "r1")
    for row in (person(2, key="same"), person(3, key="same")):
        with write(engine) as tx:
            record_rows(tx, run, [row])
    with write(engine) as tx:
        finish_intake(tx, run, row_count=2)
    assert [contact.key for contact in contact_rows(engine)] == ["same"]
    assert [row for row, _, _ in verdicts(engine, "r1")] == [2, 3]


def test_ending_a_run_marks_only_rows_whose_turn_never_came(engine: Engine) -> None:
    """Rows that were tried, held back or beyond the horizon keep what was said about them; another run's rows too."""
    take_in(engine, "r0", people(3))
    run = take_in(engine, "r1", [*people(4), held(6)])
    wanted = claims("r1", planned(engine, "r1", [2, 3]))
    attempt(engine, wanted[0], Kind.CREATED)
    attempt(engine, wanted[1], Kind.NOT_SENT, again=True)
    with write(engine) as tx:
        stop_waiting_rows(tx, run)
        end_run(tx, run, ended_at_ms=NOON_MS + 1, exit_code=5, stop="No credit.")
    assert verdicts(engine, "r1") == [
        (2, "pending", "waiting"),
        (3, "pending", "waiting"),
        (4, "pending", "stopped"),
        (5, "pending", "stopped"),
        (6, "rejected", "phone_missing"),
    ]
    assert verdicts(engine, "r0") == [(row, "pending", "waiting") for row in (2, 3, 4)]
    with read(engine) as tx:
        found = find_run(tx, "r1")
    assert (found.ended_at_ms, found.exit_code, found.stop) == (NOON_MS + 1, 5, "No credit.")


def test_a_run_id_is_used_once(engine: Engine) -> None:
    """Two runs cannot share an id; the second one's beginning leaves nothing."""
    begin(engine, "r1")
    with pytest.raises(Exception, match=r"runs[._]"), write(engine) as tx:
        begin_run(tx, run_id="r1", campaign="new", sheet=sheet("b"), started_at_ms=NOON_MS, facts={})
    assert _count(engine, campaigns) == _count(engine, sheets) == 1


def test_nothing_is_recorded_for_no_rows(engine: Engine) -> None:
    """A sheet with a header alone is stored as a sheet of no rows."""
    run = begin(engine, "r1")
    with write(engine) as tx:
        record_rows(tx, run, [])
        finish_intake(tx, run, row_count=0)
    assert begin(engine, "r2").sheet_is_stored
