"""Decides what one row of a sheet is: a contact, or an excluded row with the reason. Pure."""

from datetime import date

from dialer.campaign.tables import Contacts
from dialer.contacts.choosing.call_times import ANY_TIME, CallTimes, contradict, read_asked
from dialer.contacts.choosing.priority import priority_in
from dialer.contacts.columns.call_columns import CallProblem, CallValues, call_values
from dialer.contacts.consent import ConsentProblem, judge_consent
from dialer.contacts.contact import KEY_SEPARATOR, Contact, ExcludedRow
from dialer.contacts.emails import normalised_email
from dialer.contacts.mapping import Mapping
from dialer.contacts.phones.phone_cell import Phone
from dialer.contacts.row_phone import RowPhone, RowProblem, calculated, row_phone
from dialer.contacts.unreliable_cells import NO_FORMULAS, Formulas
from dialer.reasons import Reason
from dialer.sheets.sheet import SheetRow


class _Unfit(Exception):
    """What is wrong with a row, and the 0-based column to mend."""

    def __init__(self, reason: Reason, message: str, column: int | None) -> None:
        self.reason = reason
        self.message = message
        self.column = column
        self.phone: Phone | None = None


def judge_row(
    row: SheetRow,
    mapping: Mapping,
    contacts: Contacts,
    *,
    zones: frozenset[str],
    today: date,
    formulas: Formulas = NO_FORMULAS,
) -> Contact | ExcludedRow:
    """Judge one *row* by what its columns mean and what the campaign's *contacts* ask for.

    *zones* are the names of the IANA time zones, *today* is the latest day of anywhere. A cell of *formulas* is no
    phone and no part of a key. The first problem found counts, a revoked consent and the phone's before any other.
    Whether the row repeats an earlier one or is suppressed is not judged here.
    """
    if len(row.cells) != mapping.width:
        return ExcludedRow(
            Reason.ROW_RAGGED,
            f"The row has {len(row.cells)} cells and the header {mapping.width}. Look for a value beside the last"
            " header, a stray or missing separator, or a text with a separator in it that is not in quotes.",
        )
    consent = judge_consent(
        row.cells, mapping.header, mapping.consent, required=contacts.consent == "required", today=today
    )
    if consent is not None and consent.reason == Reason.CONSENT_REVOKED:
        return _held(_Unfit(*consent), row, mapping)  # first of all: nothing else about this person needs mending
    try:
        return _judged(row, mapping, contacts, zones, formulas, consent)
    except _Unfit as unfit:
        return _held(unfit, row, mapping)


def _judged(
    row: SheetRow,
    mapping: Mapping,
    contacts: Contacts,
    zones: frozenset[str],
    formulas: Formulas,
    consent: ConsentProblem | None,
) -> Contact:
    found = row_phone(row, mapping, contacts, formulas)
    if isinstance(found, RowProblem):
        raise _Unfit(*found)
    try:
        if formulas:
            _refuse_calculated_key(row, mapping, formulas)
        return _contact(row, mapping, contacts, found, zones, consent)
    except _Unfit as unfit:
        unfit.phone = found.phone
        raise


def _refuse_calculated_key(row: SheetRow, mapping: Mapping, formulas: Formulas) -> None:
    for part in mapping.key:
        if isinstance(part, int) and (problem := calculated(row, mapping, part, formulas)) is not None:
            raise _Unfit(*problem, part)


def _contact(
    row: SheetRow,
    mapping: Mapping,
    contacts: Contacts,
    found: RowPhone,
    zones: frozenset[str],
    consent: ConsentProblem | None,
) -> Contact:
    phone = found.phone
    if consent is not None:
        raise _Unfit(*consent)
    name = " ".join([part for index in mapping.names if (part := row.cells[index].strip())])
    if not name:
        headers = " and ".join(f'"{mapping.header[index]}"' for index in mapping.names)
        raise _Unfit(Reason.NAME_MISSING, f"Column {headers} is empty. Fill in the person's name.", mapping.names[0])
    email = _email(row, mapping, is_required=contacts.email == "required")
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
        country=found.country,
        phone_column=mapping.header[found.column],
        passed_over=found.passed_over,
        has_bad_email=email is None and _cell(row, mapping.email) is not None,
        call=_call(row, mapping) if mapping.call else (),
        priority=_priority(row, mapping, contacts),
        times=_times(row, mapping) if mapping.asked else ANY_TIME,
    )


def _cell(row: SheetRow, column: int | None) -> str | None:
    return (row.cells[column].strip() or None) if column is not None else None


def _priority(row: SheetRow, mapping: Mapping, contacts: Contacts) -> float | None:
    if contacts.priority is None or mapping.priority is None:
        return None
    return priority_in(row.cells[mapping.priority], contacts.priority)


def _times(row: SheetRow, mapping: Mapping) -> CallTimes:
    """Return when the person asks to be called; what nobody can read for sure is no wish that could be kept."""
    asked = {}
    for name, column in mapping.asked.items():
        if text := row.cells[column].strip():
            read = read_asked(text, round_up=name == "not_before")
            if isinstance(read, str):
                raise _Unfit(Reason.CALL_TIME_INVALID, f'Column "{mapping.header[column]}" {read}', column)
            asked[name] = read
    times = CallTimes(**asked)
    if contradict(times):
        column = mapping.asked["not_after"]
        message = f'Column "{mapping.header[column]}" ends the hours before they begin: {times.described}. Correct one.'
        raise _Unfit(Reason.CALL_TIME_INVALID, message, column)
    return times


def _email(row: SheetRow, mapping: Mapping, *, is_required: bool) -> str | None:
    """Return the address; of a cell that holds none, nothing, unless it is required."""
    text = _cell(row, mapping.email)
    email = None if text is None else normalised_email(text)
    if email is None and is_required:
        header = "" if mapping.email is None else mapping.header[mapping.email]
        raise _Unfit(
            Reason.EMAIL_INVALID,
            f'Column "{header}" holds no e-mail address, and the campaign says email = "required". Fill it in.',
            mapping.email,
        )
    return email


def _variables(row: SheetRow, mapping: Mapping) -> tuple[tuple[str, str], ...]:
    values = []
    for variable in mapping.variables:
        value = row.cells[variable.index].strip() or variable.default
        if variable.required and not value:
            raise _Unfit(
                Reason.VARIABLE_MISSING,
                f'Column "{variable.header}" is empty, and the variable {variable.key} is required. Fill it'
                " in, or give the variable a default in the campaign file.",
                variable.index,
            )
        values.append((variable.key, value))
    return tuple(values)


def _call(row: SheetRow, mapping: Mapping) -> CallValues:
    found = call_values(row.cells, mapping.header, mapping.call)
    if isinstance(found, CallProblem):
        raise _Unfit(Reason.CALL_VALUE_UNKNOWN, *found)
    return found


def _timezone(row: SheetRow, mapping: Mapping, zones: frozenset[str]) -> str | None:
    text = _cell(row, mapping.timezone)
    if text is not None and mapping.timezone is not None and text not in zones:
        raise _Unfit(
            Reason.ZONE_INVALID,
            f'Column "{mapping.header[mapping.timezone]}" holds no IANA time zone. Write one such as'
            " America/Chicago, or leave the cell empty to let the number tell.",
            mapping.timezone,
        )
    return text


def _key(row: SheetRow, mapping: Mapping, fields: dict[str, str]) -> str:
    values = []
    for part in mapping.key:
        value = row.cells[part].strip() if isinstance(part, int) else fields[part]
        if not value:
            column = part if isinstance(part, int) else mapping.email
            header = part if column is None else mapping.header[column]
            raise _Unfit(
                Reason.KEY_MISSING,
                f'Column "{header}" is empty, and it is part of the contact\'s key. Fill it in.',
                column,
            )
        values.append(value.replace(KEY_SEPARATOR, " "))
    return KEY_SEPARATOR.join(values)


def _held(unfit: _Unfit, row: SheetRow, mapping: Mapping) -> ExcludedRow:
    where = "" if unfit.column is None else f"{mapping.address(row.number, unfit.column)}: "
    return ExcludedRow(
        reason=unfit.reason,
        message=f"{where}{unfit.message}",
        phone=None if unfit.phone is None else unfit.phone.e164,
        column=None if unfit.column is None else mapping.header[unfit.column],
    )
