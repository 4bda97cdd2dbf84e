"""The copy on which a dry run does everything else."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from dialer.ledger import Ledger, read
from dialer.ledger.copy import CHUNK_ROWS, copy_campaign
from dialer.ledger.rows import find_run, reports
from dialer.ledger.schema import attempts, contacts, metadata, runs
from dialer.submit import Kind
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
        copy_campaign(engine, copy.engine, "spring")
        take_in(copy.engine, "dry", people(6), content="b")
        dry = verdicts(copy.engine, "dry")
        for claim in claims("dry", planned(copy.engine, "dry", [3, 4, 6, 7])):
            attempt(copy.engine, claim, Kind.CREATED)
        with read(copy.engine) as tx:
            assert len(list(reports(copy.engine, find_run(tx, "dry")))) == 6
    assert _everything(engine) == before
    take_in(engine, "r2", people(6), content="b")
    assert verdicts(engine, "r2") == dry
    assert [status for _, status, _ in dry] == ["skipped", "pending", "pending", "unknown", "pending", "pending"]


def test_copy_is_of_one_campaign_and_whole(sqlite: Engine, tmp_path: Path) -> None:
    """More contacts than a chunk holds are all there, and nobody whom another campaign has not called."""
    take_in(sqlite, "r1", people(CHUNK_ROWS + 1))
    take_in(sqlite, "s1", people(3), campaign="summer")
    with Ledger.open(tmp_path / "copy.db") as copy:
        copy_campaign(sqlite, copy.engine, "spring")
        with read(copy.engine) as tx:
            assert len(tx.execute(select(contacts)).all()) == CHUNK_ROWS + 1
            assert list(tx.scalars(select(runs.c.id).order_by(runs.c.id))) == ["r1", "s1"]
            assert tx.execute(select(attempts)).all() == []


def test_calls_of_other_campaigns_come_along_without_what_was_said(sqlite: Engine, tmp_path: Path) -> None:
    """What another campaign created, or may have created, counts towards the caps; its payloads stay where they are."""
    take_in(sqlite, "s1", [person(row, payload='{"nameOfHuman":"Ada"}') for row in range(2, 7)], campaign="summer")
    kinds = [Kind.CREATED, Kind.REFUSED, Kind.NOT_SENT, Kind.UNKNOWN]
    for claim, kind in zip(claims("s1", planned(sqlite, "s1", range(2, 6))), kinds, strict=True):
        attempt(sqlite, claim, kind)
    with Ledger.open(tmp_path / "copy.db") as copy:
        copy_campaign(sqlite, copy.engine, "spring")
        with read(copy.engine) as tx:
            assert sorted(tx.scalars(select(attempts.c.outcome))) == ["created", "unknown"]
            assert set(tx.scalars(select(contacts.c.payload))) == {""}


@pytest.mark.parametrize("name", ["winter", "x' OR '1'='1"])
def test_copy_of_a_campaign_never_seen_is_empty(sqlite: Engine, tmp_path: Path, name: str) -> None:
    """A first run's rehearsal starts from nothing."""
    ready(sqlite, 1)
    with Ledger.open(tmp_path / "copy.db") as copy:
        copy_campaign(sqlite, copy.engine, name)
        found = _everything(copy.engine)
    assert {table for table, rows in found.items() if rows} == {"meta", "campaigns", "sheets", "runs"}
