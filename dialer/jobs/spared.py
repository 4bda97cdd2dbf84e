"""Spares whoever asked for no call at another number of theirs, where the ledger alone tells who is called."""

import json

from sqlalchemy import Connection

from dialer.campaign import Campaign
from dialer.contacts.phones import read_any_number
from dialer.contacts.suppression import load_suppressed
from dialer.ledger.intake import Run
from dialer.ledger.retake import Source, cells_of_callable
from dialer.ledger.suppressed import suppress_numbers

REASON = "another number of the row is in a suppression file"


def spare_by_other_numbers(tx: Connection, campaign: Campaign, source: Source, run: Run, *, at_ms: int) -> None:
    """Put on the campaign's list whose row of the *source* run has another number that is in a suppression file.

    A run judges the cells of every row so (`Judge`); the ledger keeps of a contact the one number that is called.
    Raises `SheetError` for a file that cannot be read.
    """
    wanted = {name.strip().casefold() for name in campaign.contacts.columns.phone or ()}
    columns = [at for at, header in enumerate(source.sheet.header) if header.strip().casefold() in wanted]
    if len(columns) > 1 and campaign.suppression.files:
        files = [campaign.resolve(file) for file in campaign.suppression.files]
        numbers = load_suppressed(files, campaign.contacts)
        region = campaign.contacts.region
        spared = [
            phone
            for phone, cells in cells_of_callable(tx, source)
            if any(read_any_number(text, region=region, column="") in numbers for text in _texts(cells, columns))
        ]
        suppress_numbers(tx, spared, reason=REASON, at_ms=at_ms, campaign_id=run.campaign_id)


def _texts(cells: str, columns: list[int]) -> list[str]:
    texts = json.loads(cells)
    return [texts[at] for at in columns if at < len(texts)]
