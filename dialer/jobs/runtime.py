"""Where the jobs touch the world: environment, time, chance, connections, event loop; a caller can replace each."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dialer.calls.permit import permits_of
from dialer.campaign.file import Campaign
from dialer.campaign.tables import Submit
from dialer.clock import SYSTEM_CLOCK, Clock
from dialer.errors import DialerError
from dialer.jobs.locations import settings_of
from dialer.ledger.database.open import Ledger
from dialer.ledger.writer import LedgerWriter
from dialer.settings import Settings, read_settings
from dialer.submit.attempt_store import AttemptStore

if TYPE_CHECKING:
    from dialer.api.client import Client
    from dialer.submit.gate import Gate
    from dialer.submit.limits.key_limit import KeyLimit

T = TypeVar("T")

MOST_IN_A_SECOND = 10_000
"""The highest rate that a campaign may have."""


class Runner(Protocol):
    """Runs a coroutine to its end on an event loop of its own, as `asyncio.run` does."""

    def __call__(self, main: Coroutine[Any, Any, T], /) -> T:
        """Return what *main* returns."""


def run_to_its_end(main: Coroutine[Any, Any, T], /) -> T:
    """Run *main* as `asyncio.run` does; where this thread has a running loop, as in a notebook, in another thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(main)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, main).result()


@dataclass(frozen=True)
class Runtime:
    """What every job works with. The defaults are the real parts; a simulation passes its own.

    *settings* are the environment's; making a `Runtime` without them raises `SettingsError` for one that cannot be
    used. *connect* opens one connection for each worker; None opens those that the settings name. *attempt_store* is
    where claims and outcomes are written while calls are sent. A *rehearsal* has a ledger of its own: it leaves no mark
    beside the campaign file, and asks nobody about earlier calls. *asked_at* holds when requests ended, by
    the monotonic clock: what a job asks right before it sends counts in its pace. *limits_at* is the ledger that keeps
    the limit of the campaign's key, where the job has another.
    """

    settings: Settings = field(default_factory=read_settings)
    clock: Clock = SYSTEM_CLOCK
    connect: "Callable[[], Client] | None" = None
    random: Random = field(default_factory=SystemRandom)
    runner: Runner = run_to_its_end
    attempt_store: Callable[[Ledger], AbstractAsyncContextManager[AttemptStore]] = LedgerWriter
    rehearsal: bool = False
    asked_at: deque[float] = field(default_factory=partial(deque, maxlen=MOST_IN_A_SECOND))
    limits_at: str | Path | None = None

    def of(self, campaign: Campaign) -> "Runtime":
        """Return the runtime with the settings of the campaign's profile; a rehearsal keeps its own.

        Raises `LedgerUnusable` for a profile that names a schema and no database.
        """
        return self if self.rehearsal else replace(self, settings=settings_of(campaign, self.settings))

    def connector(self, submit: Submit) -> "Callable[[], Client]":
        """Return what opens a connection with the timeout of *submit*. Raises `SettingsError` where there is no key."""
        from dialer.api.client import Client  # noqa: PLC0415 - most commands ask the API nothing
        from dialer.tls import shared_context  # noqa: PLC0415 - as above

        if self.connect is not None:
            return self.connect
        key, context = self.settings.require_key(), shared_context()
        read_seconds = submit.read_timeout.total_seconds()

        def connect() -> Client:
            client = Client(self.settings.base_url, key, clock=self.clock, read_seconds=read_seconds, context=context)
            client.asked_at = self.asked_at
            return client

        return connect

    @asynccontextmanager
    async def to_ask(
        self, campaign: Campaign | None, ledger: Ledger, submit: Submit
    ) -> "AsyncIterator[tuple[Client, Gate]]":
        """Yield a connection, and what each request over it waits for: the pace of *submit*, and the key's limit.

        Raises as `connector` and `key_limit` do.
        """
        from dialer.submit.gate import Gate  # noqa: PLC0415 - 0.2 s that a job with nothing to ask spares

        async with AsyncExitStack() as kept:
            limit = None if campaign is None else kept.enter_context(self.key_limit(campaign, ledger))
            gate = Gate(submit, clock=self.clock, random=self.random, limit=limit)
            yield await kept.enter_async_context(self.connector(submit)()), gate

    @contextmanager
    def key_limit(self, campaign: Campaign, ledger: Ledger) -> "Iterator[KeyLimit | None]":
        """Yield the limit that everything of the campaign's key shares.

        None where its profile states none, where the ledger is a file, which one machine alone writes to, and without
        the part `fleet`. Raises `LedgerUnusable` where the limit cannot be kept.
        """
        profile = campaign.profile
        rate = None if profile is None else profile.keys.requests_per_second
        if self.limits_at is not None:
            with replace(self, limits_at=None).key_limit_at(campaign, self.limits_at) as limit:
                yield limit
            return
        if profile is None or rate is None or not ledger.outlives_locks:
            yield None
            return
        from dialer.ledger.fleet.key_bucket import open_bucket  # noqa: PLC0415 - only where a key has a limit
        from dialer.submit.limits.key_limit import KeyLimit  # noqa: PLC0415 - as above

        with ExitStack() as kept:
            try:
                opening = open_bucket(ledger, profile.name, *permits_of(rate), self.clock.monotonic)
                bucket = kept.enter_context(opening)
            except ImportError:
                yield None
                return
            limit = KeyLimit(bucket, rate, self.clock)
            kept.callback(limit.close)
            yield limit

    @contextmanager
    def key_limit_at(self, campaign: Campaign | None, location: str | Path) -> "Iterator[KeyLimit | None]":
        """Yield the limit as `key_limit` does, of the ledger at *location*; None where that cannot be opened."""
        profile = None if campaign is None else campaign.profile
        with ExitStack() as kept:
            limit = None
            if campaign is not None and profile is not None and profile.keys.requests_per_second is not None:
                with suppress(DialerError):
                    ledger = Ledger.open_existing(location)
                    if ledger is not None:
                        limit = kept.enter_context(self.key_limit(campaign, kept.enter_context(ledger)))
            yield limit
