"""What a person reads before a run creates calls: how many, when, where, what is said, and what it may cost."""

import textwrap
from collections.abc import Iterator

from dialer.clock import iso_ms
from dialer.jobs.planning.layout import PlanFacts
from dialer.jobs.sending.preview import RunPreview
from dialer.words import counted

LONGEST_LINE = 160
"""A longer line of the body is cut: a template's variable may hold a page."""

MOST_LINES = 40


def describe(campaign: str, preview: RunPreview, *, dry_run: bool) -> str:
    """Return the plan of a run in one line for people."""
    facts = preview.facts
    if preview.first is None or preview.last is None:
        return _with_rest(f"{campaign}: no call to create now.", facts)
    verb = "would be created" if dry_run else "to create"
    span = f"ringing from {iso_ms(preview.first.slot_ms)} to {iso_ms(preview.last.slot_ms)}."
    return _with_rest(f"{campaign}: {counted(facts.planned, 'call')} {verb}, {span}", facts)


def details(preview: RunPreview) -> Iterator[str]:
    """Yield what a person has to know before agreeing, line by line; nothing where there is no call to agree to."""
    if preview.first is None or preview.last is None:
        return
    yield f"  first     {preview.first.local}, where it rings"
    yield f"  last      {preview.last.local}, where it rings"
    yield f"  address   {preview.address}"
    by_row = f"; of some rows {', '.join(preview.own_templates)}" if preview.own_templates else ""
    yield f"  template  {preview.call_template_id}{by_row}"
    if preview.cost is not None and preview.minutes is not None:
        yield f"  cost      about {preview.cost}, for {preview.minutes:,f} minutes"
    yield "  the first call:"
    yield textwrap.indent(_cut(preview.sample), "    ")
    yield from (f"Note: {finding.text}" for finding in preview.warnings)


def _with_rest(text: str, facts: PlanFacts) -> str:
    left_out = {
        "beyond the horizon": facts.beyond_horizon,
        "left out by --limit": facts.beyond_limit,
        "beyond the budget": facts.beyond_budget,
        "without a number to call from": facts.without_number,
        "without a permitted time": facts.no_slot,
    }
    return " ".join([text, *(f"{count} {what}." for what, count in left_out.items() if count)])


def _cut(text: str) -> str:
    lines = text.splitlines()
    rest = [f"… and {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else []
    shown = (line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…" for line in lines[:MOST_LINES])
    return "\n".join([*shown, *rest])
