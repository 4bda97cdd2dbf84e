"""The tables of what people ask of runs, and of the pauses that runs made; see `dialer.ledger.live.pauses`."""

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from dialer.ledger.database.schema import metadata

paused_campaigns = Table(  # a row while a campaign is paused
    "paused_campaigns",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    Column("since_ms", BigInteger, nullable=False),
    Column("asked_by", Text, nullable=False),
)

stop_requests = Table(  # runs that have been asked to end
    "stop_requests",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("asked_at_ms", BigInteger, nullable=False),
    Column("asked_by", Text, nullable=False),
)

accepted_ends = Table(  # campaigns that go on, by somebody's word, whatever share of their calls ended how until then
    "accepted_ends",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("accepted_by", Text, nullable=False),
)

pauses = Table(  # the whiles in which a run sent nothing
    "pauses",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, primary_key=True),  # see `dialer.calls.pause`
    Column("until_ms", BigInteger),  # unset while it goes on, and after a kill
    Column("message", Text, nullable=False, default=""),
)
