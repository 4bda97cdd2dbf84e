"""A campaign file that was drafted, as people and programs are told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import TypedDict


class DraftedJson(TypedDict):
    """What `dialer init --json` prints."""

    campaign: str
    sheet: str
    mapping: dict[str, str]
    variables: dict[str, str]
    questions: list[str]
    notes: list[str]
    example: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Drafted:
    """A campaign file that was written: where, what it says, what it leaves open, and what its first contact becomes.

    `example` is the name, the number (masked), the e-mail and the variables of the first row that can be called.
    """

    path: Path
    sheet: str
    columns: Mapping[str, str]
    variables: Mapping[str, str]
    questions: tuple[str, ...]
    notes: tuple[str, ...]
    example: dict[str, str] | None

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left open."""
        return not self.questions

    def as_json(self) -> DraftedJson:
        """Return the object that `--json` prints."""
        return {
            "campaign": str(self.path),
            "sheet": self.sheet,
            "mapping": dict(self.columns),
            "variables": dict(self.variables),
            "questions": list(self.questions),
            "notes": list(self.notes),
            "example": self.example,
        }
