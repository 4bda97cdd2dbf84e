"""Runs every benchmark in a small form, prints what they come to, and draws the picture of the README.

    python -m benchmarks [--million] [--picture FILE]

Under 10 minutes on 2 cores; with `--million` sheets of 1,000,000 rows besides, which take longer than all else.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from benchmarks import growth, pacing, planner, reading, refreshing, results, startup, throughput
from benchmarks.figures import Figure, as_table

PICTURE = Path(__file__).parent / "picture.svg"

SMALL: Sequence[Callable[[], Iterator[Figure]]] = (
    throughput.figures,
    pacing.figures,
    startup.figures,
    planner.figures,
    reading.figures,
    results.figures,
    growth.nothing_new,
    refreshing.figures,
)
"""All but the rest of `growth`, whose times the picture shows as well, and `report`, which needs a browser."""


def main() -> None:
    """Measure, print the table, draw the picture."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--million", action="store_true", help="measure sheets of 1,000,000 rows, too")
    arguments.add_argument("--picture", type=Path, default=PICTURE, help="where the SVG file goes")
    options = arguments.parse_args()
    from benchmarks.picture import draw  # noqa: PLC0415 - fails before anything is measured where matplotlib is not

    began = time.monotonic()
    grown = growth.measure(growth.MILLION if options.million else growth.ROWS)
    figures = [*chain.from_iterable(measured() for measured in SMALL), *growth.figures(grown)]
    draw(options.picture, figures, growth.lines(grown))
    print(as_table(figures))
    print(f"{time.monotonic() - began:.0f} seconds; the picture is {options.picture}")


if __name__ == "__main__":
    main()
