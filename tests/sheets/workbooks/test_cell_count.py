"""What a worksheet spans is known before anything holds it, also where a few bytes say very much."""

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.sheets.workbooks.cell_count import (
    MAX_CELLS,
    Measure,
    OdsMeasure,
    XlsbMeasure,
    measure_for,
)
from dialer.sheets.workbooks.xlsx_measure import DisorderError, XlsxMeasure

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


def _xlsb(*records: tuple[int, int]) -> bytes:
    """Write a row (0), a cell (2) or a blank one (1) for each (kind, index), others that say nothing among them."""
    other = bytes([0x81, 0x01, 3]) + b"abc"
    written = (bytes([kind, 12]) + index.to_bytes(4, "little") + bytes(8) for kind, index in records)
    return bytes([2, 4, 9, 0, 0, 0, 0x91, 1, 0]) + other + other.join(written) + bytes([0x92, 1, 0, 2, 4, 0, 0, 0, 0])


@pytest.mark.parametrize("name", ["table-row", "table-cell", "covered-table-cell"])
def test_rows_and_cells_of_an_ods_under_another_name_are_refused(name: str) -> None:
    """The prefix of a namespace is free, and nobody's row is left out for it."""
    with pytest.raises(DisorderError, match=f"<t2:{name}>"):
        _span(OdsMeasure(), _ods(_row(FILLED) + f"<t2:{name}/>"), 1 << 20)


@given(st.integers(0, 1_048_575), st.integers(0, 16_383), st.integers(1, 9))
def test_cells_of_an_xlsb_are_found_over_every_seam(row: int, column: int, piece: int) -> None:
    """Rows and cells are records of their own, among others that say nothing of the span."""
    assert _span(XlsbMeasure(), _xlsb((0, row), (2, column)), piece) == (row + 1, column + 1)


@pytest.mark.parametrize(
    "records",
    [[(0, 1), (2, 3), (2, 3)], [(0, 1), (2, 3), (1, 2)], [(0, 1), (2, 0), (0, 1), (2, 1)], [(0, 2), (0, 1), (2, 0)]],
)
def test_an_xlsb_that_gives_a_place_twice_is_refused(records: list[tuple[int, int]]) -> None:
    """What is true of an XLSX is true of its binary form."""
    with pytest.raises(DisorderError, match="after"):
        _span(XlsbMeasure(), _xlsb(*records), 3)


def test_real_workbooks_are_measured() -> None:
    """What LibreOffice and openpyxl wrote is far below the limit, and the far cell is in it."""
    spans: dict[str, int] = {}
    for name in ("openpyxl.xlsx", "libreoffice.xlsx", "libreoffice.ods"):
        with zipfile.ZipFile(FILES / name) as archive:
            for part in archive.namelist():
                measure = measure_for(part)
                measure.add(archive.read(part))
                spans[name] = max(spans.get(name, 0), measure.cells)
    assert spans == {"openpyxl.xlsx": 200, "libreoffice.xlsx": 200, "libreoffice.ods": 200}
    assert max(spans.values()) < MAX_CELLS


@given(st.binary(max_size=60), st.sampled_from([b"", b"<worksheet><sheetData>", b"\x91\x01\0"]))
def test_any_bytes_are_measured(content: bytes, start: bytes) -> None:
    """Whatever a part holds, measuring it ends, with a `ValueError` at most."""
    for measure in (XlsxMeasure(), XlsbMeasure(), OdsMeasure()):
        with suppress(ValueError):
            measure.add(start + content)
        assert measure.cells >= 0
