"""An ODS workbook is read as its owner sees it, with no more of its wrapping than is needed."""

from pathlib import Path

import pytest

from dialer.errors import SheetError
from dialer.sheets.workbooks.worksheet import open_worksheet
from tests.sheets.ods import number, row, text, write_ods


def _cells(path: Path) -> list[list[str]]:
    return [list(record.cells) for record in open_worksheet(path, None).records(frozenset())]


def test_white_space_within_a_text_is_kept(tmp_path: Path) -> None:
    """A tab, an end of a line, blanks and a new paragraph part words and numbers; a line of the file's own does not."""
    path = write_ods(
        tmp_path / "people.ods",
        row(
            text("Ada<text:tab/>Example"),
            text("+1 415 555 0100<text:line-break/>+1 415 555 0101"),
            text('a<text:s text:c="2"/>b'),
            text("a</text:p><text:p>b"),
            text("<text:span>a\n   </text:span>b"),
        ),
    )
    assert _cells(path) == [["Ada\tExample", "+1 415 555 0100\n+1 415 555 0101", "a  b", "a\nb", "a b"]]


def test_every_kind_of_value_is_read(tmp_path: Path) -> None:
    """Numbers, money, shares, dates, times, yes and no, texts; an empty cell and a repeated one."""

    def cell(kind: str, name: str, value: str) -> str:
        return f'<table:table-cell office:value-type="{kind}" office:{name}="{value}"/>'

    cells = [
        cell("float", "value", "14155550100"),
        cell("currency", "value", "1.5"),
        cell("percentage", "value", "0.125"),
        cell("date", "date-value", "2026-12-01"),
        cell("date", "date-value", "2026-12-01T09:30:00"),
        cell("time", "time-value", "PT14H30M00S"),
        cell("boolean", "boolean-value", "true"),
        cell("string", "string-value", "Ada"),
        "<table:table-cell/>",
        number("7", "007").replace("office:value-type", 'table:number-columns-repeated="2" office:value-type'),
    ]
    told = ["14155550100", "1.5", "0.125", "2026-12-01", "2026-12-01T09:30:00", "14:30:00", "TRUE", "Ada", "", "7", "7"]
    worksheet = open_worksheet(write_ods(tmp_path / "people.ods", row(*cells)), None)
    assert list(next(worksheet.records(None)).cells) == told
    assert list(next(worksheet.records(frozenset())).cells)[-2:] == ["007", "007"]


def test_a_workbook_without_its_mimetype_is_read(tmp_path: Path) -> None:
    """Some programs leave it out, and a file that was zipped anew by hand has lost it."""
    path = write_ods(tmp_path / "people.ods", row(text("Name")), mimetype=False)
    assert _cells(path) == [["Name"]]


def test_blank_rows_keep_the_numbers_of_the_others(tmp_path: Path) -> None:
    """They count between rows with values, and the million after the last one do not."""
    blank = '<table:table-row table:number-rows-repeated="{}"><table:table-cell/></table:table-row>'
    path = write_ods(
        tmp_path / "people.ods", row(text("a"), text("b")), blank.format(2), row(text("c")), blank.format(10**6)
    )
    assert _cells(path) == [["a", "b"], ["", ""], ["", ""], ["c", ""]]


def test_a_hidden_worksheet_is_not_read_unasked(tmp_path: Path) -> None:
    """A style hides it."""
    properties = '<style:table-properties table:display="false"/>'
    hiding = f'<style:style style:name="ta1" style:family="table">{properties}</style:style>'
    path = write_ods(tmp_path / "people.ods", row(text("Name")), styles=hiding)
    with pytest.raises(SheetError, match="visible"):
        open_worksheet(path, None)
    assert open_worksheet(path, "People").name == "People"


@pytest.mark.parametrize(
    "cell",
    [
        '<table:table-cell office:value-type="float" office:value="x"/>',
        '<table:table-cell office:value-type="float"/>',
        '<table:table-cell office:value-type="date" office:date-value="soon"/>',
        '<table:table-cell office:value-type="time" office:time-value="noon"/>',
        '<table:table-cell table:number-columns-repeated="x"/>',
    ],
)
def test_a_value_that_is_none_refuses_the_workbook(tmp_path: Path, cell: str) -> None:
    """Nothing is read in its place."""
    with pytest.raises(SheetError, match="not a whole workbook"):
        _cells(write_ods(tmp_path / "people.ods", row(text("Name")), row(cell)))


@pytest.mark.parametrize(
    ("kind", "value", "shown", "told"),
    [
        ("time", "-PT26H00M30S", "", "-26:00:30"),
        ("date", "-000-32768-01-01T00:00:00", "01.01.-32768", "01.01.-32768"),
        ("date", "12026-12-01", "01.12.12026", "01.12.12026"),
    ],
)
def test_times_below_zero_and_dates_beyond_the_calendar_are_read(
    tmp_path: Path, kind: str, value: str, shown: str, told: str
) -> None:
    """LibreOffice writes both, the date where a telephone number has the format of one."""
    value = f'office:value-type="{kind}" office:{kind}-value="{value}"'
    cell = f"<table:table-cell {value}><text:p>{shown}</text:p></table:table-cell>"
    assert _cells(write_ods(tmp_path / "people.ods", row(cell))) == [[told]]


@pytest.mark.parametrize("times", ["0", "-3", "1_0", "\u0663", ""])
def test_rows_that_repeat_no_number_of_times_refuse_the_workbook(tmp_path: Path, times: str) -> None:
    """Else the rows after them would have the numbers, and so the marks, of others."""
    repeated = f'<table:table-row table:number-rows-repeated="{times}"><table:table-cell/></table:table-row>'
    with pytest.raises(SheetError, match="not a whole workbook"):
        _cells(write_ods(tmp_path / "people.ods", repeated, row(text("Name"))))


def test_a_table_within_a_cell_counts_for_nothing(tmp_path: Path) -> None:
    """Neither its rows nor its name: it may have the name of the worksheet, and few rows in a row of a million."""
    inner = f'<table:table table:name="People">{row(text("x"))}</table:table>'
    cell = f'<table:table-cell office:value-type="string">{inner}<text:p>Ada</text:p></table:table-cell>'
    assert _cells(write_ods(tmp_path / "people.ods", row(text("Name")), row(cell))) == [["Name"], ["Ada"]]

    million = f'<table:table-row table:number-rows-repeated="999999999">{cell}</table:table-row>'
    with pytest.raises(SheetError, match="999,999,999 rows"):
        _cells(write_ods(tmp_path / "many.ods", million))
