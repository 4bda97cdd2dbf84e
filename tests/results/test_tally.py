"""Rows are counted while they are written, once each, and the counts are those a person would make."""

from dialer.ledger.row_reports import RowReport
from dialer.reasons import Reason, Status
from dialer.results.tally import Tally


def row(number: int, status: Status, reason: str = "", slot_ms: int | None = None) -> RowReport:
    """Return a row of a results file."""
    return RowReport(number, (), status, reason, "", None, None, slot_ms, 0, None)


def test_every_row_is_counted_and_passed_on() -> None:
    """What goes in comes out, in its order, and each row counts under its status and its reason."""
    rows = [
        row(2, Status.CREATED, slot_ms=3_000),
        row(3, Status.REJECTED, Reason.PHONE_INVALID),
        row(4, Status.REJECTED, Reason.PHONE_INVALID),
        row(5, Status.FAILED, "api_400"),
        row(6, Status.CREATED, slot_ms=1_000),
    ]
    tally = Tally()

    assert list(tally.counted(rows)) == rows
    assert tally.counts == {Status.CREATED: 2, Status.REJECTED: 2, Status.FAILED: 1}
    assert tally.reasons == {"phone_invalid": 2, "api_400": 1}


def test_first_and_last_slot_are_of_created_calls() -> None:
    """A slot that was planned and not used tells nobody when people are rung."""
    tally = Tally()
    rows = [
        row(2, Status.PENDING, "stopped", slot_ms=1),
        row(3, Status.CREATED, slot_ms=5_000),
        row(4, Status.CREATED, slot_ms=2_000),
        row(5, Status.UNKNOWN, "no_reply", slot_ms=9_000),
        row(6, Status.CREATED, slot_ms=7_000),
    ]
    tally.add_all(rows)

    assert (tally.first_slot_ms, tally.last_slot_ms) == (2_000, 7_000)


def test_nothing_counted_has_no_slots() -> None:
    """A run that created no call has no first one."""
    assert (Tally().first_slot_ms, Tally().last_slot_ms) == (None, None)
