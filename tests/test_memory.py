"""What a process needs no more is the system's again."""

import ctypes
import gc
from pathlib import Path

import pytest

from dialer.memory import give_back

BLOCK_BYTES = 4_000


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists() or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="is not glibc's Linux",
)
def test_memory_between_what_is_used_is_given_back() -> None:
    """Blocks that lie between others which are still used are freed and given back: most of 20 MB."""
    blocks: list[bytearray | None] = [bytearray(b"-" * BLOCK_BYTES) for _ in range(5_000)]
    for index in range(len(blocks)):
        if index % 50:
            blocks[index] = None
    gc.collect()
    before = resident_bytes()
    give_back()
    assert resident_bytes() < before - 10_000_000


def resident_bytes() -> int:
    """Return how much memory of this machine the process has, as the kernel tells."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * 4_096
