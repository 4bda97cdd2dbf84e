"""Plays the stories of many seeds: `python -m tests.simulation [--seeds 200] [--first-seed 0] [--verbose]`."""

import argparse
import sys
import time
from collections import Counter, defaultdict

from tests.simulation.play import play_all

SHOWN = 5
"""Seeds that are named of those in whose stories something happens: the suite's few are chosen from these."""


def main() -> int:
    """Play the seeds, tell what happened, and end with 1 when one broke a promise."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=200)
    arguments.add_argument("--first-seed", type=int, default=0)
    arguments.add_argument("--verbose", action="store_true", help="tell the trace of every seed")
    options = arguments.parse_args()
    happened: Counter[str] = Counter()
    seeds: defaultdict[str, list[int]] = defaultdict(list)
    broken = []
    began = time.perf_counter()
    for story in play_all(range(options.first_seed, options.first_seed + options.seeds)):
        happened += story.happened
        for what in story.happened:
            seeds[what].append(story.seed)
        broken += [story.seed] if story.broken else []
        sys.stdout.write(story.broken or (story.told if options.verbose else ""))
    each = (time.perf_counter() - began) / options.seeds
    for what, count in sorted(happened.items()):
        sys.stdout.write(f"{count:7} {what}, in the stories of seeds {' '.join(map(str, seeds[what][:SHOWN]))}\n")
    sys.stdout.write(f"{options.seeds} seeds, {each:.3f} s each, {len(broken)} broken: {broken}\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
