"""A plan in numbers and words, as one documented object."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialer.clock import iso_ms
from dialer.jobs.planning.explanation import Explanation
from dialer.schedule.feasibility import Misfit


@dataclass(frozen=True, slots=True)
class Edge:
    """The first or the last slot: UTC ms, and as the called person's clocks show it."""

    slot_ms: int
    local: str


@dataclass(frozen=True)
class PlanSummary:
    """A plan in numbers: rows by status and reason, slots by local hour and by local day, what does not fit.

    `planned` slots lie within the horizon: a run commits them now. `later` ones it leaves to later runs. `by_hour` and
    `by_day` count both, by the clock of the first of each person's zones.
    """

    campaign: str
    planned: int
    later: int
    reasons: Counter[str]
    by_zones: dict[tuple[str, ...], int]
    by_hour: Counter[int]
    by_day: Counter[str]
    first: Edge | None
    last: Edge | None
    misfits: tuple[Misfit, ...]
    misfit_text: str
    notes: tuple[str, ...]
    explanation: Explanation | None = None
    output: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        edges = {"first_slot": self.first, "last_slot": self.last}
        return {
            "campaign": self.campaign,
            "planned": self.planned,
            "beyond_horizon": self.later,
            "reasons": dict(sorted(self.reasons.items())),
            "by_hour": {f"{hour:02d}": self.by_hour[hour] for hour in sorted(self.by_hour)},
            "by_day": dict(sorted(self.by_day.items())),
            "by_zones": {" ".join(zones): count for zones, count in self.by_zones.items()},
            **{
                name: None if edge is None else {"utc": iso_ms(edge.slot_ms), "local": edge.local}
                for name, edge in edges.items()
            },
            "does_not_fit": [
                {"zones": list(item.zones), "missing": item.missing, "total": item.total} for item in self.misfits
            ],
            "message": self.misfit_text,
            "notes": list(self.notes),
            "why": None if self.explanation is None else self.explanation.as_json(),
            "output": None if self.output is None else str(self.output),
        }
