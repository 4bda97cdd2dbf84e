"""The step from version 7 to 8: campaigns that are paused, runs that are asked to stop, pauses, the run of a lock.

Of the pauses that runs of earlier programs made nothing is known.
"""

from sqlalchemy import Connection

_STATEMENTS = (
    """
CREATE TABLE paused_campaigns (
	campaign_id INTEGER NOT NULL,
	since_ms BIGINT NOT NULL,
	asked_by TEXT NOT NULL,
	PRIMARY KEY (campaign_id),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
)""",
    """
CREATE TABLE stop_requests (
	run_id TEXT NOT NULL,
	asked_at_ms BIGINT NOT NULL,
	asked_by TEXT NOT NULL,
	PRIMARY KEY (run_id),
	FOREIGN KEY(run_id) REFERENCES runs (id)
)""",
    """
CREATE TABLE pauses (
	run_id TEXT NOT NULL,
	from_ms BIGINT NOT NULL,
	reason TEXT NOT NULL,
	until_ms BIGINT,
	message TEXT NOT NULL,
	PRIMARY KEY (run_id, from_ms, reason),
	FOREIGN KEY(run_id) REFERENCES runs (id)
)""",
    "ALTER TABLE locks ADD COLUMN run_id TEXT",
)


def step(tx: Connection) -> None:
    """Take the step."""
    for statement in _STATEMENTS:
        tx.exec_driver_sql(statement)
