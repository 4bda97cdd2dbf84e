"""The pages of the documentation, and tables in Markdown."""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The checkout."""


def pages() -> list[Path]:
    """Return every Markdown file that people are meant to read, README.md first."""
    at_the_top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*at_the_top, ROOT / "benchmarks" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def read_table(text: str, *header: str) -> list[tuple[str, ...]]:
    """Return the body of the table with this *header*, cell by cell. Raises `ValueError` where *text* has none."""
    start = text.index("| " + " | ".join(header) + " |")
    lines = list(takewhile(lambda line: line.startswith("|"), text[start:].splitlines()))[2:]
    return [tuple(cell.strip().replace("\\|", "|") for cell in line[1:-1].split(" | ")) for line in lines]
