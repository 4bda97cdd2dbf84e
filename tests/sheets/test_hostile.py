"""Whatever a file holds, it is read or refused with a message: nothing else comes out of the reader."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialer.campaign.file import parse_campaign
from dialer.contacts.loader import load_contacts
from dialer.errors import SheetError
from tests.fuzz.reading import read_or_refused
from tests.support import NOON_MS

TEXTS = ["name", "phone", *',;|\t\n\r" \0\ufeff\xe9', '""', "+14155550100", "4155550101", "sep=;", "dialer_row"]
BYTES = [b"\xff\xfe", b"\xe9", b"'=1+1", b"1.2E+10", b"Ada", *(text.encode() for text in TEXTS)]


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(BYTES), max_size=40))
@example([b"\n", b"\xff\xfe", b"\xef\xbb\xbf"])
def test_a_text_of_any_pieces_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    """Quotes, ends of lines, marks and numbers in any order."""
    path = tmp_path_factory.mktemp("hostile") / "people.csv"
    path.write_bytes(b"".join(pieces))
    read_or_refused(path)


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsb", ".ods", ".xls", ".csv"])
@settings(deadline=None, max_examples=8)
@given(content=st.binary(max_size=300))
def test_any_bytes_under_any_name_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes
) -> None:
    """The kind of a file is what its name says, whatever is in it."""
    path = tmp_path_factory.mktemp("hostile") / f"people{suffix}"
    path.write_bytes(content)
    read_or_refused(path)


def test_a_very_large_cell_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    """A quote that is never closed in a file of hundreds of megabytes: refused after the first megabyte."""
    path = tmp_path / "people.csv"
    with path.open("wb") as file:
        file.write(b'name,phone\nAda,"')
        for _ in range(20_000):
            file.write(b"x" * 99 + b"\n")
        file.truncate(1 << 30)

    with pytest.raises(SheetError, match=r"131,072|1,000,000|NUL"):
        load_contacts(parse_campaign({"contacts": {"file": path.name}}, tmp_path / "spring.toml"), now_ms=NOON_MS)
