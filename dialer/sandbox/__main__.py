"""`python -m dialer.sandbox`: the stand-in as a process of its own."""

import argparse
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import Field, fields
from typing import Any, Literal, NoReturn, get_args, get_origin

from dialer.sandbox.call_lifecycle import CallLifecycle
from dialer.sandbox.faults import Faults
from dialer.sandbox.loopback import LOOPBACK
from dialer.sandbox.server import serve
from dialer.sandbox.webhooks import Webhooks


class _Parser(argparse.ArgumentParser):
    """Prints what is wrong as one object on stdout where one is asked for, as every command of `dialer` does."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self._as_json = "--json" in (sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        if self._as_json:
            error = {"code": "usage_error", "message": message, "remedy": None}
            sys.stdout.write(f"{json.dumps({'schema_version': 1, 'error': error, 'exit_code': 2}, indent=2)}\n")
            sys.exit(2)
        super().error(message)


def parser() -> argparse.ArgumentParser:
    """Build the command line: where to listen, and an option for each field of faults, lives and webhooks."""
    line = _Parser(prog="python -m dialer.sandbox", description=__doc__)
    line.add_argument("--json", dest="as_json", action="store_true", help="print one JSON object on stdout")
    line.add_argument("--host", default=LOOPBACK, help="loopback address (default: %(default)s)")
    line.add_argument("--port", type=int, default=0, help="0 takes a free one (default: %(default)s)")
    line.add_argument("--journal", metavar="FILE", help="keep the created calls in FILE, one JSON line each")
    line.add_argument("--api-key-env", metavar="NAME", help="accept only the key in this environment variable")
    line.add_argument("--allow-unknown-fields", action="store_true", help="accept fields that no page names")
    line.add_argument("--still", action="store_true", help="calls stay queued for ever instead of ringing and ending")
    for setting in (*fields(Faults), *_of_life(), *fields(Webhooks)):
        _add_option(line, setting)
    return line


def _of_life() -> list[Field[Any]]:
    return [part for part in fields(CallLifecycle) if part.metadata]


def _add_option(line: argparse.ArgumentParser, setting: Field[Any]) -> None:
    flag, meaning = _flag(setting), setting.metadata["help"]
    if isinstance(setting.default, bool):
        line.add_argument(flag, action="store_true", help=meaning)
    elif get_origin(setting.type) is Literal:
        line.add_argument(flag, choices=get_args(setting.type), default=setting.default, help=meaning)
    elif isinstance(setting.default, str):
        line.add_argument(flag, metavar="NAME", default=setting.default, help=meaning)
    else:
        kind = float if isinstance(setting.default, float) else int
        line.add_argument(flag, type=kind, default=setting.default, metavar="N", help=meaning)


def _flag(setting: Field[Any]) -> str:
    return ("--webhook-" if setting in fields(Webhooks) else "--") + setting.name.replace("_", "-")


def _take(options: dict[str, Any], settings: Iterable[Field[Any]]) -> dict[str, Any]:
    """Take the values of *settings* out of the parsed *options*."""
    names = {setting.name: _flag(setting).removeprefix("--").replace("-", "_") for setting in settings}
    return {name: options.pop(option) for name, option in names.items()}


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal ends it, and return the exit code: 0, or 2 when it cannot start."""
    line = parser()
    options = vars(line.parse_args(arguments))
    variable = options.pop("api_key_env")
    if variable is not None and not os.environ.get(variable):
        line.error(f"--api-key-env: the environment variable {variable} is missing or empty")
    try:
        faults = Faults(**_take(options, fields(Faults)))
        webhooks = Webhooks(**_take(options, fields(Webhooks)))
        life = CallLifecycle(seed=faults.seed, webhooks=webhooks, **_take(options, _of_life()))
        alive = None if options.pop("still") else life
        serve(faults=faults, life=alive, api_key=os.environ[variable] if variable else None, **options)
    except (OSError, ValueError) as error:
        line.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
