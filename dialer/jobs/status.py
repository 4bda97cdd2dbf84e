"""Tells where a campaign stands, and what to do next."""

from dataclasses import dataclass
from typing import Any

from dialer.clock import iso_ms
from dialer.ledger import Ledger, read
from dialer.ledger.purge import called_count
from dialer.ledger.rows import RunFacts, campaign_id_of, campaign_names, runs_of, state_counts
from dialer.ledger.schema import State

LAST_RUNS = 5


@dataclass(frozen=True)
class CampaignStanding:
    """A campaign's contacts by state, its last runs, and the next command to give.

    *purged* contacts were called before a purge; nothing is known of them but that they are not to be called again.
    """

    campaign: str
    counts: dict[State, int]
    runs: tuple[RunFacts, ...]
    purged: int = 0

    @property
    def advice(self) -> str:
        """The one thing to do next, as a sentence."""
        if not self.runs:
            return "Never run. Next: dialer run."
        if self.counts[State.UNKNOWN] or self.counts[State.CLAIMED]:
            return "Some calls may or may not exist; they are held and never sent again by a run."
        if self.counts[State.PENDING] or self.counts[State.FAILED]:
            return "Some contacts have no call yet. Next: dialer run, which sends only those."
        if not sum(self.counts.values()) and self.purged:
            return "Its people were erased. A run on their sheet calls only those who had no call."
        return "Every contact has its call. Nothing to do."

    def as_json(self) -> dict[str, Any]:
        """Give the object that `--json` prints for this campaign."""
        return {
            "campaign": self.campaign,
            "counts": {str(state): count for state, count in self.counts.items()},
            "purged": self.purged,
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


def read_standings(ledger: Ledger, campaign: str | None = None) -> list[CampaignStanding]:
    """Tell where *campaign* stands, or every campaign of the ledger."""
    with read(ledger.engine) as tx:
        names = [campaign] if campaign is not None else campaign_names(tx)
        standings = []
        for name in names:
            campaign_id = campaign_id_of(tx, name)
            if campaign_id is None:
                standings.append(CampaignStanding(name, dict.fromkeys(State, 0), ()))
                continue
            counts = state_counts(tx, campaign_id)
            last = tuple(runs_of(tx, campaign_id)[:LAST_RUNS])
            purged = called_count(tx, campaign_id)
            standings.append(CampaignStanding(name, {state: counts[state] for state in State}, last, purged))
        return standings
