"""Finds the other numbers of people whose rows are not judged anew, in the cells that the ledger keeps of them."""

import json
from collections.abc import Sequence

from dialer.campaign.file import Campaign
from dialer.campaign.values import folded_word
from dialer.chunks import chunks
from dialer.contacts.countries import read_country
from dialer.contacts.phones.phone_cell import PhoneProblem, read_any_numbers
from dialer.ledger.database.engine import Transaction
from dialer.ledger.retries import Source, cells_of_callable
from dialer.ledger.suppression_list import CHUNK_NUMBERS, add_contact_numbers
from dialer.sheets.header_names import alias_columns


def remember_other_numbers(tx: Transaction, campaign: Campaign, source: Source) -> None:
    """Store every number of whoever a retry may send: the ledger of an earlier program, or a run before the campaign
    named a second column of numbers, knows the one number that is called.
    """
    named = campaign.contacts.columns
    header = source.sheet.header
    phones = alias_columns(header, "phone") if named.phone is None else _named(header, named.phone)
    countries = alias_columns(header, "country") if named.country is None else _named(header, [named.country])
    if len(phones) < 2 and not countries:  # noqa: PLR2004 - the second number is the other one
        return
    for chunk in chunks(cells_of_callable(tx, source), CHUNK_NUMBERS):
        numbers = {
            contact_id: _numbers(json.loads(cells), phones, countries, campaign.contacts.region) | {phone}
            for contact_id, phone, cells in chunk
        }
        add_contact_numbers(tx, {contact_id: found for contact_id, found in numbers.items() if len(found) > 1})


def _named(header: Sequence[str], named: Sequence[str]) -> list[int]:
    wanted = set(map(folded_word, named))
    return [at for at, text in enumerate(header) if folded_word(text) in wanted]


def _numbers(cells: Sequence[str], phones: list[int], countries: list[int], region: str | None) -> frozenset[str]:
    named = (read_country(cells[at].strip()) for at in countries if at < len(cells))
    regions = dict.fromkeys([region, *(country.region for country in named if country is not None)])
    texts = [cells[at] for at in phones if at < len(cells)]
    read = (read_any_numbers(text, region=each, column="") for text in texts for each in regions)
    return frozenset[str]().union(*(found for found in read if not isinstance(found, PhoneProblem)))
