"""Finds what a sheet's headers leave open, has a person asked, and tells the likeliest answers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from dialer.campaign.file import parse_campaign
from dialer.campaign.tables import Contacts
from dialer.contacts.columns.column_questions import Question, UnclearColumns
from dialer.contacts.resolve_columns import resolve_columns
from dialer.sheets.header_names import alias_columns
from dialer.sheets.results_format import is_result_column
from dialer.sheets.sheet import Sheet

SAMPLE_ROWS = 20
MOST_SAMPLES = 3
"""Of each column, from its first rows, for whoever is asked what it holds."""

Columns = Mapping[str, tuple[str, ...]]
"""The headers of each field."""

Ask = Callable[[Question, tuple[str, ...]], tuple[str, ...] | None]
"""Asks a person which of the headers meet a question; `None` where nobody answers, nothing where no header does."""


def answered(sheet: Sheet, ask: Ask) -> tuple[dict[str, tuple[str, ...]], tuple[Question, ...]]:
    """Ask what the headers leave open, one field after the other; return the columns said, and what stays open."""
    said: dict[str, tuple[str, ...]] = {}
    open_: list[Question] = []
    own = tuple(text for text in sheet.header if text and not is_result_column(text))
    samples: dict[str, tuple[str, ...]] = {}
    while True:
        try:
            settings = _settings(sheet, said)
            resolve_columns(sheet.header, settings, where=sheet.where, worksheet=sheet.name, blank=sheet.blank)
        except UnclearColumns as unclear:
            asked = (_with_all(question) for question in unclear.questions)
            fresh = next((each for each in asked if each.field not in {question.field for question in open_}), None)
            if fresh is None:
                return said, tuple(open_)
            taken = {header for way in said.values() for header in way}
            if fresh.guess in taken | {question.guess for question in open_}:
                fresh = replace(fresh, guess=None)
            samples = samples or _samples(sheet)
            fresh = replace(fresh, samples=samples)
            answer = ask(fresh, tuple(text for text in own if text not in taken))
            if answer is None:
                open_.append(fresh)
            elif fresh.may_be_ignored:
                _say_who_is_not_called(said, fresh, answer)
            else:
                said[fresh.field] = answer
        else:
            return said, ()


def _samples(sheet: Sheet) -> dict[str, tuple[str, ...]]:
    """Return the first values of each column, by its header."""
    found: dict[str, dict[str, None]] = {header: {} for header in sheet.header}
    for row in islice(sheet.rows(), SAMPLE_ROWS):
        for header, cell in zip(sheet.header, row.cells, strict=False):
            if cell.strip() and len(found[header]) < MOST_SAMPLES:
                found[header][cell.strip()] = None
    return {header: tuple(values) for header, values in found.items()}


def likely_columns(sheet: Sheet, said: Columns, questions: tuple[Question, ...]) -> dict[str, tuple[str, ...]]:
    """Return every field's headers, with the likeliest answer to each question, so that nothing is asked later."""
    likely = dict(said)
    for question in questions:
        if question.field == "consent_revoked":
            likely[question.field] = (*said.get(question.field, ()), *question.candidates[-1])
        elif question.field == "consent":
            is_known = "consent" in said or alias_columns(sheet.header, "consent")
            _say_who_is_not_called(likely, question, () if is_known else question.candidates[0])
        elif question.candidates or question.guess:
            likely[question.field] = question.candidates[-1] if question.candidates else (question.guess or "",)
    try:
        mapping = resolve_columns(
            sheet.header, _settings(sheet, likely), where=sheet.where, worksheet=sheet.name, blank=sheet.blank
        )
    except UnclearColumns:
        return dict(said)
    found = {field: tuple(sheet.header[index] for index in indices) for field, indices in mapping.columns().items()}
    return found | ({"ignore": likely["ignore"]} if "ignore" in likely else {})


def _say_who_is_not_called(said: dict[str, tuple[str, ...]], question: Question, chosen: tuple[str, ...]) -> None:
    """Take down which of the columns about permission are heard; whoever was asked has left out the others."""
    others = tuple(header for way in question.candidates for header in way if header not in chosen)
    for field, headers in ((question.field, chosen), ("ignore", others)):
        if headers:
            said[field] = headers if field == "consent" else tuple(dict.fromkeys((*said.get(field, ()), *headers)))


def _with_all(question: Question) -> Question:
    """Add one more way to several columns of phones, each in its turn, and to several of who is not to be called."""
    every = tuple(header for way in question.candidates for header in way)
    is_several = question.field in {"phone", "consent_revoked"} and len(every) > 1
    return replace(question, candidates=(*question.candidates, every)) if is_several else question


def _settings(sheet: Sheet, said: Columns) -> Contacts:
    columns = {field: list(way) for field, way in said.items()}
    content = {"name": "draft", "contacts": {"file": str(sheet.path), "columns": columns}}
    return parse_campaign(single(content), sheet.path.with_suffix(".toml")).contacts


def single(content: dict[str, Any]) -> dict[str, Any]:
    """Write, in a campaign's *content*, a list of one header as that header: only a name and a phone may be several."""
    columns = content["contacts"].get("columns", {})
    content["contacts"]["columns"] = {
        field: headers[0] if len(headers) == 1 else headers for field, headers in columns.items()
    }
    return content
