"""What a night of 1,000 new rows takes on a ledger with years of calls, against the same night on an empty one."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, text

from benchmarks.growth import loopback
from benchmarks.measure import write_campaign
from benchmarks.process import DIALER, Spent, spent
from benchmarks.scale.rates import server_of

ROWS = 1_000

_RUN = ("run", "campaign.toml", "--yes", "--quiet", "--accept-earlier-calls")

COMMANDS = {"run": _RUN, "run, nothing new": _RUN, "status": ("status", "campaign.toml")}

_SCANNED = "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables WHERE relname <> 'runs'"


@dataclass(frozen=True)
class Night:
    """What one *command* took; *server_seconds* of the server's processor, *scanned* rows read without an index."""

    command: str
    spent: Spent
    server_seconds: float
    scanned: int


def measure(address: str) -> list[Night]:
    """Let a new campaign have its night in the ledger at *address*."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    found = []
    with TemporaryDirectory() as name, loopback() as api:
        folder = Path(name)
        write_campaign(folder, rows=ROWS, concurrency=16, rate=10_000)
        environment = {"AICALLER_API_KEY": "a-key", "AICALLER_BASE_URL": api, "DIALER_LEDGER": address}
        for command, words in COMMANDS.items():
            with engine.connect() as connection:
                before, scanned = server_of(connection), connection.scalar(text(_SCANNED))
                taken = spent([*DIALER, *words], folder=folder, environment=environment)
                connection.execute(text("SELECT pg_sleep(1.5)"))  # until the ended sessions' counts are in
                after = server_of(connection)
                more = connection.scalar(text(_SCANNED)) - scanned
            found.append(Night(command, taken, after.seconds - before.seconds, int(more)))
    engine.dispose()
    return found
