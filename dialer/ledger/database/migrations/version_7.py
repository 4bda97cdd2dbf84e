"""The step from version 6 to 7: the ledger remembers what rows became when they were mended in a results file.

What was mended with an earlier program is not known of its row; the people it became are known by their keys.
"""

from sqlalchemy import Connection

_MENDS = """
CREATE TABLE mends (
	campaign_id INTEGER NOT NULL,
	"row" INTEGER NOT NULL,
	digest TEXT NOT NULL,
	became TEXT NOT NULL,
	contact_id INTEGER,
	PRIMARY KEY (campaign_id, "row", digest),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
)"""


def step(tx: Connection) -> None:
    """Take the step."""
    tx.exec_driver_sql(_MENDS)
