"""What a fleet's round stands on: a folder of campaigns of two keys, a server with ledger and queue, its commands."""

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

from dialer.fleet.places import rates_at
from dialer.fleet.queue import make_limits, migrate_queue
from dialer.ledger.database.open import Ledger
from dialer.sandbox import Sandbox
from tests.chaos.hosts import Host, command_line
from tests.kills import ROOT
from tests.ledger.postgres import Server
from tests.nightly.nights import Folder

_SPARE_WAITING = """
    UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND scheduled_at > now()
"""


class Ground:
    """A ground in an empty *folder*, with a running *server*; each key may have *rate* requests a second."""

    def __init__(self, folder: Path, server: Server, sandboxes: Mapping[str, Sandbox], rate: int) -> None:
        self.folder, self.server = Folder(folder, start=datetime.now(UTC)), server
        self.location = server.create_database("chaos")
        self._said, self._begun = folder, 0
        self._environment = os.environ | {"PYTHONPATH": str(ROOT), "DIALER_LEDGER": self.location}
        profiles = ""
        for key, sandbox in sandboxes.items():
            self._environment[f"{key.upper()}_API_KEY"] = f"{key}-key"
            profiles += (
                f'[profiles.{key}]\napi_key_env = "{key.upper()}_API_KEY"\nbase_url = "{sandbox.url}"\n'
                f"requests_per_second = {rate}\n"
            )
        (self.folder.path / "dialer.toml").write_text(profiles, "utf-8")
        with Ledger.open(self.location) as ledger:
            migrate_queue(ledger)
            make_limits(ledger, rates_at(self.folder.path, self.location, self.location))

    def _next_file(self) -> Path:
        self._begun += 1
        return self._said / f"work-{self._begun}.out"

    def host(self) -> Host:
        """Begin a worker."""
        return Host(self.folder.path, self._environment, self._next_file())

    def begin(self, *words: str) -> tuple["subprocess.Popen[bytes]", Path]:
        """Begin a command; return its process and the file of what it prints."""
        said = self._next_file()
        return command_line(*words, environment=self._environment, said=said), said

    def finish(self, *words: str) -> int:
        """Run a command to its end, and return its exit code."""
        return self.begin(*words)[0].wait(timeout=300)

    def spare_waiting(self) -> None:
        """Spare jobs that are put off the minute for which they wait."""
        self._execute(_SPARE_WAITING)

    def silence_workers(self) -> None:
        """Let every worker have been silent for a minute more, so that it is taken for dead until it is heard of."""
        self._execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")

    def _execute(self, statement: str) -> None:
        engine = create_engine(self.location)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
