"""Prints what a program reads: one object for every command, with the version of its shape."""

import json
from collections.abc import Mapping

from dialer.cli.terminal import write_whole
from dialer.exit_codes import EXIT_OK

JSON_VERSION = 1
"""The version of the objects (docs/json): a field that is taken away or means something else makes another one."""


def printed(values: Mapping[str, object], *, exit_code: int | None = EXIT_OK) -> dict[str, object]:
    """Return *values* with the version and the exit code of their command: None for one that goes on."""
    ends = {} if exit_code is None else {"exit_code": exit_code}
    return {"schema_version": JSON_VERSION, **values} | (ends if "exit_code" not in values else {})


def print_json(values: Mapping[str, object], *, exit_code: int | None = EXIT_OK) -> None:
    """Print one object on stdout."""
    write_whole(json.dumps(printed(values, exit_code=exit_code), indent=2, ensure_ascii=False) + "\n")
