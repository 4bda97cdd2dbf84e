"""Where the jobs touch the world: connection, book, chance and event loop, each replaceable by the caller."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from random import Random, SystemRandom
from typing import Any, Protocol, TypeVar

from dialer.api.client import Client, shared_context
from dialer.campaign.file import Campaign
from dialer.clock import Clock
from dialer.ledger.database.open import Ledger
from dialer.ledger.writer import LedgerWriter
from dialer.settings import Settings
from dialer.submit.attempt_store import AttemptStore

T = TypeVar("T")


class Runner(Protocol):
    """Runs a coroutine to its end on an event loop of its own, as `asyncio.run` does."""

    def __call__(self, main: Coroutine[Any, Any, T], /) -> T:
        """Give what *main* gives."""


@dataclass(frozen=True)
class Wiring:
    """What a job works with. The defaults are the real parts; a simulation hands in its own.

    *connect* makes one client for each worker; None makes those that the settings name.
    """

    connect: Callable[[], Client] | None = None
    book: Callable[[Ledger], AbstractAsyncContextManager[AttemptStore]] = LedgerWriter
    random: Random = field(default_factory=SystemRandom)
    runner: Runner = asyncio.run

    def connector(self, campaign: Campaign, settings: Settings, clock: Clock) -> Callable[[], Client]:
        """Give what makes a client. Raises `SettingsError` where there is no key."""
        if self.connect is not None:
            return self.connect
        key, context = settings.require_key(), shared_context()
        read_seconds = campaign.submit.read_timeout.total_seconds()
        return lambda: Client(settings.base_url, key, clock=clock, read_seconds=read_seconds, context=context)
