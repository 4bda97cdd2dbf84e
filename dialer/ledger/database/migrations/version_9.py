"""The step from version 8 to 9: how, how early and at what times single people are called, what a run leaves behind.

The calls of earlier programs were all made as their runs say, in the order of their sheets. What their verdicts
depended on is not known: the next run of each campaign reads its sheet.
"""

from sqlalchemy import Connection

_STATEMENTS = (
    """
CREATE TABLE contact_choices (
	contact_id INTEGER NOT NULL,
	call_template_id TEXT,
	from_number TEXT,
	pool_number TEXT,
	PRIMARY KEY (contact_id),
	FOREIGN KEY(contact_id) REFERENCES contacts (id)
)""",
    """
CREATE TABLE attempt_choices (
	contact_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	call_template_id TEXT,
	from_number TEXT,
	PRIMARY KEY (contact_id, number),
	FOREIGN KEY(contact_id, number) REFERENCES attempts (contact_id, number)
)""",
    "ALTER TABLE contacts ADD COLUMN priority FLOAT",
    "ALTER TABLE contacts ADD COLUMN call_times TEXT DEFAULT '' NOT NULL",
    """
CREATE TABLE accepted_ends (
	campaign_id INTEGER NOT NULL,
	at_ms BIGINT NOT NULL,
	accepted_by TEXT NOT NULL,
	PRIMARY KEY (campaign_id),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
)""",
    """
CREATE TABLE intakes (
	campaign_id INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	fingerprint TEXT NOT NULL,
	bad_emails INTEGER NOT NULL,
	first_bad_email INTEGER NOT NULL,
	PRIMARY KEY (campaign_id),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id),
	FOREIGN KEY(run_id) REFERENCES runs (id)
)""",
    """
CREATE TABLE left_out (
	run_id TEXT NOT NULL,
	"row" INTEGER NOT NULL,
	contact_id INTEGER NOT NULL,
	PRIMARY KEY (run_id, "row"),
	FOREIGN KEY(run_id, "row") REFERENCES run_rows (run_id, "row"),
	FOREIGN KEY(contact_id) REFERENCES contacts (id)
)""",
)


def step(tx: Connection) -> None:
    """Take the step."""
    for statement in _STATEMENTS:
        tx.exec_driver_sql(statement)
