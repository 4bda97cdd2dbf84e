r"""The one door through which text reaches people: what is not ours cannot move the cursor, the title or the reading.

Headers, file names, variables, reasons, the API's messages and ids are written by others. Whatever of them a terminal
would obey, or would show in another order or not at all, is shown as JSON writes it: `\u001b`, `\u202e`. Inside JSON
that is the same text.
"""

import io
import json
import sys
import unicodedata
from typing import TextIO


def neutral(text: str) -> str:
    """Return *text* with every character that is no visible one written as JSON writes it; breaks and tabs stay."""
    if text.translate(_KEPT).isprintable():
        return text
    return "".join(char if _is_shown(char) else json.dumps(char)[1:-1] for char in text)


_KEPT = dict.fromkeys(map(ord, "\n\t"))


def _is_shown(char: str) -> bool:
    return char in "\n\t" or char.isprintable() or unicodedata.category(char) == "Zs"


class Neutral(io.TextIOBase):
    """A stream that writes everything `neutral` to *raw*: also what libraries print, log and complain."""

    def __init__(self, raw: TextIO) -> None:
        self.raw = raw

    @property
    def encoding(self) -> str:  # type: ignore[override] # a text stream's own is read-only in the same way
        """The encoding of the stream behind."""
        return self.raw.encoding or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override] # as above
        """What the stream behind does with text that its encoding lacks."""
        return self.raw.errors or "strict"

    def write(self, text: str) -> int:
        """Write *text*, neutral."""
        self.raw.write(neutral(text))
        return len(text)

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
