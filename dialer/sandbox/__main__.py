"""`python -m dialer.sandbox`: the stand-in as a process of its own."""

import argparse
import os
import sys
from dataclasses import fields
from typing import get_args

from dialer.sandbox.faults import Faults, RetryAfter
from dialer.sandbox.server import LOOPBACK, serve


def parser() -> argparse.ArgumentParser:
    """Build the command line: where to listen, and one option for each field of `Faults`."""
    line = argparse.ArgumentParser(prog="python -m dialer.sandbox", description=__doc__)
    line.add_argument("--host", default=LOOPBACK, help="loopback address (default: %(default)s)")
    line.add_argument("--port", type=int, default=0, help="0 takes a free one (default: %(default)s)")
    line.add_argument("--journal", metavar="FILE", help="keep the created calls in FILE, one JSON line each")
    line.add_argument("--api-key-env", metavar="NAME", help="accept only the key in this environment variable")
    line.add_argument("--allow-unknown-fields", action="store_true", help="accept fields that no page names")
    for fault in fields(Faults):
        flag, meaning = "--" + fault.name.replace("_", "-"), fault.metadata["help"]
        if isinstance(fault.default, bool):
            line.add_argument(flag, action="store_true", help=meaning)
        elif fault.name == "refuse_name":
            line.add_argument(flag, metavar="NAME", default=fault.default, help=meaning)
        elif isinstance(fault.default, str):
            line.add_argument(flag, choices=get_args(RetryAfter), default=fault.default, help=meaning)
        else:
            kind = float if isinstance(fault.default, float) else int
            line.add_argument(flag, type=kind, default=fault.default, metavar="N", help=meaning)
    return line


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal ends it, and give the exit code: 0, or 2 when it cannot start."""
    line = parser()
    options = vars(line.parse_args(arguments))
    variable = options.pop("api_key_env")
    if variable is not None and not os.environ.get(variable):
        line.error(f"--api-key-env: the environment variable {variable} is missing or empty")
    try:
        faults = Faults(**{fault.name: options.pop(fault.name) for fault in fields(Faults)})
        serve(faults=faults, api_key=os.environ[variable] if variable else None, **options)
    except (OSError, ValueError) as error:
        line.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
