"""Delimited text is read as it stands, or refused with the place."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.delimited import MAX_COLUMNS, open_delimited
from dialer.sheets.encodings import MAX_LINE_CHARACTERS


def _read(path: Path, **contacts: object) -> list[tuple[int, list[str]]]:
    return list(open_delimited(path, Contacts.model_validate(contacts)).records())


def _write(folder: Path, content: bytes) -> Path:
    path = folder / "people.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_dialects_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """Each delimiter and each encoding that marks itself is read without being told."""
    text = f"name{delimiter}phone\r\nZo\u00eb{delimiter}+14155550100\r\n"
    path = _write(tmp_path, text.encode(encoding))

    assert _read(path) == [(1, ["name", "phone"]), (2, ["Zo\u00eb", "+14155550100"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(tmp_path: Path, end: str) -> None:
    """Unix, Windows and old Macintosh line ends make the same rows, and blank lines count."""
    path = _write(tmp_path, f"a,b{end}1,2{end}{end}3,4".encode())

    assert _read(path) == [(1, ["a", "b"]), (2, ["1", "2"]), (3, []), (4, ["3", "4"])]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("name;phone\nDoe, Ada;1\nRoe, Bob;2\n", ";"),
        ('"Doe; Ada",phone\n1,2\n', ","),
        ("name,phone;home\nAda,1\nBob,2\n", ","),
        ("phone\nDoe, Ada\n", ","),
        ("name\tphone, home\nAda\t1\n", "\t"),
    ],
)
def test_the_header_decides_the_delimiter(tmp_path: Path, text: str, delimiter: str) -> None:
    """What cuts the header and agrees with the rows is the delimiter; one column has none."""
    assert open_delimited(_write(tmp_path, text.encode()), Contacts()).delimiter == delimiter


def test_an_unclear_delimiter_is_asked_for(tmp_path: Path) -> None:
    """Two that fit equally are not chosen from; the setting decides."""
    path = _write(tmp_path, b"a,b;c\n1,2;3\n")

    with pytest.raises(SheetError, match="Set delimiter"):
        _read(path)
    assert _read(path, delimiter=";")[0] == (1, ["a,b", "c"])


def test_excels_own_first_line_is_no_row(tmp_path: Path) -> None:
    """`sep=;` names the delimiter and is not counted, as in the program that writes it."""
    assert _read(_write(tmp_path, b"sep=;\nname;phone\nA;1\n")) == [(1, ["name", "phone"]), (2, ["A", "1"])]


def test_cells_stay_text(tmp_path: Path) -> None:
    """Nothing becomes a number, a date or an absence on the way."""
    assert _read(_write(tmp_path, b"a,b,c,d\n007,NA,null,1e5\n"))[1] == (2, ["007", "NA", "null", "1e5"])


def test_a_line_break_inside_quotes_is_one_row(tmp_path: Path) -> None:
    """A cell of two lines is one cell, and the next row has the next number."""
    rows = _read(_write(tmp_path, b'a,b\n"x\ny",1\nz,2\n'))

    assert rows[1:] == [(2, ["x\ny", "1"]), (3, ["z", "2"])]


@pytest.mark.parametrize(
    ("text", "row", "line"),
    [
        ('a,b\nx,1\n"y,2\nz,3\n', 3, 3),
        ('a,b\n"x\nx",1\n"y,2\nz,3\n', 3, 4),
        ('a,b\n"x,1\n"y",2\nz,3\n', 2, 2),
        ('a,b\nx,"1"2\n', 2, 2),
        ('"a,b\nx,1\n', 1, 1),
        ('sep=,\na,b\n"x,1\n', 2, 3),
    ],
)
def test_a_quote_that_is_not_closed_swallows_nothing(tmp_path: Path, text: str, row: int, line: int) -> None:
    """The row in which the quote was opened is named; no later row disappears into it."""
    path = _write(tmp_path, text.encode())

    with pytest.raises(SheetError, match=rf"row {row} \(line {line} of the file\)"):
        _read(path)


def test_a_cell_has_a_limit(tmp_path: Path) -> None:
    """Rows that a lost quote would pile into one cell end the reading early, with the limit named."""
    path = _write(tmp_path, b'a,b\n1,2\n"x,1\n' + b"y,2\n" * 100_000)

    with pytest.raises(SheetError, match=f"row 3 .*{csv.field_size_limit():,} characters"):
        _read(path)


def test_a_long_cell_near_the_beginning_is_refused_before_any_delimiter_is_known(tmp_path: Path) -> None:
    """Where the dialect is still being looked for the limit holds as well, and is told as a `SheetError`."""
    path = _write(tmp_path, f"phone\n{'9' * (csv.field_size_limit() + 1)}\n".encode())
    with pytest.raises(SheetError, match=f"{csv.field_size_limit():,} characters"):
        open_delimited(path, Contacts())


def test_a_line_has_a_limit(tmp_path: Path) -> None:
    """A file that is one endless line is refused before it fills the memory."""
    path = _write(tmp_path, b"a,b\n" + b"x" * (MAX_LINE_CHARACTERS + 1))

    with pytest.raises(SheetError, match="line 2 is longer"):
        _read(path, delimiter=",")


@pytest.mark.parametrize("before", [b"", b"x,1\n" * 5000])
def test_other_encodings_are_guessed_aloud_or_named(tmp_path: Path, before: bytes) -> None:
    """Text of an older Excel is read with a note that shows its line; the setting reads it without one."""
    path = _write(tmp_path, b"name,phone\n" + before + "Zo\u00eb,1\n".encode("cp1252"))
    line = 2 + before.count(b"\n")
    guessed = open_delimited(path, Contacts())

    assert guessed.note is not None
    assert f'line {line} "Zo\u00eb"' in guessed.note
    assert open_delimited(path, Contacts(encoding="cp1252")).note is None
    assert _read(path) == _read(path, encoding="cp1252")
    assert _read(path)[-1] == (line, ["Zo\u00eb", "1"])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_unmarked_utf_16_is_asked_for(tmp_path: Path, encoding: str) -> None:
    """UTF-16 without its mark looks like text full of NULs; it is refused, and read once it is named."""
    path = _write(tmp_path, "name,phone\nAda,1\n".encode(encoding))

    with pytest.raises(SheetError, match="line 1 holds NUL characters"):
        _read(path)
    assert _read(path, encoding=encoding)[1] == (2, ["Ada", "1"])


@pytest.mark.parametrize("encoding", ["latin-17", "hex"])
def test_an_encoding_must_exist(tmp_path: Path, encoding: str) -> None:
    """A misspelt encoding is the campaign's mistake, and is named."""
    with pytest.raises(SheetError, match=f'no encoding "{encoding}"'):
        _read(_write(tmp_path, b"a,b\n"), encoding=encoding)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6), min_size=2, max_size=4),
        max_size=20,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    """Any cells, with quotes, delimiters and line breaks in them, come back as they were, row by row."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([["a", "b"], *rows])
    path = _write(tmp_path_factory.mktemp("sheet"), text.getvalue().encode("utf-8"))

    assert _read(path, delimiter=delimiter) == list(enumerate([["a", "b"], *rows], start=1))


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200))
@example(b"\0\xa4@\x80")
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever a file holds, the answer is records in order or a `SheetError`."""
    path = _write(tmp_path_factory.mktemp("sheet"), content)
    try:
        records = _read(path)
    except SheetError:
        return
    assert [number for number, _ in records] == list(range(1, len(records) + 1))


def test_a_row_of_very_many_cells_is_refused(tmp_path: Path) -> None:
    """A million columns are no sheet; the limit is named."""
    path = _write(tmp_path, b"name,phone\n" + b"," * MAX_COLUMNS + b"\n")

    with pytest.raises(SheetError, match=r"row 2 has 16,385 cells; at most 16,384"):
        _read(path)


@pytest.mark.slow
def test_a_row_of_endless_lines_is_refused(tmp_path: Path) -> None:
    """Quoted cells may hold line ends, and a thousand of them in one row may not fill the memory."""
    cell = '"' + "a\n" * 5_000 + '"'
    path = _write(tmp_path, ("name,phone\nAda,1\n" + ",".join([cell] * 150) + "\n").encode())

    with pytest.raises(SheetError, match=r"row 3 .*1,000,000"):
        _read(path, delimiter=",")


def test_known_headers_decide_between_delimiters(tmp_path: Path) -> None:
    """Where two cut the rows alike, the one that shows a phone and a name is meant."""
    path = _write(tmp_path, b"Full name;Mobile, private;City\nA;1,2;b\nB;1,2;c\n")

    assert open_delimited(path, Contacts()).delimiter == ";"


@pytest.mark.parametrize("write", [lambda cell: cell, lambda cell: '"' + cell.replace('"', '""') + '"'])
@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ('="Anna"', "Anna"),
        ('="007"', "007"),
        ('="2025550143"', "2025550143"),
        ('="+12025550143"', "+12025550143"),
        ('="say ""Ann"""', 'say "Ann"'),
        ('=""', ""),
        ('="a"&"b"', '="a"&"b"'),
        ("=1+1", "=1+1"),
        ('\'="Anna"', '\'="Anna"'),
        ('x="Anna"', 'x="Anna"'),
    ],
)
def test_a_text_written_as_a_formula_is_that_text(
    tmp_path: Path, cell: str, read: str, write: Callable[[str], str]
) -> None:
    """A spreadsheet's way of keeping a zero or a plus, in quotes or not; a formula that computes is no text."""
    header = write('="Name"')
    path = tmp_path / "people.csv"
    path.write_text(f"{header},Phone\n{write(cell)},1\nBob,2\n", "utf-8")
    text = open_delimited(path, Contacts())
    assert list(text.records()) == [(1, ["Name", "Phone"]), (2, [read, "1"]), (3, ["Bob", "2"])]


@pytest.mark.parametrize("cell", ['="007"', ' ="007"', '="007" '])
def test_a_blank_beside_a_text_formula_does_not_matter(tmp_path: Path, cell: str) -> None:
    """Behind a separator people write a space, and nobody is to hear a name with an equals sign."""
    path = tmp_path / "people.csv"
    path.write_text(f"name,code\nAda,{cell}\n", "utf-8")

    assert _read(path)[1] == (2, ["Ada", "007"])
