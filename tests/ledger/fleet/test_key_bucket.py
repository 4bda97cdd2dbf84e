"""The permits of a key on a real PostgreSQL: no more than agreed in any window, for everybody together."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import make_url, text

from dialer.errors import LedgerUnusable
from dialer.ledger.database.open import Ledger
from dialer.ledger.fleet.key_bucket import CONTENDED_SECONDS, KeyBucket, open_bucket

pytestmark = pytest.mark.slow

PERMITS, LONG = 10, 3_600.0
"""A window so long that none ends while a test goes on."""


@pytest.fixture
def ledger(database: str) -> Iterator[Ledger]:
    """Return an open ledger."""
    with Ledger.open(database) as opened:
        yield opened


def _taken(bucket: KeyBucket) -> int:
    """Take permits one by one until there are none; return how many there were."""
    count = 0
    while (wait := bucket.take(1)) <= CONTENDED_SECONDS:
        count += wait == 0
    return count


def test_all_together_get_what_was_agreed(ledger: Ledger) -> None:
    """Four that take at once share the permits of one window; another key has its own."""
    with ExitStack() as kept:
        buckets = [kept.enter_context(open_bucket(ledger, "acme", PERMITS, LONG)) for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(_taken, buckets)) == PERMITS
        assert _taken(kept.enter_context(open_bucket(ledger, "beta", PERMITS, LONG))) == PERMITS


def test_several_are_given_together_or_none(ledger: Ledger) -> None:
    """Where fewer are left, the wait is told until there are so many."""
    with open_bucket(ledger, "acme", PERMITS, LONG) as bucket:
        assert bucket.take(7) == 0
        assert LONG - 60 < bucket.take(4) <= LONG + 1
        assert bucket.take(3) == 0


def test_a_window_that_is_over_counts_no_more(ledger: Ledger) -> None:
    """After the wait that was told, permits are there again, and old ones are deleted."""
    with open_bucket(ledger, "acme", 2, 0.05) as bucket:
        assert bucket.take(2) == 0
        while bucket.take(2):
            pass
        with ledger.read() as tx:
            (name,) = tx.scalars(text("SELECT relname FROM pg_class WHERE relname LIKE 'ratelimit%' AND relkind = 'r'"))
            assert tx.scalar(text(f"SELECT count(*) FROM {name}")) <= 4  # noqa: S608 - a name of the server's


def test_a_pause_holds_for_all(ledger: Ledger) -> None:
    """Nobody is given a permit until it is over, and whoever asks is told when that is."""
    with open_bucket(ledger, "acme", PERMITS, 1.0) as one, open_bucket(ledger, "acme", PERMITS, 1.0) as other:
        assert one.take(3) == 0
        one.hold(120.0)
        assert 110 < other.take(1) <= 121
        assert 110 < one.take(1) <= 121


def test_a_short_pause_holds_for_two_windows(ledger: Ledger) -> None:
    """It begins after every permit that was given, so that it is never refused for those."""
    with open_bucket(ledger, "acme", PERMITS, 1.0) as one, open_bucket(ledger, "acme", PERMITS, 1.0) as other:
        assert one.take(PERMITS) == 0
        one.hold(1.0)
        assert 1.5 < other.take(1) <= 2.1


def test_a_tenant_has_its_own(database: str) -> None:
    """A schema's permits are no other's."""
    for schema in ("acme", "beta"):
        with Ledger.open(f"{database}&schema={schema}") as ledger, open_bucket(ledger, "key", PERMITS, LONG) as bucket:
            assert _taken(bucket) == PERMITS


def test_a_role_of_least_rights_uses_what_its_owner_made(database: str) -> None:
    """It may make no table: where the bucket is missing, what is wrong is told."""
    role = f"caller_of_{make_url(database).database}"
    with Ledger.open(database) as owner, open_bucket(owner, "acme", PERMITS, LONG), owner.write() as tx:
        tx.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        tx.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        tx.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with Ledger.open(make_url(database).set(username=role).render_as_string()) as caller:
        with open_bucket(caller, "acme", PERMITS, LONG) as bucket:
            assert _taken(bucket) == PERMITS
        with (
            pytest.raises(LedgerUnusable, match=r"the limit of beta cannot be kept there: this user may not use"),
            open_bucket(caller, "beta", PERMITS, LONG),
        ):
            pass
