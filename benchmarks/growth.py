"""How check, plan, run and results grow with the rows of the sheet, and what they take against each other.

    python -m benchmarks.growth [--rows 10000 100000 1000000]

A run is measured from its start to its first POST, killed there, and started again; its results are written from the
ledger. A run with nothing new is one on a sheet whose calls exist. All in the processor's time, of whole processes,
which other processes on the machine disturb least.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from benchmarks.figures import Figure, Lines, as_table
from benchmarks.measure import SCHEDULE
from benchmarks.process import DIALER, Spent, spent
from benchmarks.reading import write_sheet

ROWS = (10_000, 100_000)
MILLION = (*ROWS, 1_000_000)
IDLE_ROWS = 20_000

PANDAS = """
import sys
import pandas as pd
pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False).to_csv(sys.argv[2], index=False)
"""

MOST_A_DECADE = 12


@contextmanager
def loopback() -> Iterator[str]:
    """Serve POSTs meanwhile; gives the address."""
    command = [sys.executable, str(Path(__file__).parent / "loopback.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def to_first_post(folder: Path) -> Spent:
    """Run the campaign until its first POST has been accepted, and kill it."""
    with loopback() as address:

        def is_sending() -> bool:
            with urllib.request.urlopen(f"{address}/stats", timeout=10) as reply:  # noqa: S310 - loopback
                return bool(json.load(reply)["accepted"])

        run = [*DIALER, "run", "campaign.toml", "--yes", "--quiet", "--accept-earlier-calls"]
        environment = {"AICALLER_API_KEY": "a-key", "AICALLER_BASE_URL": address}
        return spent(run, folder=folder, environment=environment, until=is_sending)


def nothing_new() -> Iterator[Figure]:
    """Measure a run in which every row of `IDLE_ROWS` has its call already, against a check of the sheet."""
    run = [*DIALER, "run", "campaign.toml", "--yes", "--quiet", "--accept-earlier-calls"]
    with tempfile.TemporaryDirectory() as name, loopback() as address:
        folder = Path(name) / "idle"
        write_sheet(folder, IDLE_ROWS)
        with (folder / "campaign.toml").open("a", encoding="utf-8") as campaign:
            campaign.write(SCHEDULE.format(rate=10_000) + "[limits]\nper_number = []\n")
        environment = {"AICALLER_API_KEY": "a-key", "AICALLER_BASE_URL": address}
        check = spent([*DIALER, "check", "campaign.toml", "--processes", "1"], folder=folder)
        spent(run, folder=folder, environment=environment)
        again = spent(run, folder=folder, environment=environment)
    yield Figure(
        f"run of {IDLE_ROWS:,} with nothing new / check", again.processor_seconds / check.processor_seconds, 1.2
    )


def measured(folder: Path, rows: int) -> dict[str, Spent]:
    """Measure every command on a sheet of *rows* rows."""
    write_sheet(folder, rows)
    with (folder / "campaign.toml").open("a", encoding="utf-8") as campaign:
        campaign.write(SCHEDULE.format(rate=10_000))
    table, copied = folder / "table.csv", folder / "copied.csv"
    return {
        "check": spent([*DIALER, "check", "campaign.toml", "--processes", "1"], folder=folder),
        "plan": spent([*DIALER, "plan", "campaign.toml"], folder=folder),
        "run to its first POST": to_first_post(folder),
        "restart after a kill": to_first_post(folder),
        "results as CSV": spent([*DIALER, "results", "campaign.toml", "--results", str(table)], folder=folder),
        "pandas": spent([sys.executable, "-c", PANDAS, str(table), str(copied)], folder=folder),
    }


def measure(sizes: Sequence[int]) -> dict[int, dict[str, Spent]]:
    """Measure sheets of several *sizes*; print and return what each command took."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        for rows in sizes:
            found[rows] = measured(Path(name) / str(rows), rows)
            for command, taken in found[rows].items():
                print(
                    f"{rows:>9,} rows, {command:22} {taken.processor_seconds:7.1f} s of a processor,"
                    f" {taken.seconds:7.1f} s by the clock, {taken.kib / 1024:5.0f} MiB",
                    flush=True,
                )
    return found


def figures(found: dict[int, dict[str, Spent]]) -> Iterator[Figure]:
    """Return the ratios of what was *found*: by the command, by rows, by memory."""
    largest = max(found)
    last = {name: spent.processor_seconds for name, spent in found[largest].items()}
    yield Figure(f"plan of {largest:,} rows / check", last["plan"] / last["check"], 2.5)
    yield Figure(f"run of {largest:,} to its first POST / check", last["run to its first POST"] / last["check"], 2.5)
    yield Figure(
        f"restart of {largest:,} after a kill / run", last["restart after a kill"] / last["run to its first POST"], 0.1
    )
    yield Figure(f"results of {largest:,} as CSV / pandas", last["results as CSV"] / last["pandas"], 3)
    for fewer, more in pairwise(sorted(found)):
        for name in ("check", "plan", "run to its first POST", "results as CSV"):
            before, after = found[fewer][name], found[more][name]
            grown = after.processor_seconds / before.processor_seconds
            yield Figure(f"{name}: {more:,} rows / {fewer:,}", grown, MOST_A_DECADE)
            if name in {"plan", "run to its first POST"}:
                yield Figure(f"{name}: memory of {more:,} / {fewer:,}", after.kib / before.kib, 1.2)


def lines(found: dict[int, dict[str, Spent]]) -> Lines:
    """Return the processor's seconds by command and rows."""
    names = next(iter(found.values()))
    return {name: {rows: spent[name].processor_seconds for rows, spent in found.items()} for name in names}


def main() -> None:
    """Measure, and print times and ratios."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, nargs="+", default=ROWS)
    found = measure(arguments.parse_args().rows)
    print(as_table([*figures(found), *nothing_new()]))


if __name__ == "__main__":
    main()
