"""Every error of a command, as a sentence on stderr or, with `--json`, as one object on stdout, with its exit code."""

import logging
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from typer import Abort, TyperException
from typing_extensions import TypedDict

from dialer.cli.json_output import print_json
from dialer.errors import DialerError
from dialer.exit_codes import EXIT_BUG, EXIT_USAGE, exit_code_of

_log = logging.getLogger(__name__)

_NEXT = "Next: "


class ErrorJson(TypedDict):
    """What went wrong, and what mends it."""

    code: str
    message: str
    remedy: str | None


class FailureJson(TypedDict):
    """What every command prints with `--json` that ends by an error."""

    error: ErrorJson
    exit_code: int


@dataclass(frozen=True)
class Failure:
    """Why a command ended: a stable *code*, a sentence, what mends it (None where nobody says), its exit."""

    code: str
    message: str
    exit_code: int

    @property
    def remedy(self) -> str | None:
        """How to go on: the command that the message ends with, else what it says after its first sentence."""
        _, _, job = self.message.rpartition(_NEXT)
        if _NEXT in self.message:
            return job
        return self.message.partition(". ")[2].strip() or None

    def as_json(self) -> FailureJson:
        """Return the object that `--json` prints."""
        error = ErrorJson(code=self.code, message=self.message, remedy=self.remedy)
        return {"error": error, "exit_code": self.exit_code}


def failure_of(error: Exception) -> Failure:
    """Return what to tell of *error*; of a foreign one only its kind, for its message may hold a number or a key."""
    if isinstance(error, DialerError):
        return Failure(error.code, str(error), exit_code_of(error))
    if isinstance(error, TyperException):
        return Failure("usage_error", error.format_message(), error.exit_code)
    if isinstance(error, Abort):
        return Failure("aborted", "Aborted: a question was not answered.", EXIT_BUG)
    message = f"Unexpected {type(error).__name__}: this is a bug. Run again with --verbose to see where."
    return Failure("bug", message, EXIT_BUG)


def wants_json(arguments: Sequence[str]) -> bool:
    """Return whether a command line asks for an object, also one that cannot be read."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options


def fail(error: Exception) -> int:
    """Print *error*, and return the code with which the command ends."""
    failure = failure_of(error)
    if wants_json(sys.argv[1:]):
        print_json(failure.as_json())
    elif isinstance(error, TyperException) and hasattr(error, "show") and failure.exit_code == EXIT_USAGE:
        error.show()  # with the usage of its command
    else:
        sys.stderr.write(f"Error: {failure.message}\n")
    if _log.isEnabledFor(logging.DEBUG):
        # Frames only: the last line of a traceback quotes the foreign message again.
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)))
    return failure.exit_code
