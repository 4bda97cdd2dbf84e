"""Reads a TOML file, and explains what is none."""

import tomllib
from pathlib import Path
from typing import Any

from dialer.campaign.syntax import explain_syntax
from dialer.errors import CampaignError
from dialer.words import trouble

_NOT_UTF_8 = "is not UTF-8 text. Save it as UTF-8."
MAX_BYTES = 1 << 20
"""The size of a campaign file: one with every key and a hundred variables has 10 KB."""


def read_toml(path: Path) -> dict[str, Any]:
    """Return what the campaign file, or the file of profiles, at *path* holds.

    Raises `FileNotFoundError` where there is none, `CampaignError` for a file that cannot be read or is no TOML.
    """
    _refuse_other_file(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CampaignError(f"{path}: cannot be read: {trouble(error)}.") from error
    except UnicodeDecodeError as error:
        raise CampaignError(f"{path}: {_NOT_UTF_8}") from error
    return _parsed(text, path)


def _parsed(text: str, path: Path) -> dict[str, Any]:
    if "\0" in text:
        raise CampaignError(f"{path}: {_NOT_UTF_8}")  # UTF-16 without its mark is
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise CampaignError(f"{path}: {explain_syntax(text, error)}") from error
    except RecursionError as error:
        raise CampaignError(f"{path}: its lists or tables lie too deep in each other.") from error


def _refuse_other_file(path: Path) -> None:
    """Refuse what is no campaign file before it is opened: a pipe would be waited for, a device read without an end."""
    try:
        size = path.stat().st_size
    except OSError:
        return  # reading it says what it is
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no file"
        raise CampaignError(f"{path}: is {what}. Name the campaign's .toml file.")
    if size > MAX_BYTES:
        raise CampaignError(
            f"{path}: measures {size:,} bytes, and a campaign file at most {MAX_BYTES:,}. Name the right file."
        )
