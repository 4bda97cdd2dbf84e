"""What the page tells of runs: each on a line, the nights of the last month, what they were made with."""

from collections.abc import Sequence
from datetime import date, timedelta

from dialer.calls.outcome import Kind
from dialer.campaign.file import Campaign
from dialer.clock import from_ms, iso_ms
from dialer.exit_codes import EXIT_CODES, GOOD_EXITS
from dialer.ledger.call_reports import ReportedRun
from dialer.results.report.content import Bar, RunLine
from dialer.schedule.rules import data_versions

NIGHTS = 31


def nights_of(runs: Sequence[ReportedRun], *, now_ms: int) -> list[Bar]:
    """Return the last nights, oldest first: the calls that each created, and how its last run ended.

    A night without a run has its place, too. Nothing where the campaign has had no night of late. A night's date is
    that of the campaign's own zone, which may be a day before UTC's or after it.
    """
    known = (date.fromisoformat(str(item.facts["night"])) for item in runs if item.facts.get("night"))
    last = max([from_ms(now_ms).date(), *known])
    nights = [(last - timedelta(days=back)).isoformat() for back in reversed(range(NIGHTS))]
    of_night = {night: [item for item in runs if item.facts.get("night") == night] for night in nights}
    return [_night(night, found) for night, found in of_night.items()] if any(of_night.values()) else []


def _night(night: str, runs: Sequence[ReportedRun]) -> Bar:
    if not runs:
        return Bar(night, 0, note="no run")
    code = runs[0].run.exit_code
    how = "did not end, or goes on" if code is None else f"exit {code}: {EXIT_CODES.get(code, '')}"
    created = sum(item.outcomes.get(Kind.CREATED, 0) for item in runs)
    return Bar(night, created, note=how, kind="good" if code in GOOD_EXITS else "bad")


def run_line(item: ReportedRun) -> RunLine:
    """Return what is told of one run."""
    run = item.run
    return RunLine(
        id=run.id,
        night=str(item.facts.get("night") or ""),
        started=iso_ms(run.started_at_ms),
        ended="" if run.ended_at_ms is None else iso_ms(run.ended_at_ms),
        exit="" if run.exit_code is None else f"{run.exit_code}: {EXIT_CODES.get(run.exit_code, '')}",
        stop=run.stop or "",
        attempts=", ".join(f"{count:,} {outcome}" for outcome, count in sorted(item.outcomes.items())) or "none",
    )


def made_with(campaign: Campaign, last: ReportedRun) -> list[tuple[str, str]]:
    """Return what decided who was called and when, by name: of the run *last*, as the ledger remembers it."""
    facts = last.facts
    versions = ", ".join(f"{name} {facts[name]}" for name in data_versions() if name in facts)
    return [
        ("Campaign file", str(campaign.path)),
        ("Sheet", last.sheet),
        ("API", str(facts.get("address") or "")),
        ("Call template", str(facts.get("call_template_id") or "")),
        ("Machine", str(facts.get("host") or "")),
        ("Rules of calling hours", f"{facts.get('rules', '')}, {str(facts.get('rules_sha256', ''))[:12]}"),
        ("Data", versions),
    ]
