"""A worksheet of an XLSX is refused where readers differ in what they take of it: nobody gets a neighbour's number."""

import re
import zipfile
from pathlib import Path

import pytest

from dialer.errors import SheetError
from dialer.sheets.workbooks.safety_check import check_workbook
from dialer.sheets.workbooks.xlsx_measure import DisorderError, XlsxMeasure


def _span(content: bytes, piece: int = 1 << 20) -> tuple[int, int]:
    measure = XlsxMeasure()
    for start in range(0, len(content), piece):
        measure.add(content[start : start + piece])
    return measure.height, measure.width


def _xlsx(rows: str, prefix: str = "") -> bytes:
    text = f"<worksheet><sheetData>{rows}</sheetData><anchor:row>7</anchor:row></worksheet>"
    return re.sub(r"(</?)(?=[a-z]+[\s/>])", rf"\1{prefix}", text, flags=re.IGNORECASE).encode()


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_a_cell_that_holds_nothing_takes_no_room(prefix: str) -> None:
    """One in bold at the edge of a worksheet is one that nobody can see."""
    content = _xlsx(
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        "<row r='2'><c r='B2' t='inlineStr'><is><t>x</t></is></c><c r='XFC2' s='1'></c></row>"
        '<row r="1048576" ht="15"><c r="XFD1048576" s="1"/></row>',
        prefix,
    )
    assert _span(content) == (2, 2)


@pytest.mark.parametrize("piece", [5, 1 << 20])
@pytest.mark.parametrize(
    ("rows", "span"),
    [
        ('<row r="9"><c r="A9"/><c s="1" r="XFD9" t="s"><v>1</v></c></row>', (9, 16_384)),
        ("<row><c><v>1</v></c></row>" * 3 + '<row r="7"><c/><c><v>1</v></c></row>', (7, 2)),
        ('<row/><row><c r="A5"><v>1</v></c></row><row><c r="C6"><v>1</v></c></row>', (6, 3)),
        ('<row r="2"><c r="B2"><f>A1</f><v>1</v></c><c><v>1</v></c><c r="AA2"><v>1</v></c></row>', (2, 27)),
    ],
)
def test_cells_of_an_xlsx_are_found_over_every_seam(rows: str, span: tuple[int, int], piece: int) -> None:
    """An address cut in two by the end of a piece is still seen; one without it comes after the one before."""
    assert _span(_xlsx(rows), piece) == span


@pytest.mark.parametrize("piece", [5, 1 << 20])
@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ('<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c><c r="B2"><v>3</v></c></row>', "cell B2 after"),
        ('<row r="2"><c r="A2"/><c><v>2</v></c><c r="b2"><v>3</v></c></row>', "cell b2 after"),
        ('<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>2</v></c></row>', "cell A2 after the column 2"),
        ('<row r="2"><c r="2"><v>1</v></c></row>', "cell 2 after"),
        ('<row r="2"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>', "row 2 after row 2"),
        ('<row r="3"/><row r="2"><c><v>2</v></c></row>', "row 2 after row 3"),
        ('<row r="2"/><row/><row r="3"><c><v>2</v></c></row>', "row 3 after row 3"),
        ('<row r="0"><c><v>1</v></c></row>', "row 0"),
        ('<row r="-1"><c><v>1</v></c></row>', "row -1"),
        ('<row r="1"><c r="A2"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>', "cell A2 in row 1"),
        ('<row><c r="A4"><v>1</v></c></row><row r="4"><c r="A4"><v>2</v></c></row>', "row 4 after row 4"),
        ('<row r="4"/><row><c r="A4"><v>1</v></c></row>', "cell A4 in row 5"),
        ('<row><c r="A4"><v>1</v></c><c r="A5"><v>1</v></c></row>', "cell A5 in row 4"),
        ('<row><c r="A4"><v>1</v></c><c><v>1</v></c></row>', "cell without an address in row 4"),
    ],
)
def test_an_xlsx_that_gives_a_place_twice_is_refused(rows: str, what: str, prefix: str, piece: int) -> None:
    """Nobody is called by the value of a neighbour's cell, and no row is written over: readers take either."""
    with pytest.raises(DisorderError, match=what):
        _span(_xlsx(rows, prefix), piece)


def _cell(inner: str, kind: str = "n") -> str:
    return f'<row r="2"><c r="A2" t="{kind}">{inner}</c></row>'


RICH = "<r><rPr><b/></rPr><t>+1415<!-- -->555</t></r><r><t><![CDATA[0100]]></t></r>"


@pytest.mark.parametrize("piece", [1, 5, 1 << 20])
@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize(
    "rows",
    [
        _cell("<f>A1</f><v>14155550100</v>"),
        _cell("<v>7</v>", "s"),
        _cell("<v> Anna &amp; &#66;ob </v>", "str"),
        _cell(f'<is>{RICH}<rPh sb="0" eb="1"><t>7</t></rPh><phoneticPr fontId="1"/></is>', "inlineStr"),
        _cell("<v>1.0</v><is><t>1.</t></is>", "inlineStr"),
        f"<!-- a comment -->{_cell('<v>-1.5E-7</v>')}<?and an instruction?>",
    ],
)
def test_what_programs_write_is_read(rows: str, prefix: str, piece: int) -> None:
    """Formulas, shared and inline texts, letters in two fonts, and their reading aid; seen over every seam."""
    assert _span(_xlsx(rows, prefix), piece) == (2, 1)


ELSEWHERE = "<q:c><q:v>9</q:v></q:c>"
ALTERNATIVE = "<mc:Choice><{0}>1</{0}></mc:Choice><mc:Fallback><{0}>2</{0}></mc:Fallback>"


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize(
    "rows",
    [
        _cell("<v>141555<!-- -->50100</v>"),
        _cell("<v>+141555<![CDATA[50100]]></v>", "str"),
        _cell("<v>141555<?x?>50100</v>"),
        _cell("<v>1415555010&#57;</v>"),
        _cell("<v>&#49;</v>", "s"),
        _cell("<v> 5 </v>", "s"),
        _cell("<v>-1</v>", "s"),
        _cell("<v>5.0</v>", "s"),
        _cell("<v>\n14155550100\n</v>"),
        _cell("<v>1</v><v>2</v>"),
        _cell("<v>1</v><f>A1</f>"),
        _cell("<v>1<b>2</b></v>"),
        _cell("<f><v>1</v></f><v>2</v>"),
        _cell("<v>1</v><is><t>2</t></is>"),
        _cell("<is><t>2</t></is>", "s"),
        _cell("<is><t>1</t></is><v>2</v>", "inlineStr"),
        _cell("<is><t>1</t></is><is><t>2</t></is>", "inlineStr"),
        _cell("<is><t>1<b>2</b></t></is>", "inlineStr"),
        _cell("<is><q:t>1</q:t><t>2</t></is>", "inlineStr"),
        _cell(f"<is>{ALTERNATIVE.format('t')}</is>", "inlineStr"),
        _cell(ALTERNATIVE.format("v")),
        _cell("<v>1</v><extLst><v>2</v></extLst>"),
        f"<mc:Choice>{_cell('<v>1</v>')}</mc:Choice>",
        f'<row r="2">{ELSEWHERE}</row>',
        f"{_cell('<v>1</v>')}<q:row>{ELSEWHERE}</q:row>",
        "</sheetData><sheetData><row><c><v>1</v></c></row>",
    ],
)
def test_a_value_that_readers_take_in_two_ways_is_refused(rows: str, prefix: str) -> None:
    """A comment cuts a number short for some; a blank makes another's text of it; some see every name as their own.

    Each was read by calamine in another way than by openpyxl or LibreOffice, or left out.
    """
    content = _xlsx(rows, prefix)
    with pytest.raises(DisorderError):
        _span(content)


@pytest.mark.parametrize(
    "texts",
    [
        "<si><t>a</t><extLst><si><t>b</t></si></extLst></si>",
        "<q:si><t>a</t></q:si><si><t>b</t></si>",
        "<mc:Choice><si><t>a</t></si></mc:Choice><mc:Fallback><si><t>b</t></si></mc:Fallback>",
    ],
)
def test_shared_texts_that_readers_count_in_two_ways_are_refused(texts: str) -> None:
    """One text more, and every cell has its neighbour's."""
    with pytest.raises(DisorderError, match="of a text"):
        _span(f"<sst>{texts}</sst>".encode())
    with pytest.raises(DisorderError, match="two bytes"):
        _span("<sst><si><t>a</t></si></sst>".encode("utf-16"))


@pytest.mark.parametrize("name", ["xl\\worksheets\\sheet1.xml", "sheet1.xml", "xl/people.dat"])
def test_a_worksheet_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    """Some programs write backslashes, or put a worksheet elsewhere; a picture and a broken part are nothing to it."""
    path = tmp_path / "people.xlsx"
    parts = {"xl/media/image1.png": b"\x89PNG\0", "custom.xml": b"<a><b></a>", name: _xlsx(_cell("<v>1</v>") * 2)}
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    with pytest.raises(SheetError, match="row 2 after row 2"):
        check_workbook(path)
