"""A text's encoding is known by its mark or because it fits; the one guess that is made is told with samples."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.errors import SheetError
from dialer.sheets.encodings import find_encoding, read_lines

NAMES = "name,phone\nZo\u00eb M\u00fcller,+14155550100\nAda,+14155550101\nJos\u00e9,+14155550102\n"


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "people.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marked_and_utf8_texts_need_no_guess(tmp_path: Path, encoding: str) -> None:
    """Their lines are read as written, and nothing has to be said."""
    path = _file(tmp_path, NAMES.encode(encoding))
    found, note = find_encoding(path)

    assert note is None
    assert "".join(read_lines(path, found)) == NAMES


def test_western_text_is_read_and_told_aloud(tmp_path: Path) -> None:
    """What an older Excel wrote is read; the note shows the words that a wrong guess would garble, and no number."""
    path = _file(tmp_path, NAMES.encode("cp1252"))
    found, note = find_encoding(path)

    assert "".join(read_lines(path, found)) == NAMES
    assert note is not None
    assert "cp1252" in note
    assert 'line 2 "Zo\u00eb", line 4 "Jos\u00e9"' in note
    assert "415" not in note


@pytest.mark.parametrize(
    "content",
    [
        "name\nZo\u00eb\n".encode() + "Jos\u00e9\n".encode("cp1252"),
        "\u540d\u524d,\u96fb\u8a71\n\u30a2\u30fc\n".encode("shift-jis"),
        b"name\n\x81\x8d\n",
    ],
)
def test_what_is_neither_is_refused_with_the_line(tmp_path: Path, content: bytes) -> None:
    """Two encodings in one file, and bytes that cp1252 has no character for, are not guessed at."""
    with pytest.raises(SheetError, match=r"line \d holds bytes that are not UTF-8 text.*set its encoding"):
        find_encoding(_file(tmp_path, content))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever the bytes, every one of them is in a line, or the file is refused."""
    path = _file(tmp_path_factory.mktemp("bytes"), content)
    try:
        encoding, _ = find_encoding(path)
        lines = list(read_lines(path, encoding))
    except SheetError:
        return
    assert "".join(lines).encode(encoding).removeprefix(b"\xef\xbb\xbf") == content.removeprefix(b"\xef\xbb\xbf") or (
        encoding.startswith("utf-") and content[:2] in {b"\xff\xfe", b"\xfe\xff"}
    )
