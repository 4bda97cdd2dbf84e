"""The step from version 4 to 5: who took each lock last, and how often it was taken."""

from sqlalchemy import Connection

_LOCKS = """
CREATE TABLE locks (
	name TEXT NOT NULL,
	epoch BIGINT NOT NULL,
	holder TEXT NOT NULL,
	PRIMARY KEY (name)
)"""


def step(tx: Connection) -> None:
    """Take the step."""
    tx.exec_driver_sql(_LOCKS)
