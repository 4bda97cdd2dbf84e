"""Draws tables and bars for people, by rich: with escape sequences of its own, and with none of others."""

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from dialer.cli.terminal import Neutral, neutral


class _Console(Console):
    """Takes no text for markup, or for an escape sequence."""

    def render_str(self, text: str, **settings: Any) -> Text:
        return super().render_str(neutral(text), **{**settings, "markup": False})


def console(*, stderr: bool = False, **settings: Any) -> Console:
    """Make a console on stdout or *stderr*, with rich's other *settings*."""
    stream = sys.stderr if stderr else sys.stdout
    file = stream.raw if isinstance(stream, Neutral) else stream
    return _Console(file=file, highlight=False, markup=False, **settings)
