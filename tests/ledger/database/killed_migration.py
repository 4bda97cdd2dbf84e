"""Opens an older ledger and is killed on the way: `python -m tests.ledger.database.killed_migration LOCATION WHERE`.

WHERE is `middle`, after the first step's last statement, or `end`, before the commit.
"""

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from dialer.ledger.database.open import Ledger


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at_the_first_version(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if statement.startswith("UPDATE meta"):
        _die()


if __name__ == "__main__":
    if sys.argv[2] == "end":
        event.listen(Engine, "commit", _die)
    else:
        event.listen(Engine, "after_cursor_execute", _die_at_the_first_version)
    Ledger.open(sys.argv[1])
