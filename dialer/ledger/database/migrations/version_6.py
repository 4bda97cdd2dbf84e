"""The step from version 5 to 6: a campaign is known by its id and its place, and by what the API listed before it ran.

Campaigns of earlier programs get their id and place by their next run. It does not look at the API's listing: what
they have called stands in the ledger.
"""

from sqlalchemy import Connection

_STATEMENTS = (
    """
CREATE TABLE campaign_places (
	campaign_id INTEGER NOT NULL,
	uid TEXT NOT NULL,
	file TEXT NOT NULL,
	host TEXT NOT NULL,
	must_look BOOLEAN NOT NULL,
	PRIMARY KEY (campaign_id),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
)""",
    """
CREATE TABLE called_elsewhere (
	campaign_id INTEGER NOT NULL,
	digest TEXT NOT NULL,
	PRIMARY KEY (campaign_id, digest),
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
)""",
    "INSERT INTO campaign_places (campaign_id, uid, file, host, must_look) SELECT id, '', '', '', false FROM campaigns",
)


def step(tx: Connection) -> None:
    """Take the step."""
    for statement in _STATEMENTS:
        tx.exec_driver_sql(statement)
