"""Writes results as a workbook for people: a worksheet of all rows, one of those to mend, one that sums up.

By xlsxwriter: 100,000 rows took it 8.2 s of a processor and 29 MB, openpyxl's way of writing only 22 s and 25 MB. Cells
have types where that loses nothing. What could run as a formula is a text that its cell marks as one, without an
apostrophe before it: no program evaluates a cell of text.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from dialer.errors import UsageError
from dialer.reasons import FOR_A_PERSON, Status
from dialer.results.remedies import remedy_of
from dialer.results.summary_sheet import SummarySheet
from dialer.results.typed_cells import TypedCell, as_held, typed_cell
from dialer.sheets.header_names import ALIASES, normalise
from dialer.sheets.results_format import AS_WRITTEN, REMEDY, is_formula, is_result_column, own_cells_digest

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

ALL_ROWS, TO_MEND, SUMMARY = "all rows", "to mend", "summary"
MAX_ROWS = 1_048_576
"""Rows of a worksheet, the header among them."""

_BEFORE = ("dialer_row", "dialer_reason", "dialer_message", REMEDY)
_BEHIND = ("dialer_status", "dialer_phone", AS_WRITTEN)
"""Our columns of the rows to mend, to the left and right of the sheet's own."""

_INSTANTS = frozenset({"dialer_call_delayed_until", "dialer_submitted_at", "dialer_call_ended_at"})
_FIRST_DAY = datetime.fromisoformat("1899-12-30T00:00:00Z")
_DAY_SECONDS = 86_400

_WIDTHS = {"dialer_message": 60, REMEDY: 60, "dialer_recording_url": 40, "dialer_call_id": 27} | dict.fromkeys(
    _INSTANTS, 26
)
_WRAPPED = frozenset({"dialer_message", REMEDY})
"""Columns of the rows to mend that are read whole."""
_LINE_POINTS = 15
"""The height of a row of one line."""
_PLAIN_CHARACTERS = 10_000
"""Fewer than any cell holds, whatever they are."""
_NARROWEST, _WIDEST, _MEASURED_ROWS = 9, 45, 500
_MOST_LOOKS = 150
"""Excel takes 200 to 250 number formats of a workbook, by its language ("specifications and limits")."""
_COLOURS = {
    Status.CREATED: "#C6EFCE",
    Status.FAILED: "#FFC7CE",
    Status.UNKNOWN: "#FFD8A8",
    Status.REJECTED: "#FFEB9C",
    Status.SKIPPED: "#E7E6E6",
    Status.PENDING: "#DDEBF7",
}
"""Of the cell that holds the status in words."""


_TOP = {"valign": "top"}
"""A row to mend is as high as its message."""


class _Styles(NamedTuple):
    """How cells of each kind look."""

    header: "Format"
    text: "Format"
    wrapped: "Format"
    count: "Format"
    formula: "Format"
    instant: "Format"
    statuses: "dict[str, Format]"
    looks: "dict[str, Format]"
    add: "Callable[[dict[str, str]], Format]"

    @classmethod
    def of(cls, book: "Workbook") -> "_Styles":
        """Add them to *book*. A text stays one when it is typed over, a number with its + above all."""
        return cls(
            book.add_format({"bold": True, "bg_color": "#D9E1F2", "bottom": 1}),
            book.add_format({"num_format": "@", **_TOP}),
            book.add_format({"num_format": "@", "text_wrap": True, **_TOP}),
            book.add_format({"align": "left", **_TOP}),
            book.add_format({"num_format": "@", "quote_prefix": True, **_TOP}),
            book.add_format({"num_format": 'yyyy-mm-dd"T"hh:mm:ss.000"Z"', **_TOP}),
            {str(status): book.add_format({"bg_color": colour, **_TOP}) for status, colour in _COLOURS.items()},
            {},
            book.add_format,
        )

    def look(self, cell: TypedCell) -> "Format | None":
        """Return what shows *cell* as its text does; None where that would be more formats than Excel takes."""
        found = self.looks.get(cell.number_format)
        if found is None and len(self.looks) < _MOST_LOOKS:
            found = self.looks[cell.number_format] = self.add({"num_format": cell.number_format, **_TOP})
        return found


def _lines(sentence: str) -> int:
    """Return how many lines a wrapped sentence may need; most texts are narrower than a column's width counts on."""
    return 1 + len(sentence) // _WIDTHS[REMEDY]


class _Worksheet:
    """One worksheet that is written row by row, with its header."""

    def __init__(self, book: "Workbook", styles: _Styles, name: str, columns: Sequence[str]) -> None:
        self._sheet = book.add_worksheet(name)
        self._styles = styles
        self._columns = columns
        self._widths = [len(column) + 3 for column in columns]
        self.rows = 0
        self._at = {column: index for index, column in enumerate(columns)}
        self._writers = [self._writer_of(column) for column in columns]
        for index, column in enumerate(columns):
            self._sheet.write_string(0, index, as_held(column), styles.header)
        self._sheet.freeze_panes(1, 0)

    def _writer_of(self, column: str) -> "Callable[[int, Any], None]":
        if column in _INSTANTS:
            return self._write_instant
        if column == "dialer_status":
            return self._write_status
        if REMEDY in self._at and column in _WRAPPED:
            return self._write_wrapped
        is_typed = not is_result_column(column) and normalise(column) not in ALIASES["phone"]
        return self._write_typed if is_typed else self._write_plain

    def add(self, cells: Sequence[Any], phone_column: str) -> None:
        """Write one row; *phone_column* names the column whose number was dialled, which stays a text."""
        self.rows += 1
        if REMEDY in self._at and (lines := max(_lines(cells[self._at[column]]) for column in _WRAPPED)) > 1:
            self._sheet.set_row(self.rows, lines * _LINE_POINTS)  # not every program finds the height by itself
        phone_at = self._at.get(phone_column)
        for index, value in enumerate(cells):
            if value != "":
                if self.rows < _MEASURED_ROWS:
                    self._widths[index] = max(self._widths[index], len(str(value)) + 1)
                (self._write_plain if index == phone_at else self._writers[index])(index, value)

    def _write_instant(self, index: int, value: str) -> None:
        seconds = (datetime.fromisoformat(value) - _FIRST_DAY).total_seconds()
        self._sheet.write_number(self.rows, index, seconds / _DAY_SECONDS, self._styles.instant)

    def _write_status(self, index: int, value: str) -> None:
        self._sheet.write_string(self.rows, index, value, self._styles.statuses.get(value))

    def _write_wrapped(self, index: int, value: str) -> None:
        text = as_held(value)
        style = self._styles.formula if is_formula(text) else self._styles.wrapped
        self._sheet.write_string(self.rows, index, text, style)

    def _write_typed(self, index: int, value: str) -> None:
        cell = typed_cell(value)
        look = None if cell is None else self._styles.look(cell)
        if cell is None or look is None:
            self._write_plain(index, value)
        elif isinstance(cell.value, date):
            self._sheet.write_datetime(self.rows, index, cell.value, look)
        else:
            self._sheet.write_number(self.rows, index, cell.value, look)

    def _write_plain(self, index: int, value: str | float) -> None:
        if not isinstance(value, str):
            self._sheet.write_number(self.rows, index, value, self._styles.count)
        elif value[0].isalnum() and value.isprintable() and len(value) <= _PLAIN_CHARACTERS:  # most texts
            self._sheet.write_string(self.rows, index, value, self._styles.text)
        else:
            text = as_held(value)
            style = self._styles.formula if is_formula(text) else self._styles.text
            self._sheet.write_string(self.rows, index, text, style)

    def finish(self) -> None:
        """Set what only all rows tell: widths, and the range of the filter."""
        for index, column in enumerate(self._columns):
            width = _WIDTHS.get(column, min(max(self._widths[index], _NARROWEST), _WIDEST))
            is_own = not is_result_column(column)
            hidden = {"hidden": column == AS_WRITTEN}
            self._sheet.set_column(index, index, width, self._styles.text if is_own else None, hidden)
        self._sheet.autofilter(0, 0, self.rows, len(self._columns) - 1)
        self._sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # numbers to dial are texts on purpose


def write_workbook(
    file: IO[bytes], names: Sequence[str], lines: Iterator[list[Any]], *, max_rows: int = MAX_ROWS
) -> None:
    """Write *lines*, cells under the headers *names*. Raises `UsageError` for more rows than a worksheet holds."""
    import xlsxwriter  # noqa: PLC0415 - that CSV users need not pay
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

    with TemporaryDirectory(prefix="dialer-") as folder:  # what it leaves behind when it fails holds people's numbers
        book = xlsxwriter.Workbook(_Sink(file), {"constant_memory": True, "tmpdir": folder})
        try:
            _fill(book, names, lines, max_rows)
            book.close()
        except BaseException as error:
            for sheet in book.worksheets():
                sheet.row_data_fh.close()
            if isinstance(error, FileCreateError):
                raise error.args[0] from error  # the OSError that it wraps
            raise


class _Sink:
    """A file that refuses once: what the writer of archives still has to say when it is cleared away goes nowhere."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError:
            self._file = BytesIO()
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _fill(book: "Workbook", names: Sequence[str], lines: Iterator[list[Any]], max_rows: int) -> None:
    styles = _Styles.of(book)
    own = [index for index, name in enumerate(names) if not is_result_column(name)]
    at = {name: index for index, name in enumerate(names)}
    own_names = [names[index] for index in own]
    everything = _Worksheet(book, styles, ALL_ROWS, [*names, AS_WRITTEN])
    to_mend = _Worksheet(book, styles, TO_MEND, [*_BEFORE, *own_names, *_BEHIND])
    summary = SummarySheet()
    for line in lines:
        phone_column = line[at["dialer_phone_column"]]
        if everything.rows == max_rows - 1:
            raise UsageError(f"A workbook holds at most {max_rows - 1:,} rows: write these results as .csv.")
        everything.add([*line, ""], phone_column)
        summary.count(line[at["dialer_status"]], line[at["dialer_reason"]])
        if line[at["dialer_status"]] in FOR_A_PERSON:
            cells = [line[index] for index in own]
            digest = own_cells_digest(dict(zip(own_names, map(as_held, cells), strict=True)))
            extra = {REMEDY: remedy_of(line[at["dialer_reason"]]), AS_WRITTEN: digest}
            before, behind = ([extra[name] if name in extra else line[at[name]] for name in part] for part in _PARTS)
            to_mend.add([*before, *cells, *behind], phone_column)
    everything.finish()
    to_mend.finish()
    summary.write(book.add_worksheet(SUMMARY), styles.header, styles.statuses, (TO_MEND, ALL_ROWS))


_PARTS = (_BEFORE, _BEHIND)
