"""Makes the files beside this script anew: `python tests/contacts/files/make.py`.

Needs openpyxl (a dependency), xlsxwriter and LibreOffice (`soffice`), which neither the package nor its tests need.
Their order: openpyxl and xlsxwriter write workbooks, LibreOffice converts one of them to each of its formats.
"""

import shutil
import subprocess
import tempfile
from datetime import date, time
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import numbers
from openpyxl.worksheet.formula import ArrayFormula

from dialer.ledger.row_reports import RowReport
from dialer.reasons import Reason, Status
from dialer.results.table import write_table

HERE = Path(__file__).parent
HEADER = ["First Name", "Last Name", "Mobile", "E-mail", "Balance", "Renews", "Member", "ZIP"]
PEOPLE: list[list[Any]] = [
    ["Ada", "Example", "+14155550100", "ada@example.com", 120.5, date(2026, 12, 1), True, 501],
    ["Zo\u00eb", "M\u00fcller", 14155550101, "zoe@example.com", 48, date(2026, 12, 3), False, 94107],
    ["Bob", "Example", "(415) 555-0102", "", 0.3, None, True, 10001],
]


def by_openpyxl() -> None:
    """Write a title above the headers, number formats, a hidden worksheet, a blank row and a far cell with a space."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "People"
    sheet["A1"] = "Spring renewals"
    for column, text in enumerate(HEADER, start=1):
        sheet.cell(3, column, text)
    for row, person in enumerate(PEOPLE, start=4):
        for column, value in enumerate(person, start=1):
            sheet.cell(row, column, value)
        sheet.cell(row, 5).number_format = '"$"#,##0.00'
        sheet.cell(row, 6).number_format = "dd.mm.yyyy"
        sheet.cell(row, 8).number_format = "00000"
    sheet["C5"].number_format = numbers.BUILTIN_FORMATS[11]  # 0.00E+00
    sheet["J20"] = " "
    hidden = book.create_sheet("Old")
    hidden.sheet_state = "hidden"
    hidden.append(["Name", "Phone"])
    hidden.append(["Old Example", "+14155550190"])
    book.save(HERE / "openpyxl.xlsx")


def by_xlsxwriter() -> None:
    """Write damaged numbers: an exponent as text, decimals, sixteen digits, a boolean; and formulas."""
    with xlsxwriter.Workbook(str(HERE / "xlsxwriter.xlsx")) as book:
        sheet = book.add_worksheet("Sheet 1")
        shown_short = book.add_format({"num_format": "0.00E+00"})
        day, clock = book.add_format({"num_format": "d-mmm-yy"}), book.add_format({"num_format": "h:mm AM/PM"})
        sheet.write_row(0, 0, ["Name", "Phone", "Call back", "At"])
        phones: list[Any] = [14155550100, "1.41556E+10", 14155550102.5, 1415555010212345, "'+14155550104", True]
        for row, phone in enumerate(phones, start=1):
            sheet.write(row, 0, f"Person {row}")
            sheet.write(row, 1, phone, shown_short if isinstance(phone, int) else None)
            sheet.write_datetime(row, 2, date(2026, 12, row), day)
            sheet.write_datetime(row, 3, time(14, row), clock)
        sheet.write(7, 0, "Person 7")
        sheet.write_formula(7, 1, '="+1415555"&"0106"', None, "+14155550106")
        sheet.write(8, 0, "Person 8")
        sheet.write_formula(8, 1, '="+1415555"&"0107"', None, "")


def with_marks(path: Path) -> None:
    """Write what stands beside values: hidden rows, formulas, a comment, shares, times, amounts below zero."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "People"
    sheet.append(["Name", "Phone", "Account", "Share", "At", "Owed", "Big"])
    for index in range(6):
        row = [f"Person {index}", f"+1415555011{index}", f"A-{index}", 0.125, time(14, 30), -1234.5, 14155550101]
        sheet.append(row)
        at = sheet.max_row
        sheet.cell(at, 4).number_format, sheet.cell(at, 5).number_format = "0.0%", "h:mm AM/PM"
        sheet.cell(at, 6).number_format, sheet.cell(at, 7).number_format = '"$"#,##0.00;("$"#,##0.00)', "0.00E+00"
    sheet["D2"].comment = Comment("4 of 32", "Ada Example")
    sheet.row_dimensions[3].hidden = True
    sheet["B4"] = '="+1415555"&"0112"'
    sheet["C5"] = '="A-"&"3"'
    sheet["D6"] = "=1/8"
    other = book.create_sheet("Other")
    other.append(["Name", "Phone"])
    other.append(["Other", '="+1415555"&"0119"'])
    other.row_dimensions[2].hidden = True
    book.save(path)


def with_faults(path: Path) -> None:
    """Write cells whose value is not what a reader is given: merged ones, errors, array formulas."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "People"
    sheet.append(["Name", "Phone", "Do not call", "State", "Plan", "Source"])
    for index in range(8):
        sheet.append([f"Person {index}", f"+1415555012{index}", None, "CA"])
    sheet["C2"] = "yes"
    sheet.merge_cells("C2:C4")
    sheet["C5"] = '=VLOOKUP("x",A1:B2,2,FALSE)'
    sheet["D6"] = "=1/0"
    sheet["F7"], sheet["F8"] = "+14155550125", "+14155550126"
    sheet["B7"] = ArrayFormula("B7:B8", "=F7:F8")
    book.save(path)


def _marked(office: str, folder: Path) -> None:
    """Save a workbook with marks in the formats that LibreOffice writes, each formula with its value."""
    with_marks(folder / "marked.xlsx")
    with_faults(folder / "faulty.xlsx")
    command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to"]
    for ending, filter_ in {"ods": "ods", "xls": "xls:MS Excel 97", "xlsx": "xlsx:Calc MS Excel 2007 XML"}.items():
        out = folder / f"marked-{ending}"
        for stem in ("marked", "faulty"):
            source = str(folder / f"{stem}.xlsx")
            subprocess.run([*command, filter_, "--outdir", str(out), source], check=True, timeout=120)
            shutil.copy(out / f"{stem}.{ending}", HERE / f"{stem}.{ending}")


def by_libreoffice() -> None:
    """Save the workbook of openpyxl in the formats that LibreOffice writes, and as CSV in two encodings."""
    office = shutil.which("soffice")
    if office is None:
        raise SystemExit("soffice is not installed")
    formats = {
        "ods": "ods",
        "xls": "xls:MS Excel 97",
        "xlsx": "xlsx:Calc MS Excel 2007 XML",
        "csv": "csv:Text - txt - csv (StarCalc):44,34,76,1",
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(HERE / "openpyxl.xlsx", folder / "libreoffice.xlsx")
        for ending, filter_ in formats.items():
            out = folder / ending
            command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", filter_]
            subprocess.run([*command, "--outdir", str(out), str(folder / "libreoffice.xlsx")], check=True, timeout=120)
            shutil.copy(out / f"libreoffice.{ending}", HERE / f"libreoffice.{ending}")
        western = "csv:Text - txt - csv (StarCalc):59,34,1,1"  # semicolons, cp1252: Excel's own in much of Europe
        command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", western]
        subprocess.run(
            [*command, "--outdir", str(folder / "w"), str(folder / "libreoffice.xlsx")], check=True, timeout=120
        )
        shutil.copy(folder / "w" / "libreoffice.csv", HERE / "libreoffice-cp1252.csv")
        _results_round_trip(office, folder)
        _marked(office, folder)


def _results_round_trip(office: str, folder: Path) -> None:
    """Save a results file of ours, opened and saved as CSV, with what LibreOffice does to `+` and apostrophes."""
    ours = folder / "results.csv"
    ours.write_bytes((HERE / "results.csv").read_bytes())
    command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--infilter=CSV:44,34,76,1"]
    command.append("--convert-to")
    subprocess.run([*command, "xlsx", "--outdir", str(folder / "r"), str(ours)], check=True, timeout=120)
    shutil.copy(folder / "r" / "results.xlsx", HERE / "results-libreoffice.xlsx")
    subprocess.run(
        [*command, "csv:Text - txt - csv (StarCalc):44,34,76,1", "--outdir", str(folder / "s"), str(ours)],
        check=True,
        timeout=120,
    )
    shutil.copy(folder / "s" / "results.csv", HERE / "results-libreoffice.csv")


def ours() -> None:
    """Write a results file as this package does."""
    people = [
        ("Ada", "+14155550100"),
        ("Zo\u00eb", "+442079460101"),
        ("=1+1", "+14155550102"),
        ("-Bob", "415-555-0103"),
    ]
    reports = [
        RowReport(
            row=number,
            cells=(name, phone, "007"),
            status=Status.FAILED,
            reason=Reason.NOT_SENT,
            message="Not sent.",
            call_id=None,
            phone=phone if phone.startswith("+") else "+14155550103",
            slot_ms=1_795_000_000_000,
            attempts=4,
            submitted_at_ms=1_795_000_000_000,
        )
        for number, (name, phone) in enumerate(people, start=2)
    ]
    write_table(HERE / "results.csv", ["Name", "Phone", "Account"], reports)


if __name__ == "__main__":
    by_openpyxl()
    by_xlsxwriter()
    ours()
    by_libreoffice()
