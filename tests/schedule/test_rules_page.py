"""The page of the documentation is the rules of today, whole."""

from pathlib import Path

from dialer.schedule.public_holidays import legal_holidays
from dialer.schedule.rules import all_rules
from dialer.schedule.rules_page import page

PAGE = Path(__file__).parents[2] / "docs" / "calling-hours-rules.md"


def test_the_page_in_the_documentation_is_up_to_date() -> None:
    """Whoever changes a rule writes the page again, with one command."""
    assert PAGE.read_text("utf-8") == page(), (
        "docs/calling-hours-rules.md is out of date: python -m dialer rules --markdown > docs/calling-hours-rules.md"
    )


def test_the_page_shows_every_row_with_its_source() -> None:
    """Each rule has a line in the table and a section with all its sources; each legal holiday of ours a line."""
    lines = page().splitlines()

    for rule in all_rules().values():
        assert sum(line.startswith(f"| {rule.region} | {rule.name} |") for line in lines) == 1
        section = lines[lines.index(f"### {rule.region} {rule.name}") :]
        assert (
            next(line for line in section if line.startswith("- sources: ")) == f"- sources: {'; '.join(rule.sources)}"
        )
    for holiday in legal_holidays():
        assert any(line.startswith(f"| {holiday.region} | {holiday.name} | `{holiday.days}` |") for line in lines)
