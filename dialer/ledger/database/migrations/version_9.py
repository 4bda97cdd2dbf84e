"""The step from version 8 to 9: how, how early and at what times single people are called.

The calls of earlier programs were all made as their runs say, in the order of their sheets.
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
)


def step(tx: Connection) -> None:
    """Take the step."""
    for statement in _STATEMENTS:
        tx.exec_driver_sql(statement)
