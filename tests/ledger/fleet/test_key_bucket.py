"""The permits of a key on a real PostgreSQL: no more than agreed in any window, for everybody together."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise

import pytest
from sqlalchemy import make_url, text

from dialer.calls.permit import Permit
from dialer.clock import SYSTEM_CLOCK
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
    while (answer := bucket.take(1)) == CONTENDED_SECONDS or isinstance(answer, Permit):
        count += isinstance(answer, Permit)
    return count


def _wait(bucket: KeyBucket, permits: int = 1) -> float:
    """Return after how many seconds the permits are to be asked for again."""
    answer = bucket.take(permits)
    assert not isinstance(answer, Permit)
    return answer


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
        assert isinstance(bucket.take(7), Permit)
        assert LONG - 60 < _wait(bucket, 4) <= LONG + 1
        assert isinstance(bucket.take(3), Permit)


def test_a_permit_is_for_the_next_instant_with_room(ledger: Ledger) -> None:
    """It comes by this machine's clock, before anybody has to wait for it; old ones are deleted."""
    with open_bucket(ledger, "acme", 2, 0.05) as bucket:
        begun = SYSTEM_CLOCK.monotonic()
        given = [bucket.take(2) for _ in range(4)]
        instants = [permit.not_before for permit in given if isinstance(permit, Permit)]
        assert len(instants) == 4
        assert begun <= instants[0] <= SYSTEM_CLOCK.monotonic()
        assert all(later - sooner > 0.045 for sooner, later in pairwise(instants))
        ahead = bucket.take(1, 0.2)
        assert isinstance(ahead, Permit)
        assert ahead.not_before > begun + 0.2
        with ledger.read() as tx:
            (name,) = tx.scalars(text("SELECT relname FROM pg_class WHERE relname LIKE 'ratelimit%' AND relkind = 'r'"))
            assert tx.scalar(text(f"SELECT count(*) FROM {name}")) <= 9  # noqa: S608 - a name of the server's


def test_a_pause_holds_for_all(ledger: Ledger) -> None:
    """Nobody is given a permit until it is over, and whoever asks is told when that is; a shorter one is in vain."""
    with open_bucket(ledger, "acme", PERMITS, 1.0) as one, open_bucket(ledger, "acme", PERMITS, 1.0) as other:
        assert isinstance(one.take(3), Permit)
        one.hold(120.0)
        other.hold(5.0)
        assert 110 < _wait(other) <= 120
        assert 110 < _wait(one) <= 120


def test_leases_and_permits_are_never_more_than_agreed(ledger: Ledger) -> None:
    """Those who share the bucket lease even shares; what is left of it is everybody's, and a lease has its own end."""
    with ExitStack() as kept:
        first, second, third = (kept.enter_context(open_bucket(ledger, "acme", PERMITS, 0.1)) for _ in range(3))
        begun = SYSTEM_CLOCK.monotonic()
        one, two, three = first.lease(), second.lease(), third.lease()
        assert [lease and lease.permits for lease in (one, two, three)] == [3, 3, 3]
        assert first.lease() is None
        assert isinstance(first.take(1), Permit)
        assert isinstance(first.take(2), float)
        assert one is not None
        assert begun + 0.3 < one.not_before < one.not_after
        renewed = first.renew(one)
        assert renewed is not None
        assert renewed.permits == 3
        assert renewed.not_after > one.not_after
        second.hold(60.0)
        held = first.renew(renewed)
        assert held is not None
        assert held.not_before > SYSTEM_CLOCK.monotonic() + 55


def test_a_lease_that_is_given_back_is_free_again(ledger: Ledger) -> None:
    """In a window from then; one that has ended is not renewed."""
    with open_bucket(ledger, "acme", PERMITS, 0.05) as bucket:
        lease = bucket.lease()
        assert lease is not None
        assert lease.permits == PERMITS
        assert isinstance(bucket.take(1), float)
        bucket.release(lease._replace(not_after=0.0))
        assert bucket.renew(lease) is None
        while not isinstance(bucket.take(1), Permit):
            pass


def test_a_lease_gives_way_to_those_who_come(ledger: Ledger) -> None:
    """It is renewed for an even share only; the rest is free when it would have ended."""
    with open_bucket(ledger, "acme", PERMITS, 0.05) as one:
        lease = one.lease()
        assert lease is not None
        with open_bucket(ledger, "acme", PERMITS, 0.05) as other:
            renewed = one.renew(lease)
            assert renewed is not None
            assert (lease.permits, renewed.permits) == (PERMITS, PERMITS // 2)
            assert other.lease() is None


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
