"""A fleet's nights with all its accidents: `python -m tests.chaos [--rounds 100] [--campaigns 40] [--at-once 4]`.

Three workers and one PostgreSQL run campaigns of two keys for three nights; workers are killed, frozen and woken, the
server is restarted and ends sessions, and two hosts start each night. It ends with 1 where the API's own lists hold a
number more or less often than the policy says, where a key's limit was passed, or where a morning has not its summary.
Rounds that are played at once share nothing but the machine: one alone keeps a third of two cores busy.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.chaos.rounds import timed
from tests.chaos.size import Size
from tests.machines import Figures


def main() -> int:
    """Play the rounds, each with a seed of its own; tell the figures of each, and return the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=100)
    arguments.add_argument("--at-once", type=int, default=1, help="rounds played at a time")
    arguments.add_argument("--campaigns", type=int, default=Size.campaigns)
    arguments.add_argument("--rows", type=int, default=Size.rows, help="people of one campaign")
    arguments.add_argument("--rate", type=int, default=Size.rate, help="calls a second of each key")
    arguments.add_argument("--seed", type=int, default=0, help="the seed of the first round")
    options = arguments.parse_args()
    size = Size(campaigns=options.campaigns, rows=options.rows, rate=options.rate)
    breaches = 0
    with ProcessPoolExecutor(options.at_once, mp_context=get_context("spawn")) as pool:
        seeds = range(options.seed, options.seed + options.rounds)
        rounds = {pool.submit(timed, size, seed): seed for seed in seeds}
        for ended in as_completed(rounds):
            if (error := ended.exception()) is not None:  # the others go on
                sys.stdout.write(f"seed {rounds[ended]}\n")
                figures = Figures(breaches=[f"the round cannot be played: {error!r}, {error.__cause__}"])
            else:
                figures, seconds, worked = ended.result()
                sys.stdout.write(f"seed {rounds[ended]}, {seconds:.0f} s, {worked:.0f} s of the processor\n")
            figures.tell()
            breaches += len(figures.breaches)
    return min(breaches, 1)


if __name__ == "__main__":
    sys.exit(main())
