"""How calls ended, in the ledger: kept once final, found while open, by whichever writer comes first."""

import threading

import pytest
from sqlalchemy import Engine, select

from dialer.calls.attempt import Settlement
from dialer.calls.disposition import Disposition, gone
from dialer.calls.endpoint import Endpoint
from dialer.calls.outcome import Kind, Outcome
from dialer.errors import LedgerWriteFailed
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import dispositions
from dialer.ledger.dispositions import (
    CreatedCall,
    calls_without_end,
    find_call_without_end,
    status_counts,
    write_dispositions,
)
from dialer.ledger.row_reports import reports
from dialer.ledger.runs import campaign_id_of, find_run, result_columns_of
from dialer.ledger.transitions.claims import claim_all, settle_all
from tests.ledger.books import NOON_MS, attempt, people, ready, settlement, take_in
from tests.ledger.books import claims as claims_of
from tests.ledger.books import planned as planned_calls

LATER_MS = NOON_MS + 3_600_000


def created(engine: Engine, count: int = 3) -> list[CreatedCall]:
    """Store a run that has created *count* calls and return them."""
    for index, claim in enumerate(ready(engine, count)):
        with write(engine) as tx:
            claim_all(tx, [claim])
            outcome = Outcome(Kind.CREATED, call_id=f"call-{index}", http_status=200)
            settle_all(tx, [Settlement(claim, outcome, NOON_MS)])
    return found_open(engine)


def found_open(engine: Engine, from_ms: int = 0, to_ms: int = LATER_MS) -> list[CreatedCall]:
    """Return the open calls of the campaign."""
    with read(engine) as tx:
        return calls_without_end(tx, campaign_id_of(tx, "spring") or 0, slots_from_ms=from_ms, slots_to_ms=to_ms)


def store(engine: Engine, call: CreatedCall, disposition: Disposition) -> list[CreatedCall]:
    """Store one disposition as seen an hour after noon."""
    with write(engine) as tx:
        return write_dispositions(tx, [(call, disposition)], seen_at_ms=LATER_MS)


def stored(engine: Engine) -> list[tuple[str, str]]:
    """Return id and status of everything stored."""
    with read(engine) as tx:
        query = select(dispositions.c.call_id, dispositions.c.status).order_by(dispositions.c.call_id)
        return [(call_id, status) for call_id, status in tx.execute(query)]


def test_only_created_calls_whose_slot_is_in_the_span_are_asked_about(engine: Engine) -> None:
    """What was refused, is unknown or claimed has no call to ask about; slots are a second apart."""
    wanted = ready(engine, 5)
    for claim, kind in zip(wanted, [Kind.CREATED, Kind.REFUSED, Kind.UNKNOWN, None, Kind.CREATED], strict=True):
        attempt(engine, claim, kind)

    assert [call.contact_id for call in found_open(engine)] == [wanted[0].contact_id, wanted[4].contact_id]
    assert [call.contact_id for call in found_open(engine, to_ms=NOON_MS)] == [wanted[0].contact_id]
    assert [call.contact_id for call in found_open(engine, from_ms=NOON_MS + 1)] == [wanted[4].contact_id]


def test_a_call_is_open_until_its_end_is_final_and_then_stays_as_it_is(engine: Engine) -> None:
    """Later news replace what is not final, and nothing replaces what is: not even another end."""
    first, second, _ = created(engine)
    store(engine, first, Disposition("call-0", "ringing"))
    store(engine, first, Disposition("call-0", "busy"))
    store(engine, first, Disposition("call-0", "completed", "DO_NOT_CALL"))
    store(engine, second, gone("call-1"))

    assert stored(engine) == [("call-0", "busy"), ("call-1", "gone")]
    assert [(call.call_id, call.was_gone) for call in found_open(engine)] == [("call-1", True), ("call-2", False)]


def test_a_call_is_found_by_its_id_while_it_is_open(engine: Engine) -> None:
    """A webhook's id leads to the attempt, until its end is known; a stranger's leads nowhere."""
    first, _, _ = created(engine)
    with read(engine) as tx:
        assert find_call_without_end(tx, "call-0") == first
        assert find_call_without_end(tx, "another's") is None
    store(engine, first, Disposition("call-0", "busy"))
    with read(engine) as tx:
        assert find_call_without_end(tx, "call-0") is None


def test_whoever_asks_for_no_more_calls_is_given_back(engine: Engine) -> None:
    """The job that stores it learns whom to suppress, in the same transaction and also before the end is final."""
    first, second, _ = created(engine)
    assert store(engine, first, Disposition("call-0", "completed", "DO_NOT_CALL", ended_at_ms=LATER_MS)) == [first]
    assert store(engine, second, Disposition("call-1", "completed", "CALL_LATER", call_later_ms=LATER_MS)) == []


def test_rows_tell_the_end_of_the_call_that_they_tell(engine: Engine) -> None:
    """The run that created it and one that came later both tell it; a row without a call tells none."""
    first, _, _ = created(engine)
    end = Disposition("call-0", "completed", "X", None, 5.0, 1, 2, 3, (("b", "1"), ("a", "2")), "https://example.com")
    store(engine, first, end)
    take_in(engine, "r2", people(4), content="b")
    told = {}
    for run_id in ("r1", "r2"):
        with read(engine) as tx:
            facts = find_run(tx, run_id)
        assert facts.result_columns == ("b", "a")
        told[run_id] = [report.end for report in reports(Ledger(engine), facts)]
    assert told["r1"] == told["r2"][:3]
    assert told["r2"][1:] == [None, None, None]
    (ended, *_) = told["r1"]
    assert ended is not None
    assert (ended.status, ended.status_code, ended.duration_seconds, ended.ended_at_ms) == ("completed", "X", 5.0, 3)
    assert (ended.recording_url, ended.results) == ("https://example.com", {"b": "1", "a": "2"})


def test_a_later_attempts_row_does_not_tell_an_earlier_calls_end(engine: Engine) -> None:
    """A run that failed to create tells no end, although another attempt of the contact has a call."""
    (claim,) = ready(engine, 1)
    attempt(engine, claim, Kind.REFUSED)
    take_in(engine, "r2", people(1))
    (again,) = claims_of("r2", planned_calls(engine, "r2", [2], first_ms=NOON_MS + 1))
    attempt(engine, again, Kind.CREATED)
    (call,) = found_open(engine)
    store(engine, call, Disposition(call.call_id, "busy"))
    ends = {}
    for run_id in ("r1", "r2"):
        with read(engine) as tx:
            facts = find_run(tx, run_id)
        (ends[run_id],) = (report.end and report.end.status for report in reports(Ledger(engine), facts))
    assert ends == {"r1": None, "r2": "busy"}


def test_columns_keep_the_order_in_which_they_were_first_seen(engine: Engine) -> None:
    """A results file does not shuffle its columns from one night to the next; calls are counted by their words."""
    first, second, third = created(engine)
    store(engine, first, Disposition("call-0", "completed", "A", results=(("b", "1"),)))
    store(engine, second, Disposition("call-1", "completed", "A", results=(("a", "1"), ("b", "2"))))
    store(engine, third, Disposition("call-2", "busy"))
    with read(engine) as tx:
        campaign_id = campaign_id_of(tx, "spring") or 0
        assert result_columns_of(tx, campaign_id) == ("b", "a")
        assert status_counts(tx, campaign_id) == {("busy", ""): 1, ("completed", "A"): 2}


def test_two_writers_of_the_same_news_leave_it_once(engine: Engine) -> None:
    """A webhook and a sync may come at the same moment: neither fails, and there is one row for each call."""
    calls = created(engine)
    failed: list[Exception] = []

    def tell(status: str) -> None:
        try:
            for call in calls:
                store(engine, call, Disposition(call.call_id, status, results=(("a", "1"),)))
        except Exception as error:  # noqa: BLE001 - the test judges it
            failed.append(error)

    writers = [threading.Thread(target=tell, args=(status,)) for status in ("busy", "noAnswer")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    assert [call_id for call_id, _ in stored(engine)] == ["call-0", "call-1", "call-2"]


def test_an_end_without_its_attempt_cannot_be_stored(engine: Engine) -> None:
    """After a purge, late news of a call are refused by the database itself."""
    stranger = CreatedCall(Endpoint("", ""), 1, 99, 1, "+12025550123", "call-9", NOON_MS)
    with pytest.raises(LedgerWriteFailed, match="purged"):
        store(engine, stranger, Disposition("call-9", "busy"))
    assert "5550123" not in repr(stranger)
    assert settlement(ready(engine, 1)[0], Kind.CREATED).outcome.call_id
