"""Reads altered files of every kind: `python -m tests.fuzz [--inputs 2000] [--first-seed 0] [--kind .ods]`.

The file that breaks a reader is left where the last line says.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.reading import SUFFIXES, inputs, read_or_refused


def main() -> int:
    """Read the inputs of each kind, tell how many were read, and end with an error at the first that is neither."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--inputs", type=int, default=2000, help="of each kind")
    arguments.add_argument("--first-seed", type=int, default=0)
    arguments.add_argument("--kind", choices=SUFFIXES, action="append")
    options = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    for suffix in options.kind or SUFFIXES:
        began, read, path = time.perf_counter(), 0, folder
        try:
            for _, path in inputs(folder, suffix, range(options.first_seed, options.first_seed + options.inputs)):
                read += read_or_refused(path)
        except BaseException:
            sys.stdout.write(f"{path} is neither read nor refused\n")
            raise
        each = (time.perf_counter() - began) / options.inputs
        sys.stdout.write(f"{suffix}: {options.inputs} inputs, {read} read, the others refused, {each:.3f} s each\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
