"""Columns that decide how a row is called: their cells are read as `[call]` reads its keys, and by the listed words."""

from typing import Any

import pytest

from dialer.campaign.call_table import Call
from dialer.campaign.tables import Contacts
from dialer.contacts.columns.call_columns import CallProblem, call_values
from dialer.contacts.resolve_columns import resolve_columns
from dialer.errors import SheetError

HEADER = ("Name", "Phone", "Language", "Template", "Caller", "Number id", "Carrier", "Record")
COLUMNS = {
    "call_template_id": "Template",
    "from_phone_number": "Caller",
    "phone_number_id": "Number id",
    "telephony_provider": "Carrier",
    "record": "Record",
}
BY = {"Language": {"de": {"call_template_id": "german", "phone_number_id": "berlin"}, "pt-BR": {"record": True}}}


def _values(cells: dict[str, str], columns: dict[str, str] = COLUMNS, by: Any = BY) -> Any:
    contacts = Contacts.model_validate({"region": "US", "columns": columns})
    mapping = resolve_columns(HEADER, contacts, where="sheet.csv", by=Call.model_validate({"by": by}).by)
    found = call_values([cells.get(header, "") for header in HEADER], HEADER, mapping.call)
    return found if isinstance(found, CallProblem) else dict(found)


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ({}, {}),
        ({"Template": "  363573667364666473667332 "}, {"call_template_id": "363573667364666473667332"}),
        ({"Caller": "+12015550100"}, {"from_phone_number": "+12015550100"}),
        ({"Carrier": "Twilio"}, {"telephony_provider": "twilio"}),
        ({"Record": "YES"}, {"record": True}),
        ({"Record": "0"}, {"record": False}),
        ({"Template": "363573667364666473667334"}, {"call_template_id": "363573667364666473667334"}),
        ({"Language": "pt\u2060-BR\u00a0"}, {"record": True}),
        ({"Language": "\uff44\uff45", "Template": "own"}, {"call_template_id": "own", "phone_number_id": "berlin"}),
        ({"Language": " DE "}, {"call_template_id": "german", "phone_number_id": "berlin"}),
        ({"Language": "pt-br"}, {"record": True}),
        ({"Language": "de", "Template": "own"}, {"call_template_id": "own", "phone_number_id": "berlin"}),
        (
            {"Language": "de", "Caller": "+12015550100"},
            {"call_template_id": "german", "from_phone_number": "+12015550100"},
        ),
        ({"Language": "pt-BR", "Record": "no"}, {"record": False}),
        ({"Caller": "+12015550100", "Number id": "x"}, {"phone_number_id": "x", "from_phone_number": "+12015550100"}),
    ],
)
def test_cells_say_what_differs(cells: dict[str, str], values: dict[str, Any]) -> None:
    """An empty cell changes nothing, a value counts before a word, and one number takes the place of another."""
    assert _values(cells) == values


@pytest.mark.parametrize(
    ("cells", "column", "told"),
    [
        ({"Language": "fr"}, "Language", "[call.by.Language] does not know; it knows de, pt-BR"),
        ({"Template": "363573667364666532167680"}, "Template", "in a cell that is formatted as text"),
        ({"Number id": "363573667364666000000000"}, "Number id", "in a cell that is formatted as text"),
        ({"Caller": "12015550100"}, "Caller", "Write a number with + and its country code"),
        ({"Caller": "(201) 555-0100"}, "Caller", "Write a number with + and its country code"),
        ({"Carrier": "bell"}, "Carrier", "Write twilio, plivo or telnyx"),
        ({"Record": "maybe"}, "Record", "Write yes or no"),
        ({"Template": "3.63573667364666E+23"}, "Template", "Write the whole id, in a cell"),
    ],
)
def test_other_cells_are_told(cells: dict[str, str], column: str, told: str) -> None:
    """What `[call]` would not take is not guessed: the message names the column and what may stand there."""
    problem = _values(cells)
    assert isinstance(problem, CallProblem)
    assert HEADER[problem.column] == column
    assert f'Column "{column}"' in problem.message
    assert told in problem.message
    assert next(iter(cells.values())) not in problem.message.replace("1201555", "")


@pytest.mark.parametrize(
    ("columns", "by", "told"),
    [
        ({"call_template_id": "Templates"}, {}, "[contacts.columns] call_template_id names the column"),
        ({}, {"Sprache": {"de": {"record": True}}}, "[call.by] names the column"),
        ({"call_template_id": "Phone", "phone": "Phone"}, {}, "gives one column to two fields"),
    ],
)
def test_columns_that_cannot_be_used_are_refused(columns: dict[str, str], by: Any, told: str) -> None:
    """A column that the sheet does not have, or that means something else, is no matter of single rows."""
    with pytest.raises(SheetError) as refused:
        _values({}, columns, by)
    assert told in str(refused.value)


def test_a_column_of_words_may_mean_something_else_besides() -> None:
    """A language may be a variable of the prompt, too; a column of ids or numbers is none by `"*"`."""
    contacts = Contacts.model_validate({"columns": COLUMNS, "variables": {"*": "*"}})
    mapping = resolve_columns(HEADER, contacts, where="sheet.csv", by=Call.model_validate({"by": BY}).by)
    assert [variable.key for variable in mapping.variables] == ["language"]
    assert mapping.unmapped == ()
    assert mapping.described()["call.by.Language"] == "Language"
