"""What a run is about to do, for whoever agrees to it: counts, hours, address, one body, what it may cost."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dialer.api.payload import call_body, pool_fields, shown_call_fields
from dialer.calls.attempt import PlannedCall
from dialer.campaign.file import Campaign
from dialer.jobs.planning.explanation import local_times
from dialer.jobs.planning.layout import PlanFacts
from dialer.jobs.planning.summary import Edge
from dialer.jobs.readiness.finding import Finding, Level
from dialer.ledger.choices.own_choices import own_templates
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import Run
from dialer.ledger.slots import first_and_last

SHOWN_DIGITS = 2
_LEAST_DIGITS = 7
"""So many digits in a row of a value can be the person's number; fewer are an amount, a year, a code."""


@dataclass(frozen=True)
class RunPreview:
    """What a run is about to do, before it is agreed to.

    *sample* is the body of the first call as JSON, its number masked and secrets by name; "" where no call is planned.
    *first* and *last* are its slots. *minutes* and *cost* are what the calls are expected to come to; *cost* is None
    where the campaign names no price. At most *calls_per_second* are created.
    *warnings* were found by the checks of `dialer doctor`. *own_templates* are those of single rows.
    `repr()` shows no body.
    """

    facts: PlanFacts
    address: str
    call_template_id: str
    first: Edge | None = None
    last: Edge | None = None
    sample: str = field(default="", repr=False)
    minutes: Decimal | None = None
    cost: str | None = None
    warnings: tuple[Finding, ...] = ()
    calls_per_second: float = 1.0
    own_templates: tuple[str, ...] = ()


def preview_run(
    campaign: Campaign, ledger: Ledger, run: Run, facts: PlanFacts, *, address: str, findings: Iterable[Finding]
) -> RunPreview:
    """Return what *run* is about to do, from the slots that it has stored."""
    with ledger.read() as tx:
        ends = first_and_last(tx, run.id) if facts.planned else []
        own = own_templates(tx, run.campaign_id)
    edges = [Edge(call.slot_ms, local_times(where.zones, call.slot_ms)) for call, where in ends]
    budget = campaign.budget
    cost = budget.cost_of(facts.planned)
    return RunPreview(
        facts=facts,
        address=address,
        call_template_id=campaign.call.call_template_id or "",
        own_templates=tuple(own),
        first=edges[0] if edges else None,
        last=edges[-1] if edges else None,
        sample=_sample(campaign, ends[0][0]) if ends else "",
        minutes=None if cost is None else budget.minutes_of(facts.planned),
        cost=None if cost is None else budget.money(cost),
        warnings=tuple(finding for finding in findings if finding.level is Level.WARNING),
        calls_per_second=campaign.submit.requests_per_second * campaign.submit.batch_size,
    )


def _sample(campaign: Campaign, call: PlannedCall) -> str:
    """Return the body of *call* for people to read."""
    numbers = pool_fields(campaign.from_numbers)
    whole = json.loads(call_body(shown_call_fields(campaign.call), call, numbers, call.slot_ms))
    return json.dumps(masked(whole, call.phone), indent=2, ensure_ascii=False)


def masked(value: Any, phone: str) -> Any:
    """Return *value*, a part of a body, with *phone* masked wherever it stands, also as it is written at home."""
    if isinstance(value, dict):
        return {key: masked(item, phone) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, phone) for item in value]
    digits = re.sub(r"\D", "", value) if isinstance(value, str) else ""
    is_number = len(digits) >= _LEAST_DIGITS and digits.endswith(phone[-_LEAST_DIGITS:])
    return f"{phone[:2]}…{phone[-SHOWN_DIGITS:]}" if is_number else value
