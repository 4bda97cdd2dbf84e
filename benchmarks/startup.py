"""How long `dialer --help` takes, as a multiple of an interpreter that does nothing: processes in turn.

`python -m benchmarks.startup [--pairs 20]`
"""

import argparse
import statistics
import subprocess
import sys
import time


def timed(*arguments: str) -> float:
    """Return the seconds that this interpreter takes with *arguments*."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, timeout=60)
    return time.perf_counter() - began


def main() -> None:
    """Measure, and print medians and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pairs", type=int, default=20)
    options = arguments.parse_args()
    pairs = [(timed("-m", "dialer", "--help"), timed("-c", "pass")) for _ in range(options.pairs)]
    help_seconds, empty_seconds = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(helped / empty for helped, empty in pairs)
    print(f"dialer --help {help_seconds:.3f} s, python -c pass {empty_seconds:.3f} s, median ratio {ratio:.1f}")


if __name__ == "__main__":
    main()
