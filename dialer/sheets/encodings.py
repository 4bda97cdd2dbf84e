"""Tells which encoding a text file has, and reads its lines; a guess is made once, aloud, and only where it can be."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from dialer.errors import SheetError

MAX_LINE_CHARACTERS = 1_000_000
"""A longer line is no sheet; it is refused before it fills the memory."""

WESTERN = "cp1252"
"""What Excel writes in western Europe and America when it is not told to write UTF-8."""

SAMPLES = 3
_PIECE_BYTES = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose little-endian mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN_WORD = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")


def find_encoding(path: Path) -> tuple[str, str | None]:
    """Give the encoding of *path*, and a note where it was guessed: by its mark, else UTF-8, else cp1252.

    cp1252 is taken only where no line is UTF-8 beyond ASCII and every byte is a character of it; the note shows the
    words that a wrong guess would garble. Raises `SheetError` naming the line otherwise.
    """
    with path.open("rb") as file:
        start = file.read(4)
    marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)
    if marked is not None:
        return marked, None
    if _decodes(path, "utf-8"):
        return "utf-8", None
    if not _decodes(path, WESTERN) or _has_utf8(path):
        raise undecodable(path, "utf-8")
    return WESTERN, _note(path)


def read_lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of *path* with their ends as they are and without a byte-order mark.

    Raises `SheetError` naming the line for a NUL character, an overlong line and undecodable bytes.
    """
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as text:
            while line := text.readline(MAX_LINE_CHARACTERS):
                number += 1
                if "\0" in line:
                    raise SheetError(
                        f"{path}: line {number} holds NUL characters; the file is UTF-16 without a mark, or"
                        ' no text. Save it as "CSV UTF-8", or set encoding = "utf-16-le" under [contacts].'
                    )
                if len(line) == MAX_LINE_CHARACTERS:
                    raise SheetError(
                        f"{path}: line {number} is longer than {MAX_LINE_CHARACTERS:,} characters. A sheet"
                        " has one contact a line: save it again as CSV."
                    )
                yield line.removeprefix("\ufeff") if number == 1 else line
    except UnicodeError as error:
        raise undecodable(path, encoding) from error
    except LookupError as error:
        raise SheetError(
            f'{path}: there is no encoding "{encoding}". Set encoding under [contacts] to one such as "cp1252".'
        ) from error
    except OSError as error:
        raise SheetError(f"{path}: cannot be read: {error.strerror}.") from error


def undecodable(path: Path, encoding: str) -> SheetError:
    """Say where the text stops being what it should be: the decoder itself only knows its own buffer."""
    where = ""
    if codecs.lookup(encoding).name.startswith("utf-8"):
        where = next((f"line {number} " for number, line in _byte_lines(path) if _decoded(line, "utf-8") is None), "")
    return SheetError(
        f"{path}: {where}holds bytes that are not {encoding.removesuffix('-sig').upper()} text. Save the"
        ' sheet as "CSV UTF-8", or set its encoding under [contacts], such as encoding = "cp1252" for an'
        " older Excel."
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                decoder.decode(piece)
                if b"\0" in piece:
                    return True  # no text at all, which reading its lines tells at once
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _has_utf8(path: Path) -> bool:
    """Tell whether some line is UTF-8 beyond ASCII: two files of two encodings were joined, and neither fits all."""
    return any(not line.isascii() and _decoded(line, "utf-8") is not None for _, line in _byte_lines(path))


def _note(path: Path) -> str:
    words = (
        f'line {number} "{word[0]}"'
        for number, line in _byte_lines(path)
        if (word := _FOREIGN_WORD.search(line.decode(WESTERN))) is not None
    )
    shown = ", ".join(word for word, _ in zip(words, range(SAMPLES), strict=False))
    seen = f": {shown}" if shown else ""
    return (
        f"The file is not UTF-8 and is read as {WESTERN}, as an older Excel writes it{seen}. Look whether these words"
        ' are right; if not, set encoding under [contacts], such as "mac-roman", or save the sheet as "CSV UTF-8".'
    )


def _byte_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        yield from enumerate(iter(lambda: file.readline(4 * MAX_LINE_CHARACTERS), b""), start=1)


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None
