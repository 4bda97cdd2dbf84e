"""How long a plan takes: against a loop that only counts instants up, and for ten times the rows.

Contacts of eight American zones, their hours under the built-in rules of their states, three weeks of workdays.
"""

import argparse
import gc
import statistics
import time
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure
from dialer.campaign.file import parse_campaign
from dialer.clock import to_ms
from dialer.schedule.compliance import Compliance
from dialer.schedule.places.whereabouts import Whereabouts
from dialer.schedule.planner import Group, Terms, plan

PLACES = [
    Whereabouts(("America/New_York",), ("US", "US-NY")),
    Whereabouts(("America/Chicago",), ("US", "US-IL")),
    Whereabouts(("America/Denver",), ("US", "US-CO")),
    Whereabouts(("America/Phoenix",), ("US", "US-AZ")),
    Whereabouts(("America/Los_Angeles",), ("US", "US-CA")),
    Whereabouts(("America/Anchorage",), ("US", "US-AK")),
    Whereabouts(("Pacific/Honolulu",), ("US", "US-HI")),
    Whereabouts(("America/Halifax",), ("CA", "CA-NS")),
]
START = datetime(2027, 1, 4, tzinfo=UTC)
WEEKS = timedelta(weeks=3)
MINUTES_OF_USE = 14 * 13 * 60
"""Fourteen workdays (one is a holiday) from the first opening in the east to the last close in the west."""


MOST_A_DECADE, MOST_OF_LOOP = 12, 20


def planned(rows: int) -> int:
    """Plan *rows* contacts dealt to the places in turn, at a pace that just fills three weeks; return how many fit."""
    pace = rows / MINUTES_OF_USE * 1.1
    campaign = parse_campaign({"schedule": {"window": "09:00-17:30"}}, Path("benchmark.toml"))
    compliance = Compliance(campaign.schedule, campaign.limits)
    start_ms, end_ms = to_ms(START), to_ms(START + WEEKS)
    groups = [
        Group(
            array("q", range(2 + index, rows + 2, len(PLACES))),
            compliance.intervals(where, start_ms=start_ms, end_ms=end_ms),
        )
        for index, where in enumerate(PLACES)
    ]
    found, slots = array("q"), array("q")  # as `dialer.jobs.planning.timetable` keeps a plan
    for row, slot_ms in plan(groups, Terms(start_ms, end_ms, pace, 900_000)):
        found.append(row)
        slots.append(slot_ms)
    return len(found)


def counted(rows: int) -> int:
    """Do what a script without a thought for hours does: one instant after the other."""
    start, pace = to_ms(START) / 1000, rows / MINUTES_OF_USE / 60
    slots = []
    for index in range(rows):
        slots.append(start + index / pace)  # noqa: PERF401 - the plain loop is what is measured
    return len(slots)


def seconds(work: Callable[[int], int], rows: int) -> float:
    """Return the processor time of *work*, so that nothing else on the machine counts, and check that it did it all."""
    gc.collect()
    began = time.process_time()
    done = work(rows)
    taken = time.process_time() - began
    assert done == rows, f"{done} of {rows}"
    return taken


def figures() -> Iterator[Figure]:
    """Measure once, and return both ratios with their targets."""
    planned(1_000)  # loads zones, rules and holidays
    tenth, whole, plain = seconds(planned, 100_000), seconds(planned, 1_000_000), seconds(counted, 1_000_000)
    yield Figure("planner: 1,000,000 contacts / 100,000", whole / tenth, MOST_A_DECADE)
    yield Figure("planner: 1,000,000 contacts / a plain loop", whole / plain, MOST_OF_LOOP)


def main() -> None:
    """Print both ratios."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--times", type=int, default=5)
    given = options.parse_args()
    planned(1_000)  # loads zones, rules and holidays
    rounds = [
        (seconds(planned, given.rows // 10), seconds(planned, given.rows), seconds(counted, given.rows))
        for _ in range(given.times)
    ]
    tenth, whole, plain = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"plan of {given.rows:,}: {whole:.2f} s; of a tenth: {tenth:.2f} s; plain loop: {plain:.3f} s")
    print(f"ten times the rows in {whole / tenth:.1f} times the time (at most {MOST_A_DECADE})")
    print(f"{whole / plain:.1f} times a plain loop (at most {MOST_OF_LOOP})")


if __name__ == "__main__":
    main()
