"""Pauses a campaign whose calls end as `[stop_when]` says, until a person has looked at them."""

from pathlib import Path

from sqlalchemy import Connection

from dialer.campaign.file import Campaign
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.ended_calls import accepted_at, ends_of
from dialer.ledger.live.pauses import Request, pause_campaign, paused_by
from dialer.ledger.runs import campaign_id_of
from dialer.words import command

BREAKER = "[stop_when]"
"""Who has paused a campaign that its own calls have stopped."""


def stop_by_ends(ledger: Ledger, campaign: Campaign, *, now_ms: int) -> None:
    """Pause *campaign* where its ended calls have reached a share of `[stop_when]`.

    A pilot is judged when all its calls have ended, however few they are; no longer once somebody has accepted it.
    """
    if not campaign.stop_when.shares:
        return
    with ledger.read() as tx:
        is_reached = bool(_why(tx, campaign))
    if not is_reached:
        return
    with ledger.write() as tx:
        if why := _why(tx, campaign):  # asked anew: somebody may have accepted these ends meanwhile
            pause_campaign(tx, campaign.name, Request(f"{BREAKER}: {why}", now_ms))


def _why(tx: Connection, campaign: Campaign) -> str:
    """Return which share is reached; "" for none, and where the campaign is paused already.

    The pause is read first: whoever accepts the ends stores that before they end the pause.
    """
    campaign_id = campaign_id_of(tx, campaign.name)
    if campaign_id is None or paused_by(tx, campaign.name) is not None:
        return ""
    after, pilot = campaign.stop_when.after, campaign.pilot.calls
    if pilot is not None and accepted_at(tx, campaign_id) is None:
        after = min(after, pilot)
    ended, of = ends_of(tx, campaign_id)
    return campaign.stop_when.reached(ended, of, after=after)


def is_by_breaker(request: Request | None) -> bool:
    """Return whether *request* is the breaker's and no person's."""
    return request is not None and request.by.startswith(BREAKER)


def resume_command(campaign: str | Path, paused: Request, *, is_rehearsal: bool) -> str:
    """Return the command that lets *campaign*, a name or a file, go on after what has *paused* it."""
    accept = ["--accept"] if is_by_breaker(paused) else []
    return command("resume", campaign, *accept, sandbox=is_rehearsal)
