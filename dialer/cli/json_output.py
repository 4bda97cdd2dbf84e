"""Prints what a program reads: one object for every command, with the version of its shape."""

import json
from collections.abc import Mapping
from typing import Any

from dialer.cli.terminal import write_whole

JSON_VERSION = 1
"""The version of the objects; a field that is taken away or means something else makes another one."""


def print_json(values: Mapping[str, Any]) -> None:
    """Print one object on stdout."""
    write_whole(json.dumps({"schema_version": JSON_VERSION, **values}, indent=2, ensure_ascii=False) + "\n")
