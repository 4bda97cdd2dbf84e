"""Decides which column of a sheet is the name, the phone, a variable and so on. Pure; never guesses in
silence.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from dialer.campaign_tables import Contacts, Variable
from dialer.contacts.aliases import ALIASES, Field, nearest, nearest_alias, normalise, quoted, shown
from dialer.contacts.consent import ConsentColumns
from dialer.errors import SheetError

RESULT_PREFIX = "dialer_"
"""Headers that begin so are columns of a results file: they are carried along and never mapped."""

EVERY_OTHER_COLUMN = "*"
"""The key and column in `[contacts.variables]` that make a variable of each column not otherwise mapped."""

KeyField = Literal["phone", "name", "email"]
_KEY_FIELDS: tuple[KeyField, ...] = ("phone", "name", "email")
_REQUIRED: tuple[Field, ...] = ("name", "phone")


@dataclass(frozen=True, slots=True)
class VariableColumn:
    """A prompt variable *key* and the 0-based column it is read from."""

    key: str
    header: str
    index: int
    required: bool
    default: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """What each column of one sheet means. Columns are 0-based indices into the header and every row.

    `key` tells what identifies a contact: a mapped field by its name, any other column by its index.
    `unmapped` are the headers that nothing uses, without the columns of a results file.
    """

    header: tuple[str, ...]
    name: int
    phone: int
    email: int | None
    timezone: int | None
    variables: tuple[VariableColumn, ...]
    key: tuple[KeyField | int, ...]
    unmapped: tuple[str, ...]
    state: int | None
    postal_code: int | None
    consent: ConsentColumns

    @property
    def width(self) -> int:
        """The number of cells every row has."""
        return len(self.header)

    def described(self) -> dict[str, str]:
        """Tell the header behind each field and variable: `{"phone": "Mobile", "variables.city": "Town"}`."""
        fields = {
            "name": self.name,
            "phone": self.phone,
            "email": self.email,
            "timezone": self.timezone,
            "state": self.state,
            "postal_code": self.postal_code,
            **self.consent.mapped(),
        }
        told = {field: self.header[index] for field, index in fields.items() if index is not None}
        return told | {f"variables.{variable.key}": variable.header for variable in self.variables}


def resolve_columns(header: tuple[str, ...], contacts: Contacts, *, where: str) -> Mapping:
    """Map the stripped *header* of a sheet as the campaign's *contacts* say; *where* names it in messages.

    A column that the campaign names must exist, exactly or up to case; a field it does not name is looked for
    by the known aliases. Raises `SheetError` when a header is empty or doubled, when name or phone is
    missing, when two columns could be meant, or when a named column does not exist; the message lists the
    headers and the lines to write into the campaign file.
    """
    return _Resolver(header, contacts, where).mapping()


def is_result_column(header: str) -> bool:
    """Tell whether a header belongs to a results file rather than to the sheet's owner."""
    return header.strip().casefold().startswith(RESULT_PREFIX)


def snake_case(header: str) -> str:
    """Write a header as the key of a variable: `Balance Due (USD)` becomes `balance_due_usd`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header)
    return re.sub(r"[\W_]+", "_", parted).strip("_").casefold()


def alias_columns(header: Iterable[str], field: Field) -> list[int]:
    """List the 0-based columns whose whole header is a known alias of *field*."""
    return [index for index, text in enumerate(header) if normalise(text) in ALIASES[field]]


class _Resolver:
    """One resolution: the header, the campaign's words about it, and how its errors are told."""

    def __init__(self, header: tuple[str, ...], contacts: Contacts, where: str) -> None:
        self.header = header
        self.contacts = contacts
        self.where = where

    def mapping(self) -> Mapping:
        self._check_headers()
        fields = self._fields()
        variables = self._variables(set(fields.values()))
        key = tuple(self._key_part(name, fields) for name in self.contacts.key)
        used = {*fields.values(), *(variable.index for variable in variables), *key}
        unmapped = tuple(
            text for index, text in enumerate(self.header) if index not in used and not is_result_column(text)
        )
        return Mapping(
            header=self.header,
            name=fields["name"],
            phone=fields["phone"],
            email=fields.get("email"),
            timezone=fields.get("timezone"),
            variables=variables,
            key=key,
            unmapped=unmapped,
            state=fields.get("state"),
            postal_code=fields.get("postal_code"),
            consent=self._consent(fields),
        )

    def _check_headers(self) -> None:
        seen: dict[str, int] = {}
        for position, text in enumerate(self.header, start=1):
            folded = text.strip().casefold()
            if not folded:
                raise self._error(f"column {position} has no header. Give it one, or delete the column")
            if folded in seen:
                raise self._error(
                    f"columns {seen[folded]} and {position} have the same header {shown(text)}. Rename one"
                )
            seen[folded] = position

    def _fields(self) -> dict[Field, int]:
        named: dict[Field, str | None] = {name: getattr(self.contacts.columns, name) for name in get_args(Field)}
        fields: dict[Field, int] = {
            field: self._named(text, f"[contacts.columns] {field}") for field, text in named.items() if text
        }
        if len(set(fields.values())) < len(fields):
            raise self._error("[contacts.columns] gives one column to two fields. Name one column for each")
        claimed = set(fields.values())
        problems: dict[Field, list[int]] = {}
        for field in get_args(Field):
            if field in fields:
                continue
            found = [index for index in alias_columns(self.header, field) if index not in claimed]
            if len(found) == 1:
                fields[field] = found[0]
            elif found or field in _REQUIRED:
                problems[field] = found
        if problems:
            raise self._unclear(problems)
        return fields

    def _consent(self, fields: dict[Field, int]) -> ConsentColumns:
        columns = ConsentColumns(
            consent=fields.get("consent"),
            at=fields.get("consent_at"),
            by=fields.get("consent_by"),
            wording=fields.get("consent_wording"),
            revoked=fields.get("consent_revoked"),
        )
        if self.contacts.consent == "required" and columns.consent is None and columns.at is None:
            # No header is proposed by its likeness: a consent to e-mails looks most like one to calls.
            raise self._error(
                'the campaign says consent = "required", and no column is known to record consent',
                'Write the right header into the campaign file:\n[contacts.columns]\nconsent = "..."',
            )
        return columns

    def _own(self) -> list[str]:
        """List the headers that the sheet's owner wrote."""
        return [header for header in self.header if not is_result_column(header)]

    def _named(self, text: str, setting: str) -> int:
        own = self._own()
        if text in own:
            return self.header.index(text)
        folded = text.strip().casefold()
        for header in own:
            if header.strip().casefold() == folded:
                return self.header.index(header)
        near = nearest(text, own)
        hint = f"Did you mean {quoted(near)}?" if near else "Write one of the headers there"
        raise self._error(f"{setting} names the column {quoted(text)}, which the sheet does not have. {hint}")

    def _variables(self, fields: set[int]) -> tuple[VariableColumn, ...]:
        settings = dict(self.contacts.variables)
        rest = settings.pop(EVERY_OTHER_COLUMN, None)
        found = [
            _variable(key, self.header, self._named(setting.column, f"[contacts.variables] {key}"), setting)
            for key, setting in settings.items()
        ]
        if rest is None:
            return tuple(found)
        if rest.column != EVERY_OTHER_COLUMN:
            raise self._error('[contacts.variables] "*" stands for every other column. Write "*" = "*"')
        used = fields | {variable.index for variable in found}
        for index, text in enumerate(self.header):
            if index not in used and not is_result_column(text):
                key = self._free_key(text, {variable.key: variable.header for variable in found})
                found.append(_variable(key, self.header, index, rest))
        return tuple(found)

    def _free_key(self, header: str, owners: dict[str, str]) -> str:
        """Make a variable's key of *header*; *owners* are the keys in use and the headers they belong to."""
        key = snake_case(header)
        if key and key not in owners:
            return key
        clash = f"and {quoted(owners[key])} both give the variable {key}" if key else "gives no variable a name"
        raise self._error(
            f"the column {quoted(header)} {clash}. Name it in the campaign file:\n"
            f"[contacts.variables]\nmy_variable = {quoted(header)}"
        )

    def _key_part(self, name: str, fields: dict[Field, int]) -> KeyField | int:
        for field in _KEY_FIELDS:
            if name == field and field in fields:
                return field
        return self._named(name, "[contacts] key")

    def _unclear(self, problems: dict[Field, list[int]]) -> SheetError:
        sentences, lines = [], []
        for field, found in problems.items():
            names = [quoted(self.header[index]) for index in found]
            if found:
                sentences.append(f"the columns {', '.join(names)} could each be the {field}")
            else:
                sentences.append(f"no column is known to be the {field}")
            guess = nearest_alias(field, self._own())
            lines.append(f"{field} = {names[0] if names else quoted(guess or '...')}")
        proposal = "\n".join(["Write the right headers into the campaign file, such as", "[contacts.columns]", *lines])
        return self._error("; ".join(sentences), proposal)

    def _error(self, problem: str, proposal: str = "") -> SheetError:
        headers = ", ".join(map(shown, self.header))
        end = "" if problem.endswith(("?", ".")) else "."
        message = f"{self.where}: {problem}{end}\nThe headers are: {headers}."
        return SheetError(f"{message}\n{proposal}" if proposal else message)


def _variable(key: str, header: tuple[str, ...], index: int, setting: Variable) -> VariableColumn:
    return VariableColumn(key, header[index], index, setting.required, setting.default)
