"""What a person sees of a run: a progress bar on a terminal, plain lines elsewhere, all on stderr."""

import sys
from types import TracebackType
from typing import Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from dialer.calls.outcome import Kind, Outcome
from dialer.cli.console import console
from dialer.cli.question import describe, details
from dialer.clock import SystemClock, iso_ms
from dialer.jobs.sending.preview import RunPreview
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.sync import SyncSummary
from dialer.reasons import Status, meaning_of
from dialer.words import command, counted

LINE_SECONDS = 10.0
"""How often a line is printed where there is no terminal to draw on."""


class RunDisplay:
    """Shows one run: a `dialer.jobs.sending.send.Listener`, and a context manager around the run."""

    def __init__(self, campaign: str, *, quiet: bool, ask: bool, dry_run: bool, in_detail: bool = False) -> None:
        self._console = console(stderr=True, soft_wrap=not sys.stderr.isatty(), quiet=quiet)
        self._campaign = campaign
        self._ask = ask
        self._in_detail = ask or in_detail
        self._dry_run = dry_run
        self._clock = SystemClock()
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._total = 0
        self._settled = dict.fromkeys(Kind, 0)
        self._began_at = self._shown_at = self._clock.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def planned(self, preview: RunPreview) -> bool:
        """Show what is about to be created; on a terminal, ask."""
        self._total = preview.facts.planned
        self._console.print(describe(self._campaign, preview, dry_run=self._dry_run))
        if self._in_detail:
            self._console.print(*details(preview), sep="\n")
        if self._ask and self._total and not _agreed():
            return False
        if self._console.is_terminal and self._total and not self._dry_run:
            self._progress = _bar(self._console)
            self._task = self._progress.add_task("creating", total=self._total, counts="")
            self._progress.start()
        self._began_at = self._shown_at = self._clock.monotonic()
        return True

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Count an outcome that is final and draw it."""
        if not final:
            return
        self._settled[outcome.kind] += 1
        done = sum(self._settled.values())
        seconds = self._clock.monotonic() - self._began_at
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, counts=self._counts(done, seconds))
        elif self._clock.monotonic() - self._shown_at >= LINE_SECONDS:
            self._shown_at = self._clock.monotonic()
            self._console.print(f"{done} of {self._total}: {self._counts(done, seconds)}")

    def _counts(self, done: int, seconds: float) -> str:
        created, unknown = self._settled[Kind.CREATED], self._settled[Kind.UNKNOWN]
        rate = done / seconds if seconds > 0 else 0.0
        return f"{created} created, {done - created - unknown} failed, {unknown} unknown, {rate:.1f}/s"

    def _show_sync(self, sync: SyncSummary, again: str) -> None:
        """Show what a person has to know of how earlier calls ended: most of all calls that nobody wants any more."""
        for call in sync.still_open:
            call_id = call.call_id or "id unknown"
            self._console.print(
                "This person asked not to be called again. Cancel the call at the API:"
                f" {call_id}, {iso_ms(call.slot_ms)}"
            )
        lost = sync.gone + sync.unread + sync.elsewhere
        if lost:
            self._console.print(f"How {counted(lost, 'earlier call')} ended could not be found out; see `{again}`.")

    def summarise(self, summary: RunSummary) -> None:
        """Show what the run came to: statuses, reasons, slots, why it stopped."""
        if summary.sync is not None:
            self._show_sync(
                summary.sync, command("sync", summary.file or summary.campaign, sandbox=summary.is_rehearsal)
            )
        if summary.idle:
            nothing = f"{summary.campaign}: nothing has failed that may be sent again. Nothing was done."
            self._console.print(str(summary.own_step or nothing))
            return
        self._console.print(_table(summary))
        if summary.tally.first_slot_ms is not None and summary.tally.last_slot_ms is not None:
            first, last = iso_ms(summary.tally.first_slot_ms), iso_ms(summary.tally.last_slot_ms)
            self._console.print(f"Calls may ring from {first} to {last}.")
        if summary.stop is not None:
            self._console.print(f"Stopped early: {summary.stop.message}")
        if summary.next_step is not None:
            self._console.print(str(summary.next_step))
        if summary.report is not None:
            self._console.print(f"Report: {summary.report}")
        if summary.dry_run:
            self._console.print("A dry run: nothing was sent and nothing was stored.")


def _agreed() -> bool:
    try:
        return typer.confirm("Create these calls?", err=True)
    except typer.Abort:  # Ctrl-C or Ctrl-D at the question is a no
        return False


def _bar(drawn_on: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeRemainingColumn(),
        console=drawn_on,
        redirect_stdout=False,  # it would take others' text for escape sequences of its own
        redirect_stderr=False,
    )


def _table(summary: RunSummary) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for status, count in summary.counts.items():
        if count:
            table.add_row(str(count), str(status), status.meaning.replace("`", ""))
    for reason, count in sorted(summary.tally.reasons.items()):
        table.add_row(str(count), f"  {reason}", meaning_of(reason))
    if not sum(summary.counts.values()):
        table.add_row("0", str(Status.PENDING), "the sheet has no rows")
    return table
