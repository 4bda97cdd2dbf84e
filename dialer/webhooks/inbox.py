"""Takes ids of calls that may have ended, and finds out: each is read from the API before it is believed.

Nothing waits for the ledger's lock, and nothing takes it: a run that starts meanwhile never finds it held, and what
is found out while a run goes on is stored beside it (`dialer.ledger.dispositions`). Ids that are waiting live in
memory only. One that is lost is found by the next `dialer sync`, which asks about every call without a known end.
"""

import asyncio
import logging
from dataclasses import dataclass

from dialer.calls.disposition import FINAL, Disposition
from dialer.campaign.file import Campaign
from dialer.campaign.tables import Submit
from dialer.errors import LedgerUnusable, LedgerWriteFailed
from dialer.jobs.record_dispositions import record_ends
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.ledger.dispositions import CreatedCall, find_call_without_end
from dialer.submit.status_poller import Poller

MAX_WAITING = 10_000
"""So many ids wait at most; a webhook beyond them is answered 503, and its sender may come again."""

AGAIN_SECONDS = (2.0, 15.0, 60.0)
"""When a call is read again whose webhook came before the API itself says that it has ended; then the sync does."""

OUTAGE_SECONDS = 60.0
"""How long nothing is asked after the API refused the key or was out of reach."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CallSource:
    """Where the inbox finds out about a call: the ledger, and the API through *runtime* at the pace of *submit*.

    *campaign* is one of those whose key it asks with; None where they have no profile.
    """

    ledger: Ledger
    runtime: Runtime
    submit: Submit
    campaign: Campaign | None = None


class Inbox:
    """Ids that wait to be looked up. `put` them from the loop on which `work` runs."""

    def __init__(self, source: CallSource) -> None:
        self._source = source
        self._runtime = source.runtime
        self._waiting: asyncio.Queue[tuple[str, int]] = asyncio.Queue(MAX_WAITING)
        self._known: set[str] = set()
        self._later: set[asyncio.Task[None]] = set()

    def put(self, call_id: str) -> bool:
        """Take an id, once while it waits; False when too many wait."""
        return call_id in self._known or self._put(call_id, 0)

    def _put(self, call_id: str, tries: int) -> bool:
        try:
            self._waiting.put_nowait((call_id, tries))
        except asyncio.QueueFull:
            return False
        self._known.add(call_id)
        return True

    async def work(self) -> None:
        """Look up what comes, until cancelled."""
        try:
            while True:
                await self._work_until_stopped()
                await self._runtime.clock.sleep(OUTAGE_SECONDS)
        finally:
            for task in self._later:
                task.cancel()

    async def join(self) -> None:
        """Wait until everything that was put has been looked up."""
        await self._waiting.join()

    async def _work_until_stopped(self) -> None:
        """Look up what comes, until the API refuses to be asked or cannot be reached."""
        submit = self._source.submit
        async with self._runtime.to_ask(self._source.campaign, self._source.ledger, submit) as (client, gate):
            poller = Poller(client, gate, submit)
            while not gate.is_closed:
                call_id, tries = await self._waiting.get()
                self._known.discard(call_id)
                try:
                    await self._look_up(poller, call_id, tries)
                except (LedgerUnusable, LedgerWriteFailed) as error:
                    _log.warning("a call could not be looked up or stored: %s", type(error).__name__)
                    self._try_again(call_id, tries)
                if gate.is_closed:
                    self._put(call_id, tries)
                self._waiting.task_done()
        if gate.stop is not None:
            _log.warning("the API is not asked for %d seconds: %s", OUTAGE_SECONDS, gate.stop.message)

    async def _look_up(self, poller: Poller, call_id: str, tries: int) -> None:
        call = await asyncio.to_thread(self._find, call_id)
        if call is None or not call.sent_to.is_reached_at(self._runtime.settings.base_url):
            _log.info("a webhook speaks of no call of this ledger and API whose end is not known")
            return
        disposition = await poller.read(call_id)
        if disposition is None:
            _log.warning("contact %d: its call could not be read; the next sync will", call.contact_id)
            return
        await asyncio.to_thread(self._store, call, disposition)
        fields = {"action": "ended", "contact_id": call.contact_id}
        _log.info("contact %d: its call is %s %s", call.contact_id, *_words(disposition), extra=fields)
        if disposition.status not in FINAL:
            self._try_again(call_id, tries)

    def _find(self, call_id: str) -> CreatedCall | None:
        with self._source.ledger.read() as tx:
            return find_call_without_end(tx, call_id)

    def _store(self, call: CreatedCall, disposition: Disposition) -> None:
        open_calls = record_ends(self._source.ledger, [(call, disposition)], seen_at_ms=self._runtime.clock.now_ms())
        for item in open_calls:
            _log.warning("call %s of %s goes to somebody who asked for no more: cancel it", item.call_id, item.campaign)

    def _try_again(self, call_id: str, tries: int) -> None:
        if tries < len(AGAIN_SECONDS):
            task = asyncio.create_task(self._put_later(call_id, tries))
            self._later.add(task)
            task.add_done_callback(self._later.discard)

    async def _put_later(self, call_id: str, tries: int) -> None:
        await self._runtime.clock.sleep(AGAIN_SECONDS[tries])
        if call_id not in self._known:
            self._put(call_id, tries + 1)


def _words(disposition: Disposition) -> tuple[str, str]:
    return disposition.status, disposition.status_code
