"""Runs one campaign's night in a process of its own: whatever ends that process leaves the others their night."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType

from dialer.campaign.file import Campaign
from dialer.exit_codes import EXIT_BUG, EXIT_INTERRUPTED, SIGNAL_EXIT
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import SilentListener
from dialer.nightly.campaign_night import PROCESS_DIED, Night, NightJob
from dialer.settings import Settings
from dialer.words import command

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def live_apart(job: NightJob, campaign: Campaign) -> Night:
    """Do what the night holds for *campaign*, as `NightJob.live`, with the settings and the ledger of *job*.

    A signal to this process is passed on, and the night's process finishes what is in flight. Of one that dies, an
    entry is left that says so.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_live, args=(theirs, campaign, job.ledger, job.runtime.settings, job.night))
    process.start()
    theirs.close()
    with ours, _passed_on(process):
        try:
            night: Night | None = ours.recv()
        except EOFError:
            night = None
        process.join()
    return night or job.told(campaign, _dead(campaign, job.night, process.exitcode or EXIT_BUG))


def _live(
    answer: Connection, campaign: Campaign, ledger: str | Path | None, settings: Settings, night: date | None
) -> None:
    """Run in the process of the night."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C reaches the parent alone, which passes it on once: a second one would end this at once
    job = NightJob(Runtime(settings=settings), SilentListener(), ledger, take_signals=True, night=night)
    try:
        answer.send(job.live(campaign))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


@contextmanager
def _passed_on(process: SpawnProcess) -> Iterator[None]:
    """Pass SIGINT and SIGTERM on to *process* meanwhile."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if process.pid is not None and process.is_alive():
            os.kill(process.pid, number)

    before = {number: signal.signal(number, pass_on) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _dead(campaign: Campaign, night: date | None, exit_code: int) -> Night:
    """Word the end of a process that left no answer; below 0 its code is that of the signal that ended it."""
    if exit_code == EXIT_INTERRUPTED or -exit_code in SIGNALS:
        code = EXIT_INTERRUPTED if exit_code > 0 else SIGNAL_EXIT - exit_code
        return Night(campaign.name, night, code, "interrupted")
    how = signal.Signals(-exit_code).name if exit_code < 0 else f"exit {exit_code}"
    message = (
        f"Its process ended before its work ({how}), often because memory ran out. What it did is in the ledger:"
        f" {command('status', campaign.path)}"
    )
    return Night(campaign.name, night, EXIT_BUG, message, error=PROCESS_DIED)
