"""The tables' own refusals, asked for by plain SQL that none of the package's code has a part in."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from dialer.ledger.database.engine import read, write

_CONTACT = (
    "INSERT INTO contacts"
    " (campaign_id, key, phone, number_digest, zones, payload, attempts, reason, message, state, call_id)"
)
_ATTEMPT = "INSERT INTO attempts (claimed_at_ms, reason, message, run_id, contact_id, number, phone, slot_ms"

_ROWS = (
    "INSERT INTO campaigns (id, name) VALUES (1, 'spring'), (2, 'summer')",
    "INSERT INTO sheets (id, campaign_id, file, sha256, header) VALUES (1, 1, 'a.csv', 'a', '[]')",
    "INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 2, '[]')",
    "INSERT INTO runs (id, campaign_id, sheet_id, started_at_ms, facts) VALUES ('r1', 1, 1, 0, '{}')",
    f"{_CONTACT} VALUES (1, 'k1', 'p', '', '', '', 0, '', '', 'pending', NULL)",
    f"{_CONTACT} VALUES (1, 'k2', 'p', '', '', '', 0, '', '', 'created', 'c')",
    f"{_ATTEMPT}) VALUES (0, '', '', 'r1', 1, 1, 'p', 5000)",
    "INSERT INTO run_rows (run_id, row, status, reason, message) VALUES ('r1', 2, 'pending', '', '')",
)

_REFUSED = {
    "a campaign twice": "INSERT INTO campaigns (name) VALUES ('spring')",
    "a sheet twice": "INSERT INTO sheets (campaign_id, file, sha256, header) VALUES (1, 'b.csv', 'a', '[]')",
    "a sheet's row twice": "INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (1, 2, '[]')",
    "a row of no sheet": "INSERT INTO sheet_rows (sheet_id, row, cells) VALUES (9, 2, '[]')",
    "a run's row twice": "INSERT INTO run_rows (run_id, row, status, reason, message) VALUES ('r1', 2, 'x', '', '')",
    "a contact's key twice": f"{_CONTACT} VALUES (1, 'k1', 'q', '', '', '', 0, '', '', 'pending', NULL)",
    "a contact of no campaign": f"{_CONTACT} VALUES (9, 'k9', 'q', '', '', '', 0, '', '', 'pending', NULL)",
    "an unknown state": f"{_CONTACT} VALUES (1, 'k9', 'q', '', '', '', 0, '', '', 'lost', NULL)",
    "created without an id": f"{_CONTACT} VALUES (1, 'k9', 'q', '', '', '', 0, '', '', 'created', NULL)",
    "an id without created": f"{_CONTACT} VALUES (1, 'k9', 'q', '', '', '', 0, '', '', 'failed', 'c')",
    "an update to created without an id": "UPDATE contacts SET state = 'created' WHERE id = 1",
    "an update from created that keeps the id": "UPDATE contacts SET state = 'pending' WHERE id = 2",
    "an attempt number twice": f"{_ATTEMPT}) VALUES (0, '', '', 'r1', 1, 1, 'p', 6000)",
    "an instant twice for one number": f"{_ATTEMPT}) VALUES (0, '', '', 'r1', 2, 1, 'p', 5000)",
    "an attempt of no contact": f"{_ATTEMPT}) VALUES (0, '', '', 'r1', 9, 1, 'p', 6000)",
    "an attempt of no run": f"{_ATTEMPT}) VALUES (0, '', '', 'r9', 2, 1, 'p', 6000)",
    "an unknown outcome": "UPDATE attempts SET outcome = 'lost', left_state = 'failed'",
    "an outcome that leaves nothing": "UPDATE attempts SET outcome = 'refused'",
    "a state left without an outcome": "UPDATE attempts SET left_state = 'failed'",
    "an outcome that leaves a claim": "UPDATE attempts SET outcome = 'refused', left_state = 'claimed'",
    "a created attempt without an id": "UPDATE attempts SET outcome = 'created', left_state = 'created'",
    "a refused attempt with an id": "UPDATE attempts SET outcome = 'refused', left_state = 'failed', call_id = 'c'",
    "a contact taken away under its attempt": "DELETE FROM contacts WHERE id = 1",
}


@pytest.mark.parametrize("case", _REFUSED)
def test_database_refuses(engine: Engine, case: str) -> None:
    """What would let a person be called twice, or a row be lost, cannot be stored by any code."""
    with write(engine) as tx:
        for statement in _ROWS:
            tx.execute(text(statement))
    assert _is_refused(engine, _REFUSED[case])


def _is_refused(engine: Engine, statement: str) -> bool:
    try:
        with write(engine) as tx:
            tx.execute(text(statement))
    except IntegrityError:
        return True
    return False


def test_instants_far_ahead_fit(engine: Engine) -> None:
    """A slot in milliseconds is larger than 32 bits, on every database."""
    with write(engine) as tx:
        for statement in _ROWS:
            tx.execute(text(statement))
        tx.execute(text("UPDATE contacts SET slot_ms = 4102444800123"))
    with read(engine) as tx:
        assert set(tx.scalars(text("SELECT slot_ms FROM contacts"))) == {4_102_444_800_123}


def test_same_number_may_be_called_at_another_instant(engine: Engine) -> None:
    """The guard is on the pair: a second contact of one number has its own instant."""
    with write(engine) as tx:
        for statement in (*_ROWS, f"{_ATTEMPT}) VALUES (0, '', '', 'r1', 2, 1, 'p', 5001)"):
            tx.execute(text(statement))
        assert tx.scalar(text("SELECT count(*) FROM attempts")) == 2
