"""The suppression list in the ledger: who is on it is neither taken in nor claimed."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, select

from dialer.errors import NumberSuppressed, TransitionRefused
from dialer.ledger import LedgerWriter, read, write
from dialer.ledger.attempts import claim_all
from dialer.ledger.purge import forget_people
from dialer.ledger.rows import find_run, reports
from dialer.ledger.schema import suppressed
from dialer.ledger.suppressed import (
    CHUNK_NUMBERS,
    OpenCall,
    entries,
    forget_file_entries,
    open_calls,
    suppress_numbers,
    suppressed_among,
    unsuppress_numbers,
)
from dialer.submit import Claim, Kind
from tests.ledger.books import NOON_MS, attempt, attempt_rows, begin, claims, people, planned, ready, take_in, verdicts
from tests.support import number


def _suppress(engine: Engine, phones: Sequence[str], *, campaign_id: int = 0) -> int:
    with write(engine) as tx:
        return suppress_numbers(tx, phones, reason="asked", at_ms=NOON_MS, campaign_id=campaign_id)


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


def test_list_names_nobody(sqlite: Engine) -> None:
    """What is stored is a hash and two digits, and no number can be read out of it."""
    _suppress(sqlite, [number(1)])
    with read(sqlite) as tx:
        row = tx.execute(select(suppressed)).one()
    assert number(1)[1:] not in repr(row)
    assert len(row.digest) == 64


def test_long_lists_are_stored_whole(sqlite: Engine) -> None:
    """More numbers than a statement takes are all there."""
    phones = [number(index) for index in range(CHUNK_NUMBERS + 2)]
    assert _suppress(sqlite, phones) == CHUNK_NUMBERS + 2
    with write(sqlite) as tx:
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
    told = [(str(row.status), row.reason) for row in reports(engine, run)]
    assert told == [("unknown", "interrupted"), ("skipped", "suppressed"), ("unknown", "interrupted")]


async def _claim_each(engine: Engine, wanted: Sequence[Claim]) -> list[str]:
    async with LedgerWriter(engine) as writer:
        answers = await asyncio.gather(*(writer.claim(claim) for claim in wanted), return_exceptions=True)
    return ["suppressed" if isinstance(answer, NumberSuppressed) else "claimed" for answer in answers]


def test_number_suppressed_between_two_tries_is_skipped(engine: Engine) -> None:
    """A call that was put off once and is suppressed before its second try is told as skipped, not as pending."""
    (claim,) = ready(engine, 1)
    attempt(engine, claim, Kind.NOT_SENT, again=True)
    _suppress(engine, [claim.phone])
    (again,) = claims("r1", planned(engine, "r1", [2], first_ms=NOON_MS + 60_000))
    assert asyncio.run(_claim_each(engine, [again])) == ["suppressed"]
    with read(engine) as tx:
        (row,) = reports(engine, find_run(tx, "r1"))
    assert (str(row.status), row.reason) == ("skipped", "suppressed")


def test_calls_that_still_ring_are_listed(engine: Engine) -> None:
    """Of the suppressed number's calls those that exist or may, and have not rung yet, are given with their ids."""
    wanted = ready(engine, 4)
    for claim, kind in zip(wanted, [Kind.CREATED, Kind.REFUSED, Kind.UNKNOWN, None], strict=True):
        attempt(engine, claim, kind)
    phones = [claim.phone for claim in wanted]
    with read(engine) as tx:
        assert open_calls(tx, phones, from_ms=NOON_MS) == [
            OpenCall("spring", "call-1", NOON_MS),
            OpenCall("spring", None, NOON_MS + 2000),
            OpenCall("spring", None, NOON_MS + 3000),
        ]
        assert open_calls(tx, phones, from_ms=NOON_MS + 1) == open_calls(tx, phones[1:], from_ms=NOON_MS)


def test_list_survives_a_purge(engine: Engine) -> None:
    """When the campaign's people are erased, who must not be called is still recognised."""
    (claim,) = ready(engine, 1)
    attempt(engine, claim, Kind.CREATED)
    _suppress(engine, [claim.phone])
    with write(engine) as tx:
        forget_people(tx, 1)
    take_in(engine, "s1", people(1), campaign="summer", content="b")
    assert verdicts(engine, "s1") == [(2, "skipped", "suppressed")]
