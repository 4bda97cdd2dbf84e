"""Decides which column of a sheet is the name, the phone, a variable and so on. Pure; never guesses in
silence.
"""

from collections.abc import Sequence
from typing import Literal, get_args

from dialer.campaign.call_table import CallsBy
from dialer.campaign.tables import Contacts
from dialer.campaign.values import folded_word
from dialer.campaign.where import columns_of
from dialer.contacts.choosing.call_times import asked_columns
from dialer.contacts.columns.call_columns import call_columns
from dialer.contacts.columns.column_questions import Question, UnclearColumns, proposal, wording
from dialer.contacts.columns.name_columns import name_columns
from dialer.contacts.columns.variable_columns import EVERY_OTHER_COLUMN, variable_columns
from dialer.contacts.consent import ConsentColumns
from dialer.contacts.mapping import KeyField, Mapping
from dialer.errors import SheetError
from dialer.sheets.header_names import ALIASES, Field, is_number, nearest, nearest_alias, normalise, shown
from dialer.sheets.opt_out_words import asks_not_to_call, tells_permission
from dialer.sheets.results_format import SENT_PHONE, is_result_column

_KEY_FIELDS: tuple[KeyField, ...] = ("phone", "name", "email")
_SINGLE: tuple[Field, ...] = tuple(
    field for field in get_args(Field) if field not in {"name", "first_name", "last_name", "phone", "consent_revoked"}
)

_NO_HEADERS = (
    "there seems to be no header row: what stands in its place holds a number, as somebody's row does. Add a row above"
    " it that names the columns, such as name,phone; or set header_row under [contacts] to the row that does."
)


def resolve_columns(
    header: tuple[str, ...],
    contacts: Contacts,
    *,
    where: str,
    worksheet: str | None = None,
    blank: frozenset[int] = frozenset(),
    by: CallsBy | None = None,
) -> Mapping:
    """Map the stripped *header* of a sheet as *contacts* and `[call.by]` say; *where* names the sheet in messages.

    A column that the campaign names must exist, exactly or up to case; a field it does not name is looked for
    by the known aliases. Columns in *blank* have no header and no cell with text, and mean nothing. Raises `SheetError`
    when another header is empty or when one that may be used is doubled, when a named column does not exist, and, as
    `UnclearColumns`, when name or phone is missing or two columns could be meant; the message lists the headers and the
    lines to write into the campaign file.
    """
    return _Resolver(header, contacts, where, by or {}).mapping(worksheet, blank)


class _Resolver:
    """One resolution: the header, the campaign's words about it, and how its errors are worded."""

    def __init__(self, header: tuple[str, ...], contacts: Contacts, where: str, by: CallsBy) -> None:
        self.header = header
        self.contacts = contacts
        self.where = where
        self.call = call_columns(contacts.columns, by, named=self._named)
        self.asked = asked_columns(contacts.columns, named=self._named)
        where = "[contacts] where, in which texts stand in quotes,"
        self.chosen_by = {header: self._named(header, where) for header in columns_of(contacts.where)}
        first = contacts.priority
        self.priority = None if first is None else self._named(first.column, "[contacts] priority")
        self.own = [*(each.index for each in self.call if each.key is not None), *self.asked.values()]

    def mapping(self, worksheet: str | None, blank: frozenset[int]) -> Mapping:
        self._check_headers(blank)
        names, phones, revoked, fields = self._fields()
        if self.contacts.email == "required" and "email" not in fields:
            raise self._error('the campaign says email = "required", and no column is known to hold e-mail addresses')
        ignored = self._all_named("ignore")
        claimed = {*names, *phones, *revoked, *ignored, *fields.values(), *self.own}
        variables = variable_columns(
            self.header, self.contacts.variables, fields=claimed, named=self._named, error=self._error
        )
        mapped: set[str] = {"phone", "name", *fields}
        key = tuple(self._key_part(name, mapped) for name in self.contacts.key)
        used = {*claimed, *(each.index for each in variables), *(each.index for each in self.call), *key}
        used |= {*self.chosen_by.values(), *([] if self.priority is None else [self.priority])}
        return Mapping(
            worksheet=worksheet,
            header=self.header,
            names=names,
            phones=phones,
            email=fields.get("email"),
            timezone=fields.get("timezone"),
            state=fields.get("state"),
            postal_code=fields.get("postal_code"),
            country=fields.get("country"),
            consent=self._consent(fields, revoked),
            variables=variables,
            key=key,
            unmapped=tuple(
                text
                for index, text in enumerate(self.header)
                if text and index not in used and not is_result_column(text)
            ),
            sent_phone=next((at for at, text in enumerate(self.header) if text.casefold() == SENT_PHONE), None),
            chosen_by=self.chosen_by,
            asked=self.asked,
            call=self.call,
            priority=self.priority,
        )

    def _check_headers(self, blank: frozenset[int]) -> None:
        seen: dict[str, int] = {}
        for position, text in enumerate(self.header, start=1):
            folded = folded_word(text)
            if is_number(text) and self._may_be_used(text):
                raise self._error(f"column {position} has a number in the place of its header")
            if not folded and position - 1 not in blank:
                raise self._error(f"column {position} has no header. Give it one, or delete the column")
            if folded in seen and folded and self._may_be_used(text):
                raise self._error(
                    f"columns {seen[folded]} and {position} have the same header {shown(text)}. Rename one"
                )
            seen[folded] = position

    def _may_be_used(self, header: str) -> bool:
        """Return whether the campaign names the header, takes it by itself, or must be told what it means."""
        named = [*self.contacts.named_headers, *(self.header[each.index] for each in self.call)]
        is_named = folded_word(header) in set(map(folded_word, named))
        says_who = asks_not_to_call(header) or tells_permission(header)
        is_known = says_who or any(normalise(header) in aliases for aliases in ALIASES.values())
        return is_named or is_known or EVERY_OTHER_COLUMN in self.contacts.variables or is_result_column(header)

    def _all_named(self, key: Literal["name", "phone", "consent_revoked", "ignore"]) -> tuple[int, ...]:
        named: tuple[str, ...] = getattr(self.contacts.columns, key) or ()
        return tuple(self._named(text, f"[contacts.columns] {key}") for text in named)

    def _fields(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], dict[Field, int]]:
        """Return the columns of name, phone and revoked consents, and of each other field that the sheet has."""
        columns = self.contacts.columns
        names, phones, revoked = self._all_named("name"), self._all_named("phone"), self._all_named("consent_revoked")
        fields: dict[Field, int] = {
            field: self._named(text, f"[contacts.columns] {field}")
            for field in _SINGLE
            if (text := getattr(columns, field))
        }
        ignored = self._all_named("ignore")
        claimed = [*names, *phones, *revoked, *ignored, *fields.values(), *self.own]
        if len(set(claimed)) < len(claimed):
            raise self._error("[contacts.columns] gives one column to two fields. Name one column for each")
        unclear: dict[Field, list[tuple[int, ...]]] = {}
        if not phones:
            phones = self._only("phone", [(index,) for index in self._known("phone", claimed)], unclear)
        if not names:
            free = [index for index in range(len(self.header)) if index not in claimed]
            names = self._only("name", name_columns(self.header, self._known("name", claimed), free), unclear)
        for field in _SINGLE:
            is_left_out = field == "email" and columns.email == ""
            found = [] if field in fields or is_left_out else self._known(field, claimed)
            if found:
                fields[field] = self._only(field, [(index,) for index in found], unclear)[0]
        revoked += tuple(self._known("consent_revoked", claimed))
        answered = {*names, *phones, *revoked, *ignored, *fields.values(), *self.own}
        for at, text in enumerate("" if is_result_column(header) else header for header in self.header):
            if at not in answered and asks_not_to_call(text):
                unclear.setdefault("consent_revoked", []).append((at,))
            elif at not in answered and tells_permission(text) and (at,) not in unclear.get("consent", ()):
                unclear.setdefault("consent", []).append((at,))
        if unclear:
            raise self._unclear(unclear)
        return names, phones, revoked, fields

    def _known(self, field: Field, claimed: Sequence[int]) -> list[int]:
        found = (index for index, text in enumerate(self.header) if normalise(text) in ALIASES[field])
        return [index for index in found if index not in claimed]

    def _only(
        self, field: Field, ways: list[tuple[int, ...]], unclear: dict[Field, list[tuple[int, ...]]]
    ) -> tuple[int, ...]:
        """Return the one way there is; note the field as unclear where there is another number of them."""
        if len(ways) != 1:
            unclear[field] = ways
        return ways[0] if ways else ()

    def _consent(self, fields: dict[Field, int], revoked: tuple[int, ...]) -> ConsentColumns:
        columns = ConsentColumns(
            consent=fields.get("consent"),
            at=fields.get("consent_at"),
            by=fields.get("consent_by"),
            wording=fields.get("consent_wording"),
            revoked=revoked,
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
        return [header for header in self.header if header and not is_result_column(header)]

    def _named(self, text: str, setting: str) -> int:
        own = self._own()
        if text in own:
            return self.header.index(text)
        folded = folded_word(text)
        for header in own:
            if folded_word(header) == folded:
                return self.header.index(header)
        near = nearest(text, own)
        hint = f"Did you mean {shown(near)}?" if near else "Write one of the headers there"
        raise self._error(f"{setting} names the column {shown(text)}, which the sheet does not have. {hint}")

    def _key_part(self, name: str, mapped: set[str]) -> KeyField | int:
        for field in _KEY_FIELDS:
            if name == field and field in mapped:
                return field
        return self._named(name, "[contacts] key")

    def _unclear(self, unclear: dict[Field, list[tuple[int, ...]]]) -> UnclearColumns:
        taken = {self.header[index] for ways in unclear.values() for way in ways for index in way}
        free = [text for text in self._own() if text not in taken]
        if self._is_parted_wrongly():
            raise self._error("delimiter under [contacts] parts no cell of this file. Take it out, and it is found")
        questions = tuple(
            Question(
                field,
                tuple(tuple(self.header[index] for index in way) for way in ways),
                nearest_alias(field, free) if not ways else None,
            )
            for field, ways in unclear.items()
        )
        if any(map(is_number, self.header)):
            raise SheetError(f"{self.where}: {_NO_HEADERS}")  # what is asked of a person's row answers nothing
        return UnclearColumns(str(self._error("; ".join(map(wording, questions)), proposal(questions))), questions)

    def _is_parted_wrongly(self) -> bool:
        """Return whether the campaign's own delimiter left the header whole, and another one stands in it."""
        whole, said = self.header[0] if len(self.header) == 1 else "", self.contacts.delimiter
        return said is not None and any(mark in whole for mark in ",;\t|")

    def _error(self, problem: str, proposal: str = "") -> SheetError:
        end = "" if problem.endswith(("?", ".")) else "."
        if any(map(is_number, self.header)):
            return SheetError(f"{self.where}: {problem}{end} So {_NO_HEADERS}")
        headers = ", ".join(shown(text) for text in self.header if text)
        message = f"{self.where}: {problem}{end}\nThe headers are: {headers}."
        return SheetError(f"{message}\n{proposal}" if proposal else message)
