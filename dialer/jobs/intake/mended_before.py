"""Judges rejected rows, as a run would, by what they were mended into in a results file before."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from dialer.chunks import chunks
from dialer.errors import DialerError
from dialer.jobs.intake.parallel_check import Verdict
from dialer.ledger.database.open import Ledger
from dialer.ledger.intake import CHUNK_ROWS
from dialer.ledger.mends import mended_contacts
from dialer.ledger.runs import campaign_id_of, compact_json
from dialer.reasons import Status
from dialer.words import counted

NAMED_ROWS = 5
"""How many of these rows a note names."""


class MendedBefore:
    """What the ledger at *location*, if there is one, knows of mended rows of the *campaign*; it is only read."""

    def __init__(self, location: str | Path, campaign: str) -> None:
        self._location = location
        self._campaign = campaign
        self._rows: list[int] = []
        self._count = 0

    def see(self, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
        """Yield *verdicts*; a rejected row that became a contact when it was mended can be called, or was."""
        try:
            ledger = Ledger.open_existing(self._location)
        except DialerError:  # a run says what is wrong with it; the sheet is judged as it is
            ledger = None
        if ledger is None:
            yield from verdicts
            return
        with ledger:
            with ledger.read() as tx:
                campaign_id = campaign_id_of(tx, self._campaign)
            for chunk in chunks(verdicts, CHUNK_ROWS):
                mended = set() if campaign_id is None else self._mended(ledger, campaign_id, chunk)
                yield from (item._replace(held=None) if item.row in mended else item for item in chunk)

    def _mended(self, ledger: Ledger, campaign_id: int, chunk: Iterable[Verdict]) -> set[int]:
        held = {item.row: item for item in chunk if item.held is not None and item.held.status == Status.REJECTED}
        if not held:
            return set()
        with ledger.read() as tx:
            found = set(mended_contacts(tx, campaign_id, {row: compact_json(item.cells) for row, item in held.items()}))
        self._count += len(found)
        self._rows.extend(sorted(found)[: NAMED_ROWS - len(self._rows)])
        return found

    def notes(self) -> Iterator[str]:
        """Say of which rows the sheet is not the last word."""
        if self._count:
            named = ", ".join(map(str, self._rows)) + (", \u2026" if self._count > len(self._rows) else "")
            yield (
                f"Mended in a results file before, so a run does not reject them: {counted(self._count, 'row')} of the"
                f" sheet ({named})."
            )
