"""What a run is doing, drawn for people: how far, how fast against the limit, for how long, what holds it back."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from dialer.calls.outcome import Kind, Outcome
from dialer.cli.terminal import Neutral, shortened
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


class RunBars(Bars):
    """A bar over all calls, and the lines of the run's state below it, each cut behind its last whole word."""

    def __init__(self, drawn_on: Console, state: RunState) -> None:
        self._state = state
        self._lines: list[str] = []
        # Redirected, others' text would be taken for escape sequences of our own.
        super().__init__(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=drawn_on,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def start(self) -> None:
        """Draw from now on; what others write on stderr meanwhile, a log for instance, comes above."""
        super().start()
        if isinstance(sys.stderr, Neutral):
            sys.stderr.above = lambda text: self.console.print(Text(text))

    def stop(self) -> None:
        """Draw no longer."""
        super().stop()
        if isinstance(sys.stderr, Neutral):
            sys.stderr.above = None

    def show(self, lines: list[str]) -> None:
        """Draw the state as it is now."""
        self._lines = lines
        for task in self.tasks:
            self.update(task.id, completed=self._state.done)

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield the bar and the lines."""
        yield self.make_tasks_table(self.tasks)
        yield from (Text(shortened(line, self.console.width), no_wrap=True) for line in self._lines)
