"""`dialer rules`: the hours and caps that hold in a country or state, with their sources and their end."""

from datetime import date
from typing import Annotated, NoReturn

import typer
from phonenumbers import SUPPORTED_REGIONS
from pydantic import BaseModel, ConfigDict
from rich.console import RenderableType
from rich.table import Table
from typing_extensions import TypedDict

from dialer.campaign.values import parse_duration
from dialer.cli.console import console
from dialer.cli.json_output import print_json
from dialer.cli.options import JsonOption, LogFileOption, LogFormatOption, VerboseOption
from dialer.clock import SystemClock
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_FAILED_ROWS, EXIT_OK
from dialer.schedule.calendar import hours_by_day
from dialer.schedule.places.regions import name_of
from dialer.schedule.rule_faults import data_faults
from dialer.schedule.rules import STRICTEST, Rule, all_rules, rules_expiring, rules_for
from dialer.schedule.rules_page import page

PLAIN_WIDTH = 160


class PrintedRule(Rule):
    """A rule with its hours as a campaign file writes them, and whether it has expired."""

    hours: dict[str, str]
    expired: bool


class RulesJson(BaseModel):
    """What `dialer rules --json` prints."""

    model_config = ConfigDict(extra="forbid")

    rules: list[PrintedRule]


class FaultsJson(TypedDict):
    """What `dialer rules --check --json` prints."""

    faults: list[str]


ADVICE = "Engineering defaults, not legal advice."


def rules(
    region: Annotated[
        str | None, typer.Argument(metavar="[REGION]", help="A country or state, such as US or US-FL; all without it.")
    ] = None,
    *,
    expiring: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="Only rows that end within AGE, such as 60d; end with 3 if there are any."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Verify the data itself; end with 3 and say what is wrong, if anything is.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page of the documentation instead.")] = False,
    as_json: JsonOption = False,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Show which hours and caps hold where, from which source, and until when."""
    today = SystemClock().now().date()
    if markdown:
        if as_json:
            raise UsageError("--markdown prints a page for people: leave out --json.")
        typer.echo(page(), nl=False)
        return
    if check:
        _check(today, as_json=as_json)
    found = _found(region) if expiring is None else _ending(_found(region), expiring, today)
    exit_code = EXIT_FAILED_ROWS if expiring is not None and found else EXIT_OK
    if as_json:
        shown = RulesJson(rules=[_printed(rule, today) for rule in found])
        print_json(shown.model_dump(mode="json"), exit_code=exit_code)
    elif region is None and found:
        _draw(_overview(found, today))
    else:
        typer.echo("\n\n".join("\n".join(_lines(rule, today)) for rule in found) or "No rule expires within that time.")
    if not as_json:
        typer.echo(ADVICE, err=True)
    raise typer.Exit(exit_code)


def _check(today: date, *, as_json: bool) -> NoReturn:
    """Print what is wrong with the data, and end: with 0 when nothing is."""
    faults = data_faults(today)
    exit_code = EXIT_FAILED_ROWS if faults else EXIT_OK
    if as_json:
        print_json(FaultsJson(faults=faults), exit_code=exit_code)
    else:
        typer.echo("\n".join(faults) or "No problems found.")
    raise typer.Exit(exit_code)


def _ending(found: list[Rule], within: str, today: date) -> list[Rule]:
    """Return the rows of *found* that end *within* a time such as `60d`, the first to end first."""
    try:
        soon = rules_expiring(today, parse_duration(within))
    except ValueError as error:
        raise UsageError(f"--expiring {within}: {error}.") from error
    except OverflowError as error:
        raise UsageError(f"--expiring {within}: is longer than any rule holds. Write less, such as 60d.") from error
    return [rule for rule in soon if rule in found]


def _found(region: str | None) -> list[Rule]:
    """Return the rows that hold for *region*: its own and its country's. Raises `UsageError` for what is no region."""
    if region is None:
        return list(all_rules().values())
    code = region.upper()
    country, _, state = code.partition("-")
    is_known = country in SUPPORTED_REGIONS and (not state or code in all_rules() or name_of(code) is not None)
    if region.lower() == STRICTEST:
        return [all_rules()[STRICTEST]]
    if not is_known:
        raise UsageError(f"{region!r} is no country or state that is known here; write US, US-FL, CA-ON or GB.")
    return list(rules_for((country, code) if state else (country,)))


def _printed(rule: Rule, today: date) -> PrintedRule:
    return PrintedRule.model_construct(**dict(rule), hours=hours_by_day(rule), expired=rule.is_expired(today))


def _lines(rule: Rule, today: date) -> list[str]:
    expiry = f"{rule.expires}" + (": EXPIRED, so the strictest hours hold besides" if rule.is_expired(today) else "")
    text = {"primary": "the rule's own text", "secondary": "a summary, not the rule's own text"}[rule.reading]
    facts = {
        **hours_by_day(rule),
        "caps": ", ".join(str(cap) for cap in rule.caps) or "none",
        "consent": rule.consent,
        "consent first": "a sales call without the person's consent is forbidden" if rule.consent_first else "",
        "holidays meant": ", ".join(rule.legal_holidays),
        "note": rule.note,
        "read": f"{rule.read}, {text}",
        "in force since": "" if rule.effective is None else str(rule.effective),
        "expires": expiry,
        "sources": "; ".join(rule.sources),
    }
    return [f"{rule.region}  {rule.name}", *(f"  {name + ':':<16} {fact}" for name, fact in facts.items() if fact)]


def _overview(found: list[Rule], today: date) -> RenderableType:
    lines = [("region", "Mon-Fri", "Sat", "Sun", "holidays", "caps", "expires")]
    for rule in found:
        hours = hours_by_day(rule)
        caps = ", ".join(str(cap) for cap in rule.caps)
        expires = "EXPIRED" if rule.is_expired(today) else str(rule.expires)
        weekdays = hours["Mon-Fri"] + (f", Fri {hours['Fri']}" if "Fri" in hours else "")
        eve = f", eves {hours['eve of holidays']}" if "eve of holidays" in hours else ""
        lines.append((rule.region, weekdays, hours["Sat"], hours["Sun"], hours["holidays"] + eve, caps, expires))
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in zip(*lines, strict=True):
        table.add_column(column[0], min_width=max(len(word) for text in column for word in text.split()))  # none is cut
    for line in lines[1:]:
        table.add_row(*line)
    return table


def _draw(table: RenderableType) -> None:
    drawn_on = console()
    if not drawn_on.is_terminal:
        drawn_on.width = PLAIN_WIDTH  # nothing is cut in a file or a pipe
    drawn_on.print(table)
