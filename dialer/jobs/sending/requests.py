"""Looks into the ledger for what people ask of the run, and keeps its pauses there."""

import asyncio
from contextlib import suppress

from dialer.calls.outcome import StopCode
from dialer.calls.pause import PauseReason
from dialer.campaign.file import Campaign
from dialer.clock import Clock
from dialer.errors import CampaignPaused, LedgerUnusable, LedgerWriteFailed, LockLost, StopRequested
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.breaker import stop_by_ends
from dialer.ledger.live.pauses import record_pauses, refuse_claims
from dialer.submit.submitter import Submitter

LOOK_SECONDS = 5.0
"""How often a run looks that is sending: each of its claims looks too."""

HELD_LOOK_SECONDS = 1.0
"""How often a paused run looks, which claims nothing."""

LONGEST_HOLD_OF_A_NIGHT = 3600.0
"""So many seconds a night's run waits for `dialer resume`: the other campaigns of its folder wait for their turn."""


class RequestWatch:
    """Looks for one run of *campaign* that *submitter* sends. *is_night*: other campaigns wait for its end."""

    def __init__(
        self, ledger: Ledger, run_id: str, submitter: Submitter, campaign: Campaign, *, clock: Clock, is_night: bool
    ) -> None:
        self._ledger = ledger
        self._campaign = campaign
        self._run_id = run_id
        self._submitter = submitter
        self._clock = clock
        self._is_night = is_night
        self._kept = submitter.pauses.made()

    async def go_on(self) -> None:
        """Look again and again, until the run stops."""
        while self._submitter.stopped is None:
            await self._look()
            pauses = self._submitter.pauses.made()
            if pauses != self._kept:
                await asyncio.to_thread(self.keep)
            held = any(item.reason == PauseReason.ASKED and item.until_ms is None for item in pauses)
            await self._clock.sleep(HELD_LOOK_SECONDS if held else LOOK_SECONDS)

    async def _look(self) -> None:
        try:
            await asyncio.to_thread(self._refuse)
        except CampaignPaused as asked:
            self._submitter.hold(str(asked))
            self._end_long_hold()
        except StopRequested as asked:
            self._submitter.stop(StopCode.STOP_REQUESTED, str(asked))
        except (LedgerUnusable, LedgerWriteFailed):
            pass  # a claim will say so
        else:
            self._submitter.release()

    def _refuse(self) -> None:
        stop_by_ends(self._ledger, self._campaign, now_ms=self._clock.now_ms())
        with self._ledger.read() as tx:
            refuse_claims(tx, self._run_id)

    def _end_long_hold(self) -> None:
        pause = self._submitter.pauses.current()
        seconds = 0.0 if pause is None else (self._clock.now_ms() - pause.from_ms) / 1000
        if self._is_night and seconds >= LONGEST_HOLD_OF_A_NIGHT:
            message = "The campaign has been paused for an hour, and the others of its folder have their night too."
            self._submitter.stop(StopCode.PAUSED, message)

    def keep(self, *, ended: bool = False) -> None:
        """Store the run's pauses; of a run that has *ended*, none goes on."""
        pauses = self._submitter.pauses
        made = pauses.ended() if ended else pauses.made()
        with suppress(LedgerUnusable, LedgerWriteFailed, LockLost), self._ledger.write() as tx:
            record_pauses(tx, self._run_id, made)
            self._kept = made
