"""Cuts a stream into lists of a bounded size."""

from collections.abc import Iterable, Iterator
from itertools import islice, repeat, starmap, takewhile
from typing import TypeVar

_Item = TypeVar("_Item")


def chunks(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Cut a stream into lists of *size*, the last one shorter: `itertools.batched`, which Python 3.11 lacks."""
    stream = iter(items)
    return takewhile(bool, map(list, starmap(islice, repeat((stream, size)))))
