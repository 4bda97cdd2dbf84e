"""The place of a campaign file at which a parser gave up, and what the text around it looks like. Pure."""

import re
import tomllib
from typing import NamedTuple

STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
PART = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
"""Of a key: `team_id`, `"Balance Due"`."""
KEY = re.compile(rf"{PART}(?:\s*\.\s*{PART})*")
_STATEMENT = re.compile(rf"\s*(?:{KEY.pattern}\s*=|\[\[?\s*[A-Za-z])")
_PAIR = re.compile(r"(\"[^\"]*\"\s*|'[^']*'\s*|[^=]*)=(.*)")
_HEADER = re.compile(r"\[\[?([^\[\]]*)\]\]?(.*)")


def pair_in(text: str) -> tuple[str, str] | None:
    """Return the key and the value of a line, either of which may be a wrong one; None where no = stands in it."""
    found = _PAIR.match(text.strip())
    return None if found is None else (found[1].strip(), found[2].strip())


def header_in(text: str) -> tuple[str, str] | None:
    """Return the name in a table's line, which may be a wrong one, and what stands behind its bracket."""
    found = _HEADER.match(text.strip())
    return None if found is None else (found[1].strip(), found[2].strip())


def begins_statement(text: str) -> bool:
    """Return whether a line looks like a key with its value, or a table."""
    return _STATEMENT.match(text) is not None


def is_sound(text: str) -> bool:
    """Return whether *text* is TOML."""
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class Place(NamedTuple):
    """Where the parser gave up: *line* and *column* from 1, in the statement that begins in line *begin*."""

    lines: list[str]
    begin: int
    line: int
    column: int

    @property
    def statement(self) -> str:
        """The line in which the statement begins."""
        return self.lines[self.begin - 1]

    @property
    def here(self) -> str:
        """The line of the place."""
        return self.lines[self.line - 1]

    @property
    def before(self) -> str:
        """What stands before the place on its line."""
        return self.here[: self.column - 1]

    @property
    def rest(self) -> str:
        """What stands from the place on."""
        return self.here[self.column - 1 :]

    def say(self, sentence: str, *, line: int | None = None, column: int | None = None) -> str:
        """Return *sentence* with its place: the parser's, unless another *line* or *column* is given."""
        if line is not None and column is None:
            return f"line {line}: {sentence}"
        return f"line {line or self.line}, column {self.column if column is None else column}: {sentence}"
