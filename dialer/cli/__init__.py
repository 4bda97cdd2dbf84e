"""The command line: parse, call a job, print, exit code. One module a command."""

from dialer.cli.main import main

__all__ = ["main"]
