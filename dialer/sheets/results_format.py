"""Keeps a spreadsheet program from running a cell of ours as a formula, and undoes that when the file comes back. Pure.

The triggers are those of OWASP ASVS 1.2.10, with carriage return and line feed, of which LibreOffice makes the other,
NUL and the full-width forms added.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

_TRIGGERS = "=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
_DANGEROUS = re.compile(rf"'*\s*[{_TRIGGERS}]")
_HARMLESS = re.compile(r"\+[1-9]\d{6,14}|-?\d+(?:\.\d+)?")
"""A whole phone number in E.164, or a plain number: evaluated, each is itself. `+1-1` is neither."""


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet program could run; leave `+14155550123` byte for byte."""
    return "'" + text if is_formula(text) else text


def neutralised(line: Iterable[Any]) -> list[Any]:
    """Return the cells of a *line*, each text neutralised; a call for each took a seventh of the time of results."""
    return [neutralise(cell) if cell and isinstance(cell, str) and not cell[0].isalnum() else cell for cell in line]


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet program could run *text*, once it is typed."""
    if not text or text[0].isalnum():
        return False
    return bool(_DANGEROUS.match(text)) and not _HARMLESS.fullmatch(text)


def restore(text: str) -> str:
    """Return what `neutralise` was given."""
    if text.startswith("'") and _DANGEROUS.match(text):
        return text[1:]
    return text


RESULT_PREFIX = "dialer_"
"""Headers that begin so are columns of a results file: they are carried along and never mapped."""


SENT_PHONE = "dialer_phone"
"""The column of a results file with the number as it was sent: proof of what a spreadsheet program took off."""


def is_result_column(header: str) -> bool:
    """Return whether a header belongs to a results file rather than to the sheet's owner."""
    return header.strip().casefold().startswith(RESULT_PREFIX)


COLUMNS: dict[str, str] = {
    "dialer_row": "row number in the sheet (the header is row 1)",
    "dialer_status": "where the row stands: one of the statuses below",
    "dialer_reason": "a stable code, see below; empty where there is nothing to tell",
    "dialer_message": "one sentence: what is wrong, the value's shape, how to mend it",
    "dialer_call_id": "the API's `_id` of the created call",
    "dialer_phone": "the number as sent, `+` and digits (E.164)",
    "dialer_phone_column": "the column it was taken from",
    "dialer_call_delayed_until": "the slot as sent: when the call may ring, UTC",
    "dialer_attempts": "how often its creation was tried",
    "dialer_submitted_at": "when the last try was claimed, UTC",
    "dialer_call_template_id": "the template that it was sent with",
    "dialer_from_number": "the number, or its id, that it was to come from; empty where the API chooses",
    "dialer_call_status": "how the call ended, or stands, in the API's word; empty until `dialer sync` has asked",
    "dialer_status_code": "what came of an answered call, in the API's word",
    "dialer_call_duration_seconds": "how long it was, in seconds",
    "dialer_call_ended_at": "when it ended, UTC",
    "dialer_recording_url": "where its recording is, if it was recorded",
}
"""The columns added to the sheet's own, each with its meaning."""


def is_plan(header: Collection[str]) -> bool:
    """Return whether a file with this *header* is one that `dialer plan` wrote: it names rows, and nobody's number."""
    return {"dialer_row", "dialer_call_delayed_until", "local_time"} <= set(header) and SENT_PHONE not in header


RESULT_VALUE_PREFIX = "dialer_result_"
"""What stands before the name of a value that calls have brought back, to make the header of its column."""


REMEDY, AS_WRITTEN = "dialer_remedy", "dialer_as_written"
"""Columns of a workbook of results alone: what to do about a row to mend, and a digest of it, by which a change shows.
The latter stands in the worksheet of all rows, too, without digests: its header tells what the texts are."""


def is_neutralised(header: Collection[str]) -> bool:
    """Return whether the texts under this *header* went through `neutralise`: in our CSV they did, in our workbook not.

    The column `AS_WRITTEN` tells which it was, in whatever format the file was saved since.
    """
    return AS_WRITTEN not in header and any(map(is_result_column, header))


def own_cells_digest(cells: Mapping[str, str]) -> str:
    """Return what changes when one of a row's own *cells*, by header, is changed; an empty one is as good as none."""
    held = sorted((header, text.strip()) for header, text in cells.items() if text.strip())
    return hashlib.sha256(json.dumps(held).encode()).hexdigest()[:16]
