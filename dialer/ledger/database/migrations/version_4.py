"""The step from version 3 to 4: every number of a person, and what rows of a sheet add to the suppression list.

Contacts of earlier programs have no numbers here until a run or a retry reads their rows.
"""

from sqlalchemy import Connection

_STATEMENTS = (
    """
CREATE TABLE contact_numbers (
	contact_id INTEGER NOT NULL,
	digest TEXT NOT NULL,
	PRIMARY KEY (contact_id, digest),
	FOREIGN KEY(contact_id) REFERENCES contacts (id)
)""",
    "CREATE INDEX contact_numbers_by_digest ON contact_numbers (digest)",
    "ALTER TABLE suppressed ADD COLUMN is_of_row BOOLEAN DEFAULT false NOT NULL",
)


def step(tx: Connection) -> None:
    """Take the step."""
    for statement in _STATEMENTS:
        tx.exec_driver_sql(statement)
