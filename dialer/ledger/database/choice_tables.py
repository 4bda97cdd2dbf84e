"""The tables of how single people are called, where that differs from their run; see `dialer.ledger.choices`."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, Table, Text

from dialer.ledger.database.schema import metadata

contact_choices = Table(  # only of contacts of whom something differs
    "contact_choices",
    metadata,
    Column("contact_id", ForeignKey("contacts.id"), primary_key=True),
    Column("call_template_id", Text),  # its row's own
    Column("from_number", Text),  # its row's own, or the id of one
    Column("pool_number", Text),  # of `[[from_numbers]]`, chosen with its slot
)

attempt_choices = Table(  # only of attempts that were made so
    "attempt_choices",
    metadata,
    Column("contact_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("call_template_id", Text),
    Column("from_number", Text),
    ForeignKeyConstraint(["contact_id", "number"], ["attempts.contact_id", "attempts.number"]),
)
