"""What a workbook says beside its values counts too: rows it hides, cells it calculates, how each is shown."""

import csv
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from dialer.campaign.file import parse_campaign
from dialer.contacts.contact import Contact, ExcludedRow, JudgedRow
from dialer.contacts.loader import load_contacts
from dialer.errors import SheetError
from dialer.reasons import Reason
from dialer.sheets.workbooks.metadata.ods import ods_metadata
from dialer.sheets.workbooks.metadata.xls import xls_metadata
from dialer.sheets.workbooks.metadata.xlsb import xlsb_metadata
from dialer.sheets.workbooks.metadata.xlsx import xlsx_metadata
from dialer.sheets.workbooks.worksheet import open_worksheet
from tests.sheets.xlsb import Calculated, HiddenRow, write_xlsb
from tests.support import NOON_MS

FILES = Path(__file__).parents[2] / "files"
MARKED = ["marked.xlsx", "marked.xls", "marked.ods"]


def _judged(path: Path, **contacts: Any) -> list[JudgedRow]:
    content = {"contacts": {"file": path.name, "region": "US", "variables": {"*": "*"}, **contacts}}
    return list(load_contacts(parse_campaign(content, path.parent / "spring.toml"), now_ms=NOON_MS).rows())


def _told(path: Path, **contacts: Any) -> list[str]:
    return [
        item.verdict.phone if isinstance(item.verdict, Contact) else item.verdict.reason
        for item in _judged(path, **contacts)
    ]


@pytest.mark.parametrize("name", MARKED)
def test_whom_a_worksheet_hides_is_not_called(name: str) -> None:
    """In every format, and only the rows of the worksheet that is read; unless they are asked for."""
    assert _told(FILES / name)[1] == Reason.ROW_HIDDEN
    assert _told(FILES / name, hidden_rows=True)[1] == "+14155550111"
    assert _told(FILES / name, sheet="Other") == [Reason.ROW_HIDDEN]


@pytest.mark.parametrize("name", MARKED)
def test_a_number_that_a_formula_gives_is_refused(name: str) -> None:
    """Its value is what some program calculated last: the cell is named, and how to mend it."""
    row = _judged(FILES / name)[2]
    assert isinstance(row.verdict, ExcludedRow)
    assert (row.verdict.reason, row.verdict.column) == (Reason.CELL_CALCULATED, "Phone")
    assert row.verdict.message.startswith("People!B4: ")
    assert "paste it in its place as values" in row.verdict.message
    assert _told(FILES / name, sheet="Other", hidden_rows=True) == [Reason.CELL_CALCULATED]


@pytest.mark.slow
@pytest.mark.parametrize("name", MARKED)
def test_a_formula_elsewhere_is_refused_only_where_it_tells_who_a_contact_is(name: str) -> None:
    """One that gives a variable is read as shown; one in a key column is not: it could make one person two."""
    assert _told(FILES / name)[3:5] == ["+14155550113", "+14155550114"]
    assert _told(FILES / name, key=["Account"])[3:5] == [Reason.CELL_CALCULATED, "+14155550114"]


@pytest.mark.parametrize("name", MARKED)
def test_numbers_and_times_come_out_as_they_are_shown(name: str) -> None:
    """Shares, hours, amounts below zero; a number shown with an exponent is told whole, and a comment is not read."""
    rows = _judged(FILES / name)
    for row in (rows[0], rows[4]):
        assert isinstance(row.verdict, Contact)
        assert row.verdict.variables[1:] == (
            ("share", "12.5%"),
            ("at", "2:30 PM"),
            ("owed", "($1,234.50)"),
            ("big", "14155550101"),
        )


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    """Return an XLSB workbook with a hidden row and a formula, beside another worksheet."""
    rows = [
        ("Name", "Phone", "Owed"),
        ("Ada", "+14155550110", 1.5),
        HiddenRow(("Bob", "+14155550111", 2.0)),
        ("Cal", Calculated("+14155550112"), 3.0),
        ("Dee", 14155550113.0, 4.0),
    ]
    return write_xlsb(tmp_path / "people.xlsb", {"Notes": [("Name", "Phone"), ("Eve", "+14155550119")], "People": rows})


def test_hidden_rows_and_formulas_of_an_xlsb_are_found(binary: Path) -> None:
    """Its records tell both, of the worksheet that is read alone."""
    assert _told(binary, sheet="People") == [
        "+14155550110",
        Reason.ROW_HIDDEN,
        Reason.CELL_CALCULATED,
        "+14155550113",
    ]
    assert _told(binary, sheet="Notes") == ["+14155550119"]


def test_a_second_phone_counts_where_the_first_is_calculated(tmp_path: Path) -> None:
    """A formula is one more reason why a column has no number: the next column is looked at."""
    rows = [("Name", "Mobile", "Home"), ("Ada", Calculated("+14155550110"), "+14155550111")]
    path = write_xlsb(tmp_path / "people.xlsb", {"People": rows})
    assert _told(path, columns={"phone": ["Mobile", "Home"]}) == ["+14155550111"]
    assert _told(path, columns={"phone": ["Mobile"]}) == [Reason.CELL_CALCULATED]


def _xlsx_part(tmp_path: Path, rows: str, base: str = "marked.xlsx") -> Path:
    """Return a workbook of ours with another worksheet put in the place of its first."""
    path = tmp_path / "people.xlsx"
    with zipfile.ZipFile(FILES / base) as source, zipfile.ZipFile(path, "w") as archive:
        for part in source.namelist():
            content = source.read(part)
            archive.writestr(part, rows.encode() if part == "xl/worksheets/sheet1.xml" else content)
    return path


def _inline(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_cells_without_addresses_are_counted(tmp_path: Path, prefix: str) -> None:
    """A row or cell that does not say where it is comes after the one before, whatever the prefix of the elements."""
    rows = (
        '<p:row hidden="true"><p:c/></p:row><p:row r="4"><p:c/><p:c><p:f>1+1</p:f><p:v>2</p:v></p:c></p:row>'
        '<p:row><p:c r="D5"><p:f>1</p:f></p:c><p:c><p:f>2</p:f></p:c></p:row>'
    ).replace("p:", prefix)
    name = prefix.removesuffix(":")
    declared = f'xmlns:{name}="{MAIN}"' if name else f'xmlns="{MAIN}"'
    sheet = f"<{prefix}worksheet {declared}><{prefix}sheetData>{rows}</{prefix}sheetData></{prefix}worksheet>"
    metadata = xlsx_metadata(_xlsx_part(tmp_path, sheet), "People")
    assert metadata.hidden == {1}
    assert [metadata.formulas.rows(column) for column in range(6)] == [set(), {4}, set(), {5}, {5}, set()]


def test_a_sheet_whose_hidden_rows_nobody_can_tell_is_refused(tmp_path: Path) -> None:
    """It is never taken for one that hides none, nor its numbers for ones that are shown as they are stored."""
    broken = _xlsx_part(tmp_path, '<worksheet><row r="1" hidden="1"><c>')
    text = tmp_path / "people.xls"
    text.write_bytes(b"\x09\x08no workbook")
    other = tmp_path / "people.ods"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("content.xml", "<office:document-content")
    assert xlsx_metadata(broken, "People").are_unknown
    assert xlsx_metadata(FILES / "marked.xlsx", "None").are_unknown
    assert xls_metadata(text, "People").are_unknown
    assert ods_metadata(other, "People").are_unknown
    assert xlsb_metadata(other, "People").are_unknown
    cut = _xlsx_part(
        tmp_path, _inline("<row hidden='1'><c t='inlineStr'><is><t>Name</t></is></c></row>").replace("</worksheet>", "")
    )
    with pytest.raises(SheetError, match="nobody can tell which rows"):
        open_worksheet(cut, None)


TABLE = (
    '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table table:name="People">'
    "{}</table:table></office:document-content>"
)


def _ods(tmp_path: Path, rows: str) -> Path:
    path = tmp_path / "people.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", TABLE.format(rows))
    return path


def test_rows_that_an_ods_repeats_are_all_marked(tmp_path: Path) -> None:
    """What is said once for several rows counts for each; of rows that hold nothing, a million take no room."""
    cell = '<table:table-cell office:value-type="float" table:formula="of:=1"><text:p>1</text:p></table:table-cell>'
    path = _ods(
        tmp_path,
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        f'<table:table-row table:number-rows-repeated="3" table:visibility="filter">{cell}</table:table-row>'
        '<table:table-row table:number-rows-repeated="1048571" table:visibility="collapse"><table:table-cell'
        ' table:number-columns-repeated="16384"/></table:table-row>',
    )
    metadata = ods_metadata(path, "People")
    assert metadata.hidden == {3, 4, 5}
    assert [metadata.formulas.rows(column) for column in (0, 1)] == [{3, 4, 5}, set()]


@pytest.mark.parametrize(
    ("shown", "told"), [("$1.50", "$1.50"), ("###", "1.5"), ("1.5E+00", "1.5"), ("", "1.5"), ("1,5 &#8364;", "1,5 €")]
)
def test_a_text_that_shows_less_than_the_value_is_not_told(tmp_path: Path, shown: str, told: str) -> None:
    """Of a column too narrow, an exponent or nothing at all, the value itself is told."""
    path = _ods(
        tmp_path,
        f'<table:table-row><table:table-cell office:value-type="float" office:value="1.5"><text:p>{shown}</text:p>'
        "<office:annotation><text:p>9</text:p></office:annotation></table:table-cell></table:table-row>",
    )
    metadata = ods_metadata(path, "People")
    assert metadata.number_formats is not None
    ((column, look),) = next(metadata.number_formats())
    assert (column, metadata.tell(1.5, look)) == (0, told)


def test_a_shape_within_a_cell_is_no_part_of_its_text(tmp_path: Path) -> None:
    """What is drawn over a number does not become a part of it."""
    path = _ods(
        tmp_path,
        '<table:table-row><table:table-cell office:value-type="float" office:value="3"><draw:frame xmlns:draw="d">'
        "<draw:text-box><text:p>BOX</text:p></draw:text-box></draw:frame><text:p>3.00</text:p></table:table-cell>"
        "</table:table-row>",
    )
    looks = ods_metadata(path, "People").number_formats
    assert looks is not None
    assert next(looks()) == [(0, "3.00")]


@pytest.mark.parametrize(
    "cell",
    [
        '<table:table-cell table:formula="of:=1" table:number-columns-repeated="20000000"/>',
        '<table:table-cell office:value-type="float"><text:p><text:s text:c="6000000000"/></text:p></table:table-cell>',
    ],
)
def test_a_few_bytes_of_an_ods_take_no_memory(tmp_path: Path, cell: str) -> None:
    """A mark or a blank that is repeated a billion times is kept as it is written, not written out."""
    path = _ods(tmp_path, f'<table:table-row table:number-rows-repeated="900000">{cell}</table:table-row>')
    tracemalloc.start()
    metadata = ods_metadata(path, "People")
    assert metadata.number_formats is not None
    next(metadata.number_formats())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not metadata.are_unknown
    assert peak < 5_000_000


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_what_a_merge_covers_is_not_read_as_empty(suffix: str) -> None:
    """A person who sees one "do not call" beside three people means all three."""
    rows = _judged(FILES / f"faulty{suffix}")
    told = [item.verdict.reason if isinstance(item.verdict, ExcludedRow) else item.verdict.phone for item in rows[:3]]
    assert told == [Reason.CONSENT_REVOKED, Reason.CELL_MERGED, Reason.CELL_MERGED]
    assert isinstance(rows[1].verdict, ExcludedRow)
    assert rows[1].verdict.message.startswith("People!C3: ")


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_an_error_is_not_read_as_empty(suffix: str) -> None:
    """A look-up that failed does not say that somebody may be called, or where they live."""
    assert _told(FILES / f"faulty{suffix}")[3:5] == [Reason.CELL_UNREADABLE, Reason.CELL_UNREADABLE]


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_every_cell_of_an_array_formula_is_a_formula(suffix: str) -> None:
    """It is written down once, and gives the values of all its cells."""
    assert _told(FILES / f"faulty{suffix}")[5:7] == [Reason.CELL_CALCULATED, Reason.CELL_CALCULATED]
    assert _told(FILES / f"faulty{suffix}")[7] == "+14155550127"


def test_a_formula_that_was_never_calculated_says_nothing(tmp_path: Path) -> None:
    """A script that writes a workbook calculates nothing: its "do not call" is not empty, it is unknown."""
    book = Workbook()
    book.active.append(["Name", "Phone", "Do not call"])
    book.active.append(["Ada", "+14155550110", '=IF(1=1,"yes","")'])
    book.active.append(["Bob", "+14155550111", None])
    book.save(tmp_path / "people.xlsx")
    assert _told(tmp_path / "people.xlsx") == [Reason.CELL_UNREADABLE, "+14155550111"]


def test_an_empty_text_is_what_a_formula_may_give(tmp_path: Path) -> None:
    """`=IF(..., "yes", "")` that was calculated says no."""
    rows = "".join(
        f'<row><c t="inlineStr"><is><t>{name}</t></is></c><c t="inlineStr"><is><t>{phone}</t></is></c>{flag}</row>'
        for name, phone, flag in [
            ("Name", "Phone", '<c t="inlineStr"><is><t>Do not call</t></is></c>'),
            ("Ada", "+14155550110", '<c t="str"><f>IF(A1=1,"yes","")</f><v></v></c>'),
            ("Bob", "+14155550111", '<c t="str"><f>IF(A1=1,"yes","")</f><v>yes</v></c>'),
            ("Cal", "+14155550112", '<c t="e"><v>#N/A</v></c>'),
        ]
    )
    told = _told(_xlsx_part(tmp_path, _inline(rows)))
    assert told == ["+14155550110", Reason.CONSENT_REVOKED, Reason.CELL_UNREADABLE]


def test_a_text_without_a_type_is_not_read_as_empty(tmp_path: Path) -> None:
    """A reader that drops it must not make of it that nothing was said."""
    metadata = ods_metadata(
        _ods(tmp_path, "<table:table-row><table:table-cell><text:p>yes</text:p></table:table-cell></table:table-row>"),
        "People",
    )
    assert metadata.errors.rows(0) == {1}


RUBY = "<text:ruby><text:ruby-base>+1415555</text:ruby-base><text:ruby-text>0199</text:ruby-text></text:ruby>0100"
STRING = 'office:value-type="string"'


@pytest.mark.parametrize(
    ("attributes", "content"),
    [
        (STRING, f"<text:p>{RUBY}</text:p>"),
        (
            STRING,
            "<text:p>+14155550100<text:note><text:note-body><text:p>9</text:p></text:note-body></text:note></text:p>",
        ),
        (STRING, "<text:p>+14155550100<text:hidden-text>99</text:hidden-text></text:p>"),
        (STRING, "<text:p>+1415555<text:date>0100</text:date></text:p>"),
        (STRING, "<text:list><text:list-item><text:p>+14155550100</text:p></text:list-item></text:list>"),
        (f'{STRING} office:string-value="+14155550199"', "<text:p>+14155550100</text:p>"),
        (f'{STRING} calcext:value-type="float" office:value="14155550199"', "<text:p>+14155550100</text:p>"),
    ],
)
def test_a_cell_of_an_ods_that_programs_show_in_two_ways_is_unreadable(
    tmp_path: Path, attributes: str, content: str
) -> None:
    """A reading aid, a note, a field, a list, a second value: LibreOffice shows each otherwise than its letters say."""
    rows = f"<table:table-row><table:table-cell {attributes}>{content}</table:table-cell></table:table-row>"
    assert ods_metadata(_ods(tmp_path, rows), "People").errors.rows(0) == {1}


def test_links_and_letters_in_bold_are_read(tmp_path: Path) -> None:
    """They are shown as their letters say; ends of lines may be written in two ways."""
    text = '<text:p>+1415<text:span>555</text:span></text:p><text:p><text:a>0100</text:a><text:s text:c="2"/></text:p>'
    cell = f'<table:table-cell {STRING} office:string-value="+1415555&#13;&#10;0100  ">{text}</table:table-cell>'
    metadata = ods_metadata(_ods(tmp_path, f"<table:table-row>{cell}</table:table-row>"), "People")
    assert metadata.errors.rows(0) == frozenset()


def test_a_merge_of_an_ods_covers_cells_that_do_not_say_so(tmp_path: Path) -> None:
    """Some programs write the span alone."""
    cell = f'<table:table-cell {STRING} table:number-rows-spanned="2" table:number-columns-spanned="2"/>'
    row = f'<table:table-row><table:table-cell {STRING} table:number-columns-repeated="3"/></table:table-row>'
    metadata = ods_metadata(_ods(tmp_path, f"<table:table-row>{cell}</table:table-row>{row}"), "People")
    assert [metadata.merged.rows(column) for column in range(3)] == [{2}, {1, 2}, set()]


def test_a_cells_own_address_counts(tmp_path: Path) -> None:
    """Where a row does not say which it is, its cells do: nobody else's row is hidden for it."""
    rows = (
        '<row><c r="A1"/></row><row><c r="A2"/></row><row><c r="A4"/></row><row hidden="1"><c r="A5"/></row>'
        '<row><c r="A6"/><c r="B6" t="str"><f>X9</f><v>1</v></c></row>'
    )
    metadata = xlsx_metadata(_xlsx_part(tmp_path, _inline(rows)), "People")
    assert metadata.hidden == {5}
    assert metadata.formulas.rows(1) == {6}


def test_a_row_without_height_is_hidden(tmp_path: Path) -> None:
    """It is not shown, whichever way it was made to vanish."""
    metadata = xlsx_metadata(_xlsx_part(tmp_path, _inline('<row ht="0" customHeight="1"/><row ht="0.5"/>')), "People")
    assert metadata.hidden == {1}


@pytest.mark.parametrize("equals", ["=", " = ", "\n="])
def test_marks_are_found_however_they_are_spaced(tmp_path: Path, equals: str) -> None:
    """XML lets a blank stand before each value, and a merge be told from its end."""
    rows = (
        f'<row hidden{equals}"1"/><row ht{equals}".0"/>',
        f'<row><c t{equals}"e"><v>#N/A</v></c></row>',
        f'<row/></sheetData><mergeCells><mergeCell ref{equals}"A3:A2"/></mergeCells><sheetData>',
    )
    hidden, wrong, merged = (xlsx_metadata(_xlsx_part(tmp_path, _inline(each)), "People") for each in rows)
    assert hidden.hidden == {1, 2}
    assert wrong.errors.rows(0) == {1}
    assert merged.merged.rows(0) == {3}


def test_a_strict_workbook_is_read_like_any_other(tmp_path: Path) -> None:
    """ISO's own names of the elements hide nothing."""
    path = tmp_path / "strict.xlsx"
    with zipfile.ZipFile(FILES / "marked.xlsx") as source, zipfile.ZipFile(path, "w") as archive:
        for part in source.namelist():
            content = source.read(part)
            content = content.replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            old, new = (
                "http://schemas.openxmlformats.org/officeDocument/2006",
                "http://purl.oclc.org/ooxml/officeDocument",
            )
            archive.writestr(part, content.replace(old.encode(), new.encode()))
    metadata = xlsx_metadata(path, "People")
    assert [metadata.hidden, metadata.formulas.rows(1)] == [{3}, {4}]


def test_formulas_of_a_drop_down_are_no_cells(tmp_path: Path) -> None:
    """What stands below the cells, lists of a drop-down or lines within a cell, has formulas of its own."""
    rows = '<row><c t="inlineStr"><is><t>Name</t></is></c><c><f>1</f><v>1</v></c></row>'
    below = '</sheetData><extLst xmlns:xm="x"><xm:f>Lists!A1:A3</xm:f></extLst>'
    metadata = xlsx_metadata(_xlsx_part(tmp_path, _inline(rows).replace("</sheetData>", below)), "People")
    assert [metadata.formulas.rows(column) for column in range(3)] == [set(), {1}, set()]


def test_a_value_that_a_script_gave_with_its_formula_is_trusted(tmp_path: Path) -> None:
    """A workbook to be calculated when it is opened has zeros in place of values, and what its maker knew."""
    texts = [("Name", "Phone", "Do not call"), ("Ada", "+14155550111", "no"), ("Bob", "+14155550112", "0")]
    rows = "".join(
        f'<row><c t="inlineStr"><is><t>{name}</t></is></c><c t="inlineStr"><is><t>{phone}</t></is></c>'
        f'<c t="str">{"" if name == "Name" else "<f>1</f>"}<v>{flag}</v></c></row>'
        for name, phone, flag in texts
    )
    path = _xlsx_part(tmp_path, _inline(rows), base="xlsxwriter.xlsx")
    assert _told(path) == ["+14155550111", Reason.CELL_UNREADABLE]


def test_an_error_in_the_first_phone_lets_the_second_count(tmp_path: Path) -> None:
    """As a formula or an empty cell there does."""
    rows = "".join(
        f"<row>{''.join(f'<c t={chr(34)}inlineStr{chr(34)}><is><t>{text}</t></is></c>' for text in texts)}{last}</row>"
        for texts, last in [
            (["Name", "Home", "Mobile"], ""),
            (["Ada", "+14155550110"], '<c t="e"><v>#N/A</v></c>'),
        ]
    )
    path = _xlsx_part(tmp_path, _inline(rows))
    assert _told(path, columns={"phone": ["Mobile", "Home"]}) == ["+14155550110"]
    assert _told(path, columns={"phone": ["Mobile"]}) == [Reason.CELL_CALCULATED]


@pytest.mark.parametrize("change", [str.upper, lambda part: part.replace("/", "\\")])
def test_parts_are_found_however_they_are_written(tmp_path: Path, change: Callable[[str], str]) -> None:
    """Names of parts are the same in any case, and old programs write backslashes."""
    path = tmp_path / "people.xlsx"
    with zipfile.ZipFile(FILES / "marked.xlsx") as source, zipfile.ZipFile(path, "w") as archive:
        for part in source.namelist():
            archive.writestr(change(part) if part.startswith("xl/worksheets/s") else part, source.read(part))
    assert xlsx_metadata(path, "People").hidden == {3}


@pytest.mark.parametrize("name", ["marked.xls", "marked.ods"])
def test_dates_of_consent_are_read_whatever_they_look_like(name: str) -> None:
    """A time that is shown in words is told exactly where it is evidence, and as shown where it is a variable."""
    content = {"contacts": {"file": name, "region": "US", "columns": {"consent_at": "At"}, "variables": {"at": "Owed"}}}
    loaded = load_contacts(parse_campaign(content, FILES / "spring.toml"), now_ms=NOON_MS)
    row = next(loaded.sheet_rows())
    assert (row.cells[4], row.cells[5]) == ("14:30:00", "($1,234.50)")


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_no_copy_of_a_row_says_that_an_unread_cell_is_empty(tmp_path: Path, suffix: str) -> None:
    """In the file of rejected rows the mark is gone: run unmended, it must not say that the person may be called."""
    rows = _judged(FILES / f"faulty{suffix}")
    path = tmp_path / "problems.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Name", "Phone", "Do not call", "State", "Plan", "Source"])
        writer.writerows(item.row.cells for item in rows[1:5])
    assert [cells[2] for cells in (item.row.cells for item in rows[1:4])] == ["#N/A"] * 3
    assert _told(path) == [Reason.CELL_UNREADABLE] * 4


def test_an_error_value_in_a_text_file_is_no_value(tmp_path: Path) -> None:
    """A name or a variable that is one is not spoken; what only looks like one, and unused columns, are left alone."""
    path = tmp_path / "people.csv"
    rows = "#N/A,+14155550110,Gold,\nAda,+14155550111,#REF!,\nBob,+14155550112,#VIP,#N/A\n"
    path.write_text(f"Name,Phone,Plan,Note\n{rows}", "utf-8")
    assert _told(path, variables={"plan": "Plan"}) == [Reason.CELL_UNREADABLE, Reason.CELL_UNREADABLE, "+14155550112"]


@pytest.mark.parametrize("code", ["[Red][<-25]General;[Blue][>25]General;General", "000", '0" days"', "[DBNum1]0"])
def test_a_number_that_is_taken_for_a_date_cannot_be_read(code: str) -> None:
    """The reader of .xls takes `[Red]` for a day in files of Excel 95: 26 would be spoken as 26 January 1900."""
    tell = open_worksheet(FILES / "formats.xls", None).metadata.tell
    assert tell(date(1900, 1, 26), code) == "#N/A"
    assert tell(date(2026, 1, 5), "dd.mm.yyyy") == "05.01.2026"
    assert tell(time(9, 30), "[h]:mm") == "9:30"
    assert tell(26, code) != "#N/A"
