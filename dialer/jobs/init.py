"""Drafts a campaign file from a sheet: reads its headers, asks what they leave open, shows what a row becomes."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

from dialer.campaign.file import Campaign, parse_campaign
from dialer.campaign.json_schema import SCHEMA_FILE, schema_text
from dialer.clock import SYSTEM_CLOCK
from dialer.contacts.columns.column_questions import Question
from dialer.contacts.columns.variable_columns import snake_case
from dialer.contacts.contact import Contact
from dialer.contacts.countries import read_country
from dialer.contacts.likely_region import likely_region
from dialer.contacts.loader import Loaded, load_contacts
from dialer.contacts.phones.cell_text import has_country
from dialer.contacts.phones.phone_cell import Phone, read_phone
from dialer.errors import UsageError
from dialer.jobs.drafting.campaign_text import Facts, asked, campaign_text
from dialer.jobs.drafting.drafted import Drafted
from dialer.jobs.drafting.given_sheet import GivenSheet
from dialer.jobs.drafting.place import refuse_place
from dialer.jobs.drafting.questions import Ask, answered, likely_columns, single
from dialer.sheets.header_names import is_number, quoted
from dialer.sheets.list_worksheets import UnclearWorksheet
from dialer.sheets.results_format import is_result_column
from dialer.sheets.sheet import Sheet
from dialer.words import trouble

SAMPLE_ROWS = 1_000
"""How many rows have a say in what is asked."""

AskSheet = Callable[[tuple[str, ...]], str | None]
"""Asks a person which of the worksheets that look like lists is meant; `None` where nobody answers."""

AskRegion = Callable[[str | None], str | None]
"""Asks a person for the country of numbers without one, with a guess; `None` where nobody answers."""


def init_campaign(
    sheet: Path | GivenSheet,
    output: Path | None = None,
    *,
    region: str | None = None,
    ask: Ask,
    ask_region: AskRegion,
    ask_sheet: AskSheet = lambda _lists: None,
) -> Drafted:
    """Write a campaign file for *sheet* to *output* (default `campaigns/NAME.toml`), never over another one.

    What the headers leave open is put to *ask* and *ask_region*; what they do not answer stands in the file as a
    question. Where the first worksheet is no list and others are, *ask_sheet* chooses; else the first of these is
    taken, and named in the file. Raises `SheetError` for a sheet that cannot be read, `CampaignError` for a *region*
    that is none, and `UsageError` where the campaign file exists or cannot be written.
    """
    given = sheet if isinstance(sheet, GivenSheet) else GivenSheet(sheet.absolute())
    path = (output or Path("campaigns") / f"{campaign_name(Path(given.label))}.toml").absolute()
    refuse_place(path, given.place)
    content: dict[str, Any] = {"contacts": {**given.settings(), **({"region": region} if region else {})}}
    opened = _opened(given, path, content, ask_sheet)
    columns, questions = answered(opened, ask)
    content["contacts"]["columns"] = {field: list(headers) for field, headers in columns.items()}
    facts = _facts(opened, path, content, columns, questions, ask_region)
    text = campaign_text(facts, given.lines(path.parent))
    campaign = parse_campaign_text(text, path)
    _write(path, text)
    return Drafted(
        path=path,
        sheet=given.label,
        columns={field: ", ".join(headers) for field, headers in facts.columns.items()},
        variables=facts.variables,
        questions=_open_questions(facts),
        notes=(*opened.notes, *_notes(facts)),
        example=None if _open_questions(facts) else _example(load_contacts(campaign, now_ms=SYSTEM_CLOCK.now_ms())),
    )


def _notes(facts: Facts) -> list[str]:
    if not facts.more_phones:
        return []
    named = ", ".join(map(quoted, facts.more_phones))
    return [f"Numbers stand in {named}, too. To have each column tried, see phone in the campaign file."]


def _write(path: Path, text: str) -> None:
    """Write the campaign file and, beside it, the schema of this program: an editor needs no network to find it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / SCHEMA_FILE).write_text(schema_text(), "utf-8")
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {trouble(error)}. Or choose another place with --output."
        ) from error


def _opened(given: GivenSheet, path: Path, content: dict[str, Any], ask_sheet: AskSheet) -> Sheet:
    try:
        return given.open(parse_campaign(content, path).contacts)
    except UnclearWorksheet as unclear:
        said = ask_sheet(unclear.lists) if len(unclear.lists) > 1 else None
        content["contacts"]["sheet"] = said or unclear.lists[0]
    return given.open(parse_campaign(content, path).contacts)


def campaign_name(sheet: Path) -> str:
    """Make a campaign's name of the sheet's: letters, digits, dots and dashes."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", sheet.stem).strip("-.").lower()[:100] or "campaign"


def parse_campaign_text(text: str, path: Path) -> Campaign:
    """Read back what is about to be written, as `dialer check` will."""
    return parse_campaign(tomllib.loads(text), path)


def _facts(
    sheet: Sheet,
    path: Path,
    content: dict[str, Any],
    said: Mapping[str, tuple[str, ...]],
    questions: tuple[Question, ...],
    ask_region: AskRegion,
) -> Facts:
    contacts = parse_campaign(single(content), path).contacts
    likely = likely_columns(sheet, said, questions)
    columns = {field: way for field, way in likely.items() if field not in {question.field for question in questions}}
    used = {header for headers in columns.values() for header in headers}
    used |= {header for question in questions for way in question.candidates for header in way}
    folded = Counter(text.casefold() for text in sheet.header)
    unmapped = [
        text
        for text in sheet.header
        if text
        and text not in used
        and not (is_result_column(text) or is_number(text))
        and folded[text.casefold()] == 1
    ]
    numbers = _numbers(sheet, likely.get("phone", ()), likely.get("country", ()))
    bare = [number for number, region in numbers if region is None and _lacks_country(number)]
    guess = likely_region(bare, sheet.header)
    region = contacts.region or (ask_region(guess) if bare else None)
    return Facts(
        name=path.stem,
        sheet=sheet.name if any(note.startswith("The worksheet") for note in sheet.notes) else None,
        header_row=sheet.header_row,
        columns=columns,
        variables=_variables(unmapped),
        questions=questions,
        region=region,
        needs_region=bool(bare),
        guess=guess,
        countries=_countries(numbers, region),
        more_phones=[header for header in unmapped if "phone" in columns and _holds_phones(sheet, header, region)],
    )


def _holds_phones(sheet: Sheet, header: str, region: str | None) -> bool:
    """Return whether most cells of a column that are not empty hold numbers to call."""
    cells = [text for text, _ in _numbers(sheet, (header,), ())]
    phones = (read_phone(text, region=region, allowed=(), column="") for text in cells)
    return 2 * sum(isinstance(phone, Phone) for phone in phones) > len(cells)


def _numbers(sheet: Sheet, phones: tuple[str, ...], countries: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """List the first numbers of the sheet, each with the region that its row names, where it names one."""
    columns, named = ([sheet.header.index(header) for header in headers] for headers in (phones, countries))
    rows = islice(sheet.rows(frozenset(columns)), SAMPLE_ROWS)
    found = [
        (row, read_country(row.cells[at].strip()) if (at := _first(named, row.cells)) is not None else None)
        for row in rows
    ]
    return [
        (text, None if country is None else country.region)
        for row, country in found
        for at in columns
        if at < len(row.cells) and (text := row.shown.get(at) or row.cells[at]).strip()
    ]


def _lacks_country(number: str) -> bool:
    """Return whether a cell holds a number without its country; one without a digit holds none."""
    return any(map(str.isdecimal, number)) and not has_country(number)


def _first(columns: list[int], cells: Sequence[str]) -> int | None:
    return next((at for at in columns if at < len(cells)), None)


def _countries(numbers: Sequence[tuple[str, str | None]], region: str | None) -> list[str]:
    """List the countries of all numbers, the most frequent first; those without one are read with *region*."""
    phones = (read_phone(number, region=own or region, allowed=(), column="") for number, own in numbers)
    seen = Counter(phone.region for phone in phones if isinstance(phone, Phone))
    return [country for country, _ in seen.most_common()]


def _variables(headers: list[str]) -> dict[str, str]:
    """Name a variable after each header, with a number behind where two give the same name."""
    found: dict[str, str] = {}
    for position, header in enumerate(headers, start=1):
        key = snake_case(header) or f"column_{position}"
        numbered = (f"{key}_{number}" for number in count(position))
        found[next(name for name in chain([key], numbered) if name not in found)] = header
    return found


def _open_questions(facts: Facts) -> tuple[str, ...]:
    fields = map(asked, facts.questions)
    region = ["which country numbers without + are of"] if facts.needs_region and facts.region is None else []
    return (*fields, *region)


def _example(loaded: Loaded) -> dict[str, str] | None:
    verdicts = (judged.verdict for judged in islice(loaded.rows(), SAMPLE_ROWS))
    contact = next((verdict for verdict in verdicts if isinstance(verdict, Contact)), None)
    if contact is None:
        return None
    # Masked: what is shown on a terminal ends in logs too.
    phone = f"{contact.phone[:2]}\u2026{contact.phone[-2:]}"
    return {"row": str(contact.row), "name": contact.name, "phone": phone, "email": contact.email or ""} | dict(
        contact.variables
    )
