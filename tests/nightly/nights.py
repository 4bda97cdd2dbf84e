"""What the tests of nights share: a folder of campaigns with sheets, an API that outlives a night, and told time."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from dialer.jobs.runtime import Runtime
from dialer.nightly.folder import NightlySummary, run_nightly
from dialer.sandbox import CallLifecycle, Faults, Sandbox
from dialer.settings import Settings
from tests.jobs.test_sync import LaterClock
from tests.support import ANY_HOUR, FAST, MONDAY_NOON, TEAM, TEMPLATE, number

NIGHTLY = '[nightly]\nenabled = true\nat = "17:00"\n'
EVERY_NIGHT = ANY_HOUR + FAST + NIGHTLY


class NightClock(LaterClock):
    """The machine's time moved to *start*, and on when it is told to; waits take no time."""

    def __init__(self, start: datetime) -> None:
        super().__init__((start - datetime.now(UTC)).total_seconds(), hurried=True)


class Folder:
    """A folder of campaigns with sheets, an API and a clock."""

    def __init__(self, path: Path, *, start: datetime = MONDAY_NOON, life: CallLifecycle | None = None) -> None:
        self.path = path / "campaigns"
        self.path.mkdir()
        self.journal = path / "calls.jsonl"
        self.clock = NightClock(start)
        self.life = life
        self.called: list[str] = []

    def sheet(self, name: str, people: Sequence[int], *, hours_ago: float = 1) -> Path:
        """Write the sheet of a campaign, changed so long ago."""
        path = self.path / f"{name}.csv"
        rows = [f"Person {index},{number(index)}" for index in people]
        path.write_text("\n".join(["Name,Phone", *rows, ""]), "utf-8")
        at = (self.clock.now() - timedelta(hours=hours_ago)).timestamp()
        os.utime(path, (at, at))
        return path

    def campaign(
        self,
        name: str,
        people: Sequence[int],
        tables: str = EVERY_NIGHT,
        file: str | None = None,
        profile: str = "",
        template: str = TEMPLATE,
    ) -> None:
        """Write a campaign with its sheet, of its *profile*, that says its *template*."""
        self.sheet(name, people)
        (self.path / f"{name}.toml").write_text(
            (f'profile = "{profile}"\n' if profile else "")
            + f'[call]\nteam_id = "{TEAM}"\ncall_template_id = "{template}"\n'
            f'[contacts]\nfile = "{file or f"{name}.csv"}"\nregion = "US"\n{tables}',
            "utf-8",
        )

    def night(self, faults: Faults | None = None, *, up: bool = True, file: str = "") -> NightlySummary:
        """Live through one start of the night, of the whole folder or one *file*."""
        with Sandbox(
            life=self.life, faults=faults or Faults(), journal=self.journal, now_ms=self.clock.now_ms
        ) as sandbox:
            url = sandbox.url if up else "http://127.0.0.1:1"
            settings = Settings(base_url=url, api_key=SecretStr("a-key"))
            summary = run_nightly(self.path / file, runtime=Runtime(settings=settings, clock=self.clock))
            self.called = [str(call["toPhoneNumber"]) for call in sandbox.created]
        return summary
