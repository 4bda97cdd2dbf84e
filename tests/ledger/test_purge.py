"""A purge of the ledger: no byte of the people is left, their runs are, and nobody is called again."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from dialer.calls.disposition import Disposition
from dialer.calls.outcome import Kind
from dialer.errors import LedgerWriteFailed
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import (
    attempts,
    contacts,
    dispositions,
    result_columns,
    run_rows,
    runs,
    sheet_rows,
    sheets,
)
from dialer.ledger.dispositions import calls_without_end, write_dispositions
from dialer.ledger.purge import (
    called_count,
    erase_traces,
    forget_people,
    people_of,
)
from dialer.ledger.runs import campaign_id_of, runs_of
from dialer.ledger.snapshot import copy_campaign
from tests.ledger.books import NOON_MS, attempt, contact_rows, people, person, ready, take_in, verdicts
from tests.support import number

PEOPLE_TABLES = (attempts, run_rows, contacts, sheet_rows, dispositions, result_columns)


def _purge(engine: Engine, campaign: str = "spring") -> int:
    with write(engine) as tx:
        remembered = forget_people(tx, campaign_id_of(tx, campaign) or 0)
    erase_traces(Ledger(engine))
    return remembered


def _counts(engine: Engine) -> list[int]:
    with read(engine) as tx:
        return [tx.scalar(select(func.count()).select_from(table)) or 0 for table in PEOPLE_TABLES]


def _every_outcome(engine: Engine) -> None:
    wanted = ready(engine, 6)
    for claim, kind in zip(wanted, [*Kind, None], strict=False):
        attempt(engine, claim, kind)
    with write(engine) as tx:
        (call,) = calls_without_end(tx, campaign_id_of(tx, "spring") or 0, slots_from_ms=0, slots_to_ms=2 * NOON_MS)
        end = Disposition(call.call_id, "completed", "ENDED_NORMALLY", results=(("said", "canary"),))
        write_dispositions(tx, [(call, end)], seen_at_ms=NOON_MS)


def test_purge_leaves_runs_with_counts_and_no_people(engine: Engine) -> None:
    """The history says when runs were and what they did in numbers; every table about people is empty."""
    _every_outcome(engine)
    with read(engine) as tx:
        held = people_of(tx, campaign_id_of(tx, "spring") or 0)
    assert (sum(held.contacts.values()), held.sheet_rows, held.runs, held.in_doubt) == (6, 6, 1, 2)

    assert _purge(engine) == 3
    assert _counts(engine) == [0, 0, 0, 0, 0, 0]
    with read(engine) as tx:
        (run,) = runs_of(tx, campaign_id_of(tx, "spring") or 0)
        facts = json.loads(tx.scalar(select(runs.c.facts)) or "")
        assert tx.execute(select(sheets.c.file, sheets.c.header)).all() == [("", "[]")]
    assert (run.id, run.header) == ("r1", ())
    spent = {"calls": 3, "seconds": 0, "reserved": 3}
    assert facts == {
        "version": "0",
        "purged": {"rows": 6, "created": 1, "refused": 1, "not_sent": 1, "unknown": 2} | spent,
    }
    assert _purge(engine) == 0
    with read(engine) as tx:
        assert json.loads(tx.scalar(select(runs.c.facts)) or "") == facts


def test_purged_people_are_not_called_again(engine: Engine) -> None:
    """Whoever has or may have a call is skipped when the sheet comes again; who surely had none may be called."""
    _every_outcome(engine)
    _purge(engine)
    take_in(engine, "r2", people(7))
    by_row = {row: (status, reason) for row, status, reason in verdicts(engine, "r2")}
    gone = {2 + index for index, kind in enumerate([*Kind, None]) if kind in (Kind.CREATED, Kind.UNKNOWN, None)}
    assert {row for row, told in by_row.items() if told == ("skipped", "already_created")} == gone
    assert {row for row, told in by_row.items() if told == ("pending", "waiting")} == set(by_row) - gone
    assert len(contact_rows(engine)) == 4
    assert _purge(engine) == 0
    with read(engine) as tx:
        assert called_count(tx, campaign_id_of(tx, "spring") or 0) == 3


def test_purge_is_of_one_campaign(engine: Engine) -> None:
    """Another campaign keeps its people, and may call those whom this one has called."""
    attempt(engine, ready(engine, 2)[0], Kind.CREATED)
    take_in(engine, "s1", people(2), campaign="summer")
    _purge(engine)
    assert _counts(engine) == [0, 2, 2, 2, 0, 0]
    take_in(engine, "s2", people(2), campaign="summer")
    assert verdicts(engine, "s2") == [(2, "pending", "waiting"), (3, "pending", "waiting")]


def test_dry_run_after_a_purge_skips_the_same(engine: Engine, tmp_path: Path) -> None:
    """The copy that a dry run works on knows whom the purge left as called."""
    attempt(engine, ready(engine, 2)[0], Kind.CREATED)
    _purge(engine)
    with Ledger.open(tmp_path / "copy.db") as copy:
        copy_campaign(Ledger(engine), copy, "spring")
        take_in(copy.engine, "dry", people(2))
        assert verdicts(copy.engine, "dry") == [(2, "skipped", "already_created"), (3, "pending", "waiting")]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["TRUNCATE", "WAL"])
def test_no_byte_of_the_people_is_left(file: Path, mode: str) -> None:
    """Numbers, names, keys and variables are in no file of the ledger's folder, whichever journal is in use."""
    secrets = [f"canary {index}" for index in range(400)]
    rows = [
        person(index + 2, key=f"key {text}", payload=json.dumps({"note": f"{text} ".ljust(3000, "x")}))
        for index, text in enumerate(secrets)
    ]
    with Ledger.open(file) as ledger:
        with ledger.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql(f"PRAGMA journal_mode = {mode}")
            connection.exec_driver_sql("BEGIN")
        take_in(ledger.engine, "r1", rows)
        take_in(ledger.engine, "s1", people(3), campaign="summer")
        assert b"canary" in _bytes(file)
        _purge(ledger.engine)
        left = _bytes(file)
        assert b"canary" not in left
        assert [row for row in rows if row.cells[1].encode() in left] == rows[:3]  # summer's own people
    assert number(2).encode() in _bytes(file)


def _bytes(file: Path) -> bytes:
    return b"".join(path.read_bytes() for path in file.parent.iterdir())


def test_reader_in_the_way_is_told_and_a_second_purge_ends_it(file: Path) -> None:
    """While somebody reads, old pages stay in the log: the purge says so, and given again it is whole."""
    with Ledger.open(file) as ledger:
        with ledger.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("PRAGMA busy_timeout = 1")
            connection.exec_driver_sql("BEGIN")
        attempt(ledger.engine, ready(ledger.engine, 2)[0], Kind.CREATED)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM contacts").fetchall()
            with pytest.raises(LedgerWriteFailed, match="dialer purge"):
                _purge(ledger.engine)
        assert _purge(ledger.engine) == 0
        assert number(2).encode() not in _bytes(file)
