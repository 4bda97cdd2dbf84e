"""What the headers of a sheet leave open, in words, and the lines that would answer it. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dialer.errors import SheetError
from dialer.sheets.header_names import Field, quoted


@dataclass(frozen=True, slots=True)
class Question:
    """What a header leaves open: the *field*, and the ways it could be met, each one or several headers.

    `candidates` are empty where no header is known for a field that every sheet needs; `guess` is then the header most
    like a known one, to be confirmed by a person. `samples` are values of the sheet by header, for whoever is asked.
    `repr()` shows none of them.
    """

    field: Field
    candidates: tuple[tuple[str, ...], ...]
    guess: str | None
    samples: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @property
    def may_be_ignored(self) -> bool:
        """Whether the headers may mean nothing here: who wants which messages is said of e-mails as often."""
        return self.field in {"consent", "consent_revoked"}


class UnclearColumns(SheetError):
    """The headers leave open which column is which; `questions` tells what has to be answered."""

    def __init__(self, message: str, questions: tuple[Question, ...]) -> None:
        super().__init__(message)
        self.questions = questions


def proposal(questions: Iterable[Question]) -> str:
    """Return the lines of a campaign file that would answer *questions*."""
    lines = "\n".join(map(_proposed_line, questions))
    return f"Write the right headers into the campaign file, such as\n[contacts.columns]\n{lines}"


def _proposed_line(question: Question) -> str:
    """Return the lines of `[contacts.columns]` that would answer *question* by its first candidate."""
    every = f"[{', '.join(quoted(header) for way in question.candidates for header in way)}]"
    if question.field == "consent_revoked":
        return f"consent_revoked = {every}\nor, for those that say nothing of calls,\nignore = {every}"
    if question.field == "consent":
        (first, *_), *_ = question.candidates
        return f"consent = {quoted(first)}\nor, for all others and those that say nothing of calls,\nignore = {every}"
    way = question.candidates[0] if question.candidates else (question.guess or "...",)
    value = quoted(way[0]) if len(way) == 1 else f"[{', '.join(map(quoted, way))}]"
    return f"{question.field} = {value}"


def wording(question: Question) -> str:
    """Return the sentence that names the columns and what is unclear about them."""
    if not question.candidates:
        return f"no column is known to be the {question.field}"
    if question.field == "consent_revoked":
        headers = ", ".join(quoted(header) for way in question.candidates for header in way)
        return f"the header of {headers} speaks of people who want no call, and nothing reads that column"
    if question.field == "consent":
        headers = ", ".join(quoted(header) for way in question.candidates for header in way)
        return f"the header of {headers} speaks of who agreed to be called, and nothing reads that column for it"
    names = ", ".join(" with ".join(map(quoted, way)) for way in question.candidates)
    return f"the columns {names} could each be the {question.field}"
