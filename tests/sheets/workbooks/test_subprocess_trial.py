"""A workbook that would take all memory is tried where that ends nobody but the one who tries."""

import resource
from pathlib import Path

import pytest

from dialer.errors import SheetError
from dialer.sheets.workbooks.subprocess_trial import MAX_BYTES, can_be_read
from dialer.sheets.workbooks.worksheet import open_worksheet

FILES = Path(__file__).parents[1] / "files"


@pytest.mark.slow
def test_an_endless_workbook_is_refused_in_bounded_memory() -> None:
    """Found by fuzzing: three kilobytes that grow without end. It is refused, and no process takes more."""
    with pytest.raises(SheetError, match="or takes more than 2 GiB"):
        open_worksheet(FILES / "fuzz-endless.xls", None)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= MAX_BYTES


@pytest.mark.parametrize("name", ["libreoffice.xls", "libreoffice.ods"])
def test_a_good_workbook_passes(name: str) -> None:
    """What a real program wrote is read."""
    assert can_be_read(FILES / name)


def test_what_is_no_workbook_does_not(tmp_path: Path) -> None:
    """A parser that ends with an error is as good as one that ends badly."""
    path = tmp_path / "people.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000))
    assert not can_be_read(path)
