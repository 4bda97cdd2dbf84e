"""`dialer rules`: the hours and caps that hold in a country or state, with their sources and their end."""

import json
from datetime import date
from typing import Annotated

import typer
from phonenumbers import SUPPORTED_REGIONS
from rich.console import Console, RenderableType
from rich.table import Table

from dialer.cli.options import JsonOption, VerboseOption
from dialer.clock import SystemClock
from dialer.errors import UsageError
from dialer.schedule.calendar import hours_text
from dialer.schedule.regions import name_of
from dialer.schedule.rules import STRICTEST, Rule, all_rules, rules_for

PLAIN_WIDTH = 160
ADVICE = "Engineering defaults, not legal advice."


def rules(
    region: Annotated[
        str | None, typer.Argument(metavar="[REGION]", help="A country or state, such as US or US-FL; all without it.")
    ] = None,
    *,
    as_json: JsonOption = False,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Show which hours and caps hold where, from which source, and until when."""
    found = _found(region)
    today = SystemClock().now().date()
    if as_json:
        shown = [rule.model_dump(mode="json") | _values(rule, today) for rule in found]
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    if region is None:
        _draw(_overview(found, today))
    else:
        typer.echo("\n\n".join("\n".join(_lines(rule, today)) for rule in found))
    typer.echo(ADVICE, err=True)


def _found(region: str | None) -> list[Rule]:
    """Return the rules that hold for *region*: its own and its country's. Raises `UsageError` for what is no region."""
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


def _hours(rule: Rule) -> dict[str, str]:
    holidays = "as its weekday" if rule.holidays is None else hours_text(rule.holidays)
    days = {
        "Mon-Fri": hours_text(rule.monday_to_friday),
        "Sat": hours_text(rule.saturday),
        "Sun": hours_text(rule.sunday),
        "holidays": holidays,
    }
    eve = {} if rule.eve_of_holidays is None else {"eve of holidays": hours_text(rule.eve_of_holidays)}
    return days | eve


def _values(rule: Rule, today: date) -> dict[str, object]:
    """Return hours and caps as a campaign file writes them, and whether the rule has expired."""
    return {"hours": _hours(rule), "caps": [str(cap) for cap in rule.caps], "expired": rule.is_expired(today)}


def _lines(rule: Rule, today: date) -> list[str]:
    expiry = f"{rule.expires}" + (": EXPIRED, so the strictest hours hold besides" if rule.is_expired(today) else "")
    text = {"primary": "the rule's own text", "secondary": "a summary, not the rule's own text"}[rule.reading]
    facts = {
        **_hours(rule),
        "caps": ", ".join(str(cap) for cap in rule.caps) or "none",
        "consent": rule.consent,
        "note": rule.note,
        "read": f"{rule.read}, {text}",
        "in force since": "" if rule.effective is None else str(rule.effective),
        "expires": expiry,
        "sources": "; ".join(rule.sources),
    }
    return [f"{rule.region}  {rule.name}", *(f"  {name + ':':<16} {fact}" for name, fact in facts.items() if fact)]


def _overview(found: list[Rule], today: date) -> RenderableType:
    table = Table(box=None, pad_edge=False)
    for name in ("region", "Mon-Fri", "Sat", "Sun", "holidays", "caps", "expires"):
        table.add_column(name)
    for rule in found:
        hours = _hours(rule)
        caps = ", ".join(str(cap) for cap in rule.caps)
        expires = "EXPIRED" if rule.is_expired(today) else str(rule.expires)
        table.add_row(rule.region, hours["Mon-Fri"], hours["Sat"], hours["Sun"], hours["holidays"], caps, expires)
    return table


def _draw(table: RenderableType) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH  # nothing is cut in a file or a pipe
    console.print(table)
