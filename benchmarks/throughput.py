"""Calls created a second, unpaced, with the durable ledger on, against other loops: real processes, in turn.

`python -m benchmarks.throughput [--rows 3000] [--concurrency 16] [--pairs 3] [--against plain tick bare] [--batch 50]`
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measure import Run, dialer_run, measured, script, write_campaign

SCRIPTS = ("plain", "tick", "bare")


def main() -> None:
    """Measure, and print the rates and their ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=3000)
    arguments.add_argument("--concurrency", type=int, default=16)
    arguments.add_argument("--pairs", type=int, default=3)
    arguments.add_argument("--against", nargs="+", choices=SCRIPTS, default=["plain"])
    arguments.add_argument("--batch", type=int, help="measure requests of so many calls against those of one, too")
    options = arguments.parse_args()
    for name, found in measure(
        options.rows, options.concurrency, options.pairs, options.against, options.batch
    ).items():
        print(f"{name}: median {statistics.median(found):.2f} times ({min(found):.2f} to {max(found):.2f})")


def figures() -> Iterator[Figure]:
    """Measure a pair of each kind, and return the ratios with their targets."""
    found = measure(3_000, 16, 1, SCRIPTS, 50)
    for kind, target in {"plain": 3, "tick": 2.5, "bare": 1.2}.items():
        yield Figure(f"sending / {kind} script, 16 workers", found[f"sending, {kind} script"][0], target, is_least=True)
    yield Figure("batches of 50 / single calls", found["batches of 50"][0], 10, is_least=True)
    (plain,) = measure(3_000, 64, 1, ["plain"], None)["sending, plain script"]
    yield Figure("sending / plain script, 64 workers", plain, 3.5, is_least=True)


def measure(
    rows: int, concurrency: int, pairs: int, against: Sequence[str], batch: int | None
) -> dict[str, list[float]]:
    """Measure, and return the ratios of each pair by what they compare."""
    ratios: dict[str, list[float]] = {}
    for _ in range(pairs):
        runs = {name: _run(rows, concurrency, name) for name in against}
        ours = _run(rows, concurrency)
        for name, run in runs.items():
            ratios.setdefault(f"sending, {name} script", []).append(ours.per_second / run.per_second)
        if "plain" in runs:
            whole = runs["plain"].whole_seconds / ours.whole_seconds
            ratios.setdefault("whole process, plain script", []).append(whole)
        if batch:
            runs["batch"] = _run(rows * 10, concurrency, batch=batch)
            ratios.setdefault(f"batches of {batch}", []).append(runs["batch"].per_second / ours.per_second)
        print(", ".join(f"{name} {run.per_second:.0f}/s" for name, run in {"dialer": ours, **runs}.items()), flush=True)
    return ratios


def _run(rows: int, concurrency: int, name: str | None = None, *, batch: int = 1) -> Run:
    """Create *rows* calls with the script *name*, or with `dialer`, *batch* in a request."""
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        write_campaign(folder, rows=rows, concurrency=concurrency, rate=10_000, batch=batch)
        run = measured(dialer_run(folder) if name is None else script(name, folder, concurrency))
    assert run.accepted == rows
    return run


if __name__ == "__main__":
    main()
