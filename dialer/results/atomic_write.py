"""Writes a file beside its place and swaps it in whole."""

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO


def write_atomically(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Let *write* fill a file beside *path*, 0600, and put it in the place of *path* when it is whole and synced."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def refuse_unwritable(path: Path, most_bytes: int) -> None:
    """Raise `OSError` where no file of *most_bytes* can be written beside *path*; nothing is left of the attempt."""
    with tempfile.TemporaryFile(dir=path.parent) as file:
        try:
            os.posix_fallocate(file.fileno(), 0, most_bytes)  # takes the room without writing it
        except AttributeError:  # macOS and Windows have none
            return
        except OSError as error:
            if error.errno != errno.EOPNOTSUPP:  # nor have some disks
                raise
