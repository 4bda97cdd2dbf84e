"""Where a campaign file may be drafted."""

import re
from pathlib import Path

from dialer.campaign.address import Address
from dialer.campaign.values import MEANINGS_OF_PATTERNS, NAME
from dialer.errors import UsageError
from dialer.words import command


def refuse_place(path: Path, sheet: Path | Address) -> None:
    """Raise `UsageError` for a *path* where no campaign file can be drafted; nothing that is there is written over."""
    if isinstance(sheet, Path):
        _refuse_sheet(path, sheet)
    if path.is_dir():
        raise UsageError(f"{path}: is a folder. Name a file in it, such as spring.toml, with --output.")
    if path.exists():
        delete = ", or delete it first" if path.suffix == ".toml" else ""
        raise UsageError(f"{path}: already exists. Choose another name with --output{delete}.")
    if not re.fullmatch(NAME, path.stem):
        raise UsageError(
            f"{path}: the campaign is named after its file, and the name must be {MEANINGS_OF_PATTERNS[NAME]}. Choose"
            " another name with --output."
        )


def _refuse_sheet(path: Path, sheet: Path) -> None:
    if sheet.suffix.lower() == ".toml" and sheet.is_file():
        raise UsageError(
            f"{sheet}: is a campaign file, and a sheet is needed. Check the campaign: {command('check', sheet)}"
        )
    if path == sheet or (path.exists() and path.samefile(sheet)):
        raise UsageError(f"{path}: is the contact sheet itself. Name another file, such as spring.toml, with --output.")
