"""The columns that decide how the people of their rows are called, in place of what `[call]` says. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from pydantic import ValidationError

from dialer.campaign.call_table import NUMBER_KEYS, CallChoice, CallsBy
from dialer.campaign.tables import Columns
from dialer.campaign.values import E164, MEANINGS_OF_PATTERNS, folded_word
from dialer.sheets.damaged_numbers import is_damaged, is_shortened

CallValues = tuple[tuple[str, str | bool], ...]
"""Keys of `[call]` with their values."""

_WHOLE = "Write the whole id, in a cell that is formatted as text"
_MEANT = {
    "call_template_id": _WHOLE,
    "phone_number_id": _WHOLE,
    "from_phone_number": f"Write {MEANINGS_OF_PATTERNS[E164]}",
    "telephony_provider": "Write twilio, plivo or telnyx",
    "record": "Write yes or no",
}
"""What a cell may hold, by the key."""


@dataclass(frozen=True, slots=True)
class CallColumn:
    """A 0-based column that decides about calls: its cells hold values of *key*, or *words* that stand for values.

    *name* is the key of the campaign file that names the column. The words are folded; *known* lists them as they are
    written there.
    """

    name: str
    index: int
    key: str | None = None
    words: Mapping[str, CallValues] = field(default_factory=dict)
    known: tuple[str, ...] = ()


def call_columns(columns: Columns, by: CallsBy, *, named: Callable[[str, str], int]) -> tuple[CallColumn, ...]:
    """Return the columns that decide about calls, those of `[call.by]` first: a cell with the value itself counts more.

    *named* finds the column of a header for the setting that names it.
    """
    mapped = [
        CallColumn(
            name=f"call.by.{header}",
            index=named(header, "[call.by]"),
            words={folded_word(word): tuple(choice.chosen.items()) for word, choice in words.items()},
            known=tuple(words),
        )
        for header, words in by.items()
    ]
    plain = [(key, header) for key in CallChoice.model_fields if (header := getattr(columns, key)) is not None]
    return (*mapped, *(CallColumn(key, named(header, f"[contacts.columns] {key}"), key) for key, header in plain))


class CallProblem(NamedTuple):
    """What is wrong with a cell that decides about a call, and its 0-based column."""

    message: str
    column: int


def call_values(cells: Sequence[str], header: Sequence[str], columns: Sequence[CallColumn]) -> CallValues | CallProblem:
    """Return what a row's call has in place of what `[call]` says; an empty cell leaves that as it is.

    A value counts before what a word stands for; a number to call from, by whichever key, takes that of a word away.
    """
    of_words: dict[str, str | bool] = {}
    own: dict[str, str | bool] = {}
    for column in columns:
        if not (text := cells[column.index].strip()):
            continue
        values = column.words.get(folded_word(text)) if column.key is None else _read(column.key, text)
        if values is None:
            return CallProblem(_problem(column, header[column.index]), column.index)
        (of_words if column.key is None else own).update(values)
    is_numbered = not NUMBER_KEYS.isdisjoint(own)
    kept = {key: value for key, value in of_words.items() if not (is_numbered and key in NUMBER_KEYS)}
    return tuple((kept | own).items())


@lru_cache(maxsize=4096)
def _read(key: str, text: str) -> CallValues | None:
    """Read a value as `[call]` does; a word such as `Yes` or `Twilio` in whatever case. `3.6E+23` was an id once."""
    if (is_damaged(text) and not text.isalnum()) or is_shortened(text):
        return None
    try:
        choice = CallChoice.model_validate({key: text if key in _IN_OWN_CASE else folded_word(text)})
    except ValidationError:
        return None
    return tuple(choice.chosen.items())


_IN_OWN_CASE = CallChoice.model_fields.keys() - {"telephony_provider", "record"}


def _problem(column: CallColumn, header: str) -> str:
    if column.key is None:
        return (
            f'Column "{header}" holds a word that [{column.name}] does not know; it knows {", ".join(column.known)}.'
            " Correct the cell, or add the word there."
        )
    return f'Column "{header}" holds no value that {column.key} may have. {_MEANT[column.key]}, or empty the cell.'
