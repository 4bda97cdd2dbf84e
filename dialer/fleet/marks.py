"""Keeps the marks of a worker's folder abreast of the ledger, whichever machine makes the calls.

A run counts its calls in the mark beside its campaign file, on its own machine. A server whose files were all copied
back shows nothing itself. So every machine counts: the one that made the calls may be lost with the server.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from dialer.campaign.file import Campaign, load_campaign
from dialer.clock import Clock
from dialer.errors import CampaignError, LedgerUnusable, UsageError
from dialer.fleet.places import refuse_other_ledger
from dialer.jobs.run_mark import mark_path, read_mark, write_mark
from dialer.jobs.safeguards import recognise
from dialer.ledger.campaign_places import claims_made, ledger_id
from dialer.ledger.database.open import Ledger
from dialer.nightly.campaign_files import campaign_files

KEEP_SECONDS = 300.0
"""How often a worker looks at the marks."""

_log = logging.getLogger(__name__)


async def keep_marks_again(ledger: Ledger, location: str | Path, folder: Path, clock: Clock) -> None:
    """Keep the marks again and again; what cannot be read or written is looked at the next time."""
    while True:
        await asyncio.to_thread(keep_marks, ledger, location, folder, clock.now())
        await asyncio.sleep(KEEP_SECONDS)


def keep_marks(ledger: Ledger, location: str | Path, folder: Path, now: datetime) -> None:
    """Let each mark in *folder* count the calls that stand in *ledger*, which is at *location*.

    A mark is left alone whose campaign has another ledger, and one that counts calls which are missing there: that is
    logged, as is whatever else would keep the campaign from running.
    """
    for path in campaign_files(folder):
        try:
            campaign = load_campaign(path)
            refuse_other_ledger(campaign, location)
            _keep(ledger, campaign, now)
        except (CampaignError, UsageError):
            continue  # its run says why; or it has another ledger
        except LedgerUnusable as error:
            _log.warning("%s", error, extra={"action": "ledger_not_recognised"})


def _keep(ledger: Ledger, campaign: Campaign, now: datetime) -> None:
    mark = read_mark(campaign)
    if mark is None or _is_being_counted(campaign, now):
        return
    recognise(ledger, campaign, mark)
    with ledger.read() as tx:
        claims, own_id = claims_made(tx, campaign.name), ledger_id(tx)
    if mark.ledger_id == own_id and claims > mark.claims:
        write_mark(campaign, replace(mark, claims=claims))


def _is_being_counted(campaign: Campaign, now: datetime) -> bool:
    """Return whether a run here may be adding its claims to the mark, which would be lost in one that is replaced."""
    return now.timestamp() - mark_path(campaign).stat().st_mtime < KEEP_SECONDS
