"""What a server zips for the way: nothing of it is lost, and memory holds a piece of it."""

import gzip

from dialer.sheets.sources.unzipped import PIECE_BYTES, unzipped


def test_what_grows_comes_in_pieces() -> None:
    """A few kilobytes may hold gigabytes: whoever counts the pieces can stop in time."""
    pieces = list(unzipped(iter([gzip.compress(bytes(4 * PIECE_BYTES))])))
    assert max(map(len, pieces)) <= PIECE_BYTES
    assert sum(map(len, pieces)) == 4 * PIECE_BYTES


def test_pieces_may_end_anywhere() -> None:
    """In the middle of a header too, and one may be empty."""
    zipped = gzip.compress(b"Name,Phone\n") + gzip.compress(b"Ada,\n")
    assert b"".join(unzipped(bytes([byte]) for byte in zipped)) == b"Name,Phone\nAda,\n"
    assert b"".join(unzipped(iter([b"", zipped[:3], b"", zipped[3:]]))) == b"Name,Phone\nAda,\n"
