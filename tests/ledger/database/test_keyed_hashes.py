"""Keyed hashes: people recognised who are not named."""

from sqlalchemy import Engine, update

from dialer.ledger.database.engine import read, write
from dialer.ledger.database.keyed_hashes import HASH_KEY, digests, new_key
from dialer.ledger.database.schema import meta
from tests.support import number


def test_hash_is_the_same_in_its_scope_and_another_elsewhere(engine: Engine) -> None:
    """A text is recognised where it was remembered, and a hash of one list says nothing about another."""
    with read(engine) as tx:
        first, again = (digests(tx, "number", [number(1), number(2)]) for _ in range(2))
        other = digests(tx, "1", [number(1)])
    assert first == again
    assert first[number(1)] != first[number(2)]
    assert other[number(1)] != first[number(1)]


def test_hash_depends_on_the_ledgers_own_key(engine: Engine) -> None:
    """The same number has another hash in another ledger, so two lists cannot be joined."""
    with write(engine) as tx:
        first = digests(tx, "number", [number(1)])
        tx.execute(update(meta).where(meta.c.name == HASH_KEY).values(value=new_key()))
        second = digests(tx, "number", [number(1)])
    assert {len(digest) for digest in [*first.values(), *second.values()]} == {64}
    assert first != second


def test_text_that_is_no_utf_8_is_hashed_too(engine: Engine) -> None:
    """A lone surrogate, as a broken sheet may hold, stops nothing."""
    with read(engine) as tx:
        assert len(digests(tx, "1", ["zoë\ud800"])["zoë\ud800"]) == 64
