"""What shows that a file has changed since it was opened."""

from dataclasses import dataclass
from pathlib import Path

from dialer.errors import SheetError
from dialer.words import trouble


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file is written again or replaced."""

    size_bytes: int
    modified_ns: int
    inode: int


def stamp_of(path: Path) -> Stamp:
    """Return the stamp of the file *path*. Raises `SheetError` where there is none that can be read."""
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise SheetError(
            f"{path}: there is no such file. Check the path: in a campaign file it starts at that file, on the command"
            " line at the current folder."
        ) from error
    except OSError as error:
        raise SheetError(f"{path}: cannot be read: {trouble(error)}.") from error
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is no file"
        raise SheetError(f"{path}: {what}. Name the sheet's own file.")
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino)
