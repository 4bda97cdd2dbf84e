"""Draws tables and bars for people, by rich: with escape sequences of its own, and with none of others."""

import re
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from dialer.cli.terminal import Neutral, neutral

_BLANKS_AT_END = re.compile(r" +$", re.MULTILINE)


class _Console(Console):
    """Takes no text for markup, or for an escape sequence."""

    def render_str(self, text: str, **settings: Any) -> Text:
        return super().render_str(neutral(text), **{**settings, "markup": False})

    def print(self, *objects: Any, **settings: Any) -> None:
        """Print as rich does; off a terminal without the blanks with which it fills up lines."""
        if self.is_terminal:
            super().print(*objects, **settings)
            return
        with self.capture() as printed:
            super().print(*objects, **settings)
        self.file.write(_BLANKS_AT_END.sub("", printed.get()))


def console(*, stderr: bool = False, **settings: Any) -> Console:
    """Make a console on stdout or *stderr*, with rich's other *settings*."""
    stream = sys.stderr if stderr else sys.stdout
    file = stream.raw if isinstance(stream, Neutral) else stream
    return _Console(file=file, highlight=False, markup=False, **settings)
