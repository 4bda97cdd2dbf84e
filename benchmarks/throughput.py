"""Calls created a second, unpaced, with the durable ledger on, against the plain script: real processes, in turn.

`python -m benchmarks.throughput [--rows 3000] [--concurrency 16] [--pairs 3]`
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks.measure import dialer_run, measured, plain_script, write_campaign


def main() -> None:
    """Measure, and print the rates and their ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=3000)
    arguments.add_argument("--concurrency", type=int, default=16)
    arguments.add_argument("--pairs", type=int, default=3)
    options = arguments.parse_args()
    sending, whole = [], []
    for _ in range(options.pairs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_campaign(folder, rows=options.rows, concurrency=options.concurrency, rate=10_000)
            plain = measured(plain_script(folder, options.concurrency))
            ours = measured(dialer_run(folder))
        assert plain.accepted == ours.accepted == options.rows
        sending.append(ours.per_second / plain.per_second)
        whole.append(plain.whole_seconds / ours.whole_seconds)
        print(
            f"sending: plain script {plain.per_second:.0f}/s, dialer {ours.per_second:.0f}/s, ratio {sending[-1]:.2f};"
            f" whole process: {plain.whole_seconds:.1f} s, {ours.whole_seconds:.1f} s, ratio {whole[-1]:.2f}",
            flush=True,
        )
    print(
        f"median ratio: sending {statistics.median(sending):.2f}, whole process {statistics.median(whole):.2f}"
        f" ({options.rows} calls, {options.concurrency} workers)"
    )


if __name__ == "__main__":
    main()
