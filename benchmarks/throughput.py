"""Calls created a second, unpaced, with the durable ledger on, against other loops: real processes, in turn.

`python -m benchmarks.throughput [--rows 3000] [--concurrency 16] [--pairs 3] [--against plain tick bare] [--batch 50]`
"""

import argparse
import statistics
import tempfile
from pathlib import Path

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
    ratios: dict[str, list[float]] = {}
    for _ in range(options.pairs):
        runs = {name: _run(options.rows, options.concurrency, name) for name in options.against}
        ours = _run(options.rows, options.concurrency)
        for name, run in runs.items():
            ratios.setdefault(f"sending, {name} script", []).append(ours.per_second / run.per_second)
        if "plain" in runs:
            whole = runs["plain"].whole_seconds / ours.whole_seconds
            ratios.setdefault("whole process, plain script", []).append(whole)
        if options.batch:
            runs["batch"] = _run(options.rows * 10, options.concurrency, batch=options.batch)
            ratios.setdefault(f"batches of {options.batch}", []).append(runs["batch"].per_second / ours.per_second)
        print(", ".join(f"{name} {run.per_second:.0f}/s" for name, run in {"dialer": ours, **runs}.items()), flush=True)
    for name, found in ratios.items():
        print(f"{name}: median {statistics.median(found):.2f} times ({min(found):.2f} to {max(found):.2f})")


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
