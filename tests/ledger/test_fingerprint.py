"""A ledger's fingerprint changes with every call that it learns of, and with nothing else."""

from sqlalchemy import Engine

from dialer.ledger import read, write
from dialer.ledger.attempts import claim_all
from dialer.ledger.fingerprint import ledger_fingerprint
from dialer.ledger.purge import forget_people
from dialer.submit import Kind
from tests.ledger.books import attempt, people, ready, take_in


def fingerprint(engine: Engine) -> str:
    """Read it."""
    with read(engine) as tx:
        return ledger_fingerprint(tx)


def test_every_step_of_a_call_changes_it(engine: Engine) -> None:
    """No ledger and a ledger without calls are the same; a claim, an outcome and a purge each make another."""
    seen = [ledger_fingerprint(None)]
    first, second = ready(engine, 2)
    assert fingerprint(engine) == seen[0]
    with write(engine) as tx:
        claim_all(tx, [first])
    seen.append(fingerprint(engine))
    attempt(engine, second, Kind.CREATED)
    seen.append(fingerprint(engine))
    take_in(engine, "r2", people(3))
    assert fingerprint(engine) == seen[-1]
    with write(engine) as tx:
        forget_people(tx, 1)
    seen.append(fingerprint(engine))

    assert len(set(seen)) == 4
