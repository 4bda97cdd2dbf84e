"""What a check of the readiness found: one line, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import TypedDict

from dialer.exit_codes import EXIT_HELD, EXIT_OK, EXIT_STOPPED, EXIT_USAGE


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"  # calls can be created, and somebody should know
    PROBLEM = "problem"  # no call can be created before it is mended


class FindingJson(TypedDict):
    """What one check found."""

    check: str
    level: Level
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one *check* found, in a sentence for people; *remedy* says what to do, "" where there is nothing.

    *exit_code* is how a run would end because of it.
    """

    check: str
    level: Level
    message: str
    remedy: str = ""
    exit_code: int = EXIT_OK

    @property
    def text(self) -> str:
        """The finding and its remedy."""
        return " ".join(part for part in (self.message, self.remedy) if part)

    def as_json(self) -> FindingJson:
        """Return the object that `--json` prints for it."""
        return {"check": self.check, "level": self.level, "message": self.message, "remedy": self.remedy}


def fine(check: str, message: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(check, Level.OK, message)


def warning(check: str, message: str, remedy: str = "") -> Finding:
    """Return a finding that keeps no call from being created."""
    return Finding(check, Level.WARNING, message, remedy)


def problem(check: str, message: str, remedy: str = "", *, exit_code: int = EXIT_USAGE) -> Finding:
    """Return a finding that has to be mended first."""
    return Finding(check, Level.PROBLEM, message, remedy, exit_code)


_FIRST = (EXIT_USAGE, EXIT_HELD, EXIT_STOPPED)
"""Exit codes of problems, in the order in which a run comes upon them."""


def exit_code_of_findings(findings: list[Finding]) -> int:
    """Return how a run would end because of *findings*: by the problem that it meets first, else 0."""
    codes = {finding.exit_code for finding in findings if finding.level is Level.PROBLEM}
    return min(codes, key=_FIRST.index, default=EXIT_OK)
