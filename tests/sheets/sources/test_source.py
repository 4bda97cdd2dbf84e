"""A sheet that lies in no file, from its address to its rows: one state of it, under a name that people know."""

import io
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer.campaign.address import STANDARD_INPUT, Address
from dialer.campaign.tables import Contacts
from dialer.errors import SettingsError, SheetError
from dialer.sheets.list_worksheets import UnclearWorksheet
from dialer.sheets.sheet import Sheet
from dialer.sheets.sources.source import MOST_QUERY_BYTES, open_source
from tests.sheets.sources.test_web import serving

TABLE = b"Name,Phone\nAda,+12125550100\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a database that holds two people."""
    path = tmp_path / "crm.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE people (name TEXT, phone TEXT)")
        connection.executemany("INSERT INTO people VALUES (?, ?)", [("Ada", "1"), ('="Bob"', "2")])
    return path


@contextmanager
def _piped(content: bytes) -> Iterator[None]:
    """Let standard input be *content*."""
    kept, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(content))
    try:
        yield
    finally:
        sys.stdin = kept


def _rows(sheet: Sheet) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.number, row.cells) for row in sheet.rows()]


def test_a_query_is_a_sheet(file: Path) -> None:
    """The columns are row 1, cells are not mended as those of a text file are, and its name is its address."""
    contacts = Contacts(
        file=Address("sqlite:///crm.db"), query="SELECT name, phone FROM people ORDER BY 2", header_row=9
    )
    sheet = open_source(Address("sqlite:///crm.db"), contacts, file.parent)
    assert (sheet.header, sheet.where, sheet.short_label) == (("name", "phone"), "sqlite:///crm.db", "sqlite:///crm.db")
    assert _rows(sheet) == [(2, ("Ada", "1")), (3, ('="Bob"', "2"))]
    assert sheet.notes == ()


def test_a_source_is_read_once(file: Path) -> None:
    """Every reading of a sheet is of the same state, whatever becomes of the database."""
    query_file = file.with_name("people.sql")
    query_file.write_text("\ufeffSELECT name FROM people", "utf-8")
    address = Address("${CRM}")
    contacts = Contacts(file=address, query_file=Path("people.sql"))
    sheet = open_source(address, contacts, file.parent, environment={"CRM": f"sqlite:///{file}"})
    before = _rows(sheet)
    file.unlink()
    assert (_rows(sheet), sheet.label, len(sheet.notes)) == (before, "${CRM}", 1)


@pytest.mark.parametrize(
    ("settings", "crm", "said"),
    [
        ({}, "sqlite:///crm.db", "is a database. Write query"),
        ({"query": "SELECT 1"}, "https://example.com/people.csv", "address of no database"),
        ({"query_file": "none.sql"}, "sqlite:///crm.db", "none.sql: there is no such file"),
        ({"query_file": "latin.sql"}, "sqlite:///crm.db", "latin.sql: the query is not UTF-8"),
        ({"query_file": "long.sql"}, "sqlite:///crm.db", "long.sql: has more than"),
        ({"query": "SELECT name FROM people WHERE 1 = 0"}, "sqlite:///crm.db", "no rows below the header"),
    ],
)
def test_what_a_variable_turns_out_to_be_is_told(file: Path, settings: dict[str, str], crm: str, said: str) -> None:
    """What the campaign file alone does not show is refused where the sheet is read."""
    (file.parent / "latin.sql").write_bytes(b"SELECT '\xff'")
    (file.parent / "long.sql").write_bytes(b" " * (MOST_QUERY_BYTES + 1))
    contacts = Contacts.model_validate({"file": "${CRM}", **settings})
    with pytest.raises(SheetError) as caught:
        open_source(Address("${CRM}"), contacts, file.parent, environment={"CRM": crm})
    assert said in str(caught.value)


def test_no_message_holds_what_a_variable_does(tmp_path: Path) -> None:
    """A token in the path is in no name that is suggested; the ending that it may have is understood."""
    contacts = Contacts(allow=("http", "private"))
    with serving({"/canary.xlsx": (200, {}, TABLE), "/canary.csv": (200, {}, TABLE)}) as server:
        address = Address(f"http://{server.place}/${{TOKEN}}")
        with pytest.raises(SheetError, match="is a text under another name") as caught:
            open_source(address, contacts, tmp_path, environment={"TOKEN": "canary.xlsx"})
        sheet = open_source(address, contacts, tmp_path, environment={"TOKEN": "canary.csv"})
    assert "canary" not in str(caught.value)
    assert (sheet.label, len(_rows(sheet))) == (address, 1)


def test_a_variable_that_is_missing_is_told(tmp_path: Path) -> None:
    """Before anything is asked."""
    with pytest.raises(SettingsError, match="the environment lacks TOKEN"):
        open_source(Address("https://example.com/?t=${TOKEN}"), Contacts(), tmp_path, environment={})


@pytest.mark.parametrize("content", [TABLE, b'{"Name": "Ada", "Phone": "+12125550100"}', TABLE.replace(b",", b";")])
def test_standard_input_is_any_kind_of_sheet(tmp_path: Path, content: bytes) -> None:
    """It is told by its content, and a command that opens it again reads the same."""
    with _piped(content):
        for _ in range(2):
            sheet = open_source(STANDARD_INPUT, Contacts(), tmp_path)
            assert (sheet.label, _rows(sheet)) == ("standard input", [(2, ("Ada", "+12125550100"))])


def test_a_workbook_may_be_piped_in(tmp_path: Path) -> None:
    """Whatever is asked about its worksheets keeps its kind, and names the source."""
    book = Workbook()
    book.active.title = "Notes"
    book.create_sheet("People").append(["Name", "Phone"])
    book["People"].append(["Ada", "+12125550100"])
    content = io.BytesIO()
    book.save(content)
    with _piped(content.getvalue()):
        with pytest.raises(UnclearWorksheet, match=r"^standard input: the first worksheet") as caught:
            open_source(STANDARD_INPUT, Contacts(), tmp_path)
        assert caught.value.lists == ("People",)
        sheet = open_source(STANDARD_INPUT, Contacts(sheet="People"), tmp_path)
    assert (sheet.where, len(_rows(sheet))) == ('standard input, worksheet "People"', 1)


def test_mistakes_in_a_source_are_told_as_of_a_file(tmp_path: Path) -> None:
    """The message names the source and the row, and never the copy."""
    for content, said in (
        (b"", "standard input: is empty"),
        (b'Name,Phone\nAda,"1\n', "standard input: row 2 (line 2"),
    ):
        with _piped(content), pytest.raises(SheetError) as caught:
            open_source(STANDARD_INPUT, Contacts(), tmp_path)
        assert str(caught.value).startswith(said)
        assert "dialer-" not in str(caught.value)


def test_nobody_types_a_sheet(tmp_path: Path) -> None:
    """At a terminal the command does not wait for what nobody will type, and a closed input is told."""
    ours, theirs = os.openpty()
    kept, sys.stdin = sys.stdin, os.fdopen(theirs)
    try:
        with pytest.raises(SheetError, match="is the keyboard"):
            open_source(STANDARD_INPUT, Contacts(), tmp_path)
        sys.stdin.close()
        sys.stdin = None  # as Python starts with `<&-`
        with pytest.raises(SheetError, match="is closed"):
            open_source(STANDARD_INPUT, Contacts(), tmp_path)
    finally:
        sys.stdin = kept
        os.close(ours)


def test_a_sheet_of_the_web_is_named_as_people_know_it(tmp_path: Path) -> None:
    """Without what stands behind its path, where a token may be; a page in place of a sheet is told as one."""
    page = b"<!DOCTYPE html><html><body>Log in</body></html>"
    with serving({"/pub": (200, {}, TABLE), "/login": (200, {}, page)}) as server:
        contacts = Contacts(allow=("http", "private"))
        sheet = open_source(Address(f"http://{server.place}/pub?key=canary"), contacts, tmp_path)
        assert (sheet.label, len(_rows(sheet))) == (f"http://{server.place}/pub", 1)
        with pytest.raises(SheetError, match=f"^http://{server.place}/login: is a web page"):
            open_source(Address(f"http://{server.place}/login?key=canary"), contacts, tmp_path)
