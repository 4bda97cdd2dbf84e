"""A file is there whole, as it was or as it is to be, and belongs to its owner alone."""

import os
import stat
from pathlib import Path
from typing import IO

import pytest

from dialer.results.atomic_write import refuse_unwritable, write_atomically


def new(file: IO[bytes]) -> None:
    """Write something."""
    file.write(b"new")


def test_what_was_there_is_replaced(tmp_path: Path) -> None:
    """Nothing is left beside the file, and nobody else may read it, whatever its rights were and the umask is."""
    target = tmp_path / "results.csv"
    target.write_bytes(b"old and longer")
    target.chmod(0o644)
    before = os.umask(0)
    try:
        write_atomically(target, new)
    finally:
        os.umask(before)

    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_while_it_is_written_the_old_one_stands(tmp_path: Path) -> None:
    """Whoever looks meanwhile sees the whole old file; what grows beside it is hidden."""
    target = tmp_path / "results.csv"
    target.write_bytes(b"old")
    seen: list[bytes] = []

    def looking(file: IO[bytes]) -> None:
        file.write(b"half")
        file.flush()
        seen.append(target.read_bytes())
        seen.extend(path.name.encode() for path in tmp_path.iterdir() if path != target)

    write_atomically(target, looking)
    assert seen[0] == b"old"
    assert seen[1].startswith(b".results.csv.")


@pytest.mark.parametrize("error", [OSError("the disk is full"), KeyboardInterrupt()], ids=["a full disk", "Ctrl-C"])
def test_a_write_that_fails_changes_nothing(tmp_path: Path, error: BaseException) -> None:
    """The old file stands as it was, and no part of the new one is left."""
    target = tmp_path / "results.csv"
    target.write_bytes(b"old")

    def failing(file: IO[bytes]) -> None:
        file.write(b"half")
        raise error

    with pytest.raises(type(error)):
        write_atomically(target, failing)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_has_room_leaves_nothing_of_the_attempt(tmp_path: Path) -> None:
    """What stands there is not touched."""
    refuse_unwritable(tmp_path / "results.csv", 1_000_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="only a system that can take room tells")
def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path: Path) -> None:
    """No disk has room for four exabytes; nothing is left of the attempt."""
    with pytest.raises(OSError, match=r"space|large"):
        refuse_unwritable(tmp_path / "results.csv", 1 << 62)
    assert list(tmp_path.iterdir()) == []
