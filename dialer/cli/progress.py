"""What a person sees of a run: a progress bar on a terminal, plain lines elsewhere, all on stderr."""

import sys
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

import typer

from dialer.calls.outcome import Outcome
from dialer.calls.pause import PauseReason
from dialer.cli.question import describe, details
from dialer.cli.run_state import RunState
from dialer.cli.time_left import is_long
from dialer.clock import SystemClock, iso_ms
from dialer.jobs.sending.options import Progress
from dialer.jobs.sending.preview import RunPreview
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.sync import SyncSummary
from dialer.reasons import Status, meaning_of
from dialer.words import command, counted

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from dialer.cli.run_screen import RunBars

LINE_SECONDS = 10.0
"""How often a line is printed where there is no terminal to draw on."""

DRAW_SECONDS = 0.1
"""How often the screen is drawn for calls; drawing it took a twentieth of a call's time."""


class RunDisplay:
    """Shows one run: a `dialer.jobs.sending.options.Listener`, and a context manager around the run."""

    def __init__(self, campaign: str, *, quiet: bool, ask: bool, dry_run: bool, in_detail: bool = False) -> None:
        self._is_quiet = quiet
        self._campaign = campaign
        self._ask = ask
        self._in_detail = ask or in_detail
        self._dry_run = dry_run
        self._clock = SystemClock()
        self._bars: RunBars | None = None
        self._state = RunState(0, 1.0)
        self._began_at = self._shown_at = self._drawn_at = self._clock.monotonic()
        self._held_seconds = 0.0
        self._looked_at = self._began_at
        self._told: PauseReason | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._draw()
            self._bars.stop()

    @cached_property
    def _console(self) -> "Console":
        from dialer.cli.console import console  # noqa: PLC0415 - 50 ms that a quiet run spares

        return console(stderr=True, soft_wrap=not sys.stderr.isatty())

    def planned(self, preview: RunPreview) -> bool:
        """Show what is about to be created; on a terminal, ask."""
        self._state = RunState(preview.facts.planned, preview.calls_per_second)
        self._say(describe(self._campaign, preview, dry_run=self._dry_run))
        if self._in_detail:
            self._say(*details(preview))
        if self._ask and self._state.total and not _agreed():
            return False
        if not self._is_quiet and self._console.is_terminal and self._state.total and not self._dry_run:
            from dialer.cli.run_screen import RunBars  # noqa: PLC0415 - as for the console

            self._bars = RunBars(self._console, self._state)
            self._bars.add_task("creating", total=self._state.total)
            self._bars.start()
        self._began_at = self._shown_at = self._looked_at = self._clock.monotonic()
        return True

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Count an outcome that is final, and draw it with those of the same moment."""
        if final:
            self._state.count(outcome)
            if self._clock.monotonic() - self._drawn_at >= DRAW_SECONDS:
                self._draw()

    def going(self, now: Progress) -> None:
        """Draw what the run is doing; say at once what an interruption does, and where nothing is drawn, each pause."""
        at = self._clock.monotonic()
        self._held_seconds += at - self._looked_at if now.pause is not None and is_long(now.pause) else 0.0
        self._looked_at = at
        self._state.now = now
        reason = None if now.pause is None else now.pause.reason
        if self._bars is None and now.pause is not None and reason != self._told:
            self._say(f"Waiting: {now.pause.described}.")
        self._told = reason
        if now.is_interrupted and not self._is_quiet:
            self._console.print(
                f"finishing {counted(now.in_flight, 'request')}; again ends now and leaves them unknown"
            )
        self._draw()

    def _draw(self) -> None:
        now = self._drawn_at = self._clock.monotonic()
        seconds = now - self._began_at - self._held_seconds
        lines = self._state.lines(seconds=seconds, now_ms=self._clock.now_ms())
        if self._bars is not None:
            self._bars.show(lines)
        elif now - self._shown_at >= LINE_SECONDS:
            self._shown_at = now
            self._say(f"{self._state.done:,} of {self._state.total:,}: {'; '.join(lines)}")

    def _say(self, *sentences: str) -> None:
        """Write sentences for people, through the door that keeps words whole."""
        if not self._is_quiet:
            sys.stderr.write("".join(f"{sentence}\n" for sentence in sentences))

    def _show_sync(self, sync: SyncSummary, again: str) -> None:
        """Show what a person has to know of how earlier calls ended: most of all calls that nobody wants any more."""
        for call in sync.still_open:
            call_id = call.call_id or "id unknown"
            self._say(
                "This person asked not to be called again. Cancel the call at the API:"
                f" {call_id}, {iso_ms(call.slot_ms)}"
            )
        lost = sync.gone + sync.unread + sync.elsewhere
        if lost:
            self._say(f"How {counted(lost, 'earlier call')} ended could not be found out; see `{again}`.")

    def summarise(self, summary: RunSummary) -> None:
        """Show what the run came to: statuses, reasons, slots, why it stopped."""
        if summary.sync is not None:
            self._show_sync(
                summary.sync, command("sync", summary.file or summary.campaign, sandbox=summary.is_rehearsal)
            )
        if summary.idle:
            nothing = f"{summary.campaign}: nothing has failed that may be sent again. Nothing was done."
            self._say(str(summary.own_step or nothing))
            return
        if not self._is_quiet:
            self._console.print(_table(summary))
        if summary.tally.first_slot_ms is not None and summary.tally.last_slot_ms is not None:
            first, last = iso_ms(summary.tally.first_slot_ms), iso_ms(summary.tally.last_slot_ms)
            self._say(f"Calls may ring from {first} to {last}.")
        if summary.stop is not None:
            follows = summary.next_step is not None and summary.stop.remedy in summary.next_step.text
            self._say(f"Stopped early: {summary.stop.message if follows else summary.stop.told}")
        if summary.next_step is not None:
            self._say(str(summary.next_step))
        if summary.report is not None:
            self._say(f"Report: {summary.report}")
        if summary.dry_run:
            self._say("A dry run: nothing was sent and nothing was stored.")


def _agreed() -> bool:
    try:
        return typer.confirm("Create these calls?", err=True)
    except typer.Abort:  # Ctrl-C or Ctrl-D at the question is a no
        return False


def _table(summary: RunSummary) -> "Table":
    from rich.table import Table  # noqa: PLC0415 - as for the console

    table = Table(box=None, show_header=False, pad_edge=False)
    for is_text in (False, False, True):
        table.add_column(no_wrap=not is_text)
    for status, count in summary.counts.items():
        if count:
            table.add_row(str(count), str(status), status.meaning.replace("`", ""))
    for reason, count in sorted(summary.tally.reasons.items()):
        table.add_row(str(count), f"  {reason}", meaning_of(reason))
    if not sum(summary.counts.values()):
        table.add_row("0", str(Status.PENDING), "the sheet has no rows")
    return table
