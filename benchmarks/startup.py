"""How long short commands take: `--help` against an interpreter that does nothing, others against their imports.

    python -m benchmarks.startup [--times 10]

The imports are what reading a sheet into a ledger needs: SQLAlchemy's core with SQLite, and the reader of CSV sheets
and of their rows. In the processor's time, of processes in turn, every module compiled as in an installation.
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


def ratio(folder: Path, times: int, command: Sequence[str], against: Sequence[str]) -> float:
    """Return how much more of the processor's time *command* takes than *against*: the median of *times* pairs."""
    # A development environment may hold no compiled modules, or forbid them.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}

    def seconds(of: Sequence[str]) -> float:
        return spent(of, folder=folder, environment=ENVIRONMENT | compiled).processor_seconds

    _ = seconds(command), seconds(against)  # compiles
    return median(seconds(command) / seconds(against) for _ in range(times))


def figures(times: int = 5) -> Iterator[Figure]:
    """Measure every command on a sheet of three people, all on a suppression list, so that a run has nothing to do."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_campaign(folder, rows=3, concurrency=1, rate=10)
        (folder / "never.csv").write_bytes((folder / "contacts.csv").read_bytes())
        with (folder / "campaign.toml").open("a", encoding="utf-8") as campaign:
            campaign.write('[suppression]\nfiles = ["never.csv"]\n')
        nothing = (sys.executable, "-c", "pass")
        yield Figure("dialer --help / python -c pass", ratio(folder, times, [*DIALER, "--help"], nothing), MOST_OF_HELP)
        imports = (sys.executable, "-c", IMPORTS)
        commands: dict[str, Sequence[str]] = {
            "run with nothing to do": RUN,
            "status": ("status", "campaign.toml"),
            "check of a small sheet": ("check", "campaign.toml"),
        }
        for what, command in commands.items():
            yield Figure(f"{what} / its imports", ratio(folder, times, [*DIALER, *command], imports), MOST)


def main() -> None:
    """Measure, and print the ratios."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--times", type=int, default=10)
    print(as_table(list(figures(arguments.parse_args().times))))


if __name__ == "__main__":
    main()
