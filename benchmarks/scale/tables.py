"""How large a ledger grows: the bytes of each table, with its indexes, for each call."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, text

from benchmarks.scale.filling import Campaign, call_people
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import metadata

_SIZE = "SELECT pg_total_relation_size(to_regclass(:name)), pg_indexes_size(to_regclass(:name))"


def postgresql_sizes(tx: Connection) -> dict[str, tuple[int, int]]:
    """Return the bytes of each table of the ledger with its indexes, and those of its indexes alone."""
    found = {name: tx.execute(text(_SIZE), {"name": name}).one() for name in metadata.tables}
    return {name: (int(whole), int(indexes)) for name, (whole, indexes) in found.items()}


def grown(address: str, calls: int) -> Mapping[str, tuple[float, float]]:
    """Call so many people in the empty ledger at *address*; return the bytes that each call took in each table."""
    with Ledger.open(address) as ledger:
        with ledger.read() as tx:
            empty = postgresql_sizes(tx)
        call_people(ledger, Campaign("growth", "20261123-170000-growth", calls))
        with ledger.read() as tx:
            full = postgresql_sizes(tx)
    grown_to = {name: (full[name][0] - empty[name][0], full[name][1] - empty[name][1]) for name in full}
    return {name: (whole / calls, indexes / calls) for name, (whole, indexes) in grown_to.items() if whole > calls}


def grown_file(calls: int) -> float:
    """Call so many people in a ledger of its own on SQLite; return the bytes of its file for each."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.db"
        with Ledger.open(file) as ledger:
            empty = file.stat().st_size
            call_people(ledger, Campaign("growth", "20261123-170000-growth", calls))
        return (file.stat().st_size - empty) / calls
