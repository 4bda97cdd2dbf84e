"""A fleet's nights with all its accidents: `python -m tests.chaos [--rounds 100] [--campaigns 40] [--seed 0]`.

Three workers and one PostgreSQL run campaigns of two keys for three nights; workers are killed, frozen and woken, the
server is restarted and ends sessions, and two hosts start each night. It ends with 1 where the API's own lists hold a
number more or less often than the policy says, where a key's limit was passed, or where a morning has not its summary.
"""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from dialer.sandbox import CallLifecycle, Sandbox
from tests.chaos.ground import Ground
from tests.chaos.people import KEYS, campaigns_of, script
from tests.chaos.size import Size
from tests.chaos.trial import Trial
from tests.ledger.postgres import Server, running_server
from tests.machines import Figures

ANSWERED = CallLifecycle(
    no_answer=0,
    busy=0,
    failed=0,
    cancelled=0,
    voicemail=0,
    ivr=0,
    do_not_call=0,
    call_later=0,
    unknown_code=0,
    speed=10_000,
)
"""Everybody answers whose call is not scripted, and every call has ended before the next night."""


def play(size: Size, seed: int, server: Server | None = None) -> Figures:
    """Play one round with things of its own, or on a *server* that stays up. Raises `CannotStart` without one."""
    life = replace(ANSWERED, seed=seed, script=script(campaigns_of(size.campaigns, size.rows), size.nights))
    with ExitStack() as kept:
        folder = kept.enter_context(tempfile.TemporaryDirectory())
        server = server or kept.enter_context(running_server())
        sandboxes = {key: kept.enter_context(Sandbox(life=life, api_key=f"{key}-key")) for key in KEYS}
        ground = Ground(Path(folder), server, sandboxes, size.rate)
        return Trial(ground, sandboxes, size, seed).play()


def main() -> int:
    """Play the rounds, one seed after the other; tell the figures of each, and return the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=100)
    arguments.add_argument("--campaigns", type=int, default=Size.campaigns)
    arguments.add_argument("--rows", type=int, default=Size.rows, help="people of one campaign")
    arguments.add_argument("--rate", type=int, default=Size.rate, help="calls a second of each key")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    size = Size(campaigns=options.campaigns, rows=options.rows, rate=options.rate)
    breaches = 0
    for seed in range(options.seed, options.seed + options.rounds):
        began = time.monotonic()
        figures = play(size, seed)
        sys.stdout.write(f"seed {seed}, {time.monotonic() - began:.0f} s\n")
        figures.tell()
        breaches += len(figures.breaches)
    return min(breaches, 1)


if __name__ == "__main__":
    sys.exit(main())
