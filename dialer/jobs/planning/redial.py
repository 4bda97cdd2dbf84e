"""Lets contacts be called again where their campaign says so, before a run or a plan looks at who waits."""

from dialer.campaign.file import Campaign
from dialer.jobs.planning.timetable import to_span_ms
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import campaign_id_of
from dialer.ledger.transitions.reopened import Policy, reopen_due


def policy_of(campaign: Campaign) -> Policy:
    """Tell whom *campaign* calls again, and how often anybody is tried."""
    redial, again_after = campaign.redial, campaign.limits.again_after
    return Policy(
        max_calls=redial.max_calls,
        on=redial.on,
        wait_ms=to_span_ms(redial.wait),
        again_after_ms=None if again_after is None else to_span_ms(again_after),
    )


def reopen(ledger: Ledger, campaign: Campaign, *, now_ms: int) -> int:
    """Reopen the contacts that are to be called again; give how many there are. A new campaign has none."""
    with ledger.write() as tx:
        campaign_id = campaign_id_of(tx, campaign.name)
        return 0 if campaign_id is None else reopen_due(tx, campaign_id, policy_of(campaign), now_ms=now_ms)
