"""Begins rehearsals anew: what the stand-in and its ledger remember is deleted, and nothing of the real ones."""

import re
from contextlib import nullcontext

from dialer.campaign.file import Campaign
from dialer.cli.locations import SANDBOX_CALLS, SANDBOX_LEDGER, SANDBOX_RESULTS
from dialer.clock import SYSTEM_CLOCK
from dialer.errors import LedgerUnusable, UsageError
from dialer.jobs.locations import RUN_STAMP
from dialer.ledger.database.lock import Copies
from dialer.ledger.database.open import Ledger

_RESULTS = re.compile(rf".+-{RUN_STAMP}(-\d+)?\.(csv|xlsx|json)")


def forget_rehearsals(campaign: Campaign, *, sandbox: bool) -> None:
    """Delete the rehearsals' ledger, calls and results in the campaign's folder: all its campaigns share them.

    Raises `UsageError` without *sandbox*, so that nobody takes it for a way to forget real calls, and `LedgerHeld`
    while a rehearsal goes on.
    """
    if not sandbox:
        raise UsageError("--fresh begins a rehearsal anew, and real calls are never forgotten. Give it with --sandbox.")
    location = campaign.folder / SANDBOX_LEDGER
    try:
        opened = Ledger.open_existing(location)
    except LedgerUnusable:  # damaged, or a newer program's: it is deleted all the same
        opened = None
    lock = (
        nullcontext()
        if opened is None
        else opened.lock(what="beginning the rehearsal anew", since=SYSTEM_CLOCK.now(), copies=Copies.BEAR)
    )
    with opened or nullcontext(), lock:
        results = (campaign.folder / SANDBOX_RESULTS).glob("*")
        for path in [
            *location.parent.glob(f"{SANDBOX_LEDGER.name}*"),
            campaign.folder / SANDBOX_CALLS,
            *(path for path in results if _RESULTS.fullmatch(path.name)),
        ]:
            path.unlink(missing_ok=True)
