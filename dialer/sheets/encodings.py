"""Finds which encoding a text file has, and reads its lines; a guess is made once, aloud, and only where it can be."""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path

from dialer.errors import SheetError
from dialer.words import masked, trouble

MAX_LINE_CHARACTERS = 1_000_000
"""A longer line is no sheet; it is refused before it fills the memory."""

SAMPLES = 3
"""Words that are shown of a text."""

_SAMPLE_BYTES = 100_000
_SEVERAL_BYTES = frozenset({"cp932", "gb18030", "big5", "cp949", "euc_jp"})
"""Encodings of letters of several bytes, some of which are UTF-8 by chance."""

_PIECE_BYTES = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose little-endian mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_END_OF_FILE = "\x1a"
"""What old programs write behind a text."""

_FOREIGN_WORD = re.compile(r"[A-Za-z\x80-\U0010ffff]*[\x80-\U0010ffff][A-Za-z\x80-\U0010ffff]*")


def find_encoding(path: Path, *, digits_alone: bool = False) -> tuple[str, str | None]:
    """Return the encoding of *path*, and a note where it was guessed: by its mark, else UTF-8, else by `guessed`.

    The note shows the words that a wrong guess would garble. Where *digits_alone* count, as in a list of numbers, two
    encodings that read the same digits are no doubt. Raises `SheetError` naming the line for bytes that are no
    text, and for text that can be read in two ways.
    """
    with path.open("rb") as file:
        start = file.read(4)
    marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)
    if marked is not None:
        return marked, None
    if decodes(path, "utf-8"):
        return "utf-8", None
    from dialer.sheets.encoding_guess import WESTERN, guessed  # noqa: PLC0415 - its detectors are for few files

    readings = [encoding for encoding in guessed(_sample(path)) if decodes(path, encoding)]
    if not readings or (readings[0] not in _SEVERAL_BYTES and _has_utf8(path)):
        raise undecodable(path, "utf-8", is_list=digits_alone)
    other = next(_differences(path, readings), None)
    if digits_alone and next(_differences(path, readings, _digits_of), None) is None:
        other, readings = None, readings[:1]
    if other is not None:
        raise _two_readings(path, readings, other, is_list=digits_alone)
    is_western = decodes(path, WESTERN) and next(_differences(path, [readings[0], WESTERN]), None) is None
    encoding = WESTERN if is_western else readings[0]
    return encoding, _note(path, encoding)


def _remedy(key: str, *, is_list: bool) -> str:
    """Return how to mend a text: a *key* of the campaign tells of its sheet alone, and not of a list of numbers."""
    return 'Save it as "CSV UTF-8"' + ("." if is_list else f", or set {key} under [contacts].")


def read_lines(path: Path, encoding: str, *, is_list: bool = False) -> Iterator[str]:
    """Yield the lines of *path*, a sheet or a list of numbers, without a byte-order mark, their ends as they are.

    Raises `SheetError` naming the line for a NUL character, an overlong line and undecodable bytes. The mark that old
    programs write behind a text is no part of it.
    """
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as text:
            following = text.readline(MAX_LINE_CHARACTERS)
            while line := following:
                following = text.readline(MAX_LINE_CHARACTERS)
                if not following and not (line := line.rstrip(_END_OF_FILE)):
                    break
                number += 1
                if "\0" in line:
                    raise SheetError(
                        f"{path}: line {number} holds NUL characters; the file is UTF-16 without a mark, or no text. "
                        + _remedy('encoding = "utf-16-le"', is_list=is_list)
                    )
                if len(line) == MAX_LINE_CHARACTERS:
                    raise SheetError(
                        f"{path}: line {number} is longer than {MAX_LINE_CHARACTERS:,} characters. A sheet"
                        " has one contact a line: save it again as CSV."
                    )
                yield line.removeprefix("\ufeff") if number == 1 else line
    except UnicodeError as error:
        raise undecodable(path, encoding, is_list=is_list) from error
    except LookupError as error:
        raise SheetError(
            f'{path}: there is no encoding "{encoding}". Set encoding under [contacts] to one such as "cp1252".'
        ) from error
    except OSError as error:
        raise SheetError(f"{path}: cannot be read: {trouble(error)}.") from error


def undecodable(path: Path, encoding: str, *, is_list: bool = False) -> SheetError:
    """Say where the text stops being what it should be: the decoder itself only knows its own buffer."""
    where = ""
    if codecs.lookup(encoding).name.startswith("utf-8"):
        where = next((f"line {number} " for number, line in _byte_lines(path) if _decoded(line, "utf-8") is None), "")
    way = ' and leave encoding out of [contacts], or set the right one there, such as "cp1252" for an older Excel'
    remedy = f'Save it as "CSV UTF-8"{"" if is_list else way}.'
    return SheetError(f"{path}: {where}holds bytes that are not {encoding.removesuffix('-sig').upper()} text. {remedy}")


def has_mark(start: bytes) -> bool:
    """Return whether a file that starts so names its encoding by a byte-order mark."""
    return any(start.startswith(mark) for mark, _ in _MARKS)


def is_utf8(path: Path) -> bool:
    """Return whether the file is UTF-8, with a mark or without."""
    with path.open("rb") as file:
        return b"\0" not in file.read(_SAMPLE_BYTES) and decodes(path, "utf-8")


def decodes(path: Path, encoding: str) -> bool:
    """Return whether all of the file can be *encoding*; one that nobody knows is none."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                decoder.decode(piece)
                if b"\0" in piece:
                    return True  # no text at all, which reading its lines tells at once
        decoder.decode(b"", final=True)
    except (UnicodeError, LookupError):  # the first is also what UTF-16 without a mark raises
        return False
    return True


def _has_utf8(path: Path) -> bool:
    """Return whether some line is UTF-8 beyond ASCII: two files of two encodings were joined, and neither fits all."""
    return any(not line.isascii() and _decoded(line, "utf-8") is not None for _, line in _byte_lines(path))


def _sample(path: Path) -> bytes:
    """Return the lines that are not ASCII, as many as tell which letters are common."""
    lines = (line for _, line in _byte_lines(path) if not line.isascii())
    sample = b""
    for line in lines:
        sample += line
        if len(sample) > _SAMPLE_BYTES:
            break
    return sample


def _differences(
    path: Path, readings: Sequence[str], part: Callable[[str], str] = str
) -> Iterator[tuple[int, list[str]]]:
    """Yield each line of which two encodings read a *part* in two ways: its number, and its first word that differs."""
    for number, line in _byte_lines(path):
        texts = [part(line.decode(encoding, "replace")) for encoding in readings]
        if len(set(texts)) > 1:
            words = zip_longest(*map(_FOREIGN_WORD.findall, texts), fillvalue="")
            yield number, list(next((pair for pair in words if len(set(pair)) > 1), texts))


def _digits_of(line: str) -> str:
    """Return what of a line may be a part of a number, or part one cell from another."""
    return "".join(sign for sign in line if sign.isdecimal() or (sign.isascii() and not sign.isalpha()))


def _two_readings(path: Path, readings: Sequence[str], other: tuple[int, list[str]], *, is_list: bool) -> SheetError:
    number, words = other
    seen = " and ".join(f'"{masked(word)}" as {encoding}' for word, encoding in zip(words, readings, strict=True))
    lines = " or ".join(f'encoding = "{encoding}"' for encoding in readings)
    return SheetError(
        f"{path}: is not UTF-8, and nobody can tell in which encoding it was written: line {number} reads {seen}. "
        + _remedy(f"the right one, {lines},", is_list=is_list)
    )


def _note(path: Path, encoding: str) -> str:
    words = (
        f'line {number} "{word[0]}"'
        for number, line in _byte_lines(path)
        if not line.isascii() and (word := _FOREIGN_WORD.search(line.decode(encoding, "replace"))) is not None
    )
    shown = ", ".join(islice(words, SAMPLES))
    seen = f": {shown}" if shown else ""
    return (
        f"The file is not UTF-8 and is read as {encoding}{seen}. Look whether these words are right; if not, set"
        ' encoding under [contacts], such as "mac-roman", or save the sheet as "CSV UTF-8".'
    )


def _byte_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        yield from enumerate(iter(lambda: file.readline(4 * MAX_LINE_CHARACTERS), b""), start=1)


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeError:  # also what UTF-16 without a mark raises
        return None
