"""The page of the documentation that shows every rule and legal holiday with its source."""

from collections.abc import Iterable, Iterator

from dialer.schedule.calendar import hours_by_day
from dialer.schedule.public_holidays import legal_holidays
from dialer.schedule.rules import Rule, all_rules

_INTRODUCTION = """\
# When people may be called, by country and state

Written by `dialer rules --markdown > docs/calling-hours-rules.md`: change `dialer/schedule/rules/*.toml`, and write it
again.

**Engineering defaults, not legal advice.** Hours are the called person's own. All rows that apply hold together: a
country's, its state's, and, once one of them has expired, the strictest besides. A row read in its own text stands a
year, one read in a summary half a year.
"""


def page() -> str:
    """Return the page as Markdown: a table of all rows, each row's source and notes, the legal holidays of our own."""
    rules = all_rules().values()
    return "\n".join([_INTRODUCTION, *_overview(rules), *_details(rules), *_holidays()]) + "\n"


def _overview(rules: Iterable[Rule]) -> Iterator[str]:
    yield "## All rows\n"
    yield from _table("region", "name", "Mon-Fri", "Sat", "Sun", "holidays", "caps", "expires")
    for rule in rules:
        hours = hours_by_day(rule)
        week = hours["Mon-Fri"] + (f" (Fri {hours['Fri']})" if "Fri" in hours else "")
        caps = ", ".join(map(str, rule.caps))
        yield _row(rule.region, rule.name, week, hours["Sat"], hours["Sun"], hours["holidays"], caps, str(rule.expires))


def _details(rules: Iterable[Rule]) -> Iterator[str]:
    yield "\n## Where each row comes from"
    for rule in rules:
        text = {"primary": "its own text", "secondary": "a summary"}[rule.reading]
        first = "a sales call without consent is forbidden" if rule.consent_first else ""
        facts = {
            "sources": "; ".join(rule.sources),
            "read": f"{rule.read}, {text}",
            "in force since": str(rule.effective or ""),
            "consent first": first,
            "consent": rule.consent,
            "eve of holidays": hours_by_day(rule).get("eve of holidays", ""),
            "holidays meant": ", ".join(rule.legal_holidays),
            "note": rule.note,
        }
        yield f"\n### {rule.region} {rule.name}\n"
        yield from (f"- {name}: {_plain(fact)}" for name, fact in facts.items() if fact)


def _holidays() -> Iterator[str]:
    yield "\n## Legal holidays that the `holidays` library lacks\n"
    yield from _table("region", "holiday", "days (RFC 5545)", "sources", "read")
    for row in legal_holidays():
        yield _row(row.region, row.name, f"`{row.days}`", "; ".join(row.sources), str(row.read))


def _table(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield "| " + " | ".join("---" for _ in names) + " |"


def _row(*cells: str) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
