"""Unzips what a server zipped for the way: to its end, and in pieces that fit into memory however much it grows."""

import gzip
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE_BYTES = 1 << 20


def unzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what *pieces* of gzip hold, all of their members (RFC 1952), at most `PIECE_BYTES` at a time.

    Raises `EOFError` where they are cut off, `gzip.BadGzipFile` or `zlib.error` where they are no gzip or damaged.
    """
    with gzip.GzipFile(fileobj=io.BufferedReader(_Pieces(pieces))) as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


class _Pieces(io.RawIOBase):
    """Pieces, one after the other, as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read as `io.RawIOBase` says."""
        view = memoryview(buffer).cast("B")
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        taken, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(taken)] = taken
        return len(taken)
