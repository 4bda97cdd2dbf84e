"""The ledger's tables: the constraints here, not the code around them, keep a person from being called twice.

    campaigns ─┬─ campaign_places            where its file lies, and whether the API is asked before its next run
               ├─ sheets ── sheet_rows       what was read, cell by cell
               ├─ runs ──── run_rows         what each run decided about each row
               ├─ contacts ┬ attempts ─ dispositions
               │           │                 who may be called once, every try to create that call, its end
               │           └ contact_numbers every number of a person who has several, as keyed hashes
               ├─ mends                      what rows became when they were mended in a results file
               ├─ result_columns             the names of the values that calls have brought back
               ├─ called_elsewhere           whom the API lists as called and this ledger has not, as keyed hashes
               └─ called                     who was called before a purge, as keyed hashes
    suppressed                               numbers never to call, as keyed hashes
    locks                                    who took each lock last, and how often it was taken
    and what people ask of runs (`control_tables`), how single people are called (`choice_tables`), what a run leaves
    for the next one (`tables.intakes`)

Instants are whole milliseconds since the epoch, UTC. `cells`, `header`, `payload`, `facts` and `results` hold JSON
text.
"""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from dialer.calls.outcome import Kind

SCHEMA_VERSION = 9


class State(StrEnum):
    """Where a contact stands. All ways between the states: see `dialer.ledger.transitions`."""

    PENDING = "pending"  # may be claimed
    CLAIMED = "claimed"  # an attempt is written; its POST may be on the wire
    CREATED = "created"  # the call exists: never claimed again unless reopened, to be called again on purpose
    FAILED = "failed"  # surely not created, or released: may be claimed by a later run
    UNKNOWN = "unknown"  # may exist: never claimed again until reconciled


CLAIMABLE = (State.PENDING, State.FAILED)

metadata = MetaData()


def _one_of(column: str, values: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    quoted = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({quoted})", name=f"{column}_is_known")


meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

_ID = Column("id", Integer, primary_key=True)
campaigns = Table("campaigns", metadata, _ID, Column("name", Text, nullable=False, unique=True))

campaign_places = Table(  # as of the campaign's last run; see `dialer.ledger.campaign_places`
    "campaign_places",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("uid", "file", "host")),
    Column("must_look", Boolean, nullable=False),  # see `dialer.ledger.earlier_calls`
)

sheets = Table(
    "sheets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("header", Text, nullable=False),
    Column("row_count", Integer),  # unset until every row is stored: a kill while reading leaves it so
    UniqueConstraint("campaign_id", "sha256"),
)

sheet_rows = Table(
    "sheet_rows",
    metadata,
    Column("sheet_id", ForeignKey("sheets.id"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("cells", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("sheet_id", ForeignKey("sheets.id"), nullable=False),
    Column("started_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger),
    Column("exit_code", Integer),
    Column("stop", Text),
    Column("facts", Text, nullable=False),
    Index("runs_of_campaign", "campaign_id", "started_at_ms"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("number_digest", Text, nullable=False),  # by which a claim looks its number up in `suppressed`
    Column("zones", Text, nullable=False),
    Column("regions", Text, nullable=False, server_default=""),  # whose rules hold; like zones, joined by |
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("planned_in", ForeignKey("runs.id")),  # the run that means to claim it
    Column("slot_ms", BigInteger),
    Column("not_before_ms", BigInteger),  # the earliest slot of a contact that is called again
    Column("attempts", Integer, nullable=False, default=0),
    Column("budget_from", Integer, nullable=False, default=0, server_default="0"),  # attempts after it count
    Column("mended_at", Integer, nullable=False, default=0, server_default="0"),  # refusals after it count
    Column("replaced_by", Integer),  # what its row became when it was mended; itself where that is no contact
    Column("is_mended", Boolean, nullable=False, default=False, server_default=text("false")),  # came in by a mend
    *(Column(name, Text, nullable=False, default="") for name in ("reason", "message")),
    Column("call_id", Text),
    Column("priority", Float),  # the larger the earlier it is called; unset: last of all
    Column("call_times", Text, nullable=False, default="", server_default=""),  # `dialer.schedule.call_times`
    UniqueConstraint("campaign_id", "key"),
    Index("contacts_to_claim", "planned_in", "slot_ms"),
    _one_of("state", State),
    CheckConstraint("(state = 'created') = (call_id IS NOT NULL)", name="created_has_an_id"),
)


def _digests(name: str, owner: str, *indexes: Index) -> Table:
    owner_id: Column[int] = Column(f"{owner}_id", ForeignKey(f"{owner}s.id"), primary_key=True)
    return Table(name, metadata, owner_id, Column("digest", Text, primary_key=True), *indexes)


contact_numbers = _digests("contact_numbers", "contact", Index("contact_numbers_by_digest", "digest"))
"""Of the number that is called, too."""

_OPEN = text("outcome IS NULL")
_HAS_CALL = text("call_id IS NOT NULL")

attempts = Table(
    "attempts",
    metadata,
    Column("contact_id", ForeignKey("contacts.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("phone", Text, nullable=False),
    Column("slot_ms", BigInteger, nullable=False),
    Column("claimed_at_ms", BigInteger, nullable=False),
    Column("settled_at_ms", BigInteger),
    Column("outcome", Text),  # unset while claimed
    Column("left_state", Text),  # where the outcome left the contact; unset while claimed
    *(Column(name, Text, nullable=False, default="") for name in ("reason", "message")),
    Column("http_status", Integer),
    Column("call_id", Text),
    UniqueConstraint("phone", "slot_ms", name="one_instant_a_number"),
    Index("attempts_of_run", "run_id", "contact_id"),
    Index("attempts_open", "outcome", sqlite_where=_OPEN),
    Index("attempts_of_call", "call_id", sqlite_where=_HAS_CALL),
    _one_of("outcome", Kind),
    _one_of("left_state", (State.PENDING, State.CREATED, State.FAILED, State.UNKNOWN)),
    CheckConstraint("(outcome IS NULL) = (left_state IS NULL)", name="settled_as_a_whole"),
    CheckConstraint(
        "outcome IS NULL OR (outcome = 'created') = (call_id IS NOT NULL)", name="created_attempt_has_an_id"
    ),
)


def may_exist() -> ColumnElement[bool]:
    """Return the condition, on `attempts`, that the call was created or may exist: also while its claim is open."""
    return attempts.c.outcome.is_(None) | attempts.c.outcome.in_((Kind.CREATED, Kind.UNKNOWN))


dispositions = Table(
    "dispositions",
    metadata,
    Column("contact_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("call_id", Text, nullable=False),
    Column("status", Text, nullable=False),  # the API's own word, or `gone`
    Column("is_final", Boolean, nullable=False),
    Column("status_code", Text, nullable=False, default=""),
    Column("call_later_ms", BigInteger),
    Column("duration_seconds", Float),
    Column("triggered_at_ms", BigInteger),
    Column("started_at_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    Column("results", Text, nullable=False, default="[]"),  # pairs of column name and value
    Column("recording_url", Text, nullable=False, default=""),
    Column("seen_at_ms", BigInteger, nullable=False),  # when the API was last asked
    ForeignKeyConstraint(["contact_id", "number"], ["attempts.contact_id", "attempts.number"]),
)

result_columns = Table(
    "result_columns",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("position", Integer, nullable=False),  # in which order they were first seen
)

run_rows = Table(
    "run_rows",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id")),
    Column("status", Text, nullable=False),  # what the run decided before sending
    *(Column(name, Text, nullable=False, default="") for name in ("reason", "message")),
    Column("phone", Text),
    Index("run_rows_of_contact", "contact_id"),
)

mends = Table(  # what rows became when they were mended in a results file; see `dialer.ledger.mends`
    "mends",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    Column("row", Integer, primary_key=True),
    *(Column(name, Text, primary_key=name == "digest", nullable=False) for name in ("digest", "became")),
    Column("contact_id", Integer),  # unset where it is no contact
)

called = _digests("called", "campaign")  # see `dialer.ledger.purge`
called_elsewhere = _digests("called_elsewhere", "campaign")  # see `dialer.ledger.earlier_calls`

suppressed = Table(
    "suppressed",
    metadata,
    Column("digest", Text, primary_key=True),  # see `dialer.ledger.suppression_list`
    Column("campaign_id", Integer, primary_key=True),  # 0: for every campaign
    Column("ending", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("added_at_ms", BigInteger, nullable=False),
    Column("is_of_row", Boolean, nullable=False, default=False, server_default=text("false")),
)
