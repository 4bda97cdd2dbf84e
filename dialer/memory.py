"""How this process looks for memory that nothing needs any more."""

import gc


def collect_seldom() -> None:
    """Look for cycles seldom: judging makes millions of values and no cycle, and each look costs a twentieth of it."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
