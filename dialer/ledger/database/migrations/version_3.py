"""The step from version 2 to 3: suppression by keyed hashes, ends of calls, contacts that are called again or mended.

Ledgers exist that call themselves version 3 in one of five shapes, each with more columns and tables than the one
before. The step takes any of them and leaves the last one.
"""

from sqlalchemy import Connection, select, text, update

from dialer.ledger.database.keyed_hashes import HASH_KEY, digests, new_key
from dialer.ledger.database.migrations.rebuilt_table import rebuild
from dialer.ledger.database.schema import meta

_KEY_IN_2 = "called_key"
"""What version 2 called the hash key. It made the key with the first purge."""

_CHUNK_ROWS = 5_000

_CONTACTS = """
CREATE TABLE contacts (
	id {serial} NOT NULL,
	campaign_id INTEGER NOT NULL,
	"key" TEXT NOT NULL,
	phone TEXT NOT NULL,
	number_digest TEXT NOT NULL,
	zones TEXT NOT NULL,
	regions TEXT DEFAULT '' NOT NULL,
	payload TEXT NOT NULL,
	state TEXT NOT NULL,
	planned_in TEXT,
	slot_ms BIGINT,
	not_before_ms BIGINT,
	attempts INTEGER NOT NULL,
	budget_from INTEGER DEFAULT '0' NOT NULL,
	mended_at INTEGER DEFAULT '0' NOT NULL,
	replaced_by INTEGER,
	is_mended BOOLEAN DEFAULT false NOT NULL,
	reason TEXT NOT NULL,
	message TEXT NOT NULL,
	call_id TEXT,
	PRIMARY KEY (id),
	UNIQUE (campaign_id, "key"),
	CONSTRAINT state_is_known CHECK (state IN ('pending', 'claimed', 'created', 'failed', 'unknown')),
	CONSTRAINT created_has_an_id CHECK ((state = 'created') = (call_id IS NOT NULL)),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id),
	FOREIGN KEY(planned_in) REFERENCES runs (id)
)"""

_ADDED = {
    "number_digest": "''",
    "regions": "''",
    "not_before_ms": "NULL",
    "budget_from": "0",
    "mended_at": "0",
    "replaced_by": "NULL",
    "is_mended": "false",
}

_TABLES = (
    """
CREATE TABLE IF NOT EXISTS suppressed (
	digest TEXT NOT NULL,
	campaign_id INTEGER NOT NULL,
	ending TEXT NOT NULL,
	reason TEXT NOT NULL,
	added_at_ms BIGINT NOT NULL,
	PRIMARY KEY (digest, campaign_id)
)""",
    """
CREATE TABLE IF NOT EXISTS dispositions (
	contact_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	call_id TEXT NOT NULL,
	status TEXT NOT NULL,
	is_final BOOLEAN NOT NULL,
	status_code TEXT NOT NULL,
	call_later_ms BIGINT,
	duration_seconds FLOAT,
	triggered_at_ms BIGINT,
	started_at_ms BIGINT,
	ended_at_ms BIGINT,
	results TEXT NOT NULL,
	recording_url TEXT NOT NULL,
	seen_at_ms BIGINT NOT NULL,
	PRIMARY KEY (contact_id, number),
	FOREIGN KEY(contact_id, number) REFERENCES attempts (contact_id, number)
)""",
    """
CREATE TABLE IF NOT EXISTS result_columns (
	campaign_id INTEGER NOT NULL,
	name TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (campaign_id, name),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
)""",
    "CREATE INDEX IF NOT EXISTS attempts_of_call ON attempts (call_id) WHERE call_id IS NOT NULL",
)

_BEFORE_ON_SERVER = (
    "ALTER TABLE attempts DROP CONSTRAINT attempts_contact_id_fkey",
    "ALTER TABLE run_rows DROP CONSTRAINT run_rows_contact_id_fkey",
)
_AFTER_ON_SERVER = (
    "ALTER TABLE attempts ADD FOREIGN KEY (contact_id) REFERENCES contacts (id)",
    "ALTER TABLE run_rows ADD FOREIGN KEY (contact_id) REFERENCES contacts (id)",
    "SELECT setval(pg_get_serial_sequence('contacts', 'id'), max(id)) FROM contacts",
)
"""What has to be done on PostgreSQL around `rebuild`."""


def step(tx: Connection) -> None:
    """Take the step."""
    is_server = tx.dialect.name == "postgresql"
    for statement in _BEFORE_ON_SERVER if is_server else ():
        tx.exec_driver_sql(statement)
    table = _CONTACTS.format(serial="SERIAL" if is_server else "INTEGER")
    index = "CREATE INDEX contacts_to_claim ON contacts (planned_in, slot_ms)"
    rebuild(tx, "contacts", (table, index), added=_ADDED)
    for statement in _TABLES + (_AFTER_ON_SERVER if is_server else ()):
        tx.exec_driver_sql(statement)
    _keep_or_make_key(tx)
    _fill_digests(tx)


def _keep_or_make_key(tx: Connection) -> None:
    """Keep the key under which purged people are remembered: under another one they would be called again."""
    if tx.execute(update(meta).where(meta.c.name == _KEY_IN_2).values(name=HASH_KEY)).rowcount:
        return
    if tx.scalar(select(meta.c.value).where(meta.c.name == HASH_KEY)) is None:
        tx.execute(meta.insert().values(name=HASH_KEY, value=new_key()))


def _fill_digests(tx: Connection) -> None:
    """Hash every contact's number: a claim looks it up in the suppression list by its hash."""
    fill = text("UPDATE contacts SET number_digest = :digest WHERE id = :contact_id")
    missing = text("SELECT id, phone FROM contacts WHERE number_digest = '' AND id > :last ORDER BY id LIMIT :many")
    last = 0
    while chunk := tx.execute(missing, {"last": last, "many": _CHUNK_ROWS}).all():
        digest_of = digests(tx, "number", [row.phone for row in chunk])
        tx.execute(fill, [{"contact_id": row.id, "digest": digest_of[row.phone]} for row in chunk])
        last = chunk[-1].id
