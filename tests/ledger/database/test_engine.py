"""How the database is opened: the settings really in force, the files' modes, waiting, a full disk, a damaged file."""

import os
import sqlite3
import stat
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, insert, select
from sqlalchemy.engine.interfaces import CacheStats

from dialer.errors import LedgerUnusable
from dialer.ledger.database.engine import insert_many, journal_mode, read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import State, campaigns, contacts, meta


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 7, 0), "TRUNCATE"),
        ((3, 40, 1), "TRUNCATE"),
        ((3, 44, 5), "TRUNCATE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 0), "TRUNCATE"),
        ((3, 50, 6), "TRUNCATE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 0), "TRUNCATE"),
        ((3, 51, 2), "TRUNCATE"),
        ((3, 51, 3), "WAL"),
        ((3, 52, 0), "WAL"),
        ((4, 0, 0), "WAL"),
    ],
)
def test_wal_is_used_only_where_it_cannot_lose_data(version: tuple[int, ...], mode: str) -> None:
    """Every release with the WAL-reset bug gets a rollback journal, every cured one WAL."""
    assert journal_mode(version) == mode


@pytest.mark.parametrize("opener", [read, write])
def test_settings_are_in_force_on_every_connection(sqlite: Engine, opener: type) -> None:
    """Each connection syncs every commit, checks foreign keys and wipes what is deleted, the second as the first."""
    mode = journal_mode(sqlite3.sqlite_version_info).lower()
    with opener(sqlite) as first, read(sqlite) as second:
        for tx in (first, second):
            names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
            found = [tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
            assert found == [mode, 2, 1, 1, 30_000]


@pytest.fixture(params=[0o000, 0o022, 0o277], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Return the process an odd umask for a while."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("journal", ["WAL", "TRUNCATE"])
def test_nobody_else_may_read_any_file_of_the_ledger(file: Path, journal: str) -> None:
    """Whatever the umask: the folder is 0700, the file and each journal beside it 0600."""
    with Ledger.open(file) as ledger:
        event.listen(ledger.engine, "connect", lambda plain, _: plain.execute(f"PRAGMA journal_mode = {journal}"))
        ledger.engine.dispose()
        with ledger.write() as tx:
            tx.execute(insert(campaigns).values(name="spring"))
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    beside = {"ledger.db-wal", "ledger.db-shm"} if journal == "WAL" else {"ledger.db-journal"}
    assert modes == dict.fromkeys({"ledger.db"} | beside, 0o600)


def test_wide_mode_of_a_copy_put_back_is_narrowed(file: Path) -> None:
    """A ledger restored by an ordinary copy is private again once it is opened."""
    Ledger.open(file).close()
    file.chmod(0o644)
    Ledger.open(file).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    """Only a folder made for the ledger is narrowed; one of the user's own is left as it is."""
    tmp_path.chmod(0o755)
    Ledger.open(tmp_path / "ledger.db").close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_second_writer_waits_its_turn(engine: Engine) -> None:
    """Two threads that read and then write the same row lose neither's change, and neither is turned away."""
    with write(engine) as tx:
        tx.execute(insert(campaigns).values(id=1, name=""))
    at_once = threading.Barrier(2)
    failed: list[BaseException] = []

    def append() -> None:
        try:
            at_once.wait()
            for _ in range(15):
                with write(engine) as tx:
                    query = select(campaigns.c.name).where(campaigns.c.id == 1).with_for_update()
                    name = tx.scalar(query) or ""
                    tx.execute(campaigns.update().where(campaigns.c.id == 1).values(name=name + "x"))
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            failed.append(error)

    threads = [threading.Thread(target=append) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with read(engine) as tx:
        assert tx.scalar(select(campaigns.c.name)) == "x" * 30


def test_write_takes_its_turn_at_its_start(sqlite: Engine) -> None:
    """Nobody can write between a transaction's first reading and its first change: the turn is taken before both."""
    with (
        write(sqlite),
        closing(sqlite3.connect(str(sqlite.url.database), timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_reader_does_not_wait_for_an_open_write(engine: Engine) -> None:
    """Someone who looks at the results sees the last commit while a run is in the middle of the next."""
    with write(engine) as tx:
        tx.execute(insert(campaigns).values(name="spring"))
        with read(engine) as looking:
            assert list(looking.scalars(select(campaigns.c.name))) == []
    with read(engine) as looking:
        assert list(looking.scalars(select(campaigns.c.name))) == ["spring"]


def test_reader_sees_one_moment(engine: Engine) -> None:
    """Two statements of one reading agree, whatever is being written between them."""
    names = select(campaigns.c.name)
    with read(engine) as looking:
        assert list(looking.scalars(names)) == []
        if engine.dialect.name == "postgresql":  # with a rollback journal SQLite makes the writer wait instead
            with write(engine) as tx:
                tx.execute(insert(campaigns).values(name="spring"))
        assert list(looking.scalars(names)) == []


def test_exception_takes_back_the_whole_transaction(engine: Engine) -> None:
    """What is not finished is not stored."""

    def fail() -> None:
        with write(engine) as tx:
            tx.execute(insert(campaigns).values(name="spring"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with read(engine) as tx:
        assert list(tx.scalars(select(campaigns.c.name))) == []


def _spelled(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("name", ["what?.db", "100%25.db", "a#b.db", "two words.db", "ключ.db"])
def test_any_file_name_is_a_path(tmp_path: Path, name: str) -> None:
    """A path is taken as it is, whatever its letters would mean in a URL."""
    Ledger.open(tmp_path / name).close()
    assert {path.name for path in tmp_path.iterdir()} <= {name, f"{name}-journal"}
    assert (tmp_path / name).stat().st_size > 0


def test_server_that_is_not_there_is_told_without_a_password() -> None:
    """A PostgreSQL that does not answer is an unusable ledger, and its URL's password stays out of the message."""
    password = "canary"[::-1]  # what is in the source, a traceback quotes
    with pytest.raises(LedgerUnusable, match="name") as refused:
        Ledger.open(f"postgresql://user:{password}@127.0.0.1:1/name")
    assert password not in _spelled(refused.value)


def test_rows_survive_the_engine(sqlite: Engine, file: Path) -> None:
    """What one program has stored another one reads."""
    with write(sqlite) as tx:
        tx.execute(insert(meta).values(name="told", value="kept"))
    with Ledger.open(file) as other, other.read() as tx:
        assert tx.scalar(select(meta.c.value).where(meta.c.name == "told")) == "kept"


def test_a_statement_is_compiled_once_for_all_ledgers(tmp_path: Path) -> None:
    """The second ledger of a process runs what the first has compiled, and finds its own rows."""
    statement = select(campaigns.c.name.label("compiled_once"))
    hits = []
    for name in ("first", "second"):
        with Ledger.open(tmp_path / f"{name}.db") as ledger, ledger.write() as tx:
            tx.execute(insert(campaigns).values(name=name))
            result = tx.execute(statement)
            hits.append(result.context.cache_hit)
            assert result.scalar() == name
    assert hits == [CacheStats.CACHE_MISS, CacheStats.CACHE_HIT]


def test_rows_inserted_together_are_those_inserted_one_by_one(engine: Engine) -> None:
    """Many rows in the database's own SQL get the same values and defaults as through SQLAlchemy's insert."""
    names = ("campaign_id", "state", "key", "phone", "number_digest", "zones", "regions", "payload", "is_mended")
    rows = [(1, State.PENDING, str(at), "+12125550100", "d", "UTC", "", '{"a": "%s ? :b"}', at > 1) for at in range(4)]
    others = select(*(column for column in contacts.c if column.name not in {"id", "key"}))
    with write(engine) as tx:
        tx.execute(insert(campaigns).values(id=1, name="spring"))
        insert_many(tx, contacts, names, rows[:3])
        tx.execute(insert(contacts).values(**dict(zip(names, rows[3], strict=True))))
        stored = [tuple(row) for row in tx.execute(others.order_by(contacts.c.id))]
        insert_many(tx, contacts, names, [])

    assert stored[2] == stored[3]
    assert stored[0] == stored[1] != stored[2]


def test_what_is_thrown_away_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    """The copy of a dry run is not synced; a ledger that is kept always is."""
    for is_kept, synchronous in ((True, 2), (False, 0)):
        with Ledger.open(tmp_path / f"{is_kept}.db", is_kept=is_kept) as ledger, ledger.read() as tx:
            assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == synchronous
