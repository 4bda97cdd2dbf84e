"""How long short commands take: `--help` against an interpreter that does nothing, others against their imports.

    python -m benchmarks.startup [--times 10]

The imports are what reading a sheet into a ledger needs: SQLAlchemy's core with SQLite, and the reader of CSV sheets
and of their rows. In the processor's time, of processes in turn.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, as_table
from benchmarks.measure import write_campaign
from benchmarks.process import DIALER, spent

IMPORTS = "import sqlalchemy, sqlalchemy.dialects.sqlite, dialer.contacts.loader"
RUN = ("run", "campaign.toml", "--yes", "--quiet", "--accept-earlier-calls")
ENVIRONMENT = {"AICALLER_API_KEY": "a-key", "AICALLER_BASE_URL": "http://127.0.0.1:1"}  # nobody is asked
MOST_OF_HELP = 10
MOST = 1.5


def seconds(folder: Path, times: int, *command: str) -> float:
    """Return the processor's seconds of *command*, the median of *times*."""
    return median(spent(command, folder=folder, environment=ENVIRONMENT).processor_seconds for _ in range(times))


def figures(times: int = 5) -> Iterator[Figure]:
    """Measure every command on a sheet of three people, all on a suppression list, so that a run has nothing to do."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_campaign(folder, rows=3, concurrency=1, rate=10)
        (folder / "never.csv").write_bytes((folder / "contacts.csv").read_bytes())
        with (folder / "campaign.toml").open("a", encoding="utf-8") as campaign:
            campaign.write('[suppression]\nfiles = ["never.csv"]\n')
        nothing = seconds(folder, times, sys.executable, "-c", "pass")
        imports = seconds(folder, times, sys.executable, "-c", IMPORTS)
        yield Figure(
            "dialer --help / python -c pass", seconds(folder, times, *DIALER, "--help") / nothing, MOST_OF_HELP
        )
        commands: dict[str, Sequence[str]] = {
            "run with nothing to do": RUN,
            "status": ("status", "campaign.toml"),
            "check of a small sheet": ("check", "campaign.toml"),
        }
        for what, command in commands.items():
            yield Figure(f"{what} / its imports", seconds(folder, times, *DIALER, *command) / imports, MOST)


def main() -> None:
    """Measure, and print the ratios."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--times", type=int, default=10)
    print(as_table(list(figures(arguments.parse_args().times))))


if __name__ == "__main__":
    main()
