"""Connections and the files that the system lets a process have open; each case is a process of its own."""

import subprocess
import sys

import pytest

pytest.importorskip("resource", reason="Windows has no such limit on sockets")

PROGRAM = """
import resource, sys
from dialer.submit.open_files import most_connections
given, most, wanted = (int(text) for text in sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (given, most))
print(most_connections(wanted), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("given", "most", "wanted", "told"),
    [
        (1_024, 1_024, 512, (512, 1_024)),
        (256, 4_096, 512, (512, 612)),
        (256, 4_096, 100, (100, 256)),
        (256, 256, 512, (156, 256)),
        (64, 256, 512, (156, 256)),
        (64, 64, 512, (1, 64)),
    ],
)
def test_no_more_connections_than_files_may_be_open(given: int, most: int, wanted: int, told: tuple[int, int]) -> None:
    """The process takes what it needs of what it may have, and never the administrator's limit."""
    command = [sys.executable, "-c", PROGRAM, *map(str, (given, most, wanted))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)

    assert done.stdout.split() == [*map(str, told), str(most)]
