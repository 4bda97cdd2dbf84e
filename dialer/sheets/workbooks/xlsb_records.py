"""Cuts a part of an XLSB workbook into its records."""

from collections.abc import Iterator


class XlsbRecords:
    """Cuts the bytes of an XLSB part into its records: (type, size, content) [MS-XLSB 2.1.4]."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """Return the type and the content of each whole record; what is left of the last one is kept."""
        data, at = self._rest + piece, 0
        while True:
            kind, start = _varint(data, at, 2)
            size, start = _varint(data, start, 4)
            if start < 0 or start + size > len(data):
                break
            yield kind, data[start : start + size]
            at = start + size
        self._rest = data[at:]


def _varint(data: bytes, at: int, longest: int) -> tuple[int, int]:
    """Read a number of 7 bits a byte; gives it and where it ends, or (0, -1) where the data ends first."""
    value = 0
    if at < 0:
        return 0, -1
    for index in range(longest):
        if at + index >= len(data):
            return 0, -1
        byte = data[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:  # noqa: PLR2004 - the top bit says that more follows
            return value, at + index + 1
    return value, at + longest
