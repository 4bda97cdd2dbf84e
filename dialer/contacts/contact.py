"""Decides what one row of a sheet is: a contact, or a row held back with the reason. Pure."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from dialer.campaign_tables import Contacts
from dialer.contacts.columns import Mapping
from dialer.contacts.consent import judge_consent
from dialer.contacts.phones import Phone, PhoneProblem, read_phone
from dialer.status import REASONS, Reason, Status

KEY_SEPARATOR = "\x1f"
"""Stands between the parts of a contact's key: ASCII's unit separator, which no header or cell needs."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as read: *number* as a spreadsheet program shows it (the first row is 1), every cell as text.

    A row of a well-formed sheet has as many cells as the header; a ragged one has more or fewer.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """A row that can be called as written.

    `key` is unique within a sheet: the E.164 number, or the values of the campaign's key columns joined by
    `KEY_SEPARATOR`. `region` is the ISO code of the number's country, `timezone` an IANA zone from the sheet;
    `state` and `postal_code` are as the sheet writes them.
    `variables` are (key, value) pairs in the order of the campaign file, then of the sheet.
    """

    row: int
    key: str
    phone: str
    region: str
    name: str
    email: str | None
    variables: tuple[tuple[str, str], ...]
    timezone: str | None
    state: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A row that is not called, `REJECTED` or `SKIPPED`, and why; `phone` is E.164 where one was read."""

    status: Status
    reason: Reason
    message: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A row and what became of it."""

    row: SheetRow
    verdict: Contact | HeldBack


class _Unfit(Exception):
    def __init__(self, reason: Reason, message: str) -> None:
        self.reason = reason
        self.message = message


def judge_row(row: SheetRow, mapping: Mapping, contacts: Contacts, *, zones: frozenset[str]) -> Contact | HeldBack:
    """Judge one *row* by what its columns mean and what the campaign's *contacts* ask for.

    *zones* are the names of the IANA time zones. The first problem found is told, the phone's before any
    other. Whether the row repeats an earlier one or is suppressed is not judged here.
    """
    if len(row.cells) != mapping.width:
        return _held(
            Reason.ROW_RAGGED,
            f"The row has {len(row.cells)} cells and the header {mapping.width}. Look for a stray or missing"
            " separator, or a text with a separator in it that is not in quotes.",
        )
    consent = judge_consent(row.cells, mapping.header, mapping.consent, required=contacts.consent == "required")
    if consent is not None and consent[0] == Reason.CONSENT_REVOKED:
        return _held(*consent)  # first of all: nothing else about this person needs mending
    phone = read_phone(
        row.cells[mapping.phone],
        region=contacts.region,
        allowed=contacts.allowed_regions,
        column=mapping.header[mapping.phone],
    )
    if isinstance(phone, PhoneProblem):
        return _held(phone.reason, phone.message)
    if consent is not None:
        return _held(*consent, phone.e164)
    try:
        return _contact(row, mapping, phone, zones)
    except _Unfit as unfit:
        return _held(unfit.reason, unfit.message, phone.e164)


def _contact(row: SheetRow, mapping: Mapping, phone: Phone, zones: frozenset[str]) -> Contact:
    name = row.cells[mapping.name].strip()
    if not name:
        raise _Unfit(
            Reason.NAME_MISSING,
            f'Column "{mapping.header[mapping.name]}" is empty. Fill in the person\'s name.',
        )
    email = _email(row, mapping)
    variables = _variables(row, mapping)
    timezone = _timezone(row, mapping, zones)
    return Contact(
        row=row.number,
        key=_key(row, mapping, {"phone": phone.e164, "name": name, "email": email or ""}),
        phone=phone.e164,
        region=phone.region,
        name=name,
        email=email,
        variables=variables,
        timezone=timezone,
        state=_cell(row, mapping.state),
        postal_code=_cell(row, mapping.postal_code),
    )


def _cell(row: SheetRow, column: int | None) -> str | None:
    return (row.cells[column].strip() or None) if column is not None else None


def _email(row: SheetRow, mapping: Mapping) -> str | None:
    text = row.cells[mapping.email].strip() if mapping.email is not None else ""
    if mapping.email is None or not text:
        return None
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        header = mapping.header[mapping.email]
        # Not chained: the library's message repeats parts of the address.
        raise _Unfit(
            Reason.EMAIL_INVALID,
            f'Column "{header}" holds no e-mail address. Correct it, or leave the cell empty.',
        ) from None


def _variables(row: SheetRow, mapping: Mapping) -> tuple[tuple[str, str], ...]:
    values = []
    for variable in mapping.variables:
        value = row.cells[variable.index].strip() or variable.default
        if variable.required and not value:
            raise _Unfit(
                Reason.VARIABLE_MISSING,
                f'Column "{variable.header}" is empty, and the variable {variable.key} is required. Fill it'
                " in, or give the variable a default in the campaign file.",
            )
        values.append((variable.key, value))
    return tuple(values)


def _timezone(row: SheetRow, mapping: Mapping, zones: frozenset[str]) -> str | None:
    text = row.cells[mapping.timezone].strip() if mapping.timezone is not None else ""
    if mapping.timezone is None or not text:
        return None
    if text not in zones:
        raise _Unfit(
            Reason.ZONE_INVALID,
            f'Column "{mapping.header[mapping.timezone]}" holds no IANA time zone. Write one such as'
            " America/Chicago, or leave the cell empty to let the number tell.",
        )
    return text


def _key(row: SheetRow, mapping: Mapping, fields: dict[str, str]) -> str:
    values = []
    for part in mapping.key:
        value = row.cells[part].strip() if isinstance(part, int) else fields[part]
        if not value:
            header = mapping.header[part] if isinstance(part, int) else part
            raise _Unfit(
                Reason.KEY_MISSING,
                f'Column "{header}" is empty, and it is part of the contact\'s key. Fill it in.',
            )
        values.append(value.replace(KEY_SEPARATOR, " "))
    return KEY_SEPARATOR.join(values)


def _held(reason: Reason, message: str, phone: str | None = None) -> HeldBack:
    return HeldBack(REASONS[reason][0], reason, message, phone)
