"""A run whose connection to PostgreSQL is cut, at every statement in turn, before and after the server has it.

`python -m tests.cuts` cuts each once; the rest of the campaign is done by new commands on a sound connection. It ends
with 1 where somebody was called twice, or was not called, or a created call is in no results.
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import make_url

from dialer.exit_codes import EXIT_BUG, EXIT_OK, exit_code_of
from dialer.jobs.reconcile import ReconcileOptions, reconcile_campaign
from dialer.jobs.results import rebuild_results
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.options import RunOptions
from dialer.ledger.database.open import Ledger
from dialer.sandbox import Sandbox
from tests.jobs.test_run import hurried
from tests.kills import age_unknown
from tests.ledger.books import empty
from tests.ledger.cutter import cut
from tests.ledger.postgres import running_server, socket_folder
from tests.support import ANY_HOUR, CampaignFolder, number, read_results

PEOPLE = 3
SUBMIT = '[submit]\nrequests_per_second = 2000\nconcurrency = 2\nsettle_time = "0s"\nmax_attempts = 1\n'
ROUNDS = 4
"""So many runs are enough to finish a campaign that one cut has stopped."""


@dataclass(frozen=True)
class Cut:
    """What came of a run that was cut: *where*, its exit *code*, and each breach of what was promised, in words."""

    where: str
    code: int
    breaches: tuple[str, ...]


def play(folder: Path, ledger: str, nth: int, *, after: bool) -> Cut | None:
    """Cut statement *nth* of a run with the empty *ledger*, finish the campaign, and judge.

    None where the run has fewer statements.
    """
    place = CampaignFolder(folder)
    place.people(PEOPLE)
    campaign = place.campaign(ANY_HOUR + SUBMIT)
    with Sandbox() as sandbox:
        runtime, sound = hurried(sandbox), RunOptions(ledger=ledger)
        with cut(socket_folder(ledger), nth, after=after) as (port, cutter):
            through = make_url(ledger).set(host="127.0.0.1", port=port, query={}).render_as_string()
            try:
                code = run_campaign(campaign, options=RunOptions(ledger=through), runtime=runtime).exit_code
            except Exception as error:  # noqa: BLE001 - one that is not ours is a breach
                code = exit_code_of(error)
        if cutter.passed < nth:
            return None
        for _ in range(ROUNDS):
            if run_campaign(campaign, options=sound, runtime=runtime).exit_code == EXIT_OK:
                break
            age_unknown(ledger)
            reconcile_campaign(campaign, options=ReconcileOptions(ledger=ledger, release=True), runtime=runtime)
        created = {str(call["_id"]): str(call["toPhoneNumber"]) for call in sandbox.created}
    with Ledger.open(ledger) as opened:
        rebuild_results(opened, campaign.name, folder / "standing.csv")
    told = {row["dialer_call_id"]: row["dialer_phone"] for row in read_results(folder / "standing.csv")}
    promises = {
        "it ended as a bug": code != EXIT_BUG,
        "not everybody was called once": sorted(created.values()) == sorted(map(number, range(PEOPLE))),
        "the results have other calls than the API": told == created,
    }
    where = f"{'after' if after else 'before'} statement {nth}"
    return Cut(where, code, tuple(breach for breach, is_kept in promises.items() if not is_kept))


def play_all(folder: Path, ledger: str, *, first: int, step: int) -> Iterator[Cut]:
    """Cut every *step*th statement of a run from *first* on, before and after, until it has no more."""
    with Ledger.open(ledger) as opened:
        for nth, after in ((nth, after) for nth in count(first, step) for after in (False, True)):
            empty(opened)
            place = folder / f"{nth}-{after}"
            place.mkdir()
            played = play(place, ledger, nth, after=after)
            if played is None:
                return
            yield played


def main() -> int:
    """Cut every statement; tell what came of each, and return the exit code."""
    breaches = 0
    with tempfile.TemporaryDirectory() as folder, running_server() as server:
        for played in play_all(Path(folder), server.create_database("cuts"), first=1, step=1):
            print(f"{played.where}: exit {played.code}", *played.breaches, flush=True)  # noqa: T201 - a command's answer
            breaches += len(played.breaches)
    return min(breaches, 1)


if __name__ == "__main__":
    sys.exit(main())
