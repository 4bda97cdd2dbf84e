"""The number format of a phone cell is a part of the number: what its owner sees is called, or nobody is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from dialer.campaign.file import parse_campaign
from dialer.contacts.contact import Contact, ExcludedRow, JudgedRow
from dialer.contacts.loader import load_contacts
from dialer.reasons import Reason
from tests.sheets.ods import number, row, text, write_ods
from tests.sheets.xlsb import Formatted, write_xlsb
from tests.support import NOON_MS

FILES = Path(__file__).parent / "files"
SUFFIXES = [".xlsx", ".xlsb", ".ods"]

Cell = tuple[int, str, str]
"""A number, the format that shows it, and what a spreadsheet program then shows."""


def _xlsx(path: Path, cells: Sequence[Cell]) -> None:
    book = Workbook()
    book.active.append(["Name", "Phone"])
    for at, (value, code, _) in enumerate(cells, start=2):
        book.active.append([f"Person {at}", value])
        book.active.cell(at, 2).number_format = code
    book.save(path)


def _xlsb(path: Path, cells: Sequence[Cell]) -> None:
    rows = [(f"Person {row}", Formatted(float(value), code)) for row, (value, code, _) in enumerate(cells, start=2)]
    write_xlsb(path, {"People": [("Name", "Phone"), *rows]})


def _ods(path: Path, cells: Sequence[Cell]) -> None:
    people = [row(text(f"Person {at}"), number(str(value), shown)) for at, (value, _, shown) in enumerate(cells)]
    write_ods(path, row(text("Name"), text("Phone")), *people)


def _workbook(folder: Path, suffix: str, *cells: Cell) -> Path:
    path = folder / f"people{suffix}"
    {".xlsx": _xlsx, ".xlsb": _xlsb, ".ods": _ods}[suffix](path, cells)
    return path


def _judged(path: Path, **contacts: Any) -> list[JudgedRow]:
    content = {"contacts": {"file": str(path), **contacts}}
    return list(load_contacts(parse_campaign(content, path.parent / "spring.toml"), now_ms=NOON_MS).rows())


def _told(path: Path, **contacts: Any) -> list[str]:
    return [
        item.verdict.phone if isinstance(item.verdict, Contact) else item.verdict.reason
        for item in _judged(path, **contacts)
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("region", "cell"),
    [
        ("US", (6592345678, '"+"0', "+6592345678")),
        ("US", (2079460958, '"+44 "0', "+44 2079460958")),
        ("IT", (321123456, "0000000000", "0321123456")),
    ],
)
def test_two_numbers_in_one_cell_are_refused(tmp_path: Path, suffix: str, region: str, cell: Cell) -> None:
    """The value is one person's number, what is shown another's: the row is rejected, and both shapes are told."""
    (judged,) = _judged(_workbook(tmp_path, suffix, cell), region=region)

    assert isinstance(judged.verdict, ExcludedRow)
    assert (judged.verdict.reason, judged.verdict.column) == (Reason.CELL_FORMATTED, "Phone")
    for seen in (str(cell[0]), cell[2]):
        digits = sum(character.isdigit() for character in seen)
        assert f"{digits} digits, {'with' if '+' in seen else 'no'} +" in judged.verdict.message
    assert str(cell[0]) not in judged.verdict.message


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("region", "cell", "called"),
    [
        ("US", (14155550100, '"+"0', "+14155550100"), "+14155550100"),
        ("SG", (6592345678, '"+"0', "+6592345678"), "+6592345678"),
        ("DE", (14155550100, '"+"0', "+14155550100"), "+14155550100"),
        ("GB", (2079460958, '"+44 "0', "+44 2079460958"), "+442079460958"),
        ("GB", (2079460958, "00000000000", "02079460958"), "+442079460958"),
        ("GB", (2079460958, "+44 00 0000 0000", "+44 20 7946 0958"), "+442079460958"),
        ("US", (4155550100, "0.00", "4155550100.00"), "+14155550100"),
        ("US", (4155550100, "#,##0", "4,155,550,100"), "+14155550100"),
        ("US", (4155550100, "0.00E+00", "4.16E+09"), "+14155550100"),
        ("US", (4155550100, "General", "4155550100"), "+14155550100"),
        ("US", (4155550100, '[<=9999999]###-####;"("###") "###-####', "(415) 555-0100"), "+14155550100"),
    ],
)
def test_what_is_shown_is_called(tmp_path: Path, suffix: str, region: str, cell: Cell, called: str) -> None:
    """Where the digits differ the shown ones count; marks between them, zeros behind and an exponent do not matter."""
    assert _told(_workbook(tmp_path, suffix, cell), region=region, regions=["US", "GB", "SG"]) == [called]


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsb"])
@pytest.mark.parametrize(
    "code", ["# ?/8", "# ??/16", "0 / 8", "+440000000000", "0/0", "[>0]0%;0;0", '[<5]0;"hidden"', "0,,0.0E+0"]
)
def test_a_format_that_cannot_be_read_and_shows_other_digits_is_refused(tmp_path: Path, suffix: str, code: str) -> None:
    """Nobody can tell which number its owner sees: eighths, a fraction that ends with /1, a percentage, words."""
    assert _told(_workbook(tmp_path, suffix, (4155550100, code, "")), region="US") == [Reason.CELL_FORMATTED]


@pytest.mark.parametrize("code", ['"DNC "0', '"do not call "0', '0" (nicht anrufen)"'])
def test_a_format_that_says_not_to_call_is_heard(tmp_path: Path, code: str) -> None:
    """Its owner sees the words at every look, although no cell holds them."""
    assert _told(_workbook(tmp_path, ".xlsx", (4155550100, code, "")), region="US") == [Reason.CONSENT_REVOKED]


@pytest.mark.parametrize("code", [";;;", '0;0;0;"hidden"', '0;"+44"@', "0;0;0;0@"])
def test_a_text_that_its_format_does_not_show_is_refused(tmp_path: Path, code: str) -> None:
    """A format has a section for texts: it may show nothing of one, other words, or more."""
    book = Workbook()
    book.active.append(["Name", "Phone"])
    book.active.append(["Ada", "4155550100"])
    book.active["B2"].number_format = code
    book.save(tmp_path / "people.xlsx")
    assert _told(tmp_path / "people.xlsx", region="US", regions=["US", "GB"]) == [Reason.CELL_FORMATTED]


def test_the_second_phone_counts_where_the_first_shows_another(tmp_path: Path) -> None:
    """A number in doubt is one more reason to look at the next column."""
    book = Workbook()
    book.active.append(["Name", "Mobile", "Home"])
    book.active.append(["Ada", 6592345678, "+14155550100"])
    book.active["B2"].number_format = '"+"0'
    book.save(tmp_path / "people.xlsx")
    columns = {"phone": ["Mobile", "Home"]}
    assert _told(tmp_path / "people.xlsx", region="US", columns=columns) == ["+14155550100"]


def test_who_is_suppressed_at_the_number_shown_is_not_called_at_another(tmp_path: Path) -> None:
    """The doubt which number is meant goes against the call."""
    book = Workbook()
    book.active.append(["Name", "Mobile", "Home"])
    book.active.append(["Ada", 6592345678, "+14155550100"])
    book.active["B2"].number_format = '"+"0'
    book.save(tmp_path / "people.xlsx")
    (tmp_path / "stop.csv").write_text("phone\n+6592345678\n", "utf-8")
    content = {
        "contacts": {"file": "people.xlsx", "region": "US", "columns": {"phone": ["Mobile", "Home"]}},
        "suppression": {"files": ["stop.csv"]},
    }
    (judged,) = load_contacts(parse_campaign(content, tmp_path / "spring.toml"), now_ms=NOON_MS).rows()
    assert isinstance(judged.verdict, ExcludedRow)
    assert judged.verdict.reason == Reason.SUPPRESSED


def test_a_text_is_shown_with_what_its_format_adds(tmp_path: Path) -> None:
    """A format may put a country code before a text, too."""
    book = Workbook()
    book.active.append(["Name", "Phone"])
    book.active.append(["Ada", "2079460958"])
    book.active["B2"].number_format = '"+44"@'
    book.save(tmp_path / "people.xlsx")
    assert _told(tmp_path / "people.xlsx", region="US", regions=["US", "GB"]) == [Reason.CELL_FORMATTED]
    assert _told(tmp_path / "people.xlsx", region="GB") == ["+442079460958"]


def test_an_old_workbook_is_read_as_it_shows() -> None:
    """The same of .xls: bare, with a plus, with another country's code, conditions, decimals, a text; and a merge."""
    rows = _judged(FILES / "formats.xls", region="US", regions=["US", "GB"], variables={"renews": "Renews"})
    assert [item.verdict.phone if isinstance(item.verdict, Contact) else item.verdict.reason for item in rows] == [
        "+14155550100",
        "+14155550101",
        Reason.CELL_FORMATTED,
        "+14155550103",
        "+14155550104",
        "+14155550105",
        Reason.CELL_MERGED,
    ]
    assert isinstance(rows[0].verdict, Contact)
    assert rows[0].verdict.variables == (("renews", "01.12.2026"),)
