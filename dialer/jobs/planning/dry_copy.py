"""The copy of a ledger on which a campaign is planned and nothing is sent: what its plan depends on, and no more."""

from dialer.campaign.file import Campaign
from dialer.ledger.database.open import Ledger
from dialer.ledger.snapshot import copy_campaign
from dialer.schedule.compliance import Compliance


def copy_for_plan(known: Ledger, copy: Ledger, campaign: Campaign, *, now_ms: int) -> None:
    """Copy what a plan of *campaign* at *now_ms*, or later, depends on from *known* into the empty ledger *copy*.

    Calls of other campaigns count as far back as the longest cap, and all of a campaign that this one leaves out. With
    a pool of numbers all count: each person keeps the number that they were called from last.
    """
    reach_ms = Compliance(campaign.schedule, campaign.limits).longest_cap_ms
    since_ms = 0 if campaign.from_numbers else now_ms - reach_ms
    copy_campaign(known, copy, campaign.name, since_ms=since_ms, whole=campaign.contacts.exclude_campaigns)
