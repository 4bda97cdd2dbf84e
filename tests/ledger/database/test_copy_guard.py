"""A copy of a ledger, or an older state of it, is never run by mistake."""

import shutil
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, make_url

from dialer.errors import LedgerUnusable
from dialer.ledger.database.copy_guard import is_put_back, sign_rows
from dialer.ledger.database.engine import read
from dialer.ledger.database.lock import Copies, Holder, RunLock
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import meta
from dialer.ledger.runs import campaign_names
from tests.ledger.books import begin
from tests.ledger.postgres import Server
from tests.support import MONDAY_NOON

PATIENCE_SECONDS = 20


def _run(file: Path, *, copies: Copies = Copies.REFUSE) -> None:
    with Ledger.open(file) as ledger, ledger.lock(what="a run", since=MONDAY_NOON, copies=copies):
        pass


def test_ledger_is_run_again_and_again(file: Path) -> None:
    """The file that ran last is accepted every time."""
    for _ in range(3):
        _run(file)


def test_copy_elsewhere_is_refused(file: Path, tmp_path: Path) -> None:
    """A copied file is another ledger, whether its note was copied with it or not; the original stays accepted."""
    _run(file)
    for name, whole in (("alone", False), ("folder", True)):
        shutil.copytree(file.parent, tmp_path / name)
        if not whole:
            (tmp_path / name / "ledger.db.owner").unlink()
        with pytest.raises(LedgerUnusable, match="copy of a ledger"):
            _run(tmp_path / name / "ledger.db")
    _run(file)


def test_refused_copy_does_not_keep_the_lock(file: Path, tmp_path: Path) -> None:
    """After a refusal the copy can be taken over at once."""
    _run(file)
    copy = Path(shutil.copy(file, tmp_path / "copy.db"))
    with (
        Ledger.open(copy) as ledger,
        pytest.raises(LedgerUnusable),
        ledger.lock(what="a run", since=MONDAY_NOON),
    ):
        pass
    _run(copy, copies=Copies.ADOPT)
    _run(copy)


def test_older_state_put_back_in_place_is_refused(file: Path) -> None:
    """A backup written over the ledger, into the same file, lacks the calls of the runs since: it is not run."""
    _run(file)
    backup = file.read_bytes()
    _run(file)
    file.write_bytes(backup)
    with pytest.raises(LedgerUnusable, match="older state"):
        _run(file)
    _run(file, copies=Copies.ADOPT)
    _run(file)


def test_backup_made_during_a_run_and_put_back_after_it_is_refused(file: Path) -> None:
    """Each run ends with another mark than it had: what was called after the backup is not in it."""
    with Ledger.open(file) as ledger, ledger.lock(what="a run", since=MONDAY_NOON):
        backup = file.read_bytes()
    file.write_bytes(backup)
    with pytest.raises(LedgerUnusable, match="older state"):
        _run(file)


def test_backup_made_during_a_run_that_failed_is_refused_after_it(file: Path) -> None:
    """A run that ends by an error has created calls too; one that is ended from outside leaves what a kill leaves."""
    for error, refused in ((OSError, True), (KeyboardInterrupt, False)):
        with pytest.raises(error), Ledger.open(file) as ledger:
            _fail(ledger, error, backup := file.with_name("backup"), file)
        file.write_bytes(backup.read_bytes())
        if refused:
            with pytest.raises(LedgerUnusable, match="older state"):
                _run(file)
        _run(file, copies=Copies.ADOPT if refused else Copies.REFUSE)


def _fail(ledger: Ledger, error: type[BaseException], backup: Path, file: Path) -> None:
    with ledger.lock(what="a run", since=MONDAY_NOON):
        backup.write_bytes(file.read_bytes())
        raise error


def test_lock_is_released_though_the_ledger_is_gone(file: Path) -> None:
    """Whatever keeps the mark from being renewed at a run's end, nobody is locked out, and nothing is raised."""
    _run(file)
    with Ledger.open(file) as ledger:
        with ledger.lock(what="a run", since=MONDAY_NOON):
            gone = file.rename(file.with_name("elsewhere.db"))
        gone.rename(file)
        with ledger.lock(what="a run", since=MONDAY_NOON):
            pass


def test_note_is_swapped_in_whole_and_private(file: Path) -> None:
    """What a kill left half-written is never read as the note; the note is 0600, and nothing else is left behind."""
    _run(file)
    note = file.with_name("ledger.db.owner")
    before, was = note.stat().st_ino, note.read_text("utf-8")
    file.with_name("ledger.db.owner.part").write_text('["', "utf-8")
    keeps_open = note.open("rb")
    with keeps_open:
        _run(file)
        assert keeps_open.read().decode() == was
    assert note.stat().st_ino != before
    assert note.stat().st_mode & 0o777 == 0o600
    assert not file.with_name("ledger.db.owner.part").exists()


def test_fresh_ledger_in_the_place_of_one_that_ran_is_refused(file: Path) -> None:
    """A ledger that was deleted and made anew knows nobody who was called."""
    _run(file)
    file.unlink()
    with pytest.raises(LedgerUnusable, match="newer one"):
        _run(file)


def test_moved_ledger_is_accepted(file: Path, tmp_path: Path) -> None:
    """Renamed, or moved on its disk, with its note or without: it is the same file."""
    _run(file)
    folder = file.parent.rename(tmp_path / "moved")
    _run(folder / "ledger.db")
    alone = (folder / "ledger.db").rename(tmp_path / "alone.db")
    _run(alone)


def test_kill_between_the_two_marks_refuses_nobody(file: Path) -> None:
    """The note is written before the ledger, so it fits the ledger before and after."""
    _run(file)
    before, note = file.read_bytes(), file.with_name("ledger.db.owner")
    fits_both = note.read_text("utf-8")
    _run(file)
    newer = note.read_text("utf-8")
    note.write_text(f"{newer[:-1]}, {fits_both[1:]}", "utf-8")
    _run(file)
    file.write_bytes(before)
    note.write_text(f"{newer[:-1]}, {fits_both[1:]}", "utf-8")
    _run(file)


@pytest.mark.parametrize("content", ["", "[", '{"a": 1}', '["'])
def test_note_cut_by_a_power_failure_refuses_nobody(file: Path, content: str) -> None:
    """A note that cannot be read says nothing: the file's number decides alone."""
    _run(file)
    file.with_name("ledger.db.owner").write_text(content, "utf-8")
    _run(file)


def test_note_that_cannot_be_written_is_told(file: Path) -> None:
    """What stands in the way is named, and the lock is free again."""
    _run(file)
    note = file.with_name("ledger.db.owner")
    note.unlink()
    note.mkdir()
    with pytest.raises(LedgerUnusable, match=r"ledger\.db\.owner: cannot be written"):
        _run(file)
    note.rmdir()
    _run(file)


def test_copy_can_be_read_and_erased(file: Path, tmp_path: Path) -> None:
    """Reading a copy needs no mark, a purge bears it, and neither makes it the ledger."""
    with Ledger.open(file) as ledger:
        begin(ledger.engine, "r1")
    _run(file)
    copy = Path(shutil.copy(file, tmp_path / "copy.db"))
    with Ledger.open(copy) as ledger, ledger.read() as tx:
        assert campaign_names(tx) == ["spring"]
    _run(copy, copies=Copies.BEAR)
    with pytest.raises(LedgerUnusable):
        _run(copy)


def test_server_needs_no_mark(engine: Engine) -> None:
    """A database on a server has no file that could be copied unseen; SQLite gets its mark at the first run."""
    with RunLock(engine, Holder("a run", MONDAY_NOON)), read(engine) as tx:
        names = set(tx.scalars(meta.select().with_only_columns(meta.c.name)))
    marks = {"owner_mark", "owner_file"} if engine.dialect.name == "sqlite" else set()
    assert names == marks | {"schema_version", "hash_key"}


@pytest.mark.slow
def test_a_database_copied_on_its_server_is_put_back(database: str, postgres: Server) -> None:
    """A backup kept as a database, or one made to try something out, lacks the calls since; one renamed lacks none.

    A ledger that an earlier program signed is signed with what tells such a copy at its next run.
    """
    name = make_url(database).database
    copied, renamed = f"copy_of_{name}", f"renamed_{name}"
    with Ledger.open(database) as ledger, ledger.write() as tx:
        sign_rows(tx)
        tx.execute(delete(meta).where(meta.c.name == "owner_database"))
    assert not _is_put_back(database, sign=True)
    postgres.execute(f'CREATE DATABASE "{copied}" TEMPLATE "{name}"', f'ALTER DATABASE "{name}" RENAME TO "{renamed}"')
    assert not _is_put_back(postgres.address.format(renamed))
    assert _is_put_back(postgres.address.format(copied))


def _is_put_back(location: str, *, sign: bool = False) -> bool:
    with Ledger.open(location) as ledger, ledger.write() as tx:
        if sign:
            sign_rows(tx)
        return is_put_back(tx)


@pytest.mark.slow
@pytest.mark.parametrize("anew", [False, True])
def test_two_that_sign_a_ledger_on_a_server_at_once_both_go_on(database: str, *, anew: bool) -> None:
    """The first runs of two campaigns may begin together: the second waits for the first one's signature."""
    signed: list[bool] = []
    with Ledger.open(database) as ledger:

        def sign() -> None:
            with ledger.write() as tx:
                sign_rows(tx, anew=anew)
            signed.append(True)

        second = threading.Thread(target=sign)
        with ledger.write() as tx:
            sign_rows(tx, anew=anew)
            second.start()
            second.join(0.2)  # where it does not wait, it is done by now
        second.join(PATIENCE_SECONDS)
        with ledger.read() as tx:
            is_older = is_put_back(tx)
    assert (signed, is_older) == ([True], False)
