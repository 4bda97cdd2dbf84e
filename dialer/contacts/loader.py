"""From a campaign to judged rows: opens its sheet, maps its columns, and tells of every row what it is."""

import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from dialer.campaign.file import Campaign
from dialer.campaign.tables import Contacts
from dialer.chunks import chunks
from dialer.clock import EPOCH, MILLISECOND
from dialer.contacts.choosing.where import why_not_chosen
from dialer.contacts.contact import Contact, ExcludedRow, JudgedRow
from dialer.contacts.duplicates import FirstRows, remember_first_rows
from dialer.contacts.judge_row import judge_row
from dialer.contacts.mapping import Mapping
from dialer.contacts.resolve_columns import resolve_columns
from dialer.contacts.row_phone import row_numbers
from dialer.contacts.suppression_files import load_suppressed
from dialer.contacts.unreliable_cells import UnreliableCells
from dialer.reasons import Reason, Status
from dialer.sheets.newest_file import newest_file
from dialer.sheets.own_files import reading_of
from dialer.sheets.results_format import is_result_column
from dialer.sheets.sheet import Sheet, SheetRow, open_sheet
from dialer.words import counted

if TYPE_CHECKING:
    from dialer.sheets.sources.frames import Frame

CHUNK_ROWS = 5_000
"""Rows judged together: enough for the memory of first rows to be quick, few enough to be kept in memory."""

_EASTERNMOST = timedelta(hours=14)
"""Where a day begins first: Kiribati's Line Islands are so far ahead of UTC."""

_NOT_A_PLACE = {"Factory", "localtime", "posixrules"}
_NUMBERS_COUNT = {Reason.SUPPRESSED, Reason.CONSENT_REVOKED, Reason.DUPLICATE_OF_ROW}
_HIDDEN = (
    "The worksheet hides this row, by hand or by a filter. Show it there, or set hidden_rows = true under [contacts]."
)


@dataclass(frozen=True, slots=True)
class Judge:
    """All that one row is judged by; it can be sent to another process. `zones` are what a time-zone cell may hold,
    `today` is the latest day of anywhere, `hidden` are the numbers of rows that are not meant, `faults` the cells whose
    values are not taken. `excluded` numbers are not called by this campaign, `suppressed` ones by none.
    """

    mapping: Mapping
    contacts: Contacts
    suppressed: frozenset[str]
    zones: frozenset[str]
    today: date
    hidden: frozenset[int]
    faults: UnreliableCells
    excluded: frozenset[str] = frozenset()

    def judge(self, row: SheetRow) -> Contact | ExcludedRow:
        """Judge *row* by itself; whether it repeats an earlier one is decided by `first_only`.

        What `where` leaves out is left out, whatever else there is to mend of it; who must not be called stays so.
        """
        if row.number in self.hidden:
            return ExcludedRow(Reason.ROW_HIDDEN, _HIDDEN)
        verdict = self._judged(row)
        held = None if isinstance(verdict, Contact) else verdict
        is_final = held is not None and (held.status == Status.SKIPPED or held.reason == Reason.ROW_RAGGED)
        if self.contacts.where is None or is_final:
            return verdict
        why_not = why_not_chosen(self.contacts.where, row.cells, self.mapping.chosen_by)
        if why_not is None or (why_not.status == Status.REJECTED and held is not None):
            return verdict
        return replace(why_not, phone=verdict.phone, key=verdict.key)

    def _judged(self, row: SheetRow) -> Contact | ExcludedRow:
        if (fault := self.faults.fault_of(row, self.mapping)) is not None:
            return fault
        verdict = judge_row(
            row, self.mapping, self.contacts, zones=self.zones, today=self.today, formulas=self.faults.formulas
        )
        if not isinstance(verdict, Contact):
            return verdict
        if self._is_among(self.suppressed, row, verdict):
            return _skipped(verdict, Reason.SUPPRESSED, "The number is on a suppression list and must not be called.")
        if self._is_among(self.excluded, row, verdict):
            message = "A number of the row is in a file that exclude under [contacts] names."
            return _skipped(verdict, Reason.EXCLUDED_NUMBER, message)
        return verdict

    def numbers(self, row: SheetRow, verdict: Contact | ExcludedRow) -> frozenset[str]:
        """Return every number of a row that is a contact, repeats one, or must not be called; none of any other row.

        None, too, of a contact who has no other number than the one that is called.
        """
        if isinstance(verdict, ExcludedRow):
            return row_numbers(row, self.mapping, self.contacts) if verdict.reason in _NUMBERS_COUNT else frozenset()
        is_alone = len(self.mapping.phones) == 1 and not row.shown and verdict.country is None
        return frozenset() if is_alone else row_numbers(row, self.mapping, self.contacts) | {verdict.phone}

    def _is_among(self, listed: frozenset[str], row: SheetRow, contact: Contact) -> bool:
        """Look for each number of the row: who asked for no call at one number is not called at another."""
        return bool(listed) and (contact.phone in listed or not listed.isdisjoint(self.numbers(row, contact)))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A campaign's sheet and what its rows are judged by, at *now_ms*. Construct it with `load_contacts`."""

    sheet: Sheet
    judge: Judge
    campaign: Campaign
    now_ms: int

    @property
    def mapping(self) -> Mapping:
        """What the sheet's columns mean."""
        return self.judge.mapping

    def sheet_rows(self) -> Iterator[SheetRow]:
        """Stream the rows of the sheet, not judged yet."""
        is_ours = any(map(is_result_column, self.sheet.header))  # whose cells look as the texts that they were
        rows = self.sheet.rows(frozenset() if is_ours else self.mapping.told_exactly)
        return map(self.judge.faults.marked, rows) if self.judge.faults.unreadable else rows

    def rows(self, change: Callable[[list[SheetRow]], list[SheetRow]] = list) -> Iterator[JudgedRow]:
        """Stream every row of the sheet once, in order, with its verdict; each call starts anew.

        Rows are judged as *change* returns them, chunk by chunk.

        Of the rows with one key, the first that can be called is the contact and the others are skipped. The memory
        this takes does not grow with the sheet. Raises `SheetError` when the file changed since it was opened.
        """
        with remember_first_rows() as first_rows:
            for chunk in chunks(self.sheet_rows(), CHUNK_ROWS):
                judged = [JudgedRow(row, self.judge.judge(row)) for row in change(chunk)]
                yield from _first_only(judged, first_rows)


def load_contacts(campaign: Campaign, *, now_ms: int, contacts: "Frame | None" = None) -> Loaded:
    """Open the campaign's sheet and suppression files, and map its columns, to be judged at *now_ms*.

    With *contacts*, a pandas DataFrame, its lines are the rows: the columns are row 1, its first line is row 2.

    Raises `SheetError` when one of the files cannot be used as it is, and `CampaignError` when the campaign
    names no sheet.
    """
    sheet = _opened(campaign, contacts)
    mapping = resolve_columns(
        sheet.header,
        campaign.contacts,
        where=sheet.where,
        worksheet=sheet.name,
        blank=sheet.blank,
        by=campaign.call.by,
    )
    suppressed = load_suppressed([campaign.resolve(file) for file in campaign.suppression.files], campaign.contacts)
    excluded = load_suppressed([campaign.resolve(file) for file in campaign.contacts.exclude_files], campaign.contacts)
    hidden = sheet.metadata.hidden
    if campaign.contacts.hidden_rows:
        hidden = frozenset()
    elif any(row > sheet.header_row for row in hidden) and any(map(is_result_column, sheet.header)):
        sheet = replace(sheet, notes=(*sheet.notes, _hidden_in_ours(sheet)))
        hidden = frozenset()
    faults = UnreliableCells.of(sheet.metadata, mapping)
    today = (EPOCH + now_ms * MILLISECOND + _EASTERNMOST).date()
    judge = Judge(mapping, campaign.contacts, suppressed, _zones(), today, hidden, faults, excluded)
    return Loaded(sheet, judge, campaign, now_ms)


def _opened(campaign: Campaign, frame: "Frame | None") -> Sheet:
    if frame is not None:
        from dialer.sheets.sources.frames import open_frame  # noqa: PLC0415 - needs pandas, which other runs need not pay

        return open_frame(frame, campaign.contacts)
    if isinstance(campaign.sheet, str):
        from dialer.sheets.sources.source import open_source  # noqa: PLC0415 - as above

        return open_source(campaign.sheet, campaign.contacts, campaign.folder)
    path = newest_file(campaign.sheet)
    return open_sheet(path, reading_of(path, campaign.contacts))


@cache
def _zones() -> frozenset[str]:
    """Return every zone that a cell may name; Python searches whole folders for them."""
    return frozenset(zoneinfo.available_timezones() - _NOT_A_PLACE)


def _hidden_in_ours(sheet: Sheet) -> str:
    """Word that rows are hidden in a file that this program wrote: with its filters, people look for what to mend."""
    hidden = [row for row in sheet.metadata.hidden if row > sheet.header_row]
    rows = counted(len(hidden), "row")
    return f"{rows} that a filter or somebody hid, such as row {min(hidden)}, count as the others do."


def duplicate_of(row: int, phone: str | None, key: str | None = None) -> ExcludedRow:
    """Word the verdict on a row that repeats an earlier *row*."""
    return ExcludedRow(
        Reason.DUPLICATE_OF_ROW,
        f"The same contact as row {row}, which counts. If both are to be called, set key under"
        " [contacts] to columns that tell them apart, before the campaign first runs.",
        phone,
        key=key,
    )


def _first_only(judged: list[JudgedRow], first_rows: FirstRows) -> Iterator[JudgedRow]:
    contacts = [item.verdict for item in judged if isinstance(item.verdict, Contact)]
    repeats = first_rows.find_repeats([(first_rows.digest(contact.key), contact.row) for contact in contacts])
    for item in judged:
        first = repeats.get(item.row.number)
        if first is None or not isinstance(item.verdict, Contact):
            yield item
        else:
            yield JudgedRow(item.row, duplicate_of(first, item.verdict.phone, item.verdict.key))


def _skipped(contact: Contact, reason: Reason, message: str) -> ExcludedRow:
    return ExcludedRow(reason, message, contact.phone, key=contact.key)
