"""How many connections the system lets this process have: each is an open file."""

import sys
from contextlib import suppress

try:
    import resource
except ImportError:  # Windows has no such limit on sockets
    resource = None  # type: ignore[assignment]  # the module is there or not

OTHER_FILES = 100
"""What else a run has open at most: the ledger and its journal, results, logs, names that are being resolved."""


def most_connections(wanted: int) -> int:
    """Return how many of *wanted* connections may be open at once; where any is, one at least.

    Raises this process's own limit (`ulimit -n`) as far as it takes and the administrator's allows.
    """
    if resource is None:
        return wanted
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _number(given)
    needed = min(wanted + OTHER_FILES, _number(most))
    if limit < needed:
        with suppress(OSError, ValueError):  # macOS allows less than it tells
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))
            limit = needed
    return min(wanted, max(1, limit - OTHER_FILES))


def _number(limit: int) -> int:
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit
