"""From a campaign to judged rows: opens its sheet, maps its columns, and tells of every row what it is."""

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass

from dialer.campaign import Campaign
from dialer.campaign_tables import Contacts
from dialer.contacts.columns import Mapping, resolve_columns
from dialer.contacts.contact import Contact, HeldBack, JudgedRow, SheetRow, judge_row
from dialer.contacts.sheets import Sheet, open_sheet
from dialer.contacts.suppression import load_suppressed
from dialer.status import REASONS, Reason

_NOT_A_PLACE = {"Factory", "localtime", "posixrules"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A campaign's sheet, what its columns mean, and the numbers never to call.

    Construct it with `load_contacts`. `zones` are the names a time-zone cell may hold.
    """

    sheet: Sheet
    mapping: Mapping
    contacts: Contacts
    suppressed: frozenset[str]
    zones: frozenset[str]

    def rows(self) -> Iterator[JudgedRow]:
        """Stream every row of the sheet once, in order, with its verdict; each call starts anew.

        Of the rows with one key, the first that can be called is the contact and the others are skipped. Only
        the keys are kept in memory. Raises `SheetError` when the file changed since it was opened.
        """
        row_of_key: dict[str, int] = {}
        for row in self.sheet.rows():
            yield JudgedRow(row, self._judge(row, row_of_key))

    def _judge(self, row: SheetRow, row_of_key: dict[str, int]) -> Contact | HeldBack:
        verdict = judge_row(row, self.mapping, self.contacts, zones=self.zones)
        if isinstance(verdict, HeldBack):
            return verdict
        if verdict.phone in self.suppressed:
            return _skipped(verdict, Reason.SUPPRESSED, "The number is on a suppression list and must not be called.")
        first = row_of_key.setdefault(verdict.key, verdict.row)
        if first != verdict.row:
            return _skipped(
                verdict,
                Reason.DUPLICATE_OF_ROW,
                f"The same contact as row {first}, which counts. If both are to be called, set key under"
                " [contacts] to columns that tell them apart, before the campaign first runs.",
            )
        return verdict


def load_contacts(campaign: Campaign) -> Loaded:
    """Open the campaign's sheet and suppression files, and map its columns.

    Raises `SheetError` when one of the files cannot be used as it is, and `CampaignError` when the campaign
    names no sheet.
    """
    sheet = open_sheet(campaign.sheet_path, campaign.contacts)
    return Loaded(
        sheet=sheet,
        mapping=resolve_columns(sheet.header, campaign.contacts, where=sheet.where),
        contacts=campaign.contacts,
        suppressed=load_suppressed([campaign.resolve(file) for file in campaign.suppression.files], campaign.contacts),
        zones=frozenset(zoneinfo.available_timezones() - _NOT_A_PLACE),
    )


def _skipped(contact: Contact, reason: Reason, message: str) -> HeldBack:
    return HeldBack(REASONS[reason][0], reason, message, contact.phone)
