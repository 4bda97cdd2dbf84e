"""Whether the pace keeps within the API's limit and close to it: a server that puts off the 51st POST in any second.

`python -m benchmarks.pacing [--calls 1500] [--rate 50] [--plain]`; `--plain` shows the plain script beside it.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.measure import Run, dialer_run, measured, plain_script, write_campaign


def told(name: str, run: Run, rate: int) -> str:
    """Put one run's figures into a line."""
    share = run.per_second / rate
    return (
        f"{name}: {run.accepted} created, {run.put_off} answered 429, {run.per_second:.2f}/s = {share:.1%} of the rate"
    )


def main() -> None:
    """Measure, and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=1500)
    arguments.add_argument("--rate", type=int, default=50)
    arguments.add_argument("--plain", action="store_true")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_campaign(folder, rows=options.calls, concurrency=8, rate=options.rate)
        print(told("dialer", measured(dialer_run(folder), limit=options.rate), options.rate), flush=True)
        if options.plain:
            plain = measured(plain_script(folder, 8, options.rate), limit=options.rate)
            print(told("plain script, AsyncLimiter(rate, 1)", plain, options.rate))


if __name__ == "__main__":
    main()
