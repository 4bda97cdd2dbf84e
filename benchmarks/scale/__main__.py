"""Measures what docs/scale.md quotes, on a PostgreSQL that it starts: `python -m benchmarks.scale [--history 1000000]`.

Rates, connections and bytes take under 3 minutes on 2 quiet cores. With `--history` a ledger with so many old calls is
written instead, and what a night and a purge take there is measured: a million takes 1.5 GB of the disk.
"""

import argparse

from benchmarks.scale.history import write_history
from benchmarks.scale.nights import measure as measure_night
from benchmarks.scale.purging import purge
from benchmarks.scale.rates import measure as measure_rate
from benchmarks.scale.tables import grown, grown_file
from dialer.ledger.database.open import Ledger
from tests.ledger.postgres import Server, running_server

MEBI = 1 << 20


def _sizes(server: Server, sizes: list[int]) -> None:
    for calls in sizes:
        found = grown(server.create_database(f"growth_{calls}"), calls)
        print(f"\nbytes a call after {calls:,} calls: with indexes, and the indexes alone")
        for name, (whole, indexes) in found.items():
            print(f"  {name:12} {whole:6.0f} {indexes:6.0f}")
        print(f"  {'all':12} {sum(each[0] for each in found.values()):6.0f}")
        print(f"  SQLite       {grown_file(calls):6.0f}", flush=True)


def _rates(server: Server, calls: int) -> None:
    address = server.create_database("rates")
    Ledger.open(address).close()
    print("\nruns  calls/s  us of the server a call  WAL bytes a call  connections a run")
    for runs in (1, 2, 4, 8):
        rate = measure_rate(address, runs, calls // runs)
        print(
            f"{runs:4}  {rate.calls_a_second:7.0f}  {rate.server_microseconds:23.0f}  {rate.wal_bytes:16.0f}"
            f"  {rate.connections:17.1f}",
            flush=True,
        )


def _history(server: Server, calls: int) -> None:
    old, empty = server.create_database("history"), server.create_database("empty")
    with Ledger.open(old) as ledger:
        write_history(ledger, calls)
    print(f"\n1,000 new rows, ledger of {calls:,} calls / an empty one: s by the clock, s of the server, rows scanned")
    for with_history, without in zip(measure_night(old), measure_night(empty), strict=True):
        print(
            f"  {with_history.command:16} {with_history.spent.seconds:6.1f} / {without.spent.seconds:.1f}"
            f"  {with_history.server_seconds:6.2f} / {without.server_seconds:.2f}"
            f"  {with_history.scanned:,} / {without.scanned:,}",
            flush=True,
        )
    done = purge(old, "old-3")
    print(
        f"purge of {done.people:,} people: {done.seconds:.0f} s, {done.server_seconds:.1f} s of the server,"
        f" {done.wal / MEBI:.0f} MiB of WAL; the ledger {done.before / MEBI:,.0f} MiB, then {done.left / MEBI:,.0f}"
    )


def main() -> None:
    """Measure, and print tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, nargs="*", default=[10_000])
    arguments.add_argument("--calls", type=int, default=4_000, help="of all runs at once")
    arguments.add_argument("--history", type=int, metavar="CALLS", help="measure a ledger with so many old calls alone")
    options = arguments.parse_args()
    with running_server(on_disk=True) as server:
        if options.history is not None:
            _history(server, options.history)
            return
        _rates(server, options.calls)
        _sizes(server, options.rows)


if __name__ == "__main__":
    main()
