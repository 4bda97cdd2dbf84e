"""The tables of what a run leaves for the next one to begin on; see `dialer.ledger.earlier_rows.repeated_intake`."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, Table, Text

from dialer.ledger.database.schema import metadata

intakes = Table(  # what each campaign's last run has read to its end: there is none from when the next one begins
    "intakes",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("fingerprint", Text, nullable=False),  # of all that the verdicts on its rows depend on
    Column("bad_emails", Integer, nullable=False),  # rows whose contact is called without an address
    Column("first_bad_email", Integer, nullable=False),  # the first of them, 0 where there is none
)

left_out = Table(  # rows that are not called although the contact that each would be is known
    "left_out",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False),
    ForeignKeyConstraint(["run_id", "row"], ["run_rows.run_id", "run_rows.row"]),
)
