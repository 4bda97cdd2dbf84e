"""Keeps what a source gave in a private file, for as long as somebody reads it.

A sheet is read more than once: to find its columns, to judge its rows, to call. A database or a server may give other
rows each time, and a pipe none at all, so all of these readings are of one copy.
"""

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dialer.errors import SheetError
from dialer.sheets.disguises import kind_of
from dialer.sheets.encodings import has_mark
from dialer.sheets.record import SUFFIXES
from dialer.words import trouble

MAX_BYTES = 1 << 30
"""The most that is copied of a source: 100,000 rows of 20 columns have 20 MB."""

_LOOKED_AT_BYTES = 4_096


class PrivateCopy:
    """A file (0600, in a folder of its own) that holds what *pieces* give; it goes away with the last reader.

    *label* is what people call the source, and *name* the file's, whose ending tells the kind of sheet; where it tells
    none, the content does. Making one raises `SheetError` for a source without a byte or with more than *most_bytes*,
    and where the disk refuses.
    """

    def __init__(self, label: str, name: str, pieces: Iterable[bytes], *, most_bytes: int = MAX_BYTES) -> None:
        self.label = label
        try:
            folder = Path(tempfile.mkdtemp(prefix="dialer-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self.path = folder / f"{Path(name).stem}.csv"  # until its kind is known
            self._write(pieces, most_bytes)
            self.path = self.path.rename(self.path.with_suffix(_kind(self.path, Path(name).suffix, label)))
        except OSError as error:
            raise SheetError(f"{label}: cannot be copied into the folder of TMPDIR: {trouble(error)}.") from error

    def _write(self, pieces: Iterable[bytes], most_bytes: int) -> None:
        count = 0
        with open(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:  # noqa: PTH123 - of a descriptor
            for piece in pieces:
                count += len(piece)
                if count > most_bytes:
                    raise SheetError(
                        f"{self.label}: has more than {most_bytes:,} bytes. Let it give this campaign's people alone."
                    )
                file.write(piece)
        if not count:
            raise SheetError(f"{self.label}: is empty.")

    @contextmanager
    def told(self) -> Iterator[None]:
        """Let errors meanwhile name the source, and not its copy, which nobody knows."""
        try:
            yield
        except SheetError as error:
            error.args = (str(error).replace(str(self.path), self.label),)
            raise


def _kind(path: Path, suffix: str, label: str) -> str:
    """Return the ending of the kind of sheet: *suffix* if it is known, else by the content, else *suffix* as it is."""
    if suffix.lower() in SUFFIXES:
        return suffix
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT_BYTES)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b'["', b"[{", b"[\n", b"[[")):
        return ".jsonl"
    found = kind_of(path)
    if found not in {None, "page"}:
        return str(found)
    is_text = has_mark(start) or all(byte >= ord("\t") for byte in start)
    if not (is_text or suffix):
        raise SheetError(f"{label}: is no kind of sheet that can be read ({', '.join(SUFFIXES)}).")
    return ".csv" if is_text else suffix
