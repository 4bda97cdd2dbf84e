"""What this program wrote is read as such: whatever the campaign says of its own sheet, whoever saved the file last."""

import csv
import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import openpyxl
import pytest

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.ledger.row_reports import RowReport
from dialer.reasons import Reason, Status
from dialer.results.table import write_table
from dialer.sheets.own_files import reading_of
from dialer.sheets.sheet import open_sheet
from tests.sheets.ods import row, text, write_ods

OPTIONS = [
    Contacts(header_row=header_row, encoding=encoding, delimiter=delimiter, sheet=sheet)
    for header_row, encoding, delimiter, sheet in product(
        (None, 3), (None, "utf-8", "cp1252", "utf-16-le", "no-such"), (None, ";"), (None, "People")
    )
]
"""Every set of the options that tell how a campaign's own sheet is read."""

HEADER = ("Name", "Phone", "Plan", "Note")
PEOPLE: list[tuple[str, ...]] = [
    ("J\u00fcrgen M\u00fcller", "+12025550123", "Gr\u00f6\u00dfe A", "=1+1"),
    ("Zo\u00eb d'\u00c9x", "(202) 555-0124", "B; C, D", "'=1+1"),
    ('Ann, or "Anna"', "202-555-0125", "x|y", "caf\u00e9 \u00e0 la cr\u00e8me"),
]


def write_results(path: Path) -> list[tuple[str, ...]]:
    """Write a file of ours, and return its people as they have to be read."""
    rows = [
        RowReport(number, cells, status, reason, "One; two, three | four.", None, cells[1], None, 1, None)
        for number, cells, status, reason in zip(
            (4, 5, 6),
            PEOPLE,
            (Status.CREATED, Status.REJECTED, Status.FAILED),
            ("", Reason.PHONE_INVALID, "api_400"),
            strict=True,
        )
    ]
    write_table(path, HEADER, rows)
    return PEOPLE


def lines_of(folder: Path) -> list[list[str]]:
    """Return the cells of our CSV as a spreadsheet program is given them."""
    write_results(folder / "original.csv")
    with (folder / "original.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def read_anyhow(path: Path) -> Iterator[list[tuple[str, ...]]]:
    """Yield the people of a file of ours as they are read with each set of options."""
    for options in OPTIONS:
        sheet = open_sheet(path, reading_of(path, options))
        at = [sheet.header.index(name) for name in HEADER]
        yield [tuple(line.cells[index] for index in at) for line in sheet.rows(frozenset())]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_as_it_was_written(tmp_path: Path, suffix: str) -> None:
    """Given back untouched, by every set of options."""
    people = write_results(tmp_path / f"r{suffix}")

    assert all(found == people for found in read_anyhow(tmp_path / f"r{suffix}"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("delimiter", "quoting"), [*((character, csv.QUOTE_MINIMAL) for character in ",;\t|:^ "), (";", csv.QUOTE_ALL)]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_saved_as_text_in_another_shape(tmp_path: Path, delimiter: str, encoding: str, quoting: int) -> None:
    """Every delimiter and encoding that a spreadsheet program offers, with a mark or, as LibreOffice does, without."""
    path = tmp_path / "saved.csv"
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter, quoting=quoting).writerows(lines_of(tmp_path))  # type: ignore[arg-type]

    assert all(found == PEOPLE for found in read_anyhow(path))


@pytest.mark.slow
def test_saved_as_a_workbook(tmp_path: Path) -> None:
    """One worksheet, named after the file, as every spreadsheet program makes of a CSV."""
    book = openpyxl.Workbook()
    book.active.title = "original"
    for line in lines_of(tmp_path):
        book.active.append(line)
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s"
    book.save(tmp_path / "saved.xlsx")

    assert all(found == PEOPLE for found in read_anyhow(tmp_path / "saved.xlsx"))


@pytest.mark.slow
def test_saved_as_an_open_document(tmp_path: Path) -> None:
    """The same as a file of LibreOffice's own kind."""
    path = write_ods(
        tmp_path / "saved.ods", *(row(*(text(_xml(cell)) for cell in line)) for line in lines_of(tmp_path))
    )

    assert all(found == PEOPLE for found in read_anyhow(path))


@pytest.mark.slow
def test_our_workbook_saved_by_another_program(tmp_path: Path) -> None:
    """All its worksheets are still there, and all rows are read."""
    people = write_results(tmp_path / "r.xlsx")
    openpyxl.load_workbook(tmp_path / "r.xlsx").save(tmp_path / "saved.xlsx")

    assert all(found == people for found in read_anyhow(tmp_path / "saved.xlsx"))
    sheet = open_sheet(tmp_path / "saved.xlsx", reading_of(tmp_path / "saved.xlsx", OPTIONS[0]))
    assert sheet.notes == ('This is a workbook of results: its worksheet "all rows" is read.',)


def test_under_a_title_that_somebody_wrote_above(tmp_path: Path) -> None:
    """The columns tell where the header is."""
    path = tmp_path / "saved.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["To mend by Friday"], [], *lines_of(tmp_path)])

    assert all(found == PEOPLE for found in read_anyhow(path))


OFFICE = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


SHAPES = ["csv:44,34,76", "csv:59,34,1", "csv:9,34,65535", "xlsx", "ods", "xls"]
"""What LibreOffice saves as: CSV with delimiter, quote and encoding (UTF-8, that of Windows, UTF-16), or a workbook."""


@pytest.fixture(scope="module")
def saved_by_libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save our CSV `c` and our workbook `w` in each shape, each shape in a folder numbered as it is."""
    folder = tmp_path_factory.mktemp("office")
    write_results(folder / "c.csv")
    write_results(folder / "w.xlsx")
    office = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--infilter=CSV:44,34,76"]
    for index, shape in enumerate(SHAPES):
        kind, _, tokens = shape.partition(":")
        target = f"csv:Text - txt - csv (StarCalc):{tokens},1,,0,false,true" if tokens else kind
        command = [
            *office,
            "--convert-to",
            target,
            "--outdir",
            str(folder / str(index)),
            str(folder / "c.csv"),
            str(folder / "w.xlsx"),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=110)
    return folder


@OFFICE
@pytest.mark.slow
@pytest.mark.parametrize("source", ["c", "w"], ids=["our CSV", "our workbook"])
@pytest.mark.parametrize("shape", SHAPES)
def test_saved_by_libreoffice(saved_by_libreoffice: Path, source: str, shape: str) -> None:
    """The real program: of our workbook nothing is lost, of our CSV what it takes for numbers, the + above all."""
    saved = saved_by_libreoffice / str(SHAPES.index(shape)) / f"{source}.{shape.partition(':')[0]}"
    expected = [(name, phone.removeprefix("+") if source == "c" else phone, *rest) for name, phone, *rest in PEOPLE]

    assert all(found == expected for found in read_anyhow(saved))


def _xml(cell: str) -> str:
    return cell.replace("&", "&amp;").replace("<", "&lt;")


@pytest.mark.parametrize(
    "content",
    [
        "Export\n\nName;Phone\nAda;12\n",
        "",
        "Name;Phone\n",
        "\n\nName;Phone;dialer_notes\nAda;12;x\n",
        "\n\nName;Phone\nAda;see dialer_row\n",
    ],
    ids=["a title", "empty", "short", "a column named alike", "a cell that names ours"],
)
def test_any_other_sheet_is_read_as_the_campaign_says(tmp_path: Path, content: str) -> None:
    """None of these is ours, and nothing is guessed of them."""
    path = tmp_path / "people.csv"
    path.write_text(content, "utf-8")
    own_sheet = Contacts(region="US", header_row=3, delimiter=";", sheet="People", encoding="cp1252")

    assert reading_of(path, own_sheet) is own_sheet
    assert reading_of(tmp_path / "missing.csv", own_sheet) is own_sheet


@pytest.mark.parametrize("name", ["sheet.csv", "sheet.xlsx", "sheet.xls", "sheet.ods"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    """Nobody writes into it: it is refused at once, whatever its name."""
    path = tmp_path / name
    os.mkfifo(path)
    with pytest.raises(SheetError, match="is no file"):
        open_sheet(path, reading_of(path, OPTIONS[-1]))


def test_any_other_workbook_is_read_as_the_campaign_says(tmp_path: Path) -> None:
    """Its worksheets are looked at, and none has our columns."""
    openpyxl.Workbook().save(tmp_path / "people.xlsx")
    (tmp_path / "broken.xlsx").write_bytes(b"no workbook")

    assert reading_of(tmp_path / "people.xlsx", OPTIONS[-1]) is OPTIONS[-1]
    assert reading_of(tmp_path / "broken.xlsx", OPTIONS[-1]) is OPTIONS[-1]
