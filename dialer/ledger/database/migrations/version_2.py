"""The step from version 1 to 2: an attempt says where it left its contact, and purged people are remembered.

The first programs of version 1 wrote attempts without `left_state` and without its checks; the later ones wrote both.
"""

from sqlalchemy import Connection

from dialer.ledger.database.migrations.rebuilt_table import rebuild

_ATTEMPTS = (
    """
CREATE TABLE attempts (
	contact_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	phone TEXT NOT NULL,
	slot_ms BIGINT NOT NULL,
	claimed_at_ms BIGINT NOT NULL,
	settled_at_ms BIGINT,
	outcome TEXT,
	left_state TEXT,
	reason TEXT NOT NULL,
	message TEXT NOT NULL,
	http_status INTEGER,
	call_id TEXT,
	PRIMARY KEY (contact_id, number),
	CONSTRAINT one_instant_a_number UNIQUE (phone, slot_ms),
	CONSTRAINT outcome_is_known CHECK (outcome IN ('created', 'refused', 'not_sent', 'unknown')),
	CONSTRAINT left_state_is_known CHECK (left_state IN ('pending', 'created', 'failed', 'unknown')),
	CONSTRAINT settled_as_a_whole CHECK ((outcome IS NULL) = (left_state IS NULL)),
	CONSTRAINT created_attempt_has_an_id CHECK (outcome IS NULL OR (outcome = 'created') = (call_id IS NOT NULL)),
	FOREIGN KEY(contact_id) REFERENCES contacts (id),
	FOREIGN KEY(run_id) REFERENCES runs (id)
)""",
    "CREATE INDEX attempts_of_run ON attempts (run_id, contact_id)",
    "CREATE INDEX attempts_open ON attempts (outcome) WHERE outcome IS NULL",
)

_LEFT_STATE = """CASE
WHEN outcome IS NULL OR outcome IN ('created', 'unknown') THEN outcome
WHEN EXISTS (SELECT 1 FROM rows_before AS later WHERE later.contact_id = rows_before.contact_id
	AND later.run_id = rows_before.run_id AND later.number > rows_before.number) THEN 'pending'
WHEN EXISTS (SELECT 1 FROM contacts WHERE contacts.id = rows_before.contact_id
	AND contacts.attempts = rows_before.number AND contacts.state = 'pending') THEN 'pending'
ELSE 'failed' END"""
"""A try without a call left its contact pending where the same run tried again or it still waits, else failed."""

_CALLED = """
CREATE TABLE called (
	campaign_id INTEGER NOT NULL,
	digest TEXT NOT NULL,
	PRIMARY KEY (campaign_id, digest),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
)"""


def step(tx: Connection) -> None:
    """Take the step."""
    rebuild(tx, "attempts", _ATTEMPTS, added={"left_state": _LEFT_STATE})
    tx.exec_driver_sql(_CALLED)
