"""Judging a large sheet against reading it with pandas and asking the phone library about each number.

    python -m benchmarks.reading [--rows 1000000] [--pairs 3] [--xlsx ROWS]

Prints, for `dialer check` in one process and with every core, the ratio of its time to the baseline's in the same run,
and how much more memory a sheet of all rows takes than one of a tenth of them.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from benchmarks.figures import Figure
from benchmarks.measure import ordinary_areas

BASELINE = """
import sys
import pandas as pd
import phonenumbers
from phonenumbers import PhoneNumberFormat

frame = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False, na_filter=False)
valid = 0
for text in frame["Mobile"]:
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        continue
    if phonenumbers.is_valid_number(number):
        phonenumbers.format_number(number, PhoneNumberFormat.E164)
        valid += 1
print(valid)
"""

CAMPAIGN = """
[call]
team_id = "363573667364666473667332"
call_template_id = "363573667364666473667332"
[contacts]
file = "contacts.csv"
region = "US"
regions = ["US", "CA", "GB"]
key = ["phone", "Account"]
[contacts.variables]
customer_name = "Full Name"
plan = "Plan"
balance = { column = "Balance Due", required = true }
"""

MOST, MOST_BY_CLOCK = 1.5, 1.0
HEADER = ["Full Name", "Mobile", "E-mail", "Account", "Plan", "Balance Due"]
BRITISH = ["+44 20 7946 0", "+441134960", "+44 191 498 0", "+44 161 496 0"]
"""Numbers that Ofcom keeps for drama, less their last three digits."""


def rows_of(count: int) -> Iterator[list[str]]:
    """Return rows of numbers that ring nobody, in several ways of writing; one in a hundred has something to mend."""
    chance = random.Random(1)
    areas = ordinary_areas()
    for index in range(count):
        area, last = chance.choice(areas), chance.randrange(100)
        kind = index % 10
        if kind < 4:
            phone = f"+1{area}55501{last:02d}"
        elif kind < 8:
            phone = f"({area}) 555-01{last:02d}"
        else:
            phone = f"{chance.choice(BRITISH)}{chance.randrange(1000):03d}"
        if index % 100 == 99:
            phone = "1.21256E+10"
        email = f"person.{index}@example{index % 50}.com"
        yield [f"Person {index}", phone, email, f"A-{index}", "Gold", f"${chance.randrange(10_000) / 100:.2f}"]


def write_sheet(folder: Path, rows: int) -> None:
    """Write a sheet and its campaign."""
    folder.mkdir()
    with (folder / "contacts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows_of(rows))
    (folder / "campaign.toml").write_text(CAMPAIGN, "utf-8")


class Measured(NamedTuple):
    """What a command took: seconds by the clock and by the processors, and the most memory of one of its processes."""

    seconds: float
    processor_seconds: float
    kib: int
    printed: str


def measured(command: list[str]) -> Measured:
    """Run *command* to its end."""
    began = time.perf_counter()
    # A process of its own between, whose only children are those measured.
    script = (
        "import json, resource, subprocess, sys;"
        "ended = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss, ended.returncode, ended.stdout]))"
    )
    out = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - began
    processor_seconds, kib, code, printed = json.loads(out.stdout)
    assert code in {0, 3}, out.stderr
    return Measured(seconds, processor_seconds, kib, printed)


def checked(folder: Path, processes: int) -> Measured:
    """Run `dialer check` on a sheet."""
    command = [sys.executable, "-m", "dialer", "check", str(folder / "campaign.toml"), "--json"]
    ended = measured([*command, "--processes", str(processes)])
    counts = json.loads(ended.printed)["counts"]
    assert counts["callable"] > 0.98 * sum(counts.values()), counts
    return ended


def figures() -> Iterator[Figure]:
    """Measure a sheet of 100,000 rows once, and return the ratios with their targets."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "sheet"
        write_sheet(folder, 100_000)
        baseline = measured([sys.executable, "-c", BASELINE, str(folder / "contacts.csv")])
        one, several = checked(folder, 1), checked(folder, cores)
    ratio = one.processor_seconds / baseline.processor_seconds
    yield Figure("check of 100,000 rows / pandas and phonenumbers", ratio, MOST)
    by_clock = several.seconds / baseline.seconds
    yield Figure("the same, a process for each core, by the clock", by_clock, MOST_BY_CLOCK)


def told(what: str, ratios: list[float]) -> None:
    """Print a ratio over the pairs."""
    print(f"{what}: median {median(ratios):.2f} times the baseline ({min(ratios):.2f} to {max(ratios):.2f})")


def main() -> None:
    """Compare, and print the ratios."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--pairs", type=int, default=3)
    arguments.add_argument("--xlsx", type=int, metavar="ROWS", help="measure an XLSX sheet of ROWS rows instead")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if chosen.xlsx:
            workbook(Path(name), chosen.xlsx)
        else:
            text(Path(name), chosen.rows, chosen.pairs)


def text(folder: Path, rows: int, pairs: int) -> None:
    """Measure a CSV sheet of *rows* rows, and one of a tenth."""
    cores = os.cpu_count() or 1
    large, small = folder / "large", folder / "small"
    write_sheet(large, rows)
    write_sheet(small, rows // 10)
    ratios: dict[str, list[float]] = {}
    memory = {}
    for _ in range(pairs):
        baseline = measured([sys.executable, "-c", BASELINE, str(large / "contacts.csv")])
        assert int(baseline.printed) > 0.98 * rows
        for what, processes in (("one process", 1), (f"{cores} processes", cores)):
            ended = checked(large, processes)
            memory[f"large, {what}"] = ended.kib
            ratios.setdefault(f"{what}, by the clock", []).append(ended.seconds / baseline.seconds)
            used = ended.processor_seconds / baseline.processor_seconds
            ratios.setdefault(f"{what}, processor time", []).append(used)
            print(f"baseline {baseline.seconds:.1f} s, {what} {ended.seconds:.1f} s", flush=True)
    for what, processes in (("one process", 1), (f"{cores} processes", cores)):
        memory[f"small, {what}"] = checked(small, processes).kib
        growth = memory[f"large, {what}"] / memory[f"small, {what}"] - 1
        print(
            f"{rows // 10:,} to {rows:,} rows, {what}: {growth:+.1%} memory"
            f" ({memory[f'large, {what}'] / 1024:.0f} MiB in the largest process)"
        )
    for what, found in ratios.items():
        told(what, found)


def workbook(folder: Path, rows: int) -> None:
    """Measure an XLSX sheet of *rows* rows, amounts with a number format among its cells."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("People")
    sheet.append(HEADER)
    for row in rows_of(rows):
        amount = WriteOnlyCell(sheet, float(row[-1].lstrip("$")))
        amount.number_format = '"$"#,##0.00'
        sheet.append([*row[:-1], amount])
    book.save(folder / "contacts.xlsx")
    (folder / "campaign.toml").write_text(CAMPAIGN.replace("contacts.csv", "contacts.xlsx"), "utf-8")
    ended = checked(folder, 1)
    print(f"{rows:,} rows of XLSX: {ended.seconds:.0f} s, {ended.kib / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
