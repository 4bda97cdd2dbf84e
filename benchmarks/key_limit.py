"""One limit of a key over several workers: `python -m benchmarks.key_limit`; the database is a real PostgreSQL.

Each worker is a process with sixteen hands that claim (a commit of 5 ms) and send as a run does. Whether the limit was
kept is judged from the instants at which requests left, over every second that begins with one of them.
"""

import argparse
import asyncio
import multiprocessing
from bisect import bisect_left
from random import Random
from threading import Barrier
from typing import cast

from dialer.api.client import Client
from dialer.calls.permit import WINDOW_SECONDS, permits_of
from dialer.campaign.tables import Submit
from dialer.clock import SYSTEM_CLOCK
from dialer.ledger.database.open import Ledger
from dialer.ledger.fleet.key_bucket import open_bucket
from dialer.submit.gate import Gate
from dialer.submit.limits.key_limit import KeyLimit
from tests.ledger.postgres import running_server

RATES, WORKERS, HANDS = (20, 100, 300), (2, 4), 16
COMMIT_SECONDS = 0.005


async def _send(ledger: Ledger, rate: int, seconds: float, begun: Barrier) -> list[float]:
    left: list[float] = []
    with open_bucket(ledger, f"rate {rate}", *permits_of(rate)) as bucket:
        limit = KeyLimit(bucket, rate, SYSTEM_CLOCK)
        gate = Gate(Submit(requests_per_second=rate), clock=SYSTEM_CLOCK, random=Random(), limit=limit)
        begun.wait()
        until = SYSTEM_CLOCK.monotonic() + seconds
        nobody = cast("Client", None)  # who is asked only after an outage

        async def hand() -> None:
            while SYSTEM_CLOCK.monotonic() < until and await gate.may_claim(nobody):
                await asyncio.sleep(COMMIT_SECONDS)
                if await gate.may_send() and gate.may_leave(SYSTEM_CLOCK.monotonic()):
                    left.append(SYSTEM_CLOCK.monotonic())

        await asyncio.gather(*(hand() for _ in range(HANDS)))
        limit.close()
    return left


def _work(address: str, rate: int, seconds: float, begun: Barrier) -> list[float]:
    with Ledger.open(address) as ledger:
        return asyncio.run(_send(ledger, rate, seconds, begun))


def most_in_a_second(instants: list[float]) -> int:
    """Return the most of sorted *instants* that lie in any second."""
    return max(bisect_left(instants, at + 1.0) - index for index, at in enumerate(instants))


def measure(address: str, rate: int, workers: int, seconds: float) -> tuple[int, float]:
    """Return the most requests in any second, and the share of *rate* used after the first second."""
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(workers) as pool:
        begun = manager.Barrier(workers)
        left = pool.starmap(_work, [(address, rate, seconds, begun)] * workers, chunksize=1)
    instants = sorted(at for each in left for at in each)
    whole = int((seconds - 1.0) / WINDOW_SECONDS) * WINDOW_SECONDS  # what is sent comes again with each window
    first = instants[0] + 1.0
    return most_in_a_second(instants), sum(first <= at < first + whole for at in instants) / whole / rate


def main() -> None:
    """Print a line for each rate and number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rates", type=int, nargs="*", default=RATES)
    seconds = parser.parse_args().seconds
    with running_server() as server:
        address = server.create_database("limit")
        Ledger.open(address).close()
        print("limit/s  workers  most in any second  used")
        for rate in parser.parse_args().rates:
            for workers in WORKERS:
                most, used = measure(address, rate, workers, seconds)
                print(f"{rate:7}  {workers:7}  {most:18}  {used:.1%}", flush=True)


if __name__ == "__main__":
    main()
