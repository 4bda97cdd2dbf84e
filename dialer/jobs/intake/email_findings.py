"""What is told of a sheet's e-mail addresses: how many contacts are called without the one they have."""

from collections.abc import Iterable, Iterator

from dialer.contacts.mapping import Mapping
from dialer.ledger.intake import CallableRow, ReadRow


class EmailFindings:
    """The unusable e-mail addresses of one sheet, seen row by row: their *count*, and the *first* row, 0 for none."""

    def __init__(self, mapping: Mapping) -> None:
        self._header = "" if mapping.email is None else mapping.header[mapping.email]
        self.count = 0
        self.first = 0

    def see(self, row: int) -> None:
        """Take down that the contact of *row* is called without the address that its cell should hold."""
        self.count += 1
        self.first = self.first or row

    def see_all(self, rows: Iterable[ReadRow]) -> None:
        """Take down those of *rows* whose contact is called so."""
        for row in rows:
            if isinstance(row.verdict, CallableRow) and row.verdict.contact.has_bad_email:
                self.see(row.number)

    def notes(self) -> Iterator[str]:
        """Word what was found."""
        if not self.count:
            return
        rows = "1 row holds" if self.count == 1 else f"{self.count:,} rows hold"
        yield (
            f'{rows} no e-mail address in the column "{self._header}", the first is row {self.first}; they are'
            ' called without one. Set email = "required" under [contacts] to reject them, or email = "" under'
            " [contacts.columns] to leave the column out."
        )
