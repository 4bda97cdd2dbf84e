"""What a run is doing, in words: how far, how fast against the limit, for how long, what holds it back."""

from dataclasses import dataclass, field

from dialer.calls.outcome import Kind, Outcome
from dialer.cli.time_left import Pace, seconds_left, shown
from dialer.clock import iso_ms
from dialer.jobs.sending.options import Progress
from dialer.words import counted

LAST_PROBLEMS = 3


@dataclass
class RunState:
    """How far a run is: of *total* calls, created at most at *limit* a second."""

    total: int
    limit: float
    settled: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    problems: list[str] = field(default_factory=list)
    now: Progress = field(default_factory=lambda: Progress(0, None, None))
    pace: Pace = field(default_factory=Pace)

    @property
    def done(self) -> int:
        """How many calls are settled."""
        return sum(self.settled.values())

    def count(self, outcome: Outcome) -> None:
        """Count a final outcome, and remember what is wrong with it."""
        self.settled[outcome.kind] += 1
        if outcome.kind is not Kind.CREATED:
            self.problems = [*self.problems, f"{outcome.reason}: {outcome.message}"][-LAST_PROBLEMS:]

    def lines(self, *, seconds: float, now_ms: int) -> list[str]:
        """Return what stands below the bar, after so many *seconds* without long pauses."""
        pause = self.now.pause
        held = 0.0 if pause is None or pause.until_ms is None else max(0, pause.until_ms - now_ms) / 1000
        self.pace.see(self.done, seconds=seconds)
        left = shown(seconds_left(self.total - self.done, self.pace.to_reckon_with(self.limit), pause_seconds=held))
        created, unknown = self.settled[Kind.CREATED], self.settled[Kind.UNKNOWN]
        asked = f"{self.pace.seen:.1f} of at most {self.limit:g} a second"
        lines = [
            f"{created:,} created, {self.done - created - unknown:,} failed, {unknown:,} unknown; {left} left",
            f"{asked}, {counted(self.now.in_flight, 'request')} in flight",
        ]
        lines += [] if self.now.slot_ms is None else [f"next slot {iso_ms(self.now.slot_ms)}"]
        lines += [] if pause is None else [f"waiting: {pause.described}"]
        return lines + [f"problem: {problem}" for problem in self.problems]
