"""What a source gave is kept for its readers alone, bounded, and gone with them; its kind is found out."""

import gc
import gzip
import stat

import pytest

from dialer.errors import SheetError
from dialer.sheets.sources.private_copy import PrivateCopy

TABLE = b"Name,Phone\nAda,1\n"


def test_a_copy_is_private_and_goes_with_its_readers() -> None:
    """Nobody else may read it, and nothing of it stays."""
    copy = PrivateCopy("it", "people.csv", [TABLE[:4], TABLE[4:]])
    path = copy.path
    assert path.read_bytes() == TABLE
    assert [stat.S_IMODE(place.stat().st_mode) for place in (path, path.parent)] == [0o600, 0o700]
    del copy
    gc.collect()
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("pieces", "said"),
    [([], "it: is empty"), ([b"", b""], "it: is empty"), ([b"1234", b"5", b"6"], "it: has more than 4 bytes")],
)
def test_nothing_and_too_much_are_refused(pieces: list[bytes], said: str) -> None:
    """A source that never ends fills no disk, and is not read to its end."""
    given = iter(pieces)
    with pytest.raises(SheetError, match=said):
        PrivateCopy("it", "people.csv", given, most_bytes=4)
    assert list(given) == pieces[2:]


@pytest.mark.parametrize(
    ("name", "content", "ending"),
    [
        ("people.csv", b'{"a": 1}\n', ".csv"),
        ("people.XLSX", TABLE, ".XLSX"),
        ("pub", TABLE, ".csv"),
        ("export.php", b"Name\tPhone", ".csv"),
        ("people.json", b'\xef\xbb\xbf {"a": 1}\n', ".jsonl"),
        ("people.json", b'[\n  {"a": 1}\n]', ".jsonl"),
        ("people", b'["Name"]\n["Ada"]\n', ".jsonl"),
        ("people", b"[Name],[Phone]\nAda,1\n", ".csv"),
        ("people", "Name,Phone\n".encode("utf-16"), ".csv"),
        ("people", b"<!doctype html>", ".csv"),
        ("people.csv.gz", gzip.compress(TABLE, mtime=0), ".gz"),
    ],
)
def test_the_kind_of_sheet_is_told_by_its_name_or_its_content(name: str, content: bytes, ending: str) -> None:
    """A name that says nothing, as many on the web, is looked behind; what is known to be none keeps its own ending."""
    assert PrivateCopy("it", name, [content]).path.suffix == ending


def test_what_is_no_sheet_at_all_is_told() -> None:
    """Where neither a name nor the content tells a kind."""
    with pytest.raises(SheetError, match=r"^it: is no kind of sheet that can be read \(\.csv"):
        PrivateCopy("it", "people", [gzip.compress(TABLE)])


def test_messages_name_the_source() -> None:
    """Nobody knows the path of the copy."""
    copy = PrivateCopy("https://example.com/people", "people", [TABLE])
    with pytest.raises(SheetError) as caught, copy.told():
        raise SheetError(f"{copy.path}: row 2 is odd.")
    assert str(caught.value) == "https://example.com/people: row 2 is odd."
