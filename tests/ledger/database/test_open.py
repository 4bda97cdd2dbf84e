"""Opening a ledger: its tables made once, its version, and looking without making one."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, insert, inspect, select

from dialer.errors import LedgerUnusable, LedgerWriteFailed
from dialer.ledger.database.engine import open_engine, read, write
from dialer.ledger.database.keyed_hashes import KEY_BYTES
from dialer.ledger.database.open import Ledger, shown_location
from dialer.ledger.database.schema import SCHEMA_VERSION, campaigns, meta, metadata


def _meta(tx: Connection) -> dict[str, str]:
    return {row.name: row.value for row in tx.execute(select(meta))}


def test_new_ledger_has_every_table_and_its_version(engine: Engine) -> None:
    """Opening a place with nothing in it makes the whole ledger."""
    with read(engine) as tx:
        assert set(inspect(tx).get_table_names()) == set(metadata.tables)
        assert _meta(tx)["schema_version"] == str(SCHEMA_VERSION)
        assert len(bytes.fromhex(_meta(tx)["hash_key"])) == KEY_BYTES


def test_opening_again_keeps_everything(location: str) -> None:
    """A ledger opened a second time holds what was stored, and one version."""
    with Ledger.open(location) as ledger, ledger.write() as tx:
        tx.execute(insert(campaigns).values(name="spring"))
    with Ledger.open(location) as ledger, ledger.read() as tx:
        assert list(tx.scalars(select(campaigns.c.name))) == ["spring"]
        assert _meta(tx)["schema_version"] == str(SCHEMA_VERSION)
        assert len(bytes.fromhex(_meta(tx)["hash_key"])) == KEY_BYTES


def test_many_may_open_a_new_ledger_at_once(location: str) -> None:
    """Programs started together on a place with nothing in it all get the same ledger."""
    at_once = threading.Barrier(4)
    failed: list[BaseException] = []

    def start() -> None:
        try:
            at_once.wait()
            Ledger.open(location).close()
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with Ledger.open(location) as ledger, ledger.read() as tx:
        assert len(_meta(tx)) == 2


def test_looking_makes_no_ledger(file: Path) -> None:
    """Asking for a ledger that is not there gives None and leaves neither a file nor a folder."""
    for location in (file, str(file), f"sqlite:///{file}", f"sqlite+pysqlite:///{file}"):
        assert Ledger.open_existing(location) is None
    assert not file.parent.exists()


def test_looking_finds_the_ledger_that_is_there(file: Path) -> None:
    """A path and a URL of the same file open the same ledger."""
    Ledger.open(file).close()
    for location in (file, f"sqlite:///{file}", f"sqlite+pysqlite:///{file}"):
        found = Ledger.open_existing(location)
        assert found is not None
        found.close()


def test_looking_refuses_a_nonsense_address() -> None:
    """A URL that makes no sense is refused as `open` refuses it."""
    with pytest.raises(LedgerUnusable):
        Ledger.open_existing("://")


def test_tables_that_do_not_fit_on_the_disk_leave_none(file: Path) -> None:
    """A disk that is full while the tables are made leaves no half of them: the next start makes them all."""
    engine = open_engine(file)
    event.listen(engine, "connect", lambda plain, _: plain.execute("PRAGMA max_page_count = 6"))
    with pytest.raises(LedgerWriteFailed, match="full"), write(engine) as tx:
        metadata.create_all(tx)
    engine.dispose()
    with Ledger.open(file) as ledger, ledger.read() as tx:
        assert set(inspect(tx).get_table_names()) == set(metadata.tables)


def test_file_of_another_program_is_refused(file: Path) -> None:
    """A database whose `meta` table is not ours is left alone."""
    engine = open_engine(file)
    with write(engine) as tx:
        tx.exec_driver_sql("CREATE TABLE meta (setting TEXT)")
    engine.dispose()
    with pytest.raises(LedgerUnusable, match=r"ledger\.db"):
        Ledger.open(file)


def test_place_is_shown_without_its_secrets(tmp_path: Path) -> None:
    """A path as it is; a server's address without the password, wherever it stands in it."""
    assert shown_location(tmp_path / "ledger.db") == str(tmp_path / "ledger.db")
    shown = shown_location("postgresql://me:s3cret@db.example.com/calls?password=s3cret")
    assert "db.example.com/calls" in shown
    assert "s3cret" not in shown
