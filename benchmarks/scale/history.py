"""Gives a ledger on PostgreSQL many nights: copies of one that its own functions wrote, each a day earlier."""

from sqlalchemy import Engine, text

from benchmarks.scale.filling import Campaign, call_people
from dialer.ledger.database.open import Ledger

NIGHT_ROWS = 10_000
CAMPAIGNS = 10

_DAY_MS = 86_400_000

_NIGHTS = """
INSERT INTO campaigns (id, name) SELECT g, 'old-' || g FROM generate_series(2, {campaigns}) g;
INSERT INTO sheets (id, campaign_id, file, sha256, header, row_count)
    SELECT s.id + g, 1 + g % {campaigns}, s.file, s.sha256 || g, s.header, s.row_count
    FROM sheets s, generate_series(1, {nights}) g WHERE s.id = 1;
INSERT INTO runs (id, campaign_id, sheet_id, started_at_ms, ended_at_ms, exit_code, facts)
    SELECT r.id || g, 1 + g % {campaigns}, r.sheet_id + g, r.started_at_ms - g::bigint * {day},
        r.ended_at_ms - g::bigint * {day}, r.exit_code, r.facts
    FROM runs r, generate_series(1, {nights}) g WHERE r.id = '{run}';
INSERT INTO sheet_rows (sheet_id, "row", cells)
    SELECT s.sheet_id + g, s."row", s.cells FROM generate_series(1, {nights}) g, sheet_rows s WHERE s.sheet_id = 1;
INSERT INTO contacts (id, campaign_id, key, phone, number_digest, zones, regions, payload, state, slot_ms, attempts,
        reason, message, call_id)
    SELECT c.id + g * {rows}, 1 + g % {campaigns}, c.key || '/' || g, c.phone, c.number_digest, c.zones, c.regions,
        c.payload, c.state, c.slot_ms - g::bigint * {day}, c.attempts, c.reason, c.message, c.call_id || g
    FROM generate_series(1, {nights}) g, contacts c WHERE c.id <= {rows};
INSERT INTO attempts (contact_id, number, run_id, phone, slot_ms, claimed_at_ms, settled_at_ms, outcome, left_state,
        reason, message, http_status, call_id)
    SELECT a.contact_id + g * {rows}, a.number, a.run_id || g, a.phone, a.slot_ms - g::bigint * {day},
        a.claimed_at_ms - g::bigint * {day}, a.settled_at_ms - g::bigint * {day}, a.outcome, a.left_state, a.reason,
        a.message, a.http_status, a.call_id || g
    FROM generate_series(1, {nights}) g, attempts a WHERE a.run_id = '{run}';
INSERT INTO run_rows (run_id, "row", contact_id, status, reason, message, phone)
    SELECT r.run_id || g, r."row", r.contact_id + g * {rows}, r.status, r.reason, r.message, r.phone
    FROM generate_series(1, {nights}) g, run_rows r WHERE r.run_id = '{run}';
INSERT INTO dispositions (contact_id, number, call_id, status, is_final, status_code, duration_seconds, results,
        recording_url, seen_at_ms)
    SELECT a.contact_id, a.number, a.call_id, 'Completed', true, '', 62.5, '[]', '', a.slot_ms + 600000
    FROM attempts a;
SELECT setval(pg_get_serial_sequence(name, 'id'), 1 << 30) FROM unnest(ARRAY['contacts', 'campaigns', 'sheets']) name;
"""


def write_history(ledger: Ledger, calls: int) -> None:
    """Write *calls* calls of ten campaigns, 10,000 a night, a night each day before the first, with their ends."""
    night = Campaign("old-1", "20261123-170000-night", NIGHT_ROWS)
    call_people(ledger, night)
    statements = _NIGHTS.format(
        campaigns=CAMPAIGNS, nights=calls // NIGHT_ROWS - 1, rows=NIGHT_ROWS, run=night.run_id, day=_DAY_MS
    )
    for statement in filter(str.strip, statements.split(";")):
        with ledger.write() as tx:
            tx.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
            tx.execute(text(statement))
    vacuum(ledger.engine)


def vacuum(engine: Engine) -> None:
    """Do what autovacuum does in time: statistics, and visibility for scans of indexes alone."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
