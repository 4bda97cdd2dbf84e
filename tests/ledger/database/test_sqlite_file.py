"""What is not a ledger is left as it was found: its content, its mode, and the folder around it."""

import os
import socket
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dialer.errors import LedgerUnusable
from dialer.ledger.database.open import Ledger


def _sheet(path: Path) -> None:
    path.write_text("Name,Phone\nAda,+12025550101\n", "utf-8")


def _link_to_sheet(path: Path) -> None:
    _sheet(path.with_name("sheet.csv"))
    path.symlink_to("sheet.csv")


def _other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE moz_places (id INTEGER)")
        other.execute("CREATE TABLE meta (key TEXT)")
        other.commit()


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


def _second_name(path: Path) -> None:
    Ledger.open(path.with_name("first.db")).close()
    path.hardlink_to(path.with_name("first.db"))


OTHERS: dict[str, Callable[[Path], None]] = {
    "sheet": _sheet,
    "link to a sheet": _link_to_sheet,
    "other database": _other_database,
    "folder": lambda path: path.mkdir(mode=0o755),
    "pipe": lambda path: os.mkfifo(path, 0o644),
    "socket": _socket,
    "device": lambda path: path.symlink_to("/dev/null"),
    "second name of a ledger": _second_name,  # SQLite would not find what a kill left beside the first
    "link to nothing": lambda path: path.symlink_to("gone/ledger.db"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_ledger_is_left_alone(kind: str, tmp_path: Path) -> None:
    """It is refused by name, neither opened for long nor changed, and nothing is put beside it."""
    path = tmp_path / "ledger.db"
    OTHERS[kind](path)
    if not path.is_symlink():
        path.chmod(0o755 if path.is_dir() else 0o644)
    before = _seen(tmp_path)
    for opener in (Ledger.open, Ledger.open_existing):
        with pytest.raises(LedgerUnusable, match=r"ledger\.db.*Nothing was changed"):
            opener(path)
    assert _seen(tmp_path) == before
    assert stat.S_IMODE(Path("/dev/null").stat().st_mode) == 0o666


def _seen(folder: Path) -> list[tuple[str, int, bytes]]:
    return [
        (path.name, path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    ]


@pytest.mark.parametrize("name", ["ledger.db", "link.db"])
def test_ledger_and_a_link_to_it_are_opened(name: str, tmp_path: Path) -> None:
    """A link to a ledger is followed, and the mode of the ledger is narrowed, not that of its folder."""
    Ledger.open(tmp_path / "ledger.db").close()
    (tmp_path / "link.db").symlink_to("ledger.db")
    (tmp_path / "ledger.db").chmod(0o644)
    Ledger.open(tmp_path / name).close()
    assert stat.S_IMODE((tmp_path / "ledger.db").stat().st_mode) == 0o600


def test_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    """What a kill between the making of the file and of its tables leaves is no reason to refuse."""
    (tmp_path / "ledger.db").touch()
    Ledger.open(tmp_path / "ledger.db").close()
    assert stat.S_IMODE((tmp_path / "ledger.db").stat().st_mode) == 0o600


def test_ledger_of_a_killed_transaction_is_opened(tmp_path: Path) -> None:
    """The journal that a kill leaves is taken back, although looking alone could not do that."""
    path, copy = tmp_path / "ledger.db", tmp_path / "copy.db"
    Ledger.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as writing:
        writing.execute("PRAGMA cache_size = 1")
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("CREATE TABLE extra (text TEXT)")
        writing.executemany("INSERT INTO extra VALUES (?)", [("x" * 4000,)] * 40)
        copy.write_bytes(path.read_bytes())
        journal = path.with_name("ledger.db-journal").read_bytes()
        writing.execute("ROLLBACK")
    path.with_name("copy.db-journal").write_bytes(journal)
    with Ledger.open(copy) as ledger, ledger.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name = 'extra'").scalar() == 0
