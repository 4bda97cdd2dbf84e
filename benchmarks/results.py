"""The workbook of results against xlsxwriter alone writing the same cells on one worksheet: the processor's time.

python -m benchmarks.results [--rows 100000] [--pairs 3]
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import xlsxwriter

from benchmarks.figures import Figure
from benchmarks.reading import told
from dialer.results.workbook import write_workbook
from dialer.sheets.results_format import COLUMNS

MOST = 1.5
OWN = ("Full Name", "Mobile", "E-mail", "Plan", "Balance Due", "Renews On")
NAMES = (*OWN, *COLUMNS)


def lines(rows: int) -> Iterator[list[Any]]:
    """Yield the cells of *rows* rows: one in fifty is rejected, the others are created."""
    for index in range(rows):
        phone = f"+1202555{index % 10_000:04d}"
        own = [f"Person {index}", phone, f"p{index}@example.com", "Gold", f"${index % 900:,}.50", "2026-12-01"]
        if index % 50 == 0:
            ours: list[Any] = [
                index + 2,
                "rejected",
                "phone_invalid",
                "A sentence of what is wrong.",
                "",
                "",
                "",
                "",
                0,
            ]
        else:
            slot = f"2026-12-01T{index // 3600 % 24:02d}:{index // 60 % 60:02d}:{index % 60:02d}.000Z"
            ours = [index + 2, "created", "", "", f"{index:024x}", phone, "Mobile", slot, 1]
        yield [*own, *ours, *[""] * (len(NAMES) - len(own) - len(ours))]


def ours(path: Path, rows: int) -> None:
    """Write the workbook of results."""
    with path.open("wb") as file:
        write_workbook(file, NAMES, lines(rows))


def bare(path: Path, rows: int) -> None:
    """Write the same cells, numbers as numbers and texts as texts."""
    with (
        tempfile.TemporaryDirectory() as folder,
        xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": folder}) as book,
    ):
        sheet = book.add_worksheet()
        for row, cells in enumerate(chain([list(NAMES)], lines(rows))):
            for column, value in enumerate(cells):
                if value != "":
                    (sheet.write_string if isinstance(value, str) else sheet.write_number)(row, column, value)


def seconds(write: Callable[[Path, int], None], path: Path, rows: int) -> float:
    """Return the processor's time that it took."""
    began = time.process_time()
    write(path, rows)
    return time.process_time() - began


def measure(rows: int, pairs: int) -> list[float]:
    """Return the ratio of each pair."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "results.xlsx"
        return [seconds(ours, path, rows) / seconds(bare, path, rows) for _ in range(pairs)]


def figures() -> Iterator[Figure]:
    """Measure once, and return the ratio with its target."""
    yield Figure("results of 100,000 rows as XLSX / xlsxwriter", measure(100_000, 1)[0], MOST)


def main() -> None:
    """Compare, and print the ratio."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--pairs", type=int, default=3)
    chosen = arguments.parse_args()
    told(f"{chosen.rows:,} rows of results as XLSX", measure(chosen.rows, chosen.pairs))


if __name__ == "__main__":
    main()
