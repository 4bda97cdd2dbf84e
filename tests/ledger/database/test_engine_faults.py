"""What the database refuses: a full disk, a constraint, a damaged or locked file; told without anybody's number."""

import traceback
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, insert
from sqlalchemy.exc import IntegrityError

from dialer.calls.outcome import Kind
from dialer.errors import LedgerUnusable, LedgerWriteFailed
from dialer.ledger.database.engine import open_engine, quick_check, read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import contacts
from dialer.ledger.intake import record_rows
from dialer.ledger.transitions.claims import claim_all, claim_one
from tests.ledger.books import attempt, attempt_rows, begin, contact_rows, person, ready
from tests.support import number


def _fill_disk(engine: Engine, *, spare_pages: int = 0) -> None:
    """Let no page be added to the file from now on, as on a full disk."""
    with engine.connect() as connection:
        limit = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one()) + spare_pages
    engine.dispose()
    event.listen(engine, "connect", lambda plain, _: plain.execute(f"PRAGMA max_page_count = {limit}"))


def _spelled(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


@pytest.mark.slow
def test_full_disk_keeps_what_was_stored(sqlite: Engine) -> None:
    """A write that does not fit is refused as such, tells no number, and takes nothing away."""
    stored = ready(sqlite, 3)
    attempt(sqlite, stored[0], Kind.CREATED)
    before = contact_rows(sqlite), attempt_rows(sqlite)
    run = begin(sqlite, "r2", content="b")
    _fill_disk(sqlite)
    rows = [person(row, payload="x" * 2000) for row in range(100, 500)]
    with pytest.raises(LedgerWriteFailed, match="full") as refused, write(sqlite) as tx:
        record_rows(tx, run, rows)
    assert not any(number(row) in _spelled(refused.value) for row in range(100, 500))
    assert (contact_rows(sqlite), attempt_rows(sqlite)) == before
    quick_check(sqlite)


@pytest.mark.slow
def test_full_disk_in_a_single_claim_is_told_as_such(sqlite: Engine) -> None:
    """SQLite ends the transaction under a savepoint by itself; that is still a refused write and no bug."""
    wanted = ready(sqlite, 400)
    _fill_disk(sqlite)
    stored = 0

    def claim_each() -> None:
        nonlocal stored
        for claim in wanted:
            with write(sqlite) as tx:
                claim_one(tx, claim)
            stored += 1

    with pytest.raises(LedgerWriteFailed, match="full"):
        claim_each()
    assert len(attempt_rows(sqlite)) == stored < 400
    assert sum(row.state == "claimed" for row in contact_rows(sqlite)) == stored


def test_no_error_tells_a_value(engine: Engine) -> None:
    """Neither a constraint nor a broken statement lets a person's number or body into the error or its causes."""
    claim = ready(engine, 1)[0]
    with write(engine) as tx:
        claim_all(tx, [claim])
    row = contact_rows(engine)[0]
    again: dict[str, object] = {
        "attempts": 0,
        "campaign_id": row.campaign_id,
        "phone": claim.phone,
        "number_digest": "",
        "zones": "",
        "payload": "canary",
    }
    for values in (
        again | {"key": row.key, "state": "pending"},
        again | {"key": "other", "state": "lost"},
        again | {"key": "other", "state": None},
    ):
        with pytest.raises(IntegrityError) as refused, write(engine) as tx:
            tx.execute(insert(contacts).values(**values))
        assert claim.phone not in _spelled(refused.value)
        assert "canary" not in _spelled(refused.value)
    with pytest.raises(LedgerWriteFailed) as failed, write(engine) as tx:
        tx.exec_driver_sql("UPDATE nothing SET phone = 1")
    assert "its tables are not those of this program" in str(failed.value)


def test_failing_read_is_told_as_an_unusable_ledger(engine: Engine) -> None:
    """A read that the database refuses names the ledger and what to do, on one line."""
    with pytest.raises(LedgerUnusable, match=r"ledger.*Name the right ledger") as refused, read(engine) as tx:
        tx.exec_driver_sql("SELECT * FROM nothing")
    assert "\n" not in str(refused.value)


def _garbage(file: Path) -> None:
    file.write_bytes(b"Name,Phone\nAda,+12025550101\n" * 400)


def _flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for at in range(4096, len(content), 7):
        content[at] ^= 0xFF
    file.write_bytes(content)


def _cut(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


@pytest.mark.slow
@pytest.mark.parametrize("damage", [_garbage, _flipped, _cut])
def test_damaged_file_is_refused_by_name(file: Path, damage: type) -> None:
    """A file that is no ledger any more is refused before anything is sent; the message tells which and what to do."""
    with Ledger.open(file) as ledger:
        ready(ledger.engine, 300)
    damage(file)
    before = file.read_bytes()
    with pytest.raises(LedgerUnusable, match="restore a copy") as refused:
        Ledger.open(file)
    assert str(file) in str(refused.value)
    assert file.read_bytes() == before


def test_locked_file_is_not_called_damaged(file: Path) -> None:
    """A ledger that another program holds is told as locked: nobody should restore a copy over it."""
    with Ledger.open(file) as ledger, ledger.engine.connect() as holder:
        second = open_engine(file)
        holder.exec_driver_sql("PRAGMA locking_mode = EXCLUSIVE")
        holder.exec_driver_sql("INSERT INTO campaigns (name) VALUES ('spring')")
        holder.commit()
        event.listen(second, "connect", lambda plain, _: plain.execute("PRAGMA busy_timeout = 0"), insert=True)
        with pytest.raises(LedgerUnusable, match="locked") as refused:
            quick_check(second)
        second.dispose()
    assert "damaged" not in str(refused.value)
