"""Fills the blocks `<!-- generated: NAME ARGUMENTS -->` of a page with what the program itself says."""

import csv
import inspect
import json
import re
from collections.abc import Callable
from typing import Any

from typer.testing import CliRunner

import dialer
from dialer.campaign.file import Campaign
from dialer.campaign.profiles import ProfileTable
from dialer.cli.json_output import printed
from dialer.cli.main import app
from dialer.exit_codes import EXIT_CODES
from dialer.reasons import Reason, Status
from dialer.results.remedies import remedies
from dialer.schedule.calendar import hours_text
from dialer.schedule.rules import STRICTEST, all_rules
from dialer.sheets.delimited import MAX_COLUMNS
from dialer.sheets.encodings import MAX_LINE_CHARACTERS
from dialer.sheets.results_format import COLUMNS
from dialer.sheets.sources.private_copy import MAX_BYTES
from dialer.sheets.workbooks.cell_count import MAX_CELLS
from dialer.sheets.workbooks.safety_check import MAX_OLD_BYTES, MAX_PARTS, MAX_UNZIPPED_BYTES
from docs.generate.campaign_keys import PROFILE, campaign_keys
from docs.generate.pages import table
from docs.generate.samples import example_notices, notices, plan_as_json, sent_to_chat

BLOCK = re.compile(r"(<!-- generated: (.*?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)

HELP_COLUMNS = 100


def fill_blocks(text: str) -> str:
    """Return the page *text* with every generated block written anew. Raises `KeyError` for an unknown block."""

    def fill(match: re.Match[str]) -> str:
        name, *arguments = match[2].split()
        return f"{match[1]}{BLOCKS[name](*arguments)}\n{match[4]}"

    return BLOCK.sub(fill, text)


def help_of(*command: str) -> str:
    """Return what `dialer COMMAND --help` prints."""
    runner = CliRunner(env={"NO_COLOR": "1", "COLUMNS": str(HELP_COLUMNS)})
    shown = runner.invoke(app, [*command, "--help"], prog_name="dialer", terminal_width=HELP_COLUMNS)
    text = re.sub(r"\Ausage: .*?\n\n", "", shown.output, flags=re.DOTALL)  # argparse wraps it as each Python likes
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _help(*command: str) -> str:
    return f"```text\n{help_of(*command)}\n```"


def _exit_codes() -> str:
    return table(("exit", "meaning"), [(f"`{code}`", meaning) for code, meaning in EXIT_CODES.items()])


def _columns() -> str:
    return table(("column", "content"), [(f"`{name}`", meaning) for name, meaning in COLUMNS.items()])


def _statuses() -> str:
    return table(("status", "meaning"), [(f"`{status}`", status.meaning) for status in Status])


def _reasons() -> str:
    what_to_do = remedies()
    rows = [(f"`{item}`", f"`{item.status}`", item.meaning, what_to_do[item]) for item in sorted(Reason)]
    return table(("reason", "status", "meaning", "what to do"), rows)


def _public_names() -> str:
    """Return a line for each name of `dialer.__all__`: what it is, and the first sentence of its own documentation."""
    return table(("name", "kind", "what it is"), [(f"`{name}`", *_described(name)) for name in dialer.__all__])


def _described(name: str) -> tuple[str, str]:
    found: Any = getattr(dialer, name)
    if isinstance(found, dict):
        return "constant", "Every exit code and its meaning."
    kind = "function" if inspect.isfunction(found) else "error" if issubclass(found, Exception) else "class"
    paragraph = " ".join((inspect.getdoc(found) or "").split("\n\n")[0].split())
    return kind, re.split(r"(?<=\.)\s", paragraph, maxsplit=1)[0]


def _signatures() -> str:
    """Return every public function with its arguments."""
    functions = [getattr(dialer, name) for name in dialer.__all__ if inspect.isfunction(getattr(dialer, name))]
    return "```python\n" + "\n".join(f"{item.__name__}{_arguments(item)}" for item in functions) + "\n```"


def _arguments(function: Callable[..., Any]) -> str:
    text = re.sub(r"<[^>]* object at [^>]*>", "...", str(inspect.signature(function)))
    return re.sub(r"\b(?:[a-z_]+\.)+([A-Z])", r"\1", text)


def _sheet_limits() -> str:
    """Return the most of anything that is read of a sheet."""
    limits = {
        "columns": MAX_COLUMNS,
        "characters in a row": MAX_LINE_CHARACTERS,
        "characters in a cell of a text file": csv.field_size_limit(),
        "cells of a worksheet": MAX_CELLS,
        "bytes of a workbook when unzipped": MAX_UNZIPPED_BYTES,
        "bytes of an `.xls` workbook": MAX_OLD_BYTES,
        "parts of a workbook": MAX_PARTS,
        "bytes of a source that is no file": MAX_BYTES,
    }
    return table(("what", "at most"), [(what, f"{limit:,}") for what, limit in limits.items()])


def _rules_in_brief() -> str:
    """Return how many rules there are, and what holds where there is none."""
    rules = all_rules()
    strictest = rules[STRICTEST]
    states = sum("-" in region for region in rules)
    countries = len(rules) - states - 1
    caps = [f"{cap.calls} in {_span(cap.period_ms)}" for cap in strictest.caps]
    return (
        f"The hours and caps of {countries} countries and {states} states are data (`dialer/schedule/rules/*.toml`), "
        "each row with its source, the day it was read, and the day on which it expires.\n\n"
        "A country without a row, a state that is not known, and a row that has expired get the strictest hours: "
        f"Monday to Friday {hours_text(strictest.monday_to_friday)}, Saturday {hours_text(strictest.saturday)}, Sunday"
        f" {hours_text(strictest.sunday)}, no holidays, and at most {', '.join(caps)}."
    )


def _span(period_ms: int) -> str:
    hours = period_ms // 3_600_000
    return f"{hours} hours" if hours <= 24 else f"{hours // 24} days"  # noqa: PLR2004 - hours of a day


def _plan() -> str:
    return f"```json\n{json.dumps(printed(plan_as_json()), indent=2)}\n```"


def _notices() -> str:
    return "\n\n".join(f"{notice.title}\n\n```{notice.language}\n{notice.content}\n```" for notice in notices())


def _notice_texts() -> str:
    return "\n\n".join(f"```text\nSubject: {item.title}\n\n{item.text}\n```" for item in example_notices())


def _notice_posted(kind: str) -> str:
    theirs = "" if kind == "json" else f" {kind}"  # whose keys these are, which are not explained here
    return f"```json{theirs}\n{json.dumps(sent_to_chat(kind), indent=2, ensure_ascii=False)}\n```"


BLOCKS: dict[str, Callable[..., str]] = {
    "campaign-keys": lambda: campaign_keys(Campaign),
    "profile-keys": lambda: campaign_keys(ProfileTable, PROFILE),
    "columns": _columns,
    "exit-codes": _exit_codes,
    "help": _help,
    "notice-posted": _notice_posted,
    "notice-texts": _notice_texts,
    "notices": _notices,
    "plan-json": _plan,
    "public-names": _public_names,
    "reasons": _reasons,
    "rules-in-brief": _rules_in_brief,
    "sheet-limits": _sheet_limits,
    "signatures": _signatures,
    "statuses": _statuses,
}
"""What writes each block; its arguments stand behind the block's name."""
