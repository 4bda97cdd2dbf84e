"""The copy on which a dry run does everything else."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from dialer.calls.outcome import Kind
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import attempts, contacts, metadata, runs
from dialer.ledger.purge import forget_people
from dialer.ledger.row_reports import reports
from dialer.ledger.runs import find_run
from dialer.ledger.snapshot import CHUNK_ROWS, copy_campaign, ledger_fingerprint
from dialer.ledger.transitions.claims import claim_all
from tests.ledger.books import attempt, claims, people, person, planned, ready, take_in, verdicts


def _everything(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with read(engine) as tx:
        return {table.name: [tuple(row) for row in tx.execute(select(table))] for table in metadata.sorted_tables}


def test_dry_run_sees_what_the_run_would_see(engine: Engine, tmp_path: Path) -> None:
    """A run on the copy judges and plans every row as one on the ledger would; the ledger is left as it was."""
    wanted = ready(engine, 5)
    for claim, kind in zip(wanted, [*Kind], strict=False):
        attempt(engine, claim, kind)
    take_in(engine, "s1", people(2), campaign="summer")
    before = _everything(engine)
    with Ledger.open(tmp_path / "copy.db") as copy:
        copy_campaign(Ledger(engine), copy, "spring")
        take_in(copy.engine, "dry", people(6), content="b")
        dry = verdicts(copy.engine, "dry")
        for claim in claims("dry", planned(copy.engine, "dry", [3, 4, 6, 7])):
            attempt(copy.engine, claim, Kind.CREATED)
        with copy.read() as tx:
            assert len(list(reports(copy, find_run(tx, "dry")))) == 6
    assert _everything(engine) == before
    take_in(engine, "r2", people(6), content="b")
    assert verdicts(engine, "r2") == dry
    assert [status for _, status, _ in dry] == ["skipped", "pending", "pending", "unknown", "pending", "pending"]


@pytest.mark.slow
def test_copy_is_of_one_campaign_and_whole(engine: Engine, tmp_path: Path) -> None:
    """More contacts than a chunk holds are all there, and nobody whom another campaign has not called."""
    take_in(engine, "r1", people(CHUNK_ROWS + 1))
    take_in(engine, "s1", people(3), campaign="summer")
    with Ledger.open(tmp_path / "copy.db") as copy:
        copy_campaign(Ledger(engine), copy, "spring")
        with copy.read() as tx:
            assert len(tx.execute(select(contacts)).all()) == CHUNK_ROWS + 1
            assert list(tx.scalars(select(runs.c.id).order_by(runs.c.id))) == ["r1", "s1"]
            assert tx.execute(select(attempts)).all() == []


def test_calls_of_other_campaigns_come_along_without_what_was_said(engine: Engine, tmp_path: Path) -> None:
    """What another campaign created, or may have created, counts towards the caps; its payloads stay where they are."""
    take_in(engine, "s1", [person(row, payload='{"nameOfHuman":"Ada"}') for row in range(2, 7)], campaign="summer")
    kinds = [Kind.CREATED, Kind.REFUSED, Kind.NOT_SENT, Kind.UNKNOWN]
    for claim, kind in zip(claims("s1", planned(engine, "s1", range(2, 6))), kinds, strict=True):
        attempt(engine, claim, kind)
    with Ledger.open(tmp_path / "copy.db") as copy:
        copy_campaign(Ledger(engine), copy, "spring")
        with copy.read() as tx:
            assert sorted(tx.scalars(select(attempts.c.outcome))) == ["created", "unknown"]
            assert set(tx.scalars(select(contacts.c.payload))) == {""}


@pytest.mark.parametrize("name", ["winter", "x' OR '1'='1"])
def test_copy_of_a_campaign_never_seen_is_empty(engine: Engine, tmp_path: Path, name: str) -> None:
    """A first run's rehearsal starts from nothing."""
    ready(engine, 1)
    with Ledger.open(tmp_path / "copy.db") as copy:
        copy_campaign(Ledger(engine), copy, name)
        found = _everything(copy.engine)
    assert {table for table, rows in found.items() if rows} == {"meta", "campaigns", "sheets", "runs"}


def fingerprint(engine: Engine) -> str:
    """Read it."""
    with read(engine) as tx:
        return ledger_fingerprint(tx)


def test_every_step_of_a_call_changes_it(engine: Engine) -> None:
    """No ledger and a ledger without calls are the same; a claim, an outcome and a purge each make another."""
    seen = [ledger_fingerprint(None)]
    first, second = ready(engine, 2)
    assert fingerprint(engine) == seen[0]
    with write(engine) as tx:
        claim_all(tx, [first])
    seen.append(fingerprint(engine))
    attempt(engine, second, Kind.CREATED)
    seen.append(fingerprint(engine))
    take_in(engine, "r2", people(3))
    assert fingerprint(engine) == seen[-1]
    with write(engine) as tx:
        forget_people(tx, 1)
    seen.append(fingerprint(engine))

    assert len(set(seen)) == 4
