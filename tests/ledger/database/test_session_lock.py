"""Advisory locks end with their session, and their holder learns of it."""

import pytest
from sqlalchemy import text

from dialer.ledger.database.engine import open_engine
from dialer.ledger.database.session_lock import SessionLocks

pytestmark = pytest.mark.slow


def test_ended_session_is_noticed_and_its_locks_are_free(database: str) -> None:
    """Whoever's session the server ends learns of it by asking, and another can take its locks."""
    engine = open_engine(database)
    first, second = SessionLocks(engine), SessionLocks(engine)
    assert first.take(1, shared=True)
    assert first.take(2)
    assert second.take(1, shared=True)
    assert not second.take(2)
    assert (first.why_lost(), second.why_lost()) == ("", "")
    assert not first.is_in_doubt()
    with engine.connect() as connection:
        end = text("SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_locks WHERE objid = 2 AND granted")
        assert connection.scalar(end) == 1
    assert (first.is_in_doubt(), second.is_in_doubt()) == (True, False)
    assert first.why_lost() == "its session on the server has ended"
    assert second.take(2)
    first.release()
    second.release()
    engine.dispose()


def test_lost_lock_of_a_living_session_is_noticed(database: str) -> None:
    """A session that somebody else was given, or that was reset, holds no locks: that is noticed too."""
    engine = open_engine(database)
    locks = SessionLocks(engine)
    assert locks.take(1)
    locks._session.execute(text("SELECT pg_advisory_unlock_all()"))
    assert locks.why_lost() == "the server gave its session to somebody else"
    locks.release()
    engine.dispose()
