"""Where a campaign stands, and the one command to run next."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dialer.campaign.budget import Budget
from dialer.clock import SYSTEM_CLOCK, Clock, from_ms, iso_ms
from dialer.exit_codes import GOOD_EXITS
from dialer.ledger.campaign_standing import NOTHING, Standing, standing_of
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import State
from dialer.ledger.runs import RunFacts, campaign_id_of, campaign_names, night_runs, runs_of
from dialer.ledger.transitions.decided import decisions_of
from dialer.reasons import Reason
from dialer.words import counted

LAST_RUNS = 5


@dataclass(frozen=True)
class CampaignStanding:
    """A campaign as it stands at *at_ms*, its last runs, and the end of its last good night (None: it had none).

    *decisions* tell what persons found out about unknown calls, who and when.
    """

    campaign: str
    at_ms: int
    standing: Standing
    runs: tuple[RunFacts, ...]
    good_night_ms: int | None = None
    has_nights: bool = False
    budget: Budget | None = None
    decisions: tuple[str, ...] = ()

    @property
    def spent(self) -> dict[str, Any] | None:
        """What the campaign has spent of its budget and what is left; None where it has none, or is not known."""
        named = self.budget is not None and (self.budget.is_limited or self.budget.cost_per_minute is not None)
        return self.budget.told(self.standing.spending) if self.budget is not None and named else None

    @property
    def advice(self) -> str:
        """The one thing to do next, as a sentence with its command."""
        now, name = self.standing, self.campaign
        doubt = now.counts[State.UNKNOWN] + now.counts[State.CLAIMED]
        not_found = now.reasons[Reason.NOT_FOUND]
        steps = (
            (not self.runs, f"Never run. Next: dialer check {name}, then dialer run {name}"),
            (
                0 < doubt == not_found,
                f"The API does not list {counted(doubt, 'call')}. Look there, then: dialer reconcile {name} --release",
            ),
            (doubt, f"{counted(doubt, 'call')} may or may not exist; no run sends any. Next: dialer reconcile {name}"),
            (now.retriable, f"{counted(now.retriable, 'row')} failed or mended. Next: dialer retry {name}"),
            (
                now.not_asked,
                f"{counted(now.not_asked, 'call')} rang, and nobody asked about the end. Next: dialer sync {name}",
            ),
            (
                now.waiting,
                f"{counted(now.waiting, 'contact')} still to be called. Next: dialer run {name}",
            ),
            (now.rejected, f"{counted(now.rejected, 'row')} cannot be called as written. Next: dialer check {name}"),
            (
                now.purged and not sum(now.counts.values()),
                "Its people were erased; whoever was called will not be called again.",
            ),
        )
        return next((sentence for applies, sentence in steps if applies), "Every contact has its call. Nothing to do.")

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
    ledger: Ledger, campaign: str | None = None, *, budget: Budget | None = None, clock: Clock = SYSTEM_CLOCK
) -> list[CampaignStanding]:
    """Return where *campaign* with its *budget* stands, or every campaign of the ledger."""
    now_ms = clock.now_ms()
    with ledger.read() as tx:
        names = [campaign] if campaign is not None else campaign_names(tx)
        standings = []
        for name in names:
            campaign_id = campaign_id_of(tx, name)
            if campaign_id is None:
                standings.append(CampaignStanding(name, now_ms, NOTHING, ()))
                continue
            nights = list(night_runs(tx, name))
            good = next((run.ended_at_ms for run in nights if run.exit_code in GOOD_EXITS), None)
            last = tuple(runs_of(tx, campaign_id)[:LAST_RUNS])
            standing, decisions = standing_of(tx, campaign_id, now_ms=now_ms), tuple(decisions_of(tx, campaign_id))
            standings.append(CampaignStanding(name, now_ms, standing, last, good, bool(nights), budget, decisions))
        return standings
