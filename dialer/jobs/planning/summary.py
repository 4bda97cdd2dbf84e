"""A plan in numbers and words, as one documented object."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from typing_extensions import TypedDict

from dialer.clock import iso_ms
from dialer.jobs.planning.explanation import Explanation, WhyJson
from dialer.schedule.feasibility import Misfit


class EdgeJson(TypedDict):
    """The first or the last slot."""

    utc: str
    local: str


class MisfitJson(TypedDict):
    """How many rows of the same zones find no time."""

    zones: list[str]
    missing: int
    total: int


class PlanJson(TypedDict):
    """What `dialer plan --json` prints."""

    campaign: str
    planned: int
    beyond_horizon: int
    reasons: dict[str, int]
    by_hour: dict[str, int]
    by_day: dict[str, int]
    by_zones: dict[str, int]
    by_template: dict[str, int]
    by_from_number: dict[str, int]
    first_slot: EdgeJson | None
    last_slot: EdgeJson | None
    does_not_fit: list[MisfitJson]
    message: str
    notes: list[str]
    why: WhyJson | None
    output: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """The first or the last slot: UTC ms, and as the called person's clocks show it."""

    slot_ms: int
    local: str

    def as_json(self) -> EdgeJson:
        """Return the object that `--json` prints."""
        return {"utc": iso_ms(self.slot_ms), "local": self.local}


@dataclass(frozen=True)
class PlanSummary:
    """A plan in numbers: rows by status and reason, slots by local hour and by local day, what does not fit.

    `planned` slots lie within the horizon: a run commits them now. `later` ones it leaves to later runs. `by_hour` and
    `by_day` count both, by the clock of the first of each person's zones. `by_template` and `by_from_number` count them
    where calls differ in that, and are empty where none does.
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
    by_template: dict[str, int] = field(default_factory=dict)
    by_from_number: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> PlanJson:
        """Return the object that `--json` prints."""
        return {
            "campaign": self.campaign,
            "planned": self.planned,
            "beyond_horizon": self.later,
            "reasons": dict(sorted(self.reasons.items())),
            "by_hour": {f"{hour:02d}": self.by_hour[hour] for hour in sorted(self.by_hour)},
            "by_day": dict(sorted(self.by_day.items())),
            "by_zones": {" ".join(zones): count for zones, count in self.by_zones.items()},
            "by_template": self.by_template,
            "by_from_number": self.by_from_number,
            "first_slot": None if self.first is None else self.first.as_json(),
            "last_slot": None if self.last is None else self.last.as_json(),
            "does_not_fit": [
                {"zones": list(item.zones), "missing": item.missing, "total": item.total} for item in self.misfits
            ],
            "message": self.misfit_text,
            "notes": list(self.notes),
            "why": None if self.explanation is None else self.explanation.as_json(),
            "output": None if self.output is None else str(self.output),
        }
