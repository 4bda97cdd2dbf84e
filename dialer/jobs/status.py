"""Where a campaign stands, and the one command to run next."""

import socket
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from dialer.campaign.budget import Budget
from dialer.clock import SYSTEM_CLOCK, Clock, from_ms, iso_ms
from dialer.exit_codes import GOOD_EXITS
from dialer.ledger.campaign_places import place_of
from dialer.ledger.campaign_standing import NOTHING, Standing, standing_of
from dialer.ledger.database.engine import Transaction
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import State
from dialer.ledger.runs import RunFacts, campaign_id_of, campaign_names, night_runs, runs_of
from dialer.ledger.transitions.decided import decisions_of
from dialer.reasons import Status
from dialer.results.next_step import Situation, next_step
from dialer.words import command

LAST_RUNS = 5


@dataclass(frozen=True)
class CampaignStanding:
    """A campaign as it stands at *at_ms*, its last runs, and the end of its last good night (None: it had none).

    *decisions* tell what persons found out about unknown calls, who and when. *file* is the campaign's, by which the
    next command names it, None where nobody knows it.
    """

    campaign: str
    at_ms: int
    standing: Standing
    runs: tuple[RunFacts, ...]
    good_night_ms: int | None = None
    has_nights: bool = False
    budget: Budget | None = None
    decisions: tuple[str, ...] = ()
    file: Path | None = None
    is_rehearsal: bool = False

    @property
    def spent(self) -> dict[str, Any] | None:
        """What the campaign has spent of its budget and what is left; None where it has none, or is not known."""
        named = self.budget is not None and (self.budget.is_limited or self.budget.cost_per_minute is not None)
        return self.budget.told(self.standing.spending) if self.budget is not None and named else None

    @property
    def advice(self) -> str:
        """The one thing to do next, as a sentence with its command."""
        now, named = self.standing, str(self.file or self.campaign)
        if not self.runs:
            first, then = (command(job, named, sandbox=job == "run" and self.is_rehearsal) for job in ("check", "run"))
            return f"Never run. Next: {first}, then {then}"
        if now.purged and not sum(now.counts.values()):
            return "Its people were erased; whoever was called will not be called again."
        statuses = {
            Status.UNKNOWN: now.counts[State.UNKNOWN] + now.counts[State.CLAIMED],
            Status.FAILED: min(now.retriable, now.counts[State.FAILED]),
            Status.PENDING: now.waiting,
            Status.REJECTED: now.rejected,
        }
        mended = max(0, now.retriable - now.counts[State.FAILED])
        stopped = bool(self.runs[0].stop and now.waiting)
        found = Situation(
            named, statuses, now.reasons, is_stopped=stopped, mended=mended, is_rehearsal=self.is_rehearsal
        )
        return str(next_step(replace(found, not_asked=now.not_asked)))

    def is_overdue(self, max_age: timedelta) -> bool:
        """Return whether the last good night ended longer ago than *max_age*, or there was none."""
        return self.good_night_ms is None or from_ms(self.at_ms) - from_ms(self.good_night_ms) > max_age

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints for this campaign."""
        now = self.standing
        instants = {
            "unknown_since": now.unknown_since_ms,
            "next_slot": now.next_slot_ms,
            "last_slot": now.last_slot_ms,
            "last_good_night": self.good_night_ms,
        }
        return {
            "campaign": self.campaign,
            "counts": {str(state): count for state, count in now.counts.items()},
            "reasons": dict(sorted(now.reasons.items())),
            "rejected": now.rejected,
            "called_again": now.again,
            "purged": now.purged,
            "calls_to_ring": now.ringing,
            "calls_not_asked_about": now.not_asked,
            "ends": now.ends,
            "decisions": list(self.decisions),
            **{name: None if instant is None else iso_ms(instant) for name, instant in instants.items()},
            "budget": self.spent,
            "runs": [
                {
                    "run_id": run.id,
                    "started_at": iso_ms(run.started_at_ms),
                    "ended_at": None if run.ended_at_ms is None else iso_ms(run.ended_at_ms),
                    "exit_code": run.exit_code,
                    "stop": run.stop,
                }
                for run in self.runs
            ],
            "next": self.advice,
        }


def read_standings(
    ledger: Ledger,
    campaign: str | None = None,
    *,
    budget: Budget | None = None,
    file: Path | None = None,
    is_rehearsal: bool = False,
    clock: Clock = SYSTEM_CLOCK,
) -> list[CampaignStanding]:
    """Return where *campaign* with its *budget* and *file* stands, or every campaign of the ledger.

    Without *file*, it is the one that the ledger knows, where that lies on this machine.
    """
    now_ms = clock.now_ms()
    with ledger.read() as tx:
        names = [campaign] if campaign is not None else campaign_names(tx)
        found = [_standing(tx, name, budget, now_ms=now_ms) for name in names]
        files = [file or _known_file(tx, name) for name in names]
    return [replace(item, file=known, is_rehearsal=is_rehearsal) for item, known in zip(found, files, strict=True)]


def _standing(tx: Transaction, name: str, budget: Budget | None, *, now_ms: int) -> CampaignStanding:
    campaign_id = campaign_id_of(tx, name)
    if campaign_id is None:
        return CampaignStanding(name, now_ms, NOTHING, ())
    nights = list(night_runs(tx, name))
    good = next((run.ended_at_ms for run in nights if run.exit_code in GOOD_EXITS), None)
    last = tuple(runs_of(tx, campaign_id)[:LAST_RUNS])
    standing, decisions = standing_of(tx, campaign_id, now_ms=now_ms), tuple(decisions_of(tx, campaign_id))
    return CampaignStanding(name, now_ms, standing, last, good, bool(nights), budget, decisions)


def _known_file(tx: Transaction, name: str) -> Path | None:
    place = place_of(tx, name)
    is_here = place is not None and place.host == socket.gethostname() and Path(place.file).is_file()
    return Path(place.file) if place is not None and is_here else None
