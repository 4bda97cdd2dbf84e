"""A disk that can lose power: an SQLite VFS that notes every write, and the files that a cut at any moment could leave.

What was written before a file's last sync is there. Of what came after, each write, truncation or deletion is there or
is not, in any combination, and one write may be torn between two sectors.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Self

import apsw

SECTOR_BYTES = 512
SOME_SUBSETS = 3
_TOLD_APART_BY = (  # the rest of a name that SQLite gives to a file, and what it is
    ("-journal", "journal"),
    ("-wal", "wal"),
    ("-shm", "shm"),
)
_names = count()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing done to a file: bytes at an offset, a new length (`data` None), or its deletion (`offset` None)."""

    offset: int | None
    data: bytes | None

    def apply(self, content: bytearray | None) -> bytearray | None:
        """Return what *content* (None: no file) becomes."""
        if self.offset is None:
            return None
        content = bytearray() if content is None else bytearray(content)
        end = self.offset if self.data is None else self.offset + len(self.data)
        content.extend(bytes(max(0, end - len(content))))
        if self.data is None:
            del content[end:]
        else:
            content[self.offset : end] = self.data
        return content

    def torn(self, dice: random.Random) -> "Change":
        """Return this write with only its first sectors on the disk."""
        if self.data is None or len(self.data) <= SECTOR_BYTES:
            return self
        sectors = dice.randrange(1, -(-len(self.data) // SECTOR_BYTES))
        return Change(self.offset, self.data[: sectors * SECTOR_BYTES])


@dataclass
class Image:
    """What a power cut left, by the kind of file, and how many commits had returned before it."""

    files: dict[str, bytes]
    acknowledged: int

    def lay_out(self, folder: Path) -> Path:
        """Write the files into the empty *folder* as SQLite expects them and return the database's path."""
        path = folder / "ledger.db"
        for kind, content in self.files.items():
            path.with_name(f"{path.name}{'' if kind == 'database' else f'-{kind}'}").write_bytes(content)
        return path


@dataclass
class CrashDisk:
    """The files of one database: what is surely on the disk, and what is on its way there, oldest first."""

    durable: dict[str, bytes] = field(default_factory=dict)
    pending: list[tuple[str, Change]] = field(default_factory=list)
    acknowledged: int = 0
    images: list[Image] = field(default_factory=list)
    _seen: set[tuple[int, int]] = field(default_factory=set)
    _dice: random.Random = field(default_factory=lambda: random.Random(6))

    def change(self, kind: str, change: Change) -> None:
        """Note a change that is not synced yet, and what a cut now could leave."""
        self.pending.append((kind, change))
        self.cut_power()

    def sync(self, kind: str) -> None:
        """Note that what was done to a file so far is on the disk."""
        self.durable = self._with([item for item in self.pending if item[0] == kind])
        self.pending = [item for item in self.pending if item[0] != kind]
        self.cut_power()

    def acknowledge(self) -> None:
        """Note that a commit has returned."""
        self.acknowledged += 1
        self.cut_power()

    def cut_power(self) -> None:
        """Collect the files that a cut at this moment could leave, each once."""
        for changes in self._survivors():
            files = self._with(changes)
            mark = (self.acknowledged, hash(frozenset(files.items())))
            if mark not in self._seen:
                self._seen.add(mark)
                self.images.append(Image(files, self.acknowledged))

    def _survivors(self) -> Iterator[Sequence[tuple[str, Change]]]:
        pending = self.pending
        yield []
        yield pending
        for index, (kind, change) in enumerate(pending):
            yield [pending[index]]
            yield [*pending[:index], *pending[index + 1 :]]
            yield [*pending[:index], (kind, change.torn(self._dice))]
        for _ in range(SOME_SUBSETS):
            yield [item for item in pending if self._dice.random() < 0.5]

    def _with(self, changes: Sequence[tuple[str, Change]]) -> dict[str, bytes]:
        files: dict[str, bytearray | None] = {kind: bytearray(content) for kind, content in self.durable.items()}
        for kind, change in changes:
            files[kind] = change.apply(files.get(kind))
        return {kind: bytes(content) for kind, content in files.items() if content is not None}


class _WatchedFile(apsw.VFSFile):
    def __init__(self, disk: CrashDisk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._disk = disk
        self._kind = _kind(name.filename() if isinstance(name, apsw.URIFilename) else str(name))
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        super().xWrite(data, offset)
        self._disk.change(self._kind, Change(offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - as above
        super().xTruncate(newsize)
        self._disk.change(self._kind, Change(newsize, None))

    def xSync(self, flags: int) -> None:  # noqa: N802 - as above
        super().xSync(flags)
        self._disk.sync(self._kind)


class Watched(apsw.VFS):
    """The VFS that tells *disk* what SQLite does. Use as a context manager; connect with `vfs=watched.name`."""

    def __init__(self, disk: CrashDisk) -> None:
        self.name = f"watched-{next(_names)}"
        self._disk = disk
        super().__init__(self.name, "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unregister()

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - as above
        """Open a file and watch it."""
        return _WatchedFile(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001, N802 - SQLite's own signature
        """Delete a file; the deletion is on the disk at once only where SQLite syncs the folder."""
        super().xDelete(filename, syncdir)
        self._disk.change(_kind(filename), Change(None, None))
        if syncdir:
            self._disk.sync(_kind(filename))


def _kind(name: str) -> str:
    return next((kind for ending, kind in _TOLD_APART_BY if name.endswith(ending)), "database")
