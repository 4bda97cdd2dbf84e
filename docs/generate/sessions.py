"""Runs the commands of a page's ```` ```console ```` blocks and puts their real output below them.

All blocks of a page are one session, in a folder of its own that holds the sample campaign and its sheets. A table
under `<!-- sheet: NAME.xlsx -->` is written into a workbook of that name first: what the page asks its reader to type.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl

from docs.generate.normalise import normalise
from docs.generate.pages import ROOT

COLUMNS = "100"
"""The width of the terminal that the output is drawn for."""

MAX_SECONDS = 60

_HASTE = "\n[submit]\nrequests_per_second = 50\n"
"""What the sample lacks, so that its 23 calls take half a second here and not five."""

_CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
_SHEET = re.compile(r"<!-- sheet: (\S+) -->\n\n?((?:\|.*\n)+)")


def replay(text: str) -> str:
    """Return the page *text* with the output of its console blocks as the commands print it now.

    A line that begins with `$ ` is a command. Raises `subprocess.TimeoutExpired` for one that does not end.
    """
    if _CONSOLE.search(text) is None:
        return text
    with TemporaryDirectory() as name:
        folder = Path(name) / "calls"
        _furnish(folder, text)
        return _CONSOLE.sub(lambda block: _run_block(block[0], folder), text)


def _run_block(block: str, folder: Path) -> str:
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    parts = [f"{command}\n{_run(command.removeprefix('$ '), folder)}" for command in commands]
    return "".join(part if part.endswith("\n") else f"{part}\n" for part in parts)


def _run(command: str, folder: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AICALLER_", "DIALER_"))}
    path = f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    shell = shutil.which("bash")
    ended = subprocess.run(
        [shell or "sh", "-c", command],
        cwd=folder,
        env=kept | {"PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": COLUMNS, "HOME": str(folder.parent)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=MAX_SECONDS,
        check=False,
    )
    return normalise(ended.stdout, folder)


def _furnish(folder: Path, text: str) -> None:
    """Lay out what a reader has: the command `dialer`, the sample campaign, and the sheets that the page shows."""
    (folder / "campaigns").mkdir(parents=True)
    for name in ("sample_contacts.csv", "campaigns/sample.toml", "campaigns/do_not_call.csv"):
        shutil.copy(ROOT / name, folder / name)
    with (folder / "campaigns/sample.toml").open("a", encoding="utf-8") as sample:
        sample.write(_HASTE)
    program = folder.parent / "bin" / "dialer"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dialer "$@"\n', "utf-8")
    program.chmod(0o755)
    for name, lines in _SHEET.findall(text):
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines.splitlines()]
        _write_sheet(folder / name, [rows[0], *rows[2:]])


def _write_sheet(path: Path, rows: list[list[str]]) -> None:
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        return
    workbook = openpyxl.Workbook()
    worksheet = workbook.worksheets[0]
    for row in rows:
        worksheet.append(row)
    workbook.save(path)
