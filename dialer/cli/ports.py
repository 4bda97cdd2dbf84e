"""Where a command listens: the number of a port, and why it cannot be had."""

import errno

import typer

from dialer.words import trouble

_HIGHEST_PORT = 65_535
_LOWEST_OF_ALL = 1_024
"""Ports below it are given to programs of the system's administrator alone."""


def parse_port(said: str | int) -> int:
    """Read the number of a port, 0 for a free one, and say so of any other text."""
    text = str(said)
    if not (text.isascii() and text.isdecimal() and int(text[:6]) <= _HIGHEST_PORT):
        raise typer.BadParameter(f"{text!r} is no port: a whole number from 1 to {_HIGHEST_PORT}, or 0 for a free one.")
    return int(text)


def cannot_listen(host: str, port: int, error: OSError) -> str:
    """Word why *port* of *host* cannot be had, and which one can."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"--port {port}: another program listens there already. End it, or choose another port; 0 takes a free one."
        )
    if isinstance(error, PermissionError) and 0 < port < _LOWEST_OF_ALL:
        return (
            f"--port {port}: ports below {_LOWEST_OF_ALL} are the administrator's. Choose one from {_LOWEST_OF_ALL} up,"
            " and let a proxy pass on what comes to the other."
        )
    return (
        f"--host {host}: cannot be listened at: {trouble(error)}. Give an address of this machine, such as 127.0.0.1,"
        " or 0.0.0.0 for all of them."
    )
