"""Decides which number of a row is called: the first of its columns that holds one, read in its own country. Pure."""

import re
from dataclasses import replace
from typing import NamedTuple

from dialer.campaign.tables import Contacts
from dialer.contacts.countries import Country, read_country
from dialer.contacts.mapping import Mapping
from dialer.contacts.phones.cell_text import with_plus
from dialer.contacts.phones.phone_cell import Phone, PhoneProblem, read_any_numbers, read_phone
from dialer.contacts.unreliable_cells import Formulas, format_problem, formula_problem
from dialer.reasons import Reason
from dialer.sheets.opt_out_words import says_not_to_call
from dialer.sheets.sheet import SheetRow

_WORDS = re.compile(r"[\W\d_]+")
_REFUSALS = frozenset({"stop", "remove", "removed", "removeme", "deceased", "dead", "died", "refused", "no", "nocall"})
"""What, alone in the place of a number, is no remark on the number but on the person."""


class RowPhone(NamedTuple):
    """The number of a row and the 0-based column it stands in.

    `country` is the ISO code of the country that the row names; `passed_over` words what is wrong with an earlier cell
    that is not empty.
    """

    phone: Phone
    column: int
    country: str | None
    passed_over: str | None


class RowProblem(NamedTuple):
    """Why a row has no number to call, and the 0-based column to mend, where there is one."""

    reason: Reason
    message: str
    column: int | None


def row_phone(row: SheetRow, mapping: Mapping, contacts: Contacts, formulas: Formulas) -> RowPhone | RowProblem:
    """Return the first number that may be called, in the columns' order; else what is wrong with the first one.

    A number without `+` is read in the country that the row names, or, where it names none, in the campaign's region.
    """
    country = country_of(row, mapping)
    if isinstance(country, RowProblem):
        return country
    problem: RowProblem | None = None
    for index in mapping.phones:
        found = (calculated(row, mapping, index, formulas) if formulas else None) or _read(
            row, index, mapping, contacts, country
        )
        if isinstance(found, Phone):
            passed = None if problem is None or problem.reason == Reason.PHONE_MISSING else problem.message
            return RowPhone(found, index, None if country is None else country.code, passed)
        if found.reason == Reason.CONSENT_REVOKED:
            return RowProblem(*found, index)
        if problem is None or (problem.reason == Reason.PHONE_MISSING and found.reason != Reason.PHONE_MISSING):
            problem = RowProblem(*found, index)
    return problem or RowProblem(Reason.PHONE_MISSING, "No column holds the phone.", None)


def callable_numbers(row: SheetRow, mapping: Mapping, contacts: Contacts, formulas: Formulas) -> list[RowPhone]:
    """Return every number of the row that may be called, in the columns' order."""
    columns = (replace(mapping, phones=(index,)) for index in mapping.phones)
    found = (row_phone(row, each, contacts, formulas) for each in columns)
    return [number for number in found if isinstance(number, RowPhone)]


def country_of(row: SheetRow, mapping: Mapping) -> Country | RowProblem | None:
    """Return the country that the row names; `None` where it names none."""
    if mapping.country is None or not (text := row.cells[mapping.country].strip()):
        return None
    header = mapping.header[mapping.country]
    return read_country(text) or RowProblem(
        Reason.COUNTRY_INVALID,
        f'Column "{header}" names no country that is known, or may name two. Write its two letters, such as US, or'
        " empty the cell to have the number read in the campaign's region.",
        mapping.country,
    )


def calculated(row: SheetRow, mapping: Mapping, column: int, formulas: Formulas) -> PhoneProblem | None:
    """Return what is wrong with a cell that is one of the *formulas*; `None` for any other."""
    problem = (
        formula_problem(formulas, row=row.number, column=column, header=mapping.header[column]) if formulas else None
    )
    return None if problem is None else PhoneProblem(Reason.CELL_CALCULATED, problem)


def row_numbers(row: SheetRow, mapping: Mapping, contacts: Contacts) -> frozenset[str]:
    """Return every number (E.164) that the row's phone cells may mean, in its country or the campaign's."""
    country = country_of(row, mapping)
    own = country.region if isinstance(country, Country) else None
    numbers: set[str] = set()
    for index in mapping.phones:
        for text in filter(None, (row.cells[index], row.shown.get(index))):
            for region in dict.fromkeys((own, contacts.region)):
                found = read_any_numbers(text, region=region, column="")
                if not isinstance(found, PhoneProblem):
                    numbers |= found
    return frozenset(numbers)


def _read(
    row: SheetRow, index: int, mapping: Mapping, contacts: Contacts, country: Country | None
) -> Phone | PhoneProblem:
    """Read the number of a cell: as its owner sees it, where the cell holds none and its number format shows one."""
    text, header = row.cells[index], mapping.header[index]
    if mapping.sent_phone is not None:
        text = with_plus(text, row.cells[mapping.sent_phone])
    held = _read_text(text, index, mapping, contacts, country)
    if index not in row.shown:
        return held
    shown = row.shown[index]
    if shown is None:
        return format_problem(text, shown, header)
    seen = _read_text(shown, index, mapping, contacts, country)
    if isinstance(held, Phone) and seen != held and seen[0] != Reason.CONSENT_REVOKED:
        return format_problem(text, shown, header)
    return seen


def _read_text(
    text: str, index: int, mapping: Mapping, contacts: Contacts, country: Country | None
) -> Phone | PhoneProblem:
    header = mapping.header[index]
    region = contacts.region if country is None else country.region
    found = read_phone(
        text, region=region, allowed=contacts.allowed_regions, column=header, names_country=country is not None
    )
    if isinstance(found, PhoneProblem):
        if found.reason == Reason.PHONE_INVALID and (
            says_not_to_call(text) or _WORDS.sub("", text.casefold()) in _REFUSALS
        ):
            return PhoneProblem(Reason.CONSENT_REVOKED, f'Column "{header}" says that the person is not to be called.')
        return found
    if country is not None and found.region not in country.regions:
        return PhoneProblem(
            Reason.COUNTRY_MISMATCH,
            f'The number in column "{header}" is of {found.region}, and column "{mapping.header[mapping.country or 0]}"'
            f" says {country.code or country.region}. Correct the one that is wrong.",
        )
    return found
