"""A run that stands still, as by SIGSTOP or in a pause, whose lock is lost, and whose campaign others take over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from dialer.ledger.database.lock import Holder
from dialer.ledger.database.open import Ledger
from tests.simulation.api.service import Api
from tests.simulation.disk import Disk
from tests.simulation.weather import CALM
from tests.simulation.world import Death, World

LATEST = 4
BRIEF = 0.3
"""Of so many takeovers the other machine has the lock for a moment, and finds out about nothing."""

MOMENTS = (
    "claim: before its commit",
    "claim: committed",
    "claim: committed",
    "request: leaves",
    "request: leaves",
    "request: leaves",
    "reply: on its way",
    "reply: read",
    "outcome: before its commit",
)
"""Where a run may stand still: anywhere but in a transaction, which the system would hold open meanwhile."""


class Takeover:
    """Freezes runs of one story; meanwhile *elsewhere* happens, on another machine, which may take all its time."""

    def __init__(self, world: World, api: Api, disk: Disk, elsewhere: Callable[[], None], *, share: float) -> None:
        self._world, self._api, self._disk, self._elsewhere = world, api, disk, elsewhere
        self._random = world.random("takeovers")
        self._happens = self._random.random() < share
        self._sending: Ledger | None = None
        self._failed: BaseException | None = None
        self.of_run = 0

    def plan(self, run: int) -> None:
        """Let the process that begins now, number *run*, stand still at some moment of its sending."""
        self.of_run, self._sending = run, None
        if self._happens:
            self._world.freeze_at(Death(self._random.choice(MOMENTS), self._random.randint(1, LATEST)), self._take_over)

    def sends_with(self, ledger: Ledger) -> None:
        """Take note of the ledger whose lock the process holds while it sends."""
        self._sending = ledger

    def raise_what_failed(self) -> None:
        """Raise what was raised elsewhere: the frozen process would take it for an error of its own."""
        if self._failed is not None:
            raise self._failed

    def _take_over(self) -> None:
        if self._sending is None or self._sending._lock is None:
            return
        self._world.fault("taken over")
        holder, file = self._sending._lock._holder, Path(self._sending.where)
        self._sending._lock.lose()
        self._sending = None
        is_brief = self._random.random() < BRIEF
        work = partial(_take_lock, file, holder) if is_brief else self._elsewhere
        with (
            self._world.other_process(),
            self._api.other_process(),
            self._disk.other_process(CALM),
            ThreadPoolExecutor(1) as other,  # which has an event loop of its own
        ):
            self._failed = other.submit(work).exception()


def _take_lock(file: Path, holder: Holder) -> None:
    """Take the lock, and die before anything is looked at."""
    with Ledger.open(file) as ledger, ledger.lock(what=holder.what, since=holder.since, campaign=holder.campaign):
        pass
