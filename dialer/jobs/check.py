"""Judges every row of a campaign's sheet: no network, nothing stored."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from typing_extensions import TypedDict

from dialer.api.payload import body, contact_fields, shown_call_fields
from dialer.campaign.file import Campaign
from dialer.clock import iso_ms, to_ms
from dialer.contacts.choosing.priority import CellsWithoutPriority
from dialer.contacts.contact import ExcludedRow
from dialer.contacts.loader import load_contacts
from dialer.contacts.opt_out_cells import OptOutCells
from dialer.contacts.suppression_files import refuse_old_lists
from dialer.errors import CampaignError, ResultsNotWritten, SheetError, UsageError
from dialer.exit_codes import EXIT_FAILED_ROWS, EXIT_OK
from dialer.jobs.intake.email_findings import EmailFindings
from dialer.jobs.intake.mended_before import MendedBefore
from dialer.jobs.intake.parallel_check import Verdict, preview, verdicts
from dialer.jobs.intake.phone_findings import PhoneFindings
from dialer.jobs.intake.place_findings import PlaceFindings
from dialer.jobs.intake.spoken_values import SpokenJson, SpokenValues
from dialer.jobs.locations import ledger_location, refuse_own_input, unused_path
from dialer.jobs.runtime import Runtime
from dialer.ledger.row_reports import RowReport
from dialer.reasons import Status
from dialer.results.table import write_table
from dialer.schedule.rules import consent_notes
from dialer.words import masked

FIRST_PROBLEMS = 10
LARGE_ROWS = 50_000
"""From here on several processes are worth the second they take to start."""


class ProblemJson(TypedDict):
    """A row that cannot be called."""

    row: int
    column: str | None
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be called: where (the column's header, where one cell is to blame), why, and how to mend it."""

    row: int
    column: str | None
    reason: str
    message: str

    def as_json(self) -> ProblemJson:
        """Return the object that `--json` prints."""
        return {"row": self.row, "column": self.column, "reason": self.reason, "message": self.message}


class CheckCounts(TypedDict):
    """Rows of a sheet by whether they can be called."""

    callable: int
    rejected: int
    skipped: int


class CheckJson(TypedDict):
    """What `dialer check --json` prints."""

    campaign: str
    sheet: str
    counts: CheckCounts
    reasons: dict[str, int]
    mapping: dict[str, str]
    phone_columns: dict[str, int]
    variables: dict[str, SpokenJson]
    unmapped: list[str]
    notes: list[str]
    first_problems: list[ProblemJson]
    problems: str | None
    exit_code: int


@dataclass
class CheckSummary:
    """What a sheet is worth: rows that can be called, rows that cannot and why, columns that nothing uses.

    `notes` tell what was found or guessed: the encoding, the header's row, worksheets that are not read, rows that are
    called without an e-mail address; and which of the campaign's countries forbid sales calls without consent, if it
    asks for none.
    `phone_columns` count the numbers that can be called by column, where there are several; `spoken` is what is spoken.
    *unwritten* is why there is no `problems_file` although rows were rejected.
    """

    campaign: str
    sheet: str
    strict: bool = False
    callable_rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    skipped: int = 0
    unmapped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    mapping: dict[str, str] = field(default_factory=dict)
    phone_columns: dict[str, int] = field(default_factory=dict)
    spoken: SpokenValues | None = None
    first_problems: list[Problem] = field(default_factory=list)
    problems_file: Path | None = None
    unwritten: ResultsNotWritten | None = None

    @property
    def exit_code(self) -> int:
        """0, or 3 when rows are rejected; when strict, also for skipped rows, unused columns and notes."""
        doubtful = self.strict and (self.skipped or self.unmapped or self.notes)
        return EXIT_FAILED_ROWS if self.rejected or doubtful else EXIT_OK

    def as_json(self) -> CheckJson:
        """Return the object that `--json` prints."""
        return {
            "campaign": self.campaign,
            "sheet": self.sheet,
            "counts": {"callable": self.callable_rows, "rejected": self.rejected, "skipped": self.skipped},
            "reasons": dict(sorted(self.reasons.items())),
            "mapping": self.mapping,
            "phone_columns": self.phone_columns,
            "variables": {} if self.spoken is None else self.spoken.as_json(),
            "unmapped": list(self.unmapped),
            "notes": list(self.notes),
            "first_problems": [problem.as_json() for problem in self.first_problems],
            "problems": None if self.problems_file is None else str(self.problems_file),
            "exit_code": self.exit_code,
        }


def check_campaign(
    campaign: Campaign,
    *,
    problems: Path | None = None,
    strict: bool = False,
    processes: int = 1,
    runtime: Runtime | None = None,
) -> CheckSummary:
    """Judge every row of the campaign's sheet.

    Rejected rows are written to *problems* (default `results/NAME-problems.csv` beside the campaign), with the
    sheet's own columns, so that the file can be mended and run; those that the ledger knows as mended are none. Several
    *processes* judge a sheet of `LARGE_ROWS` or more. Raises `SheetError`, `CampaignError` and `JudgingFailed`.
    """
    refuse_own_input(campaign, problems)
    loaded = load_contacts(campaign, now_ms=(runtime or Runtime()).clock.now_ms())
    summary = CheckSummary(campaign.name, loaded.sheet.label, strict)
    mapping, summary.unmapped = loaded.mapping, tuple(map(masked, loaded.mapping.unmapped))
    asks_nobody = campaign.contacts.consent == "off"
    summary.notes = (*loaded.sheet.notes, *(consent_notes(campaign.contacts.allowed_regions) if asks_nobody else ()))
    wishes, spoken, places = OptOutCells(mapping), SpokenValues(mapping), PlaceFindings(mapping)
    numbers, emails = PhoneFindings(loaded), EmailFindings(mapping)
    unranked = CellsWithoutPriority(mapping, campaign.contacts.priority)
    looks = (wishes.look, spoken.look, unranked.look)
    several = processes if loaded.sheet.height >= LARGE_ROWS else 1
    judged = map(places.see, map(numbers.see, verdicts(loaded, processes=several, looks=looks)))
    mended = MendedBefore(ledger_location(campaign, (runtime or Runtime()).settings, None), campaign.name)
    rejected = _rejected(mended.see(judged), summary, emails)
    _write(problems or _problems_path(campaign, loaded.sheet.path), loaded.sheet.header, rejected, summary)
    summary.mapping, summary.phone_columns, summary.spoken = mapping.described(), dict(numbers.by_column), spoken
    found = chain.from_iterable(each.notes() for each in (wishes, numbers, places, spoken, emails, unranked, mended))
    summary.notes += (*found, *_obstacles(campaign, runtime))
    return summary


def _write(path: Path, header: Sequence[str], rejected: Iterator[RowReport], summary: CheckSummary) -> None:
    """Write the rejected rows, if there are any; where that cannot be done, all are judged the same."""
    first = next(rejected, None)
    if first is None:
        return
    try:
        write_table(path, header, chain([first], rejected))
        summary.problems_file = path
    except ResultsNotWritten as error:
        summary.unwritten = error
        deque(rejected, maxlen=0)


def _problems_path(campaign: Campaign, sheet: Path) -> Path:
    """Return where the rejected rows go unless somebody says: never over the sheet, which may be such a file."""
    path = campaign.folder / "results" / f"{campaign.name}-problems.csv"
    return unused_path(path) if path.resolve() == sheet.resolve() else path


def _obstacles(campaign: Campaign, given: Runtime | None) -> Iterator[str]:
    """Word what a run would be refused for, or call nobody for, although the sheet is in order."""
    runtime, end = (given or Runtime()).of(campaign), campaign.schedule.end
    try:
        campaign.with_ids(team_id=runtime.settings.team_id, call_template_id=runtime.settings.call_template_id)
    except CampaignError as error:
        yield f"A run is refused: {error}"
    if end is not None and end <= runtime.clock.now():
        yield f"A run calls nobody: the campaign's end, {iso_ms(to_ms(end))}, has passed. Change end under [schedule]."
    try:
        files = [campaign.resolve(file) for file in campaign.suppression.files]
        refuse_old_lists(files, campaign.suppression.max_age, now_ms=runtime.clock.now_ms())
    except SheetError as error:
        yield f"A run is refused: {error}"


def preview_call(campaign: Campaign, row: int, *, slot_ms: int) -> bytes:
    """Return the body of the call that the *row* of the sheet would become, as it would be sent for *slot_ms*.

    Secrets of webhooks are shown by the names of their variables. Raises `UsageError` for a row that is not called, or
    is not there.
    """
    verdict = preview(loaded := load_contacts(campaign, now_ms=slot_ms), row)
    if verdict is None:
        raise UsageError(f"{loaded.sheet.label}: there is no row {row} with text below the header.")
    if isinstance(verdict, ExcludedRow):
        raise UsageError(f"Row {row} is not called: {verdict.reason}: {verdict.message}")
    return body(shown_call_fields(campaign.call), contact_fields(verdict), slot_ms)


def _rejected(rows: Iterator[Verdict], summary: CheckSummary, emails: EmailFindings) -> Iterator[RowReport]:
    """Count every row and return the rejected ones."""
    for row in rows:
        held = row.held
        if held is None:
            summary.callable_rows += 1
            if row.has_bad_email:
                emails.see(row.row)
            continue
        summary.reasons[str(held.reason)] += 1
        if held.status == Status.SKIPPED:
            summary.skipped += 1
            continue
        summary.rejected += 1
        if len(summary.first_problems) < FIRST_PROBLEMS:
            summary.first_problems.append(Problem(row.row, held.column, str(held.reason), held.message))
        yield RowReport(
            row=row.row,
            cells=row.cells,
            status=held.status,
            reason=held.reason,
            message=held.message,
            call_id=None,
            phone=held.phone,
            slot_ms=None,
            attempts=0,
            submitted_at_ms=None,
        )
