"""The suppression list in the ledger: who is on it is neither taken in nor claimed."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import Engine, event, select, text, update

from dialer.calls.attempt import Claim, Settlement
from dialer.calls.outcome import Kind, never_sent
from dialer.contacts.contact import ExcludedRow
from dialer.errors import LedgerWriteFailed, NumberSuppressed, TransitionRefused
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import attempts, suppressed
from dialer.ledger.intake import CallableRow, ReadRow
from dialer.ledger.purge import forget_people
from dialer.ledger.row_reports import reports
from dialer.ledger.runs import find_run
from dialer.ledger.slots import next_page
from dialer.ledger.suppression_list import (
    CHUNK_NUMBERS,
    OpenCall,
    calls_still_to_ring,
    entries,
    forget_file_entries,
    number_digests,
    suppress_numbers,
    suppressed_among,
    unsuppress_numbers,
)
from dialer.ledger.transitions.claims import claim_all, settle_all
from dialer.ledger.transitions.excluded import EXCLUDED_REASON
from dialer.ledger.writer import LedgerWriter
from dialer.reasons import Reason
from tests.ledger.books import (
    NOON_MS,
    attempt,
    attempt_rows,
    begin,
    claim_each,
    claims,
    contact_rows,
    people,
    planned,
    ready,
    take_in,
    verdicts,
)
from tests.support import number


def _suppress(engine: Engine, phones: Sequence[str], *, reason: str = "asked", campaign_id: int = 0) -> int:
    with write(engine) as tx:
        return suppress_numbers(tx, phones, reason=reason, at_ms=NOON_MS, campaign_id=campaign_id)


def test_number_is_on_the_list_until_it_is_taken_off(engine: Engine) -> None:
    """Adding twice adds once; what is asked about comes back with its reason; removing frees it."""
    assert _suppress(engine, [number(1), number(2), number(1)]) == 2
    assert _suppress(engine, [number(2), number(3)]) == 1
    with read(engine) as tx:
        found = suppressed_among(tx, [number(1), number(4)])
        assert list(found) == [number(1)]
        assert (found[number(1)].ending, found[number(1)].reason) == (number(1)[-2:], "asked")
        assert len(entries(tx)) == 3
    with write(engine) as tx:
        assert unsuppress_numbers(tx, [number(1), number(9)]) == 1
        assert suppressed_among(tx, [number(1)]) == {}


@pytest.mark.slow
def test_list_waits_for_claims_under_way(database: str) -> None:
    """On a server a claim that is not committed yet would be seen by nobody: it is stored before the list is."""
    with Ledger.open(database) as ledger:
        (claim,) = ready(ledger.engine, 1)
        with ledger.write() as claiming:
            claim_all(claiming, [claim])
            with pytest.raises(LedgerWriteFailed, match="another command keeps the ledger to itself"):
                _suppress_impatiently(ledger.engine, claim.phone)
        _suppress(ledger.engine, [claim.phone])
        with ledger.read() as tx:
            assert len(calls_still_to_ring(tx, [claim.phone], from_ms=NOON_MS)) == 1


@pytest.mark.slow
def test_two_imports_of_the_same_numbers_end(database: str) -> None:
    """Long lists are stored in parts; two that share numbers, in whatever order, do not wait for each other."""
    with Ledger.open(database) as ledger:
        with ledger.read() as tx:
            of_phone = number_digests(tx, [number(0), number(1)])
        first, second = sorted(of_phone, key=lambda phone: of_phone[phone], reverse=True)

        def store(phones: list[str]) -> int:
            with ledger.write() as tx:
                return suppress_numbers(tx, phones, reason="asked", at_ms=NOON_MS)

        with ThreadPoolExecutor(1) as pool:
            with ledger.write() as tx:
                suppress_numbers(tx, [first], reason="asked", at_ms=NOON_MS)
                other = pool.submit(store, [first, second])
                _await_waiting(ledger.engine)
                assert suppress_numbers(tx, [second], reason="asked", at_ms=NOON_MS) == 1
            assert other.result(20) == 0


def _await_waiting(engine: Engine) -> None:
    """Wait until a session of the server waits for another's lock."""
    until = time.monotonic() + 20
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert time.monotonic() < until


def _suppress_impatiently(engine: Engine, phone: str) -> None:
    with write(engine) as tx:
        tx.execute(text("SET LOCAL lock_timeout = '50ms'"))
        suppress_numbers(tx, [phone], reason="asked", at_ms=NOON_MS)


@pytest.mark.slow
def test_number_suppressed_between_the_look_and_the_claim_is_skipped(database: str) -> None:
    """On a server the list may grow inside a claim's transaction: the claim is refused as suppressed, not as a bug."""
    with Ledger.open(database) as ledger:
        earlier, claim = ready(ledger.engine, 2)
        attempt(ledger.engine, earlier, Kind.CREATED)
        with ledger.write() as tx:  # its instant is taken, so that it is claimed alone, and then looked for first
            values = {"phone": claim.phone, "slot_ms": claim.slot_ms}
            tx.execute(update(attempts).where(attempts.c.contact_id == earlier.contact_id).values(**values))
        updates = count()

        def opt_out(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if statement.startswith("UPDATE contacts SET state") and next(updates) == 1:
                _suppress(ledger.engine, [claim.phone])

        event.listen(ledger.engine, "before_cursor_execute", opt_out)
        assert asyncio.run(_claim_each(ledger.engine, [claim])) == ["suppressed"]
        with ledger.read() as tx:
            run = find_run(tx, "r1")
        assert [(str(row.status), row.reason) for row in reports(ledger, run)][1] == ("skipped", "suppressed")


def test_list_names_nobody(engine: Engine) -> None:
    """What is stored is a hash and two digits, and no number can be read out of it."""
    _suppress(engine, [number(1)])
    with read(engine) as tx:
        row = tx.execute(select(suppressed)).one()
    assert number(1)[1:] not in repr(row)
    assert len(row.digest) == 64


def test_long_lists_are_stored_whole(engine: Engine) -> None:
    """More numbers than a statement takes are all there."""
    phones = [number(index) for index in range(CHUNK_NUMBERS + 2)]
    assert _suppress(engine, phones) == CHUNK_NUMBERS + 2
    with write(engine) as tx:
        assert unsuppress_numbers(tx, phones) == CHUNK_NUMBERS + 2


def test_suppressed_contact_is_not_taken_in(engine: Engine) -> None:
    """A run that begins later tells the row as skipped and stores no contact for it."""
    _suppress(engine, [number(3)])
    take_in(engine, "r1", people(3))
    assert verdicts(engine, "r1") == [
        (2, "pending", "waiting"),
        (3, "skipped", "suppressed"),
        (4, "pending", "waiting"),
    ]


@pytest.mark.parametrize("by_file", [False, True])
def test_suppression_hides_no_call_that_exists_or_may(engine: Engine, *, by_file: bool) -> None:
    """Held by the list or by a file: what was created is told with its id, what may exist stays unknown."""
    wanted = ready(engine, 5)
    for claim, kind in zip(wanted, [Kind.CREATED, Kind.UNKNOWN, None, Kind.REFUSED], strict=False):
        attempt(engine, claim, kind)
    if not by_file:
        _suppress(engine, [claim.phone for claim in wanted])
    take_in(engine, "r2", [_held_by_file(row) if by_file else row for row in people(5)], content="b")
    assert verdicts(engine, "r2") == [
        (2, "skipped", "already_created"),
        (3, "unknown", "no_reply"),
        (4, "unknown", "interrupted"),
        (5, "skipped", "suppressed"),
        (6, "skipped", "suppressed"),
    ]
    with read(engine) as tx:
        run = find_run(tx, "r2")
    assert [row.call_id for row in reports(Ledger(engine), run)] == ["call-1", None, None, None, None]
    assert contact_rows(engine)[0].state == "created"


def _held_by_file(row: ReadRow) -> ReadRow:
    assert isinstance(row.verdict, CallableRow)
    contact = row.verdict.contact
    message = "The number is on a suppression list."
    return replace(row, verdict=ExcludedRow(Reason.SUPPRESSED, message, contact.phone, key=contact.key))


def test_list_of_one_campaign_holds_nobody_elsewhere(engine: Engine) -> None:
    """What a campaign's own files add counts for it alone, and is forgotten when they are read anew."""
    spring = begin(engine, "r0", content="none")
    _suppress(engine, [number(2)], campaign_id=spring.campaign_id)
    take_in(engine, "s1", people(1), campaign="summer")
    take_in(engine, "r1", people(1))
    assert verdicts(engine, "s1") == [(2, "pending", "waiting")]
    assert verdicts(engine, "r1") == [(2, "skipped", "suppressed")]
    with write(engine) as tx:
        forget_file_entries(tx, spring.campaign_id)
    take_in(engine, "r2", people(1))
    assert verdicts(engine, "r2") == [(2, "pending", "waiting")]


def test_database_refuses_the_claim_of_a_suppressed_number(engine: Engine) -> None:
    """Planned already, its number suppressed since: the statement that claims it changes nothing."""
    wanted = ready(engine, 2)
    _suppress(engine, [wanted[0].phone])
    with pytest.raises(TransitionRefused), write(engine) as tx:
        claim_all(tx, wanted)
    assert attempt_rows(engine) == []


def test_writer_holds_the_suppressed_and_claims_the_others(engine: Engine) -> None:
    """Of a group of claims only the suppressed one is refused; its row is skipped, and nothing of it is stored."""
    wanted = ready(engine, 3)
    _suppress(engine, [wanted[1].phone])
    assert asyncio.run(_claim_each(engine, wanted)) == ["claimed", "suppressed", "claimed"]
    with read(engine) as tx:
        run = find_run(tx, "r1")
    told = [(str(row.status), row.reason) for row in reports(Ledger(engine), run)]
    assert told == [("unknown", "interrupted"), ("skipped", "suppressed"), ("unknown", "interrupted")]


async def _claim_each(engine: Engine, wanted: Sequence[Claim]) -> list[str]:
    async with LedgerWriter(Ledger(engine)) as writer:
        answers = await claim_each(writer, wanted)
    return ["suppressed" if isinstance(answer, NumberSuppressed) else "claimed" for answer in answers]


def test_claim_that_was_not_sent_because_of_the_list_is_skipped(engine: Engine) -> None:
    """Suppressed while the claim waited: the book tells, the row is skipped, and nothing of the run claims it again."""
    wanted = ready(engine, 3)
    with write(engine) as tx:
        claim_all(tx, wanted)
    _suppress(engine, [wanted[1].phone])
    assert asyncio.run(_ask_who_is_suppressed(engine, wanted)) == {wanted[1].contact_id}
    held = never_sent("suppressed", reason=Reason.SUPPRESSED)
    with write(engine) as tx:
        settle_all(tx, [Settlement(wanted[1], held, NOON_MS, again=True)])
    with read(engine) as tx:
        run = find_run(tx, "r1")
        assert next_page(tx, "r1", after_ms=-1) == []
    told = [(str(row.status), row.reason) for row in reports(Ledger(engine), run)]
    assert told == [("unknown", "interrupted"), ("skipped", "suppressed"), ("unknown", "interrupted")]
    assert contact_rows(engine)[1].state == "pending"


async def _ask_who_is_suppressed(engine: Engine, wanted: Sequence[Claim]) -> frozenset[int]:
    async with LedgerWriter(Ledger(engine)) as writer:
        return await writer.suppressed(wanted)


def test_claim_looks_at_its_own_campaigns_list_only(engine: Engine) -> None:
    """What another campaign's files have added holds nobody here, while one's own campaign's does."""
    first, second = ready(engine, 2)
    other = begin(engine, "s0", content="none", campaign="summer")
    _suppress(engine, [first.phone], campaign_id=other.campaign_id)
    _suppress(engine, [second.phone], campaign_id=1)
    assert asyncio.run(_claim_each(engine, [first, second])) == ["claimed", "suppressed"]


def test_taking_a_number_off_the_list_leaves_what_files_say(engine: Engine) -> None:
    """Only a file's owner takes a number out of it; `suppress remove` changes what counts everywhere."""
    spring = begin(engine, "r0", content="none")
    _suppress(engine, [number(2)], campaign_id=spring.campaign_id)
    _suppress(engine, [number(2)])
    with write(engine) as tx:
        assert unsuppress_numbers(tx, [number(2)]) == 1
        assert unsuppress_numbers(tx, [number(2)]) == 0
        assert list(suppressed_among(tx, [number(2)], campaign_id=spring.campaign_id)) == [number(2)]
        assert suppressed_among(tx, [number(2)]) == {}


@pytest.mark.parametrize(("why", "reason"), [("asked", "suppressed"), (EXCLUDED_REASON, "excluded_number")])
def test_number_suppressed_between_two_tries_is_skipped(engine: Engine, why: str, reason: str) -> None:
    """A call that was put off once and is suppressed before its second try is told as skipped, not as pending."""
    (claim,) = ready(engine, 1)
    attempt(engine, claim, Kind.NOT_SENT, again=True)
    _suppress(engine, [claim.phone], reason=why)
    (again,) = claims("r1", planned(engine, "r1", [2], first_ms=NOON_MS + 60_000))
    assert asyncio.run(_claim_each(engine, [again])) == ["suppressed"]
    with read(engine) as tx:
        (row,) = reports(Ledger(engine), find_run(tx, "r1"))
    assert (str(row.status), row.reason) == ("skipped", reason)


def test_calls_that_still_ring_are_listed(engine: Engine) -> None:
    """Of the suppressed number's calls those that exist or may, and have not rung yet, are given with their ids."""
    wanted = ready(engine, 4)
    for claim, kind in zip(wanted, [Kind.CREATED, Kind.REFUSED, Kind.UNKNOWN, None], strict=True):
        attempt(engine, claim, kind)
    phones = [claim.phone for claim in wanted]
    with read(engine) as tx:
        assert calls_still_to_ring(tx, phones, from_ms=NOON_MS) == [
            OpenCall("spring", "call-1", NOON_MS),
            OpenCall("spring", None, NOON_MS + 2000),
            OpenCall("spring", None, NOON_MS + 3000),
        ]
        assert calls_still_to_ring(tx, phones, from_ms=NOON_MS + 1) == calls_still_to_ring(
            tx, phones[1:], from_ms=NOON_MS
        )


def test_list_survives_a_purge(engine: Engine) -> None:
    """When the campaign's people are erased, who must not be called is still recognised."""
    (claim,) = ready(engine, 1)
    attempt(engine, claim, Kind.CREATED)
    _suppress(engine, [claim.phone])
    with write(engine) as tx:
        forget_people(tx, 1)
    take_in(engine, "s1", people(1), campaign="summer", content="b")
    assert verdicts(engine, "s1") == [(2, "skipped", "suppressed")]
