"""Calls a second while the results of a long sheet are written again and again, against a run that never writes them.

    python -m benchmarks.refreshing [--rows 100000] [--rates 50 200] [--seconds 10]

A run spends at most a twentieth of its time on refreshing its results; here one is refreshed without pause, so that
every call is beside it. By the clock: other work on the machine shows.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure, as_table
from benchmarks.measure import SCHEDULE, measured
from benchmarks.reading import write_sheet
from dialer.exit_codes import GOOD_EXITS

RUN = """
import sys
from dialer.cli.main import main
from dialer.jobs.sending import send
send.REFRESH_SECONDS, send.REFRESH_SHARE = float(sys.argv.pop(1)), 1
main()
"""
NEVER, ALWAYS = 1e9, 0.01
RATES = (50,)


def per_second(rows: int, rate: int, seconds: int, every: float) -> float:
    """Return the calls a second of a run at *rate* on a sheet of *rows* rows, refreshed *every* so many seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "campaign"
        write_sheet(folder, rows)
        file = folder / "campaign.toml"
        file.write_text(file.read_text("utf-8") + SCHEDULE.format(rate=rate), "utf-8")
        options = ["--yes", "--quiet", "--accept-earlier-calls", "--limit", str(rate * seconds)]
        command = [sys.executable, "-c", RUN, str(every), "run", str(file), *options]
        return measured(command, exits=tuple(GOOD_EXITS)).paced_per_second


def figures(rows: int = 100_000, rates: Sequence[int] = RATES, seconds: int = 10) -> Iterator[Figure]:
    """Measure at each of *rates*, and return the ratios."""
    for rate in rates:
        never, always = (per_second(rows, rate, seconds, every) for every in (NEVER, ALWAYS))
        yield Figure(f"{rate} calls a second beside results of {rows:,} / without", always / never, 0.97, is_least=True)


def main() -> None:
    """Measure, and print the ratios."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--rates", type=int, nargs="+", default=RATES)
    arguments.add_argument("--seconds", type=int, default=10)
    options = arguments.parse_args()
    print(as_table(list(figures(options.rows, options.rates, options.seconds))))


if __name__ == "__main__":
    main()
