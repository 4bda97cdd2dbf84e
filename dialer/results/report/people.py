"""Picks the rows that need a person, with masked numbers unless the page may tell them."""

from collections.abc import Mapping
from typing import Any

from dialer.ledger.suppression_list import OpenCall
from dialer.results.report import frames
from dialer.results.report.content import PeopleTable
from dialer.words import masked

FIRST_ROWS = 100
"""Rows that are shown where the page's script does not run."""

SHOWN_DIGITS = 2


def people_of(rows: frames.Frame, unwanted: Mapping[str, OpenCall], *, unmasked: bool) -> PeopleTable:
    """Return the rows that failed, are in doubt, cannot be read, wait for somebody, or have an *unwanted* call."""
    columns = frames.people(rows, unwanted)
    if not unmasked:
        columns["phone"] = [ending(phone) for phone in columns["phone"]]
        columns["message"]["texts"] = [masked(text) for text in columns["message"]["texts"]]
    count = len(columns["row"])
    return PeopleTable(count, columns, [_row(columns, index) for index in range(min(count, FIRST_ROWS))])


def ending(number: str) -> str:
    """Return what is shown of a number."""
    return f"…{number[-SHOWN_DIGITS:]}" if number else ""


def _row(columns: Mapping[str, Any], index: int) -> dict[str, str]:
    texts = {name: columns[name]["texts"][columns[name]["codes"][index]] for name in frames.CODED}
    remedy = columns["remedy"][columns["reason"]["codes"][index]]
    plain = {name: str(columns[name][index]) for name in ("row", "phone", "name", "call_id")}
    return plain | texts | {"remedy": "" if remedy in texts["message"] else remedy}
