"""Whether the pace keeps within the API's limit and close to it, in every kind of weather.

`python -m benchmarks.pacing [--rate 50] [--latency 0.3] [--machine busy] [--calls 500] [--pause 429] [--plain]`

The server, a process of its own, answers 429 to every request beyond the rate in any sliding second, GETs included, by
its own clock when a request arrives. Each cell is one run of the command line. Without options all cells are measured,
in about four minutes. A busy machine has one process that spins on each core. The share of the rate is counted by the
server, from the second POST to the last: the first goes alone, until its reply has come and it was read back. With
`--pause` the server asks for a pause half-way, and the share is that of the time after it. `--plain` shows the plain
script beside it. The load average stands beside each cell.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.loopback import PAUSE_SECONDS
from benchmarks.measure import Run, dialer_run, measured, script, write_campaign

RATES = (10, 50, 200, 500)
LATENCIES = (0.0, 0.3, 2.0)
MACHINES = ("quiet", "busy")
SECONDS, FEWEST = 5, 200
"""How long a cell takes after its first POST, or how many calls it makes at least. The GET that reads the first call
back has a place in the first second: at 10 a second it costs a hundredth of 100 calls."""

SPIN = "import time\nend = time.monotonic() + 300\nwhile time.monotonic() < end: pass"


def told(name: str, run: Run, rate: int) -> str:
    """Put one run's figures into a line."""
    share = run.paced_per_second / rate
    return (
        f"{name}: {share:.1%} of the rate, {run.put_off} answered 429, at most"
        f" {run.most_in_a_second} in a second, {run.accepted} POSTs let through; load {os.getloadavg()[0]:.1f}"
    )


@contextmanager
def kept(machine: str) -> Iterator[None]:
    """Keep every core of a busy *machine* at work meanwhile."""
    cores = (os.cpu_count() or 1) if machine == "busy" else 0
    spinning = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(cores)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def main() -> None:
    """Measure, and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rate", type=int, nargs="*", default=RATES)
    arguments.add_argument("--latency", type=float, nargs="*", default=LATENCIES)
    arguments.add_argument("--machine", choices=MACHINES, nargs="*", default=MACHINES)
    arguments.add_argument(
        "--calls", type=int, help=f"in each cell; without it, those of {SECONDS} seconds, or {FEWEST}"
    )
    arguments.add_argument("--pause", choices=["429", "503"], help=f"asks for a pause of {PAUSE_SECONDS} s half-way")
    arguments.add_argument("--plain", action="store_true")
    options = arguments.parse_args()
    for machine in options.machine:
        with kept(machine):
            for rate in options.rate:
                for latency in options.latency:
                    measure(options, machine, rate, latency)


def figures() -> Iterator[Figure]:
    """Measure cells of 50 a second, and return their shares of the rate and of 429s with their targets."""
    for machine, least in zip(MACHINES, (0.97, 0.93), strict=True):
        with kept(machine), tempfile.TemporaryDirectory() as name:
            write_campaign(Path(name), rows=500, concurrency=None, rate=50)
            run = measured(dialer_run(Path(name)), "--limit", "50", "--latency", "0.3")
        share = run.paced_per_second / 50
        yield Figure(f"share of 50 requests a second, {machine}", share, least, is_least=True)
        yield Figure(f"429s in 10,000 at 50 a second, {machine}", run.put_off * 10_000 / run.accepted, 1)


def measure(options: argparse.Namespace, machine: str, rate: int, latency: float) -> None:
    """Measure one cell, and print it."""
    calls = options.calls or max(FEWEST, rate * SECONDS)
    server = ["--limit", str(rate), "--latency", str(latency)]
    if options.pause:
        server += ["--pause-at", str(calls // 2), "--pause-status", options.pause]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_campaign(folder, rows=calls, concurrency=None, rate=rate)
        cell = f"{machine}, {rate}/s, latency {latency:g} s"
        exits = (4,) if options.pause == "503" else (0,)  # nobody knows what became of a call answered 503
        print(told(cell, measured(dialer_run(folder), *server, exits=exits), rate), flush=True)
        if options.plain:
            plain = measured(script("plain", folder, 256, rate), *server)
            print(told(f"{cell}, plain script with AsyncLimiter(rate, 1)", plain, rate), flush=True)


if __name__ == "__main__":
    main()
