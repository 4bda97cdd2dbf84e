"""Writes a page whole: one file that loads nothing, under a policy that lets nothing else run."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.resources import files
from math import ceil
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dialer.errors import ResultsNotWritten, UsageError
from dialer.extras import install_command
from dialer.results.atomic_write import write_atomically
from dialer.results.report.content import Bar, Report
from dialer.words import counted, trouble

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = files(__package__).joinpath("template")

_SECTIONS = {
    "funnel": "How far",
    "outcomes": "Outcomes",
    "reasons": "Reasons",
    "requests": "Requests",
    "slots": "Slots",
    "ends": "Ends",
    "answers": "Answers",
    "nights": "Nights",
    "people": "Needs a person",
    "ran": "What ran",
}

_LEVELS = 5
_LEAST_SHARE = 0.012
_THOUSAND = 1_000


def write_page(path: Path, report: Report) -> None:
    """Write *report* to *path*, 0600, beside it first and then swapped in.

    Raises `UsageError` where the optional part is not installed and `ResultsNotWritten` when the disk refuses.
    """
    content = page_text(report).encode("utf-8", "replace")

    def write(file: IO[bytes]) -> None:
        file.write(content)

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, write)
    except OSError as error:
        raise ResultsNotWritten(f"{path}: the report cannot be written: {trouble(error)}.") from error


def page_text(report: Report) -> str:
    """Return the page. Raises `UsageError` where the optional part is not installed."""
    template = _environment().get_template("page.html.j2")
    style, script = _text("report.css"), _text("report.js")
    present = {"ends": report.ends, "answers": report.ends, "nights": report.nights}
    return template.render(
        report=report,
        sections=[(key, name) for key, name in _SECTIONS.items() if present.get(key, True)],
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        rows=_json(report.people.columns),
    )


def _json(value: Any) -> str:
    """Return JSON in which nothing ends the element that holds it."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _text(name: str) -> str:
    return TEMPLATES.joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _environment() -> "Environment":
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(f"Reports are not installed. Run: {install_command('report')}") from error
    environment = Environment(
        loader=FunctionLoader(_text), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(_FILTERS)
    return environment


def _instant(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"


def _percent(share: float) -> str:
    return f"{share:.1%}" if 0 < share < 0.1 or 0.995 <= share < 1 else f"{share:.0%}"  # noqa: PLR2004 - else it says nothing


def _pace(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _top(highest: float) -> float:
    """Return a round number at or above *highest*."""
    if highest <= 0:
        return 1
    power = 10.0 ** (len(str(ceil(highest))) - 1)
    return next(part * power for part in (1, 2, 4, 5, 6, 8, 10) if part * power >= highest)


def _short(count: int) -> str:
    """Return a count that fits into a cell."""
    return str(count) if count < _THOUSAND else f"{count / _THOUSAND:.0f}k"


def _breakable(text: str) -> Any:
    """Return a code that may be broken between its words."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - comes with jinja2

    return escape(text).replace("_", Markup("_<wbr>"))


def _visible(bar: Bar) -> float:
    """Return the share that is drawn of a bar: enough to be seen where there is anything."""
    return max(bar.share, _LEAST_SHARE) if bar.count else 0.0


_FILTERS: dict[str, Callable[..., Any]] = {
    "breakable": _breakable,
    "count": lambda value: f"{value:,.0f}",
    "counted": counted,
    "instant": _instant,
    "level": lambda slots, busiest: max(1, ceil(slots / busiest * _LEVELS)),
    "pace": _pace,
    "percent": _percent,
    "share": lambda value: f"{value * 100:.3f}".rstrip("0").rstrip(".") + "%",
    "short": _short,
    "top": _top,
    "visible": _visible,
}
