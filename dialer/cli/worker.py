"""`dialer worker`: a member of a fleet."""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typing_extensions import TypedDict

from dialer.cli.enqueue import fleet_part
from dialer.cli.json_output import print_json
from dialer.cli.options import (
    FolderArgument,
    JsonOption,
    LedgerOption,
    LogFileOption,
    LogFormatOption,
    QueueOption,
    VerboseOption,
    at_least_one,
)
from dialer.cli.ports import cannot_listen, parse_port
from dialer.errors import UsageError
from dialer.jobs.intake.decisions import whoever_runs
from dialer.ledger.database.open import Ledger, shown_location

if TYPE_CHECKING:
    from dialer.fleet.worker import Worker, WorkerOptions

SIGNALS = (signal.SIGINT, signal.SIGTERM)

LONGEST_ANSWER_SECONDS = 5.0
"""So long the database may take to answer before the worker counts as one that cannot reach it."""


class WorkerJson(TypedDict):
    """What `dialer worker --json` prints as soon as it takes jobs; *queues* is empty where it takes those of all."""

    ledger: str
    queues: list[str]
    health: str | None


def worker(
    folder: FolderArgument = Path("campaigns"),
    *,
    queue: QueueOption = None,
    concurrency: Annotated[
        int, typer.Option(parser=at_least_one, metavar="N", help="Do so many jobs at once, each in a process.")
    ] = 2,
    nights: Annotated[
        bool, typer.Option("--nights", help="Ask for the nights of the folder's campaigns when their time comes.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="End when nothing waits any more.")] = False,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where GET /health is answered.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(parser=parse_port, metavar="N", help="Answer GET /health there; 0 takes a free port.")
    ] = None,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Take runs and nights from the queue and do each in a process of its own, until SIGTERM or Ctrl-C."""
    with fleet_part():
        from dialer.fleet.own_process import OwnProcess  # noqa: PLC0415 - an extra
        from dialer.fleet.places import queue_location  # noqa: PLC0415 - as above
        from dialer.fleet.queue import refuse_unready  # noqa: PLC0415 - as above
        from dialer.fleet.worker import Worker, WorkerOptions  # noqa: PLC0415 - as above
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder. Name the folder that holds the campaign files.")
    queues = list(queue or ())
    location = queue_location(folder, queues, ledger)
    options = WorkerOptions(folder.absolute(), location, queues, concurrency, nights=nights, once=once)
    with Ledger.open(location) as opened:
        refuse_unready(opened)
        execute = OwnProcess(options.folder, {"DIALER_LEDGER": str(location)})
        member = Worker(options, opened, execute, by=whoever_runs())
        asyncio.run(_work(member, host, port, partial(_tell, options, as_json=as_json)))


async def _work(member: "Worker", host: str, port: int | None, tell: Callable[[str | None], None]) -> None:
    """Let *member* work until the first signal; a second one ends the process as it would any other."""
    loop = asyncio.get_running_loop()

    def drain() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        sys.stderr.write("Takes no more jobs. What is in flight is finished, the rest waits for another worker.\n")
        member.drain()

    for number in SIGNALS:
        loop.add_signal_handler(number, drain)
    with _answering(member, loop, host, port) as place:
        tell(place)
        await member.run()


@contextmanager
def _answering(member: "Worker", loop: asyncio.AbstractEventLoop, host: str, port: int | None) -> Iterator[str | None]:
    if port is None:
        yield None
        return
    from dialer.fleet.health import HealthJson, answering  # noqa: PLC0415 - only where it is asked for

    def ask() -> HealthJson:
        try:
            return asyncio.run_coroutine_threadsafe(member.health(), loop).result(LONGEST_ANSWER_SECONDS)
        except TimeoutError:
            return {"state": "unreachable", "jobs": member.jobs}

    with ExitStack() as kept:
        try:
            where, listens_on = kept.enter_context(answering(host, port, ask))
        except OSError as error:
            raise UsageError(cannot_listen(host, port, error)) from error
        yield f"http://{where}:{listens_on}/health"


def _tell(options: "WorkerOptions", health: str | None, *, as_json: bool) -> None:
    place, queues = shown_location(options.location), list(options.queues)
    if as_json:
        print_json(WorkerJson(ledger=place, queues=queues, health=health))
        return
    which = f"the queues {', '.join(queues)}" if queues else "every queue"
    end = "none waits" if options.once else "Ctrl-C"
    asked = f" {health} tells how it is." if health else ""
    sys.stderr.write(f"Takes jobs of {which} in {place}, until {end}.{asked}\n")
