"""Promises about whom the ledger knows after a purge: whoever was called is known, and not told."""

from sqlalchemy import Engine, insert, literal, select, update

from dialer.ledger.database.engine import read, write
from dialer.ledger.database.keyed_hashes import HASH_KEY, new_key
from dialer.ledger.database.schema import called, campaigns, meta
from dialer.ledger.known_contacts import CHUNK_KEYS, called_before, remember_called, row_in_run
from tests.support import number


def _campaigns(engine: Engine) -> None:
    with write(engine) as tx:
        tx.execute(insert(campaigns), [{"id": 1, "name": "spring"}, {"id": 2, "name": "summer"}])


def test_nobody_is_known_before_the_first_purge(engine: Engine) -> None:
    """Asking finds nobody, and an empty question is no error."""
    _campaigns(engine)
    with read(engine) as tx:
        assert called_before(tx, 1, [number(1)]) == set()
        assert called_before(tx, 1, []) == set()


def test_remembered_contact_is_known_in_its_campaign_alone(engine: Engine) -> None:
    """Another campaign may call the same person; another key is another contact."""
    _campaigns(engine)
    with write(engine) as tx:
        assert remember_called(tx, 1, [number(1), "zoë\ud800"]) == 2
    with read(engine) as tx:
        assert called_before(tx, 1, [number(1), number(2), "zoë\ud800"]) == {number(1), "zoë\ud800"}
        assert called_before(tx, 2, [number(1)]) == set()


def test_remembering_again_adds_nobody(engine: Engine) -> None:
    """A purge that is repeated counts only whom it adds."""
    _campaigns(engine)
    keys = [number(index) for index in range(CHUNK_KEYS + 1)]
    with write(engine) as tx:
        assert remember_called(tx, 1, keys) == CHUNK_KEYS + 1
    with write(engine) as tx:
        assert remember_called(tx, 1, [*keys, number(9999)]) == 1


def test_hash_shows_nothing_of_the_contact(engine: Engine) -> None:
    """What is kept has one length whatever the key, and differs where the key differs."""
    _campaigns(engine)
    with write(engine) as tx:
        remember_called(tx, 1, [number(1), "a"])
        first = set(tx.scalars(select(called.c.digest)))
        tx.execute(called.delete())
        tx.execute(update(meta).where(meta.c.name == HASH_KEY).values(value=new_key()))
        remember_called(tx, 1, [number(1), "a"])
        second = set(tx.scalars(select(called.c.digest)))
    assert {len(digest) for digest in first | second} == {64}
    assert not first & second


def test_the_row_of_a_contact_is_found_by_the_contact(sqlite: Engine) -> None:
    """Not by walking the rows of the run, which would make sending slower with the square of the sheet's rows."""
    query = row_in_run(literal(1), "r1").compile(sqlite, compile_kwargs={"literal_binds": True})
    with read(sqlite) as tx:
        plan = [step.detail for step in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert plan == ["SEARCH run_rows USING INDEX run_rows_of_contact (contact_id=?)"]
