"""What a run is doing, drawn on a terminal: a bar, and lines below it."""

import sys
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from dialer.cli.run_state import RunState
from dialer.cli.terminal import Neutral, shortened


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
