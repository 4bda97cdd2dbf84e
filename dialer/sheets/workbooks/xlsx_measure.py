"""Measures the worksheets of an XLSX piece by piece, and refuses what readers take in different ways. Pure."""

from functools import lru_cache
from xml.parsers import expat

from dialer.sheets.workbooks.metadata.model import LAST_ROW

_SHARED_TEXTS, _WORKSHEET = "sst", "worksheet"
_DATA_DEPTH, _ROW_DEPTH, _CELL_DEPTH, _VALUE_DEPTH = 2, 3, 4, 5
_PARENTS = {"si": {"sst"}, "r": {"is", "si", "rPh"}, "rPh": {"is", "si"}, "t": {"is", "si", "r", "rPh"}}
"""Where the elements of a text stand."""

_AS_WRITTEN = frozenset({"n", "s"})
"""Types of values of which readers take the bytes: a number, and the number of a shared text."""


class DisorderError(ValueError):
    """A worksheet gives a place twice, out of order, or in a form of XML that some readers do not know, so that they
    differ in what they take of it.

    Its text names what stands where. Of 3,257 worksheets among the test files of eight libraries one does so, which was
    made to break readers.
    """


class _OtherPartError(Exception):
    """The part holds neither a worksheet nor its texts."""


class XlsxMeasure:
    """The filled cells of an XLSX worksheet, `<c r="C17"><v>`, whose addresses ascend [ECMA-376-1 18.3.1.73].

    A row or a cell without an address comes after the one before. One that is only in bold holds nothing. A part is a
    worksheet, or holds the texts of all, by its root and not by its name; what another part holds does not matter. Some
    readers take an element by its name alone, in any place and namespace: those of a worksheet's data stand where the
    standard has them.
    """

    def __init__(self) -> None:
        self.height = self.width = 0
        self._row = self._column = self._depth = 0
        self._is_numbered = self._is_elsewhere = False
        self._is_other = self._is_in_data = self._has_data = False
        self._is_filled = self._is_in_value = False
        self._type, self._value, self._value_at = "", "", 0
        self._prefix = self._row_name = self._cell_name = self._value_name = ""
        self._text_path: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start

    @property
    def cells(self) -> int:
        """The rectangle around the filled cells."""
        return self.height * self.width

    def add(self, piece: bytes) -> None:
        """Parse a piece. Raises `ValueError` for a worksheet that is no XML, and `DisorderError`."""
        if self._is_other:
            return
        try:
            parse(self._parser, piece)
        except _OtherPartError:
            self._is_other = True
        except ValueError:
            if self._row_name:
                raise
            self._is_other = True
        if self._row_name and b"\0" in piece:
            raise DisorderError("letters of two bytes")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._text_path:
            self._enter_text(name)
            return
        depth = self._depth = self._depth + 1
        if not self._is_in_data:
            self._enter(name)
        elif depth == _CELL_DEPTH and name == self._cell_name:
            self._type = attributes.get("t", "n")
            self._is_filled = False
            self._go_to_cell(attributes.get("r"))
        elif depth == _VALUE_DEPTH and name == self._value_name and not self._is_filled:
            self._is_in_value = True
            self._value = ""
            self._fill()
        elif depth == _ROW_DEPTH and name == self._row_name:
            self._go_to_row(attributes.get("r"))
        elif depth == _VALUE_DEPTH and name == f"{self._prefix}is" and self._type == "inlineStr":
            self._type = ""
            self._text_path.append("is")
            self._fill()
        elif depth != _VALUE_DEPTH or name != f"{self._prefix}f" or self._is_filled:
            raise DisorderError(f"<{name}> where none belongs in row {self._row}")

    def _enter(self, name: str) -> None:
        """Enter an element outside the data of a worksheet."""
        if self._depth == 1:
            prefix, colon, root = name.rpartition(":")
            if root not in {_WORKSHEET, _SHARED_TEXTS}:
                raise _OtherPartError
            self._text_path = [root] if root == _SHARED_TEXTS else []
            self._prefix = f"{prefix}{colon}"
            self._row_name, self._cell_name, self._value_name = (f"{self._prefix}{each}" for each in ("row", "c", "v"))
            self._parser.EndElementHandler = self._end
            self._parser.CharacterDataHandler = self._take_text
            self._parser.CommentHandler = self._parser.ProcessingInstructionHandler = self._interrupt
            self._parser.StartCdataSectionHandler = self._interrupt
        elif name.endswith("sheetData"):
            if self._has_data or self._depth != _DATA_DEPTH or name != f"{self._prefix}sheetData":
                raise DisorderError("a second sheetData")
            self._is_in_data = self._has_data = True

    def _enter_text(self, name: str) -> None:
        parent = self._text_path[-1]
        local = name.removeprefix(self._prefix)
        allowed = _PARENTS.get(name.rpartition(":")[2])
        if parent == "t" or (allowed is not None and (parent not in allowed or local not in _PARENTS)):
            raise DisorderError(f"<{name}> within <{parent}> of a text")
        self._text_path.append(local)

    def _end(self, _name: str) -> None:
        if self._text_path:
            self._text_path.pop()
            if self._text_path:
                return
        self._depth -= 1
        if self._is_in_value:
            self._is_in_value = False
            if self._value and self._type in _AS_WRITTEN:
                self._check_value()
        elif self._depth < _DATA_DEPTH:
            self._is_in_data = False

    def _check_value(self) -> None:
        is_whole = self._parser.CurrentByteIndex - self._value_at == len(self._value)
        is_plain = self._value == self._value.strip() if self._type == "n" else self._value.isdecimal()
        if not (is_whole and is_plain):
            raise DisorderError(f"an encoded or spaced value in column {self._column} of row {self._row}")

    def _take_text(self, text: str) -> None:
        if self._is_in_value:
            if not self._value:
                self._value_at = self._parser.CurrentByteIndex
            self._value += text

    def _interrupt(self, *_: str) -> None:
        if self._is_in_value:
            raise DisorderError(f"a comment or a raw text in column {self._column} of row {self._row}")

    def _fill(self) -> None:
        self._is_filled = True
        self.height = self._row
        self.width = max(self.width, self._column)

    def _go_to_row(self, number: str | None) -> None:
        row = self._row + 1 if number is None else int(number)
        if row <= self._row:
            raise DisorderError(f"row {row} after row {self._row}" if self._row else f"row {row}")
        self._row, self._column = row, 0
        self._is_numbered, self._is_elsewhere = number is not None, False
        if row > LAST_ROW:  # an empty row takes no room, but a reader writes all before this one out
            self.height = row

    def _go_to_cell(self, address: str | None) -> None:
        if address is None:
            if self._is_elsewhere:
                raise DisorderError(f"a cell without an address in row {self._row}")
            self._column += 1
            return
        letters = address.rstrip("0123456789")
        row, column = int(address[len(letters) :]), column_number(letters)
        if row != self._row:  # a row that does not say which it is may be a later one: that of its first cell
            if self._is_numbered or self._column or row < self._row:
                raise DisorderError(f"the cell {address} in row {self._row}")
            self._row, self._is_elsewhere = row, True
        if column <= self._column:
            raise DisorderError(f"the cell {address} after the column {self._column} of its row")
        self._column = column


def parse(parser: expat.XMLParserType, piece: bytes) -> None:
    """Parse the next *piece* of a part. Raises `ValueError` for what is no XML."""
    try:
        parser.Parse(piece)
    except (expat.ExpatError, LookupError) as error:  # an encoding that nobody knows
        raise ValueError("no XML") from error


@lru_cache(maxsize=20_000)
def column_number(letters: str) -> int:
    """Return the number of a column from 1: `A`, `Z`, `AA`."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
