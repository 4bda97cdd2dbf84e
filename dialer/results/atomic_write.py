"""Writes a file beside its place and swaps it in whole."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterable
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


def write_once(paths: Iterable[Path], content: bytes, is_same: Callable[[bytes], bool]) -> Path:
    """Put *content* whole into the first of *paths* that is free, 0600, and return that path.

    A file before it that holds what *is_same* takes for the same is left as it is, and its path returned. However many
    write to these paths at once, nothing is replaced, and the same is written once.
    """
    places = iter(paths)
    path = next(places)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        while not _linked(Path(name), path):
            if is_same(path.read_bytes()):
                break
            path = next(places)
    finally:
        Path(name).unlink(missing_ok=True)
    return path


def _linked(whole: Path, path: Path) -> bool:
    """Return whether the file *whole* could have the name *path* as well: nobody had it."""
    try:
        path.hardlink_to(whole)
    except FileExistsError:
        return False
    except OSError:  # some disks have no second names
        if path.exists():
            return False
        whole.replace(path)
    return True


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
