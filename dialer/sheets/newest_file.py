"""Chooses tonight's sheet: the newest file of a pattern, not too old, and not being written any more."""

import glob
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dialer.clock import Clock, from_ms
from dialer.errors import SheetError

STEADY_SECONDS = 2.0
"""How long a file's size and time must stand still before it is taken for whole."""

_TEMPORARY = ("~$", ".~", ".")
"""How the names of the files begin that spreadsheet and copying programs leave beside the one they write."""


@dataclass(frozen=True, slots=True)
class _Look:
    path: Path
    size_bytes: int
    changed_at: datetime


async def newest_sheet(pattern: Path, *, max_age: timedelta | None, clock: Clock) -> Path:
    """Return the newest file that *pattern* (a path, or one with `*`, `?`, `[…]`) names, by its time of change.

    Raises `SheetError` where there is none, where it is older than *max_age*, and where it changes while it is looked
    at: whoever exports it has not finished.
    """
    first = _newest(pattern)
    age = clock.now() - first.changed_at
    if max_age is not None and age > max_age:
        hours = age / timedelta(hours=1)
        raise SheetError(
            f"{first.path}: is {hours:.0f} hours old, and max_age under [nightly] allows"
            f" {max_age / timedelta(hours=1):.0f}. Nobody is called from a sheet of another day: see why there is no"
            " new one."
        )
    await clock.sleep(STEADY_SECONDS)
    if _newest(pattern) != first:
        raise SheetError(
            f"{first.path}: is still being written. Let the export write elsewhere, and rename the file when it is"
            " whole."
        )
    return first.path


def newest_file(pattern: Path) -> Path:
    """Return the file of that very name, else the newest that *pattern* names; else *pattern*, for whoever opens it."""
    if pattern.exists():
        return pattern
    try:
        return _newest(pattern).path
    except SheetError:
        return pattern


def _newest(pattern: Path) -> _Look:
    named = [] if pattern.exists() else glob.glob(str(pattern))  # noqa: PTH207 - absolute patterns too
    paths = [Path(found) for found in named] or [pattern]
    looks = [look for path in paths if not path.name.startswith(_TEMPORARY) and (look := _look(path)) is not None]
    if not looks:
        raise SheetError(
            f"{pattern}: there is no such file. Check file under [contacts], which starts at the campaign."
        )
    return max(looks, key=lambda look: (look.changed_at, look.path))


def _look(path: Path) -> _Look | None:
    try:
        status = path.stat()
    except OSError:
        return None  # it was just renamed away, or there is none
    return _Look(path, status.st_size, from_ms(status.st_mtime_ns // 1_000_000)) if path.is_file() else None
