"""Tonight's sheet: the newest of a pattern, whole and not of another day."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.errors import SheetError
from dialer.sheets.newest_file import STEADY_SECONDS, newest_file, newest_sheet
from tests.support import FakeClock


def write(path: Path, clock: FakeClock, *, hours_ago: float = 1.0, content: str = "Name,Phone\n") -> Path:
    """Write a file that was changed so long before the clock's time."""
    path.write_text(content, "utf-8")
    at = (clock.now() - timedelta(hours=hours_ago)).timestamp()
    os.utime(path, (at, at))
    return path


def newest(pattern: Path, clock: FakeClock, max_age: timedelta | None = None) -> Path:
    """Choose among what *pattern* names."""
    return asyncio.run(newest_sheet(pattern, max_age=max_age, clock=clock))


def test_the_newest_wins_whatever_its_name(tmp_path: Path) -> None:
    """Of several exports the one changed last is read; what programs leave beside it is not."""
    clock = FakeClock()
    write(tmp_path / "z-old.csv", clock, hours_ago=30)
    wanted = write(tmp_path / "a-new.csv", clock, hours_ago=2)
    write(tmp_path / "~$a-new.csv", clock, hours_ago=0)
    assert newest(tmp_path / "*.csv", clock) == wanted


def test_a_plain_path_is_its_own_pattern(tmp_path: Path) -> None:
    """A name without wildcards, also one with brackets in it, is the file of that name."""
    clock = FakeClock()
    wanted = write(tmp_path / "list [final].csv", clock)
    assert newest(wanted, clock) == wanted


def test_any_command_reads_the_newest_file_of_a_pattern(tmp_path: Path) -> None:
    """A file of that very name comes first, then the newest that the pattern names; else the pattern is kept."""
    clock = FakeClock()
    old, new = write(tmp_path / "list-1.csv", clock, hours_ago=9), write(tmp_path / "list-2.csv", clock)
    assert newest_file(tmp_path / "list-*.csv") == new
    assert newest_file(old) == old
    assert newest_file(tmp_path / "none-*.csv") == tmp_path / "none-*.csv"
    exact = write(tmp_path / "list-[2].csv", clock, hours_ago=20)
    assert newest_file(exact) == exact


def test_a_sheet_of_another_day_is_refused(tmp_path: Path) -> None:
    """When the export did not come, nobody is called from yesterday's; the message says how old it is."""
    clock = FakeClock()
    path = write(tmp_path / "list.csv", clock, hours_ago=50)
    with pytest.raises(SheetError, match=r"50 hours old.*max_age.* 26"):
        newest(path, clock, timedelta(hours=26))
    assert newest(path, clock, timedelta(hours=51)) == path


class Growing(FakeClock):
    """A clock during whose waits somebody goes on writing."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    async def sleep(self, seconds: float) -> None:
        """Let time pass, and the file grow."""
        await super().sleep(seconds)
        with self._path.open("a", encoding="utf-8") as file:
            file.write("Ann,+12025550101\n")


def test_a_sheet_that_is_being_written_is_refused(tmp_path: Path) -> None:
    """Half an export would leave people out, and the rest of them uncalled."""
    clock = Growing(tmp_path / "list.csv")
    path = write(tmp_path / "list.csv", clock)
    with pytest.raises(SheetError, match="still being written"):
        newest(path, clock)
    assert clock.slept == [STEADY_SECONDS]


def test_a_newer_file_that_appears_meanwhile_is_refused_too(tmp_path: Path) -> None:
    """Which one is tonight's is decided when everything stands still."""
    clock = Growing(tmp_path / "second.csv")
    write(tmp_path / "first.csv", clock)
    with pytest.raises(SheetError, match=r"first\.csv"):
        newest(tmp_path / "*.csv", clock)


def test_a_pattern_that_names_nothing_is_told(tmp_path: Path) -> None:
    """A missing file is an error with the pattern in it, never an empty night."""
    (tmp_path / "folder.csv").mkdir()
    for pattern in ("*.csv", "none.csv"):
        with pytest.raises(SheetError, match="no such file"):
            newest(tmp_path / pattern, FakeClock())
