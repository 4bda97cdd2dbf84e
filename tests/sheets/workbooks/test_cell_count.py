"""What a worksheet spans is known before anything holds it, also where a few bytes say very much."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.sheets.workbooks.cell_count import MAX_CELLS, Measure, OdsMeasure, XlsbMeasure, XlsxMeasure, measure_for

FILES = Path(__file__).parents[1] / "files"


def _ods(rows: str) -> bytes:
    return (
        '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table>'
        f"{rows}</table:table></office:document-content>"
    ).encode()


def _span(measure: Measure, content: bytes, piece: int) -> tuple[int, int]:
    for start in range(0, len(content), piece):
        measure.add(content[start : start + piece])
    return measure.height, measure.width


def _row(cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


FILLED = '<table:table-cell office:value-type="float"/>'
MANY = '<table:table-cell office:value-type="float" table:number-columns-repeated="10000"/>'
EDGE = _row('<table:table-cell table:number-columns-repeated="16384"/>', 1_048_572)


@pytest.mark.parametrize(
    ("rows", "span"),
    [
        (_row(FILLED), (1, 1)),
        (_row("<table:table-cell/><table:table-cell><text:p>x</text:p></table:table-cell>"), (1, 2)),
        (EDGE, (0, 0)),
        (EDGE + _row(FILLED), (1_048_573, 1)),
        (_row(MANY, 1_000_000), (1_000_000, 10_000)),
    ],
)
@pytest.mark.parametrize("piece", [7, 1 << 20])
def test_repeats_of_an_ods_count_where_they_hold_something(rows: str, span: tuple[int, int], piece: int) -> None:
    """Empty cells to the sheet's edge take no room; a filled one repeated a million times does."""
    assert _span(OdsMeasure(), _ods(rows), piece) == span


def test_a_cell_that_holds_nothing_takes_no_room() -> None:
    """One in bold at the edge of a worksheet is one that nobody can see."""
    measure = XlsxMeasure()
    measure.add(b'<c r="A1"><v>1</v></c><c r="XFD1048576" s="1"/><c r="XFC1048576" s="1"></c><c r=\'B2\'><v>1</v></c>')
    measure.add(b'<row r="1048576" ht="15"/>')
    assert (measure.height, measure.width) == (2, 2)


@pytest.mark.parametrize("piece", [5, 1 << 20])
def test_cells_of_an_xlsx_are_found_over_every_seam(piece: int) -> None:
    """An address cut in two by the end of a piece is still seen; cells without one are counted."""
    content = b'<row r="9"><c r="A9"/><c s="1" r="XFD1048576" t="s"><v>1</v></c></row>'
    assert _span(XlsxMeasure(), content, piece) == (1_048_576, 16_384)
    bare = XlsxMeasure()
    for _ in range(3):
        bare.add(b"<c><v>1</v></c>" * 10)
    assert bare.cells >= 30


@given(st.integers(0, 1_048_575), st.integers(0, 16_383), st.integers(1, 9))
def test_cells_of_an_xlsb_are_found_over_every_seam(row: int, column: int, piece: int) -> None:
    """Rows and cells are records of their own, among others that say nothing of the span."""
    other = bytes([0x81, 0x01, 3]) + b"abc"
    header = bytes([0, 8]) + row.to_bytes(4, "little") + bytes(4)
    cell = bytes([2, 12]) + column.to_bytes(4, "little") + bytes(8)

    assert _span(XlsbMeasure(), other + header + other + cell, piece) == (row + 1, column + 1)


def test_real_workbooks_are_measured() -> None:
    """What LibreOffice and openpyxl wrote is far below the limit, and the far cell is in it."""
    spans: dict[str, int] = {}
    for name in ("openpyxl.xlsx", "libreoffice.xlsx", "libreoffice.ods"):
        with zipfile.ZipFile(FILES / name) as archive:
            for part in archive.namelist():
                measure = measure_for(part)
                if measure is not None:
                    measure.add(archive.read(part))
                    spans[name] = max(spans.get(name, 0), measure.cells)
    assert spans == {"openpyxl.xlsx": 200, "libreoffice.xlsx": 200, "libreoffice.ods": 200}
    assert max(spans.values()) < MAX_CELLS


@given(st.binary(max_size=60), st.sampled_from([XlsxMeasure, XlsbMeasure]))
def test_any_bytes_are_measured(content: bytes, kind: type[Measure]) -> None:
    """Whatever a part holds, measuring it ends."""
    measure = kind()
    measure.add(content)
    assert measure.cells >= 0
