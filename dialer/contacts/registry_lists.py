"""Reads the lists of the National Do Not Call Registry of the USA, as its files are downloaded.

The Federal Trade Commission gives full lists and change lists, each as flat text or as tagged XML (FTC, "National Do
Not Call Registry: Telemarketer Access Information", August 2003; the questions for business of
telemarketing.donotcall.gov). Flat text has an area code and a number a line, parted by a comma; that of a change list
has "several data items per record". In XML the numbers (`ph`) stand within their area code: an `ac`, or, in the list of
one, the `list` itself. How a change list marks what was added and deleted is published nowhere outside the registry: an
item `D`, and no `A`, is taken for deleted, and every other number is held.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.parsers import expat

from dialer.contacts.phones.phone_cell import PhoneProblem, read_any_numbers
from dialer.errors import SheetError
from dialer.words import trouble

FLAT_NUMBER = re.compile(r"([2-9][0-9]{2})\s*,\s*([2-9][0-9]{6})")
"""A line of the flat form that was not parted at its comma."""

_AREA, _LOCAL = re.compile(r"[2-9][0-9]{2}"), re.compile(r"[2-9][0-9]{6}")
_ADDED, _DELETED = "A", "D"
_VALUE = "val"


def is_flat(cells: Sequence[str]) -> bool:
    """Return whether the *cells* of a row are an area code and a number, with what a change list says behind them."""
    parts = [cell.strip() for cell in cells]
    return len(parts) > 1 and bool(_AREA.fullmatch(parts[0]) and _LOCAL.fullmatch(parts[1]))


def flat_number(cells: Sequence[str]) -> str | None:
    """Return the E.164 number of a row that `is_flat`; `None` for one that a change list has as deleted."""
    parts = [cell.strip() for cell in cells]
    marks = {part.upper() for part in parts[2:]}
    return None if _DELETED in marks and _ADDED not in marks else f"+1{parts[0]}{parts[1]}"


def read_entry(text: str, *, area: str = "", region: str | None, column: str) -> frozenset[str] | PhoneProblem:
    """Return every number that an entry of a list may mean, with the *area* code of a column of its own before it."""
    flat = FLAT_NUMBER.fullmatch(text.strip())
    if flat is not None:
        return frozenset([f"+1{flat[1]}{flat[2]}"])
    found = read_any_numbers(text, region=region, column=column)
    if not area:
        return found
    joined = read_any_numbers(f"{area} {text.strip()}", region=region, column=column)
    if isinstance(joined, PhoneProblem):
        return found
    return joined if isinstance(found, PhoneProblem) else found | joined


def read_tagged(file: Path) -> Iterator[str]:
    """Yield the E.164 numbers of a registry's XML *file*, but for those that a change list has as deleted.

    Raises `SheetError` for a file that cannot be read, is no such XML, or holds a number that is not whole: after all
    that could be read.
    """
    if file.exists() and not file.is_file():
        raise SheetError(f"{file}: is no file.")
    reader = _Tagged(file)
    try:
        with file.open("rb") as opened:
            reader.parser.ParseFile(opened)
    except FileNotFoundError as error:
        raise SheetError(
            f"{file}: there is no such file. Check the path: in a campaign file it starts at that file, on the command"
            " line at the current folder."
        ) from error
    except OSError as error:
        raise SheetError(f"{file}: cannot be read: {trouble(error)}.") from error
    except (expat.ExpatError, LookupError, ValueError):  # of an encoding that nobody knows, too
        reader.problem = SheetError(
            f"{file}: line {reader.parser.CurrentLineNumber}: the list ends too early, is damaged, or is no XML here."
            " Download it again."
        )
    yield from reader.numbers
    if reader.problem is not None:
        raise reader.problem
    if not reader.seen:
        raise SheetError(
            f"{file}: holds no number of the Do Not Call Registry (no <ph> within an <ac> or a <list> of an area code)."
            " Download the list again, or name the right file."
        )


class _Tagged:
    """Collects the numbers of one file while it is parsed."""

    def __init__(self, file: Path) -> None:
        self.numbers: list[str] = []
        self.seen = 0
        self.problem: SheetError | None = None
        self._file = file
        self._area = ""
        self._local = ""
        self._within: list[str] = []
        self._is_deleted = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.casefold()
        self._within.append(tag)
        if tag == "ac" or (tag == "list" and _AREA.fullmatch(attributes.get(_VALUE, ""))):
            self._area = attributes.get(_VALUE, "")
        elif tag == "ph":
            self._local = attributes.get(_VALUE, "")
            self._is_deleted = False
        marks = [text for key, text in attributes.items() if key != _VALUE]
        if "ph" in self._within:
            self._is_deleted = self._is_deleted or _DELETED in map(str.upper, marks)

    def _text(self, text: str) -> None:
        if not self._within or not text.strip():
            return
        if self._within[-1] == "ac":
            self._area += text.strip()
        elif self._within[-1] == "ph":
            self._local += text.strip()
        elif "ph" in self._within:
            self._is_deleted = self._is_deleted or text.strip().upper() == _DELETED

    def _end(self, _name: str) -> None:
        if self._within.pop() != "ph":
            return
        self.seen += 1
        if not is_flat((self._area, self._local)):
            self.problem = self.problem or SheetError(
                f"{self._file}: line {self.parser.CurrentLineNumber}: a <ph> holds no number of seven digits within an"
                " area code of three. Download the file again."
            )
        elif not self._is_deleted:
            self.numbers.append(f"+1{self._area}{self._local}")

    def _refuse_doctype(self, *_parts: object) -> None:
        raise SheetError(
            f"{self._file}: declares a document type, which no list of the registry does. Download it again."
        )
