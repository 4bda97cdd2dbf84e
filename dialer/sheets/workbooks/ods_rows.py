"""Walks through the rows of an ODS worksheet: one row at a time, with each cell's value, text and marks.

The names of elements are those that every program uses; ODF 1.3 part 3, 9.1 and 19.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from dialer.sheets.workbooks.cell_count import repeats
from dialer.sheets.workbooks.metadata.model import LAST_COLUMN

CONTENT = "content.xml"
PIECE_BYTES = 1 << 18

_HIDING = frozenset({"collapse", "filter"})
_COVERED = "table:covered-table-cell"
_CELLS = frozenset({"table:table-cell", _COVERED})
_WHITE = {"text:tab": "\t", "text:line-break": "\n", "text:s": " "}
_RUNS = frozenset({"text:span", "text:a"})
_BLANKS = re.compile(r"[ \t\r\n]+")
_MOST_BLANKS = 1_000


@dataclass(slots=True)
class OdsCell:
    """A cell element, which stands for *width* equal cells: its attributes, and the text that is seen.

    One that is doubtful holds more than text: notes, reading aids, fields, lists, of which programs show this or that.
    """

    column: int
    width: int
    attributes: dict[str, str]
    is_covered: bool
    is_doubtful: bool = False
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of all paragraphs, each on a line of its own."""
        return "".join(self.texts)

    @property
    def is_filled(self) -> bool:
        """Whether the cell holds a value or a text."""
        return bool(self.texts) or "office:value-type" in self.attributes

    @property
    def columns(self) -> range:
        """The columns it stands for, within the largest worksheet."""
        return range(self.column, min(self.column + self.width, LAST_COLUMN + 1))


@dataclass(slots=True)
class OdsRow:
    """A row element, which stands for *times* equal rows from the number *first* on."""

    first: int
    times: int
    is_hidden: bool
    cells: list[OdsCell] = field(default_factory=list)


class _Walker:
    """Follows the rows of one table through a document; comments and shapes within cells are no part of their text."""

    def __init__(self, table: str) -> None:
        self._table: str | None = table
        self._depth = self._depth_aside = 0
        self._is_in_table = False
        self._row: OdsRow | None = None
        self._cell: OdsCell | None = None
        self._next_row, self._next_column = 1, 0
        self._is_in_text = False
        self.done: list[OdsRow] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        if name == "table:table":
            if not self._depth:
                self._is_in_table = attributes.get("table:name", "") == self._table
            self._depth += 1
        elif _is_aside(name):
            self._depth_aside += 1
        elif not self._is_in_table or self._depth != 1 or self._depth_aside:
            return
        elif name == "table:table-row":
            times = repeats(attributes, "table:number-rows-repeated")
            self._row = OdsRow(self._next_row, times, attributes.get("table:visibility") in _HIDING)
            self._next_row += times
            self._next_column = 0
        elif name in _CELLS:
            width = repeats(attributes, "table:number-columns-repeated")
            self._cell = OdsCell(self._next_column, width, attributes, name == _COVERED)
            self._next_column += width
        elif self._cell is not None:
            self._take(name, attributes, self._cell)

    def _take(self, name: str, attributes: dict[str, str], cell: OdsCell) -> None:
        """Take an element of a cell's text: another paragraph, or white space."""
        if name == "text:p" and not self._is_in_text:
            self._is_in_text = True
            if cell.texts:
                cell.texts.append("\n")
        elif self._is_in_text and name in _WHITE:
            cell.texts.append(_WHITE[name] * min(int(attributes.get("text:c", "1")), _MOST_BLANKS))
        elif name.startswith("text:") and name not in _RUNS:
            cell.is_doubtful = True

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "table:table":
            self._depth -= 1
            if self._is_in_table and not self._depth:
                self._is_in_table, self._table = False, None  # another one of that name is none that anybody sees
        elif _is_aside(name):
            self._depth_aside -= 1
        elif name == "text:p":
            self._is_in_text = False
        elif self._is_in_table and self._depth == 1 and not self._depth_aside and self._row is not None:
            if name in _CELLS and self._cell is not None:
                self._row.cells.append(self._cell)
                self._cell = None
            elif name == "table:table-row":
                self.done.append(self._row)
                self._row = None

    def text(self, text: str) -> None:
        """Take text, whose blanks and ends of lines are one blank."""
        if self._cell is not None and self._is_in_text and not self._depth_aside:
            self._cell.texts.append(_BLANKS.sub(" ", text))


def _is_aside(name: str) -> bool:
    return name == "office:annotation" or name.startswith("draw:")


def ods_rows(path: Path, name: str) -> Iterator[OdsRow]:
    """Yield the row elements of the worksheet *name* in their order. Raises `ExpatError`, `ValueError`, `KeyError`."""
    walker = _Walker(name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = walker.start
    parser.EndElementHandler = walker.end
    parser.CharacterDataHandler = walker.text
    with zipfile.ZipFile(path) as archive, archive.open(CONTENT) as content:
        while piece := content.read(PIECE_BYTES):
            parser.Parse(piece)
            yield from walker.done
            walker.done.clear()
    parser.Parse(b"", True)  # its end, which a part cut short does not have
