"""How this process looks for memory that nothing needs any more, and gives it back."""

import ctypes
import gc
import sys


def collect_seldom() -> None:
    """Look for cycles seldom: judging makes millions of values and no cycle, and each look costs a twentieth of it."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def give_back() -> None:
    """Return memory to the system that was freed between what is still used: glibc keeps it for itself."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:  # another C library has none
        trim(0)
