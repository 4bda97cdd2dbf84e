"""A run on what an earlier one has read: every row told once, and only failed ones sent."""

import json
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, select

from dialer.calls.outcome import Kind
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import contacts, sheet_rows
from dialer.ledger.intake import ReadRow, record_rows
from dialer.ledger.retries import (
    Selection,
    copy_sheet,
    drop_rows,
    mark_mended,
    mendable_rows,
    replace_contacts,
    retake_rows,
    write_cells,
)
from dialer.ledger.row_reports import reports
from dialer.ledger.runs import Run, SheetFacts, begin_run, find_run, finish_intake
from dialer.ledger.suppression_list import suppress_numbers
from tests.ledger.books import NOON_MS, attempt, claims, held, people, person, planned, sheet, take_in, verdicts
from tests.support import number

ALL = Selection(max_calls=3)


def _source(engine: Engine) -> None:
    """Leave a run with one row of each kind: created, refused, not sent, unknown, claimed, waiting, rejected."""
    rows: Sequence[ReadRow] = [*people(6), held(8)]
    take_in(engine, "r1", rows)
    wanted = claims("r1", planned(engine, "r1", range(2, 7)))
    for claim, kind in zip(wanted, [Kind.CREATED, Kind.REFUSED, Kind.NOT_SENT, Kind.UNKNOWN, None], strict=True):
        attempt(engine, claim, kind)


def _retake(engine: Engine, selection: Selection, facts: SheetFacts | None = None) -> tuple[Run, int]:
    with write(engine) as tx:
        run = begin_run(
            tx, run_id="again", campaign="spring", sheet=facts or sheet(), started_at_ms=NOON_MS + 1, facts={}
        )
        return run, retake_rows(tx, run, "r1", selection)


def test_only_failed_rows_are_sent_again_and_every_row_is_told(engine: Engine) -> None:
    """Created, unknown, claimed, pending and rejected rows keep what they are, in the sheet's order."""
    _source(engine)
    _, waiting = _retake(engine, ALL)
    assert waiting == 2
    assert verdicts(engine, "again") == [
        (2, "skipped", "already_created"),
        (3, "pending", "waiting"),
        (4, "pending", "waiting"),
        (5, "unknown", "no_reply"),
        (6, "unknown", "interrupted"),
        (7, "pending", "not_selected"),
        (8, "rejected", "phone_missing"),
    ]
    assert [call.phone for call in planned(engine, "again", [3, 4])] == [number(3), number(4)]


def test_one_reason_can_be_chosen(engine: Engine) -> None:
    """With `only`, failed rows of another reason stay failed."""
    _source(engine)
    assert _retake(engine, Selection(max_calls=3, only=("not_sent",)))[1] == 1
    assert verdicts(engine, "again")[1:3] == [(3, "failed", "api_400"), (4, "pending", "waiting")]


def test_nobody_suppressed_or_spent_is_sent_again(engine: Engine) -> None:
    """A number suppressed since is skipped; one that was refused as often as allowed is told so."""
    _source(engine)
    with write(engine) as tx:
        suppress_numbers(tx, [number(4)], reason="asked", at_ms=NOON_MS)
    assert _retake(engine, Selection(max_calls=1))[1] == 0
    assert verdicts(engine, "again")[1:3] == [(3, "failed", "attempts_spent"), (4, "skipped", "suppressed")]


def test_results_of_the_run_hold_every_row_with_its_cells(engine: Engine) -> None:
    """The file of a retry is as whole as that of a run."""
    _source(engine)
    _retake(engine, ALL)
    with read(engine) as tx:
        run = find_run(tx, "again")
    told = list(reports(Ledger(engine), run))
    assert [row.row for row in told] == [2, 3, 4, 5, 6, 7, 8]
    assert told[0].cells == ("Person 2", number(2))


@pytest.fixture
def mended(engine: Engine) -> Run:
    """Return a run in which row 3 was mended into another contact, and row 8 into one at all."""
    _source(engine)
    run, waiting = _retake(engine, Selection(max_calls=3, none=True), sheet("mended"))
    assert waiting == 0
    rows = [person(3, phone=number(33)), person(8)]
    with write(engine) as tx:
        copy_sheet(tx, 1, run)
        write_cells(tx, run, {row.number: json.dumps(list(row.cells)) for row in rows})
        before = mendable_rows(tx, run)
        assert set(before) == {3, 4, 8}
        drop_rows(tx, run, [3, 8])
        finish_intake(tx, run, row_count=7)
    stored = Run(run.id, run.campaign_id, run.sheet_id, sheet_is_stored=True, started_at_ms=NOON_MS)
    with write(engine) as tx:
        record_rows(tx, stored, rows)
        mark_mended(tx, stored, [3, 8])
        replace_contacts(tx, stored, {3: before[3].contact_id or 0})
    return stored


def test_mended_rows_are_judged_anew_and_nothing_else_is_sent(engine: Engine, mended: Run) -> None:
    """A rejected row becomes a contact, a failed one another contact; a failed one that was not mended stays failed."""
    assert verdicts(engine, mended.id)[1:3] == [(3, "pending", "waiting"), (4, "failed", "not_sent")]
    assert verdicts(engine, mended.id)[-1] == (8, "pending", "waiting")
    with read(engine) as tx:
        stored = tx.execute(select(sheet_rows).where(sheet_rows.c.sheet_id == 2))
        cells = {row.row: row.cells for row in stored}
    assert len(cells) == 7
    assert json.loads(cells[3]) == ["Person 3", number(33)]
    assert json.loads(cells[4]) == ["Person 4", number(4)]


def test_a_contact_that_was_mended_away_is_never_called(engine: Engine, mended: Run) -> None:
    """The sheet as it was before, read again, skips the old number: its row has become the new one."""
    take_in(engine, "r3", people(6))
    assert verdicts(engine, "r3")[1] == (3, "skipped", "replaced")
    with write(engine) as tx:
        later = begin_run(tx, run_id="r4", campaign="spring", sheet=sheet(), started_at_ms=NOON_MS + 9, facts={})
        retake_rows(tx, later, "r3", ALL)
    assert verdicts(engine, "r4")[1] == (3, "skipped", "replaced")
    with read(engine) as tx:
        query = select(contacts.c.replaced_by).where(contacts.c.phone == number(3))
        assert tx.scalar(query) == tx.scalar(select(contacts.c.id).where(contacts.c.phone == number(33)))
    assert mended.sheet_id == 2
