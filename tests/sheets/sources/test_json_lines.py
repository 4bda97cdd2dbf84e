"""JSON Lines in place of a sheet: every value as it is written, every row under its own number, nothing swallowed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.sheet import Sheet, open_sheet
from tests.support import number

Opened = Callable[[str], Sheet]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Return what opens a text as JSON Lines."""

    def open_text(text: str) -> Sheet:
        path = tmp_path / "people.jsonl"
        path.write_text(text, "utf-8", newline="")
        return open_sheet(path, Contacts(header_row=4))  # which is that of a table of text

    return open_text


def _rows(sheet: Sheet) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.number, row.cells) for row in sheet.rows()]


def test_objects_are_rows_below_all_their_keys(opened: Opened) -> None:
    """The header is row 1, an object on line N is row N + 1, and a key that comes late or is missing loses nobody."""
    sheet = opened('\ufeff{"Name": "Ada", "Phone": "1"}\r\n\n{"Phone": "2", "City": "Ulm\\n"}\n')
    assert (sheet.header, sheet.height) == (("Name", "Phone", "City"), 4)
    assert _rows(sheet) == [(2, ("Ada", "1", "")), (4, ("", "2", "Ulm\n"))]


def test_lists_stand_below_the_list_of_headers(opened: Opened) -> None:
    """A list on line N is row N; one that is too long or too short is told as a ragged row of any sheet."""
    sheet = opened('["Name", "Phone"]\n["Ada", 1]\n\n["Bob"]\n["Cid", 2, "x"]\n')
    assert (sheet.header, sheet.header_row) == (("Name", "Phone"), 1)
    assert _rows(sheet) == [(2, ("Ada", "1")), (4, ("Bob",)), (5, ("Cid", "2", "x"))]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"\\u00e9"', "é"),
        ("12125550100", "12125550100"),
        ("1.10", "1.10"),
        ("-0.0", "-0.0"),
        ("1e2", "1e2"),
        ("9" * 5_000, "9" * 5_000),
        ("null", ""),
        ("true", "true"),
        ("false", "false"),
        ('["a", 1.10, null]', '["a", 1.10, null]'),
        ('{"b": {"é": true}}', '{"b": {"é": true}}'),
        ("[]", "[]"),
    ],
)
def test_values_are_as_they_are_written(opened: Opened, written: str, text: str) -> None:
    """A number keeps its digits, null is an empty cell, what lies deeper is its own JSON."""
    assert _rows(opened(f'{{"Name": "Ada", "Value": {written}}}\n')) == [(2, ("Ada", text))]


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@pytest.mark.slow
@given(st.lists(st.dictionaries(st.sampled_from("abcdé"), _TEXT, min_size=1), min_size=1, max_size=5))
def test_what_another_program_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, people: list[dict[str, str]]
) -> None:
    """Any text that Python's own encoder wrote is in its row, under its key."""
    path = tmp_path_factory.getbasetemp() / "people.ndjson"
    path.write_text("".join(f"{json.dumps({'id': 'x', **person})}\n" for person in people), "utf-8")
    sheet = open_sheet(path, Contacts())
    found = [dict(zip(sheet.header, row.cells, strict=True)) for row in sheet.rows()]
    assert found == [{key: {"id": "x", **person}.get(key, "") for key in sheet.header} for person in people]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1}\n{"a": 2\n', "line 2 is no JSON"),
        ('{"a": NaN}\n', "line 1 is no JSON"),
        ("a,b\n1,2\n", "line 1 is no JSON"),
        ("3\n", "line 1 is no object"),
        ('[{"a": 1}, {"a": 2}]\n', "jq -c '.[]'"),
        ('{"a": 1, "a": 2}\n', "line 1 gives one key twice"),
        ('{"a": 1}\n["a"]\n', "line 2 is a list, and line 1 is an object"),
        ('["a"]\n{"a": 1}\n', "line 2 is an object, and line 1 is a list"),
        ('{"a": "\\u0000"}\n', "line 1 holds a NUL"),
        ('{"a": "\\ud800"}\n', "line 1 holds a NUL, or half of a character"),
        ('{"\\ud800": "a"}\n', "line 1 holds a NUL, or half of a character"),
        ("[" * 100_000 + "]" * 100_000, "line 1 is no JSON"),
        ("\n\n", "holds no header"),
        ('["Name", "Phone"]\n', "there are no rows"),
    ],
)
def test_what_is_no_sheet_is_refused(opened: Opened, text: str, said: str) -> None:
    """Nothing is swallowed: the line is named, and nobody's number stands in the message."""
    with pytest.raises(SheetError) as caught:
        opened(text)
    assert said in str(caught.value)


def test_a_refusal_quotes_nobody(opened: Opened) -> None:
    """A line that is no JSON may hold a number: neither the message nor its cause does."""
    with pytest.raises(SheetError) as caught:
        opened(f'{{"Phone": "{number(0)}"')
    assert number(0)[1:] not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("depth", [400, 600, 900, 1_200])
@pytest.mark.parametrize("line", ['{{"Name": "Ada", "Value": {}}}\n', '["Name", "Value"]\n["Ada", {}]\n'])
def test_what_lies_too_deep_is_told(opened: Opened, depth: int, line: str) -> None:
    """A value is read or its line is named, however deep it lies."""
    value = "[" * depth + "]" * depth
    try:
        assert _rows(opened(line.format(value))) == [(2, ("Ada", value))]
    except SheetError as error:
        assert "is no JSON" in str(error)  # noqa: PT017 - either is right, and which depends on Python's own limit
