"""Real kills: the real command line against the sandbox, SIGKILLed again and again, judged by the sandbox's list.

`python -m tests.kills [--kills 300] [--rows 997] [--seed 0] [--database postgresql]` ends with 0 when, after all of
them, every row of the sheet has exactly one call. The moments are random: while it starts, reads, plans, sends, writes
its results.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update

from dialer.calls.outcome import Kind
from dialer.ledger.database.open import DEFAULT_LEDGER, Ledger
from dialer.ledger.database.schema import attempts
from dialer.sandbox import Faults, Sandbox
from tests.ledger.postgres import Server, running_server
from tests.support import ANY_HOUR, CampaignFolder, number

ROOT = Path(__file__).parents[1]
SUBMIT = """
[submit]
requests_per_second = 400
concurrency = 8
settle_time = "0s"
max_unknown = 100000
max_failures_in_a_row = 1000
"""
SETTLING_ROUNDS = 10
MINUTE_MS = 60_000

STARTING_SECONDS = 1.5
"""About how long the command line takes before its first call; half of the kills fall in it or shortly after."""


SENDING_SECONDS = 0.3
"""How long after a call was created the other half may come: while the run still sends, or just after."""


@dataclass(frozen=True)
class Verdict:
    """What the sandbox's list says after everything: how many kills hit, who was called twice, who never."""

    kills: int
    runs: int
    unknown_seen: int
    twice: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Everybody was called exactly once."""
        return not self.twice and not self.missing


class Campaign:
    """One campaign on its way through kills; its *ledger* is an address, or beside its file."""

    def __init__(self, folder: CampaignFolder, sandbox: Sandbox, rows: int, ledger: str | None) -> None:
        folder.people(rows)
        folder.campaign(ANY_HOUR + SUBMIT)
        self.folder = folder
        self.sandbox = sandbox
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "AICALLER_API_KEY": "a-key",
            "AICALLER_BASE_URL": sandbox.url,
            "DIALER_LEDGER": ledger or str(folder.path / DEFAULT_LEDGER),
        }

    def start(self, command: str, *options: str) -> subprocess.Popen[str]:
        """Start one command of the command line on this campaign."""
        return subprocess.Popen(
            [sys.executable, "-m", "dialer", command, str(self.folder.campaign_file), *options],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def finish(self, command: str, *options: str) -> dict[str, object]:
        """Run one command to its end and return what it tells."""
        with self.start(command, *options, "--json") as process:
            told, _ = process.communicate(timeout=300)
        return dict(json.loads(told)) if told.strip() else {}

    def settle(self) -> int:
        """Reconcile and run until nothing is left to do; return how many unknowns were looked up on the way."""
        seen = 0
        for _ in range(SETTLING_ROUNDS):
            self.finish("reconcile")
            age_unknown(self.environment["DIALER_LEDGER"])
            findings = self.finish("reconcile", "--release").get("findings")
            seen += sum(findings.values()) if isinstance(findings, dict) else 0
            if self.finish("run", "--yes").get("exit_code") == 0:
                return seen
        return seen

    def killed(self, random_: random.Random) -> bool:
        """Start a run and kill it at a random moment; False when it ended before that."""
        with self.start("run", "--yes", "--quiet") as process:
            latest = STARTING_SECONDS
            if random_.random() < 0.5:
                self.sandbox.wait_until_created(
                    len(self.sandbox.created) + random_.randint(1, 40), timeout_seconds=STARTING_SECONDS * 3
                )
                latest = SENDING_SECONDS
            try:
                process.wait(timeout=random_.uniform(0, latest))
            except subprocess.TimeoutExpired:
                process.kill()
                return True
        return False


def age_unknown(location: str) -> None:
    """Spare the minute for which a ledger on a server leaves unknown calls alone; nothing of them may live any more."""
    ledger = Ledger.open_existing(location)
    if ledger is None or not ledger.outlives_locks:
        return
    minute_ago = {name: attempts.c[name] - MINUTE_MS for name in ("claimed_at_ms", "settled_at_ms")}
    with ledger, ledger.write_own() as tx:
        tx.execute(update(attempts).where(attempts.c.outcome == Kind.UNKNOWN).values(minute_ago))


def torture(
    folder: Path, *, kills: int, rows: int, seed: int, faulty: float = 0.0, ledger: str | None = None
) -> Verdict:
    """Kill a campaign of *rows* until *kills* have hit, let it finish, and judge. *ledger* None is beside its file.

    *faulty* is the share of requests that meet each of five faults: dropped or answered 500 before or after the
    call was created, or answered with garbage.
    """
    random_ = random.Random(seed)
    faults = Faults(
        seed=seed,
        latency_ms=2,
        latency_jitter_ms=10,
        drop_before=faulty,
        drop_after=faulty,
        error_before=faulty,
        error_after=faulty,
        garbage=faulty,
    )
    hit = runs = 0
    with Sandbox(faults=faults) as sandbox:
        campaign = Campaign(CampaignFolder(folder), sandbox, rows, ledger)
        while hit < kills and runs < kills * 5:
            hit += campaign.killed(random_)
            runs += 1
        unknown_seen = campaign.settle()
        calls = Counter(str(call["toPhoneNumber"]) for call in sandbox.created)
    return Verdict(
        kills=hit,
        runs=runs,
        unknown_seen=unknown_seen,
        twice=tuple(phone for phone, count in calls.items() if count > 1),
        missing=tuple(phone for phone in map(number, range(rows)) if phone not in calls),
    )


def main() -> int:
    """Torture one campaign after the other until all kills have hit; tell, and return the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=300)
    arguments.add_argument("--rows", type=int, default=997)
    arguments.add_argument("--kills-each", type=int, default=25, help="kills for one campaign, before a new one")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--faulty", type=float, default=0.0, help="share of requests for each of five faults")
    arguments.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = arguments.parse_args()
    with running_server() if options.database == "postgresql" else nullcontext() as server:
        return 0 if _torture_all(options, server) else 1


def _torture_all(options: argparse.Namespace, server: Server | None) -> bool:
    total, seed, clean = 0, options.seed, True
    while total < options.kills:
        with tempfile.TemporaryDirectory() as folder:
            verdict = torture(
                Path(folder),
                kills=min(options.kills_each, options.kills - total),
                rows=options.rows,
                seed=seed,
                faulty=options.faulty,
                ledger=None if server is None else server.create_database(f"kills_{seed}"),
            )
        total, clean = total + max(verdict.kills, 1), clean and verdict.is_clean
        sys.stdout.write(
            f"seed {seed}: {verdict.kills} kills in {verdict.runs} runs, {options.rows} rows,"
            f" {verdict.unknown_seen} unknown looked up, {len(verdict.twice)} called twice,"
            f" {len(verdict.missing)} never\n"
        )
        sys.stdout.flush()
        seed += 1
    return clean


if __name__ == "__main__":
    sys.exit(main())
