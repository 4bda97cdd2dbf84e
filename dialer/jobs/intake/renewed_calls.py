"""Has the calls of a retry made as the campaign file says by now: its words and columns are no part of the sheet."""

import json
from functools import partial

from dialer.api.payload import with_call_values
from dialer.campaign.file import Campaign
from dialer.campaign.values import folded_word
from dialer.chunks import chunks
from dialer.contacts.columns.call_columns import CallProblem, CallValues, call_columns, call_values
from dialer.errors import SheetError
from dialer.ledger.choices.own_choices import remember_choices
from dialer.ledger.database.engine import Transaction
from dialer.ledger.intake import CHUNK_ROWS
from dialer.ledger.renewed_rows import leave_out, renew_payloads, rows_to_send
from dialer.ledger.retries import Source
from dialer.ledger.runs import Run, SheetFacts, compact_json
from dialer.reasons import Reason
from dialer.sheets.header_names import shown


def renew_calls(tx: Transaction, run: Run, campaign: Campaign, source: Source) -> None:
    """Read from the cells that the ledger keeps how the waiting rows of *run* are called.

    A row that the campaign does not understand any more is rejected. Raises `SheetError` where the rows lack a column
    that the campaign names.
    """
    header, named = source.sheet.header, partial(_named, source.sheet)
    columns = call_columns(campaign.contacts.columns, campaign.call.by, named=named)
    for chunk in chunks(rows_to_send(tx, run, source.sheet_id), CHUNK_ROWS):
        chosen: dict[int, CallValues] = {}
        payloads: dict[int, str] = {}
        for row in chunk:
            cells, before = json.loads(row.cells), json.loads(row.payload)
            found = call_values([*cells, *[""] * (len(header) - len(cells))], header, columns)
            if isinstance(found, CallProblem):
                leave_out(tx, run, row.contact_id, Reason.CALL_VALUE_UNKNOWN, found.message)
                continue
            chosen[row.contact_id] = found
            if (after := with_call_values(before, found)) != before:
                payloads[row.contact_id] = compact_json(after)
        renew_payloads(tx, payloads)
        remember_choices(tx, list(chosen), chosen)


def _named(sheet: SheetFacts, name: str, setting: str) -> int:
    for at, text in enumerate(sheet.header):
        if folded_word(text) == folded_word(name):
            return at
    raise SheetError(
        f"{sheet.file}, as it was read last: {setting} names the column {shown(name)}, which it does not have. Correct"
        " the name, or read the sheet again with `dialer run`."
    )
