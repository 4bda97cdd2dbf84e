"""Decides which columns are prompt variables, and under which keys. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping

from dialer.campaign.tables import Variable
from dialer.contacts.mapping import VariableColumn
from dialer.errors import SheetError
from dialer.sheets.header_names import quoted, shown
from dialer.sheets.results_format import is_result_column

EVERY_OTHER_COLUMN = "*"
"""The key and column in `[contacts.variables]` that make a variable of each column not otherwise mapped."""


def snake_case(header: str) -> str:
    """Write a header as the key of a variable: `Balance Due (USD)` becomes `balance_due_usd`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header)
    return re.sub(r"[\W_]+", "_", parted).strip("_").casefold()


def variable_columns(
    header: tuple[str, ...],
    settings: Mapping[str, Variable],
    *,
    fields: Iterable[int],
    named: Callable[[str, str], int],
    error: Callable[[str], SheetError],
) -> tuple[VariableColumn, ...]:
    """Return the variables that the campaign's *settings* ask for; *fields* are columns that mean something else.

    *named* finds the column of a header for the setting that names it; *error* words what is wrong with the header.
    """
    chosen = dict(settings)
    rest = chosen.pop(EVERY_OTHER_COLUMN, None)
    found = [
        _variable(key, header, named(setting.column, f"[contacts.variables] {key}"), setting)
        for key, setting in chosen.items()
    ]
    if rest is None:
        return tuple(found)
    if rest.column != EVERY_OTHER_COLUMN:
        raise error('[contacts.variables] "*" stands for every other column. Write "*" = "*"')
    used = {*fields, *(variable.index for variable in found)}
    for index, text in enumerate(header):
        if index not in used and text and not is_result_column(text):
            owners = {variable.key: variable.header for variable in found}
            key = snake_case(text)
            if not key or key in owners:
                raise error(_clash(text, key, owners))
            found.append(_variable(key, header, index, rest))
    return tuple(found)


def _clash(header: str, key: str, owners: Mapping[str, str]) -> str:
    clash = f"and {shown(owners[key])} both give the variable {key}" if key else "gives no variable a name"
    return (
        f"the column {shown(header)} {clash}. Name it in the campaign file:\n"
        f"[contacts.variables]\nmy_variable = {quoted(header)}"
    )


def _variable(key: str, header: tuple[str, ...], index: int, setting: Variable) -> VariableColumn:
    return VariableColumn(key, header[index], index, setting.required, setting.default)
