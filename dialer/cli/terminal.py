r"""The one door through which text reaches people: what is not ours cannot move the cursor, the title or the reading.

Headers, file names, variables, reasons, the API's messages and ids are written by others. Whatever of them a terminal
would obey, or would show in another order or not at all, is shown as JSON writes it: `\u001b`, `\u202e`. Inside JSON
that is the same text.
"""

import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable
from typing import TextIO

PLAIN_WIDTH = 80
"""Of a terminal that does not tell its width."""


def neutral(text: str) -> str:
    """Return *text* with every character that is no visible one written as JSON writes it; breaks and tabs stay."""
    if text.translate(_KEPT).isprintable():
        return text
    return "".join(char if _is_shown(char) else json.dumps(char)[1:-1] for char in text)


_KEPT = dict.fromkeys(map(ord, "\n\t"))


def _is_shown(char: str) -> bool:
    return char in "\n\t" or char.isprintable() or unicodedata.category(char) == "Zs"


def wrapped(text: str, width: int) -> str:
    """Return *text* with each whole line broken between its words, so that a terminal breaks none inside a word.

    A command to copy begins a line of its own, and where it is broken a shell takes the next line for its rest.
    """
    lines = text.split("\n")
    return "\n".join([*(part for line in lines[:-1] for part in _parts(line, width)), lines[-1]])


_COMMAND = "Next: "


def cells(text: str) -> int:
    """Return how many columns of a terminal *text* takes: two for a wide character of East Asia, none for a mark."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shortened(line: str, width: int) -> str:
    """Return the first whole words of *line* that fit into *width*, with a sign where some are left out."""
    if cells(line) <= width:
        return line
    return _filled(line, width - len(_LEFT_OUT), "")[0] + _LEFT_OUT


_LEFT_OUT = " …"


def _filled(line: str, room: int, indent: str) -> list[str]:
    """Return *line* in parts of whole words, each as wide as *room* at most where its words allow it."""
    parts = [""]
    for word in re.findall(r"\s*\S+", line):
        if parts[-1].strip() and cells(parts[-1]) + cells(word) > room:
            parts.append(indent + word.lstrip())
        else:
            parts[-1] += word
    return parts


def _parts(line: str, width: int) -> list[str]:
    if cells(line) <= width:
        return [line]
    said, is_next, job = line.rpartition(_COMMAND)
    if is_next and said.strip():
        return [*_parts(said.rstrip(), width), *_parts(_COMMAND + job, width)]
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    room = width - 2 * line.startswith(_COMMAND)
    parts = _filled(line, room, indent)
    return [f"{part} \\" for part in parts[:-1]] + parts[-1:] if line.startswith(_COMMAND) else parts


class Neutral(io.TextIOBase):
    """A stream that writes everything `neutral` to *raw*: also what libraries print, log and complain.

    On a terminal its lines are broken between words. While a bar is drawn, *above* takes whole lines instead.
    """

    def __init__(self, raw: TextIO) -> None:
        self.raw = raw
        self._is_terminal = raw.isatty()
        self.above: Callable[[str], object] | None = None
        self._begun = ""  # of a line for `above`

    @property
    def encoding(self) -> str:  # type: ignore[override] # a text stream's own is read-only in the same way
        """The encoding of the stream behind."""
        return self.raw.encoding or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override] # as above
        """What the stream behind does with text that its encoding lacks."""
        return self.raw.errors or "strict"

    def write(self, text: str) -> int:
        """Write *text*, neutral: above what is drawn, where something is."""
        shown, self._begun = self._begun + neutral(text), ""
        if self.above is not None:
            *lines, self._begun = shown.split("\n")
            for line in lines:
                self.above(line)
            return len(text)
        self.raw.write(wrapped(shown, self._width()) if self._is_terminal else shown)
        return len(text)

    def write_whole(self, text: str) -> None:
        """Write *text*, neutral, and broken nowhere: a program or a shell may read it."""
        self.raw.write(neutral(text))

    def _width(self) -> int:
        try:
            return int(os.environ.get("COLUMNS", "")) or PLAIN_WIDTH
        except ValueError:
            pass
        try:
            return os.get_terminal_size(self.raw.fileno()).columns or PLAIN_WIDTH
        except OSError:
            return PLAIN_WIDTH

    def flush(self) -> None:
        """Flush the stream behind."""
        self.raw.flush()

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self.raw.isatty()

    def fileno(self) -> int:
        """Return the descriptor of the stream behind."""
        return self.raw.fileno()


def guard_streams() -> None:
    """Let nothing but `neutral` text reach stdout and stderr from now on."""
    sys.stdout, sys.stderr = Neutral(sys.stdout), Neutral(sys.stderr)


def write_whole(text: str) -> None:
    """Write *text* on stdout and break none of its lines."""
    if isinstance(sys.stdout, Neutral):
        sys.stdout.write_whole(text)
    else:
        sys.stdout.write(text)
