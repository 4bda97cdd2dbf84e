"""What each column of a sheet is taken for, and how an unclear header is answered."""

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.campaign.tables import Contacts
from dialer.contacts.columns.variable_columns import snake_case
from dialer.contacts.consent import ConsentColumns
from dialer.contacts.mapping import Mapping
from dialer.contacts.resolve_columns import resolve_columns
from dialer.errors import SheetError
from dialer.sheets.results_format import is_result_column


def _resolve(header: tuple[str, ...], **contacts: Any) -> Mapping:
    return resolve_columns(header, Contacts.model_validate(contacts), where="sheet.csv")


def _refusal(header: tuple[str, ...], **contacts: Any) -> str:
    with pytest.raises(SheetError) as caught:
        _resolve(header, **contacts)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "phone"),
    [
        ("name", "phone"),
        ("Full Name", "Phone Number"),
        ("FULL_NAME", "PHONE_NUMBER"),
        ("full-name", "Tel."),
        ("Customer name", "Mobile"),
        ("Contact Name", "Cell Phone"),
        ("Nombre", "Tel\u00e9fono"),
        ("Nom", "T\u00e9l\u00e9phone portable"),
        ("Vollst\u00e4ndiger Name", "Handynummer"),
        ("Nome completo", "N\u00famero de telefone"),
        ("\u6c0f\u540d", "\u96fb\u8a71\u756a\u53f7"),
    ],
)
def test_known_headers_are_recognised(name: str, phone: str) -> None:
    """A usual header is found in any case, with any punctuation, in the common languages."""
    mapping = _resolve(("id", name, phone))

    assert (mapping.names[0], mapping.phones[0]) == (1, 2)
    assert mapping.unmapped == ("id",)


@pytest.mark.parametrize(
    "header",
    ["Email type", "Phone type", "Phone verified", "Last name", "Name of pet", "Telephony", "Zone"],
)
def test_a_header_counts_as_a_whole(header: str) -> None:
    """A header that only contains a known word is something else."""
    mapping = _resolve(("name", "phone", header))

    assert (mapping.names[0], mapping.phones[0], mapping.email, mapping.timezone) == (0, 1, None, None)
    assert mapping.unmapped == (header,)


def test_email_and_time_zone_are_found_and_optional() -> None:
    """The two optional fields are recognised where they are, and missed nowhere."""
    mapping = _resolve(("E-Mail Address", "Time Zone", "name", "phone"))

    assert (mapping.email, mapping.timezone) == (0, 1)


def test_what_the_campaign_names_comes_first() -> None:
    """A named column wins over every alias, exactly written before any other spelling."""
    mapping = _resolve(("Name", "Phone", "Mobile", "mobile 2"), columns={"phone": " MOBILE "})

    assert mapping.phones[0] == 2


def test_a_missing_phone_is_answered_with_lines_to_paste() -> None:
    """The error lists the headers and proposes TOML that works once it is pasted."""
    message = _refusal(("Name", "Phone nr of client", "City"))
    toml = message[message.index("[contacts.columns]") :]

    assert 'The headers are: "Name", "Phone nr of client", "City".' in message
    columns = tomllib.loads(toml)["contacts"]["columns"]
    assert columns == {"phone": "Phone nr of client"}
    assert _resolve(("Name", "Phone nr of client", "City"), columns=columns).phones[0] == 1


@pytest.mark.parametrize("header", ["Name,Phone", "Name\tPhone"])
def test_a_wrong_delimiter_of_the_campaign_is_named(header: str) -> None:
    """The whole line is no header to paste back: what the campaign says of the file is wrong."""
    assert "delimiter under [contacts] parts no cell of this file. Take it out" in _refusal((header,), delimiter=";")
    assert "delimiter" not in _refusal(("Person",), delimiter=";")


def test_everything_missing_is_told_at_once() -> None:
    """One error names each field that has no column."""
    message = _refusal(("a", "b"))

    assert "no column is known to be the name" in message
    assert "no column is known to be the phone" in message


def test_two_possible_columns_are_not_chosen_from() -> None:
    """When two columns could hold the number, a person decides."""
    message = _refusal(("Name", "Home Phone", "Mobile"))

    assert 'the columns "Home Phone", "Mobile" could each be the phone' in message
    assert _resolve(("Name", "Home Phone", "Mobile"), columns={"phone": "Mobile"}).phones[0] == 2


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (("phone", "name", "Phone "), "columns 1 and 3 have the same header"),
        (("name", "name", "phone"), "columns 1 and 2 have the same header"),
        (("name", "", "phone"), "column 2 has no header"),
    ],
)
def test_a_header_is_neither_doubled_nor_empty(header: tuple[str, ...], message: str) -> None:
    """Of two columns with one header, nobody can say which was meant; one without a header means nothing."""
    assert message in _refusal(header)


def test_a_named_column_that_does_not_exist_is_never_replaced() -> None:
    """The nearest header is suggested and not taken, though it would fit."""
    message = _refusal(("Name", "Mobile"), columns={"phone": "Mobil"})

    assert '[contacts.columns] phone names the column "Mobil", which the sheet does not have' in message
    assert 'Did you mean "Mobile"?' in message


@pytest.mark.parametrize(
    "columns", [{}, {"name": "Full Name", "phone": "Mobile"}, {"name": "Ada Example", "phone": "+14155550123"}]
)
def test_a_sheet_without_a_header_is_told_so(columns: dict[str, str]) -> None:
    """Where the first row is a contact already, the message says what to do, and tells nobody's number."""
    message = _refusal(("Ada Example", "+14155550123", "ada@example.com"), columns=columns)

    assert "here seems to be no header row" in message
    assert "Add a row above it" in message
    assert "4155550123" not in message
    assert "ada@example.com" not in message


@pytest.mark.parametrize("number", ["+14155550123", "415-555-0123", "(415) 555-0123", "4155550123", "'4155550123"])
def test_a_number_for_a_header_is_told_by_its_length(number: str) -> None:
    """A header that the campaign names and the sheet lacks, or that a variable would be made of, is not told whole."""
    for campaign in ({"columns": {"email": number}}, {"variables": {"x": number}}, {"key": [number]}):
        message = _refusal(("name", "phone"), **campaign)
        assert "(a number of 1" in message
        assert "5550123" not in message.replace("-", "")
    assert "has a number in the place of its header" in _refusal(("name", "phone", number), variables={"*": "*"})
    assert _resolve(("name", "phone", "2026-11-26"), variables={"*": "*"}).variables[0].header == "2026-11-26"


def test_one_column_cannot_be_two_fields() -> None:
    """The same column as name and phone is a slip of the pen."""
    assert "one column to two fields" in _refusal(("name", "phone"), columns={"name": "phone", "phone": "phone"})


def test_variables_are_read_from_their_columns() -> None:
    """A variable keeps its key, its column, whether it is required and its default."""
    mapping = _resolve(
        ("name", "phone", "Balance Due"),
        variables={"balance": {"column": "balance due", "required": True, "default": "0"}, "who": "name"},
    )

    balance, who = mapping.variables
    assert (balance.key, balance.index, balance.required, balance.default) == ("balance", 2, True, "0")
    assert (who.key, who.index) == ("who", 0)
    assert mapping.unmapped == ()


def test_a_star_makes_a_variable_of_every_other_column() -> None:
    """Fields and named variables keep their columns; each remaining one becomes a variable in snake case."""
    mapping = _resolve(
        ("name", "phone", "Balance Due (USD)", "City", "dialer_status"), variables={"town": "City", "*": "*"}
    )

    assert [(variable.key, variable.index) for variable in mapping.variables] == [
        ("town", 3),
        ("balance_due_usd", 2),
    ]
    assert mapping.unmapped == ()


@pytest.mark.parametrize(
    ("header", "variables"),
    [
        (("name", "phone", "Due-Date", "due date."), {"*": "*"}),
        (("name", "phone", "City", "Town"), {"town": "City", "*": "*"}),
        (("name", "phone", "!?"), {"*": "*"}),
        (("name", "phone", "City"), {"*": "City"}),
        (("name", "phone"), {"city": "City"}),
    ],
)
def test_unclear_variables_are_refused(header: tuple[str, ...], variables: dict[str, str]) -> None:
    """Two headers for one variable, a header that gives none, and a column that is not there are errors."""
    assert "variable" in _refusal(header, variables=variables)


def test_columns_of_a_results_file_are_never_mapped() -> None:
    """A results file is a sheet: its own columns are no phone, no variable, and not reported as unused."""
    header = ("Full Name", "Mobile", "dialer_row", "dialer_phone", "Dialer_Message")
    mapping = _resolve(header, variables={"*": "*"})

    assert (mapping.names[0], mapping.phones[0], mapping.variables, mapping.unmapped) == (0, 1, (), ())
    assert mapping.width == 5
    assert "does not have" in _refusal(header, columns={"phone": "dialer_phone"})
    assert "does not have" in _refusal(header, variables={"status": "dialer_row"})


def test_the_key_names_fields_and_columns() -> None:
    """`phone`, `name` and `email` are the mapped fields; any other part of the key is a header."""
    mapping = _resolve(("name", "phone", "Account"), key=["phone", "account"])

    assert mapping.key == ("phone", 2)
    assert mapping.unmapped == ()
    assert '[contacts] key names the column "acount"' in _refusal(("name", "phone", "Account"), key=["acount"])
    assert '[contacts] key names the column "email"' in _refusal(("name", "phone"), key=["email"])


def test_the_mapping_can_be_told() -> None:
    """A person is shown which header stands behind each field and variable."""
    mapping = _resolve(("Full Name", "Mobile", "Town"), variables={"city": "Town"})

    assert mapping.described() == {"name": "Full Name", "phone": "Mobile", "variables.city": "Town"}


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Balance Due", "balance_due"),
        ("balanceDue", "balance_due"),
        ("  ZIP-Code ", "zip_code"),
        ("Gr\u00f6\u00dfe", "gr\u00f6sse"),
        ("2026 plan", "2026_plan"),
        ("***", ""),
    ],
)
def test_a_header_becomes_a_key(header: str, key: str) -> None:
    """Words are joined by single underscores in lower case, and nothing else is left."""
    assert snake_case(header) == key


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_header_is_mapped_or_refused(extra: list[str]) -> None:
    """Whatever stands in a header, the answer is a mapping within its width or a `SheetError`."""
    header = ("name", "phone", *(text.strip() for text in extra))
    try:
        mapping = _resolve(header, variables={"*": "*"})
    except SheetError:
        return
    indices = [variable.index for variable in mapping.variables]
    fields = [index for columns in mapping.columns().values() for index in columns]
    assert sorted([*fields, *indices]) == [at for at, text in enumerate(header) if not is_result_column(text)]


@pytest.mark.parametrize("doubled", ["Notes", "notes ", "Custom 1"])
def test_a_doubled_header_that_nothing_uses_is_left_alone(doubled: str) -> None:
    """Exports have them; where the campaign uses such a header, it cannot tell which column is meant."""
    header = ("name", "phone", "Notes", "Custom 1", doubled)
    assert _resolve(header).unmapped == ("Notes", "Custom 1", doubled)
    for used in ({"variables": {"note": doubled}}, {"key": ["phone", doubled]}, {"variables": {"*": "*"}}):
        with pytest.raises(SheetError, match="have the same header"):
            _resolve(header, **used)


def test_the_column_of_addresses_can_be_left_out() -> None:
    """`email = ""` says so; a campaign that requires addresses needs the column."""
    header = ("name", "phone", "E-mail")
    assert _resolve(header, columns={"email": ""}).email is None
    assert _resolve(header).email == 2
    with pytest.raises(SheetError, match="no column is known to hold e-mail addresses"):
        _resolve(header, columns={"email": ""}, email="required")


def test_places_and_consent_are_recognised() -> None:
    """State, postal code and the five columns of consent are found by their usual headers."""
    header = (
        "name", "phone", "State/Province", "ZIP", "Consent", "Consent date", "Consent by", "Consent text", "DNC",
    )  # fmt: skip
    mapping = _resolve(header)

    assert (mapping.state, mapping.postal_code) == (2, 3)
    assert mapping.consent == ConsentColumns(consent=4, at=5, by=6, wording=7, revoked=(8,))
    assert mapping.unmapped == ()
    assert mapping.described()["consent_revoked"] == "DNC"


PERMISSIONS = ["Email consent", "SMS consent", "Opt in", "OK to call", "TCPA consent", "May we call", "Zustimmung"]


@pytest.mark.parametrize("header", PERMISSIONS)
def test_a_header_that_speaks_of_permission_must_be_answered(header: str) -> None:
    """A consent to e-mails is none to calls, and a no to calls is a no: the campaign says which it is."""
    message = _refusal(("name", "phone", header))

    assert "speaks of who agreed to be called" in message
    first, second = message.split("[contacts.columns]\n")[1].split("\nor, for all others and those that say nothing", 1)
    assert _resolve(("name", "phone", header), columns=tomllib.loads(first)).consent == ConsentColumns(consent=2)
    ignored = tomllib.loads(second.partition("\n")[2])
    assert _resolve(("name", "phone", header), columns=ignored).consent == ConsentColumns()


def test_every_column_of_permission_must_be_answered() -> None:
    """One that is named answers for itself alone; the others are asked about together."""
    header = ("name", "phone", "Call consent", "Opt-in", "SMS consent", "Statement")
    message = _refusal(header)

    assert 'the header of "Opt-in", "SMS consent" speaks' in message
    mapping = _resolve(header, columns={"ignore": ["Opt-in", "SMS consent"]})
    assert mapping.consent == ConsentColumns(consent=2)
    assert mapping.unmapped == ("Statement",)


def test_required_consent_needs_its_column() -> None:
    """Where consent is required and no column records it, the file is refused with the lines to write."""
    message = _refusal(("name", "phone", "Agreement"), consent="required")

    assert "no column is known to record consent" in message
    assert '[contacts.columns]\nconsent = "..."' in message
    assert _resolve(("name", "phone", "Consented on"), consent="required").consent.at == 2


OPT_OUTS = [
    "Opt Out",
    "Opted Out",
    "Unsubscribed",
    "Blacklisted",
    "Opt Out Email",
    "HasOptedOutOfEmail",
    "Suppressed?",
    "Werbesperre",
    "D\u00e9sabonn\u00e9",
    "Lista negra",
    "Afgemeld",
    "\u9ed1\u540d\u5355",
]


@pytest.mark.parametrize("header", OPT_OUTS)
def test_a_header_that_speaks_of_no_calls_must_be_answered(header: str) -> None:
    """Nobody is called before the campaign says whether the column counts; the lines to write are given."""
    message = _refusal(("name", "phone", header))

    assert "want no call" in message
    for line in message.split("[contacts.columns]\n")[1].split("\nor, for those that say nothing of calls,\n"):
        columns = tomllib.loads(line)
        mapping = _resolve(("name", "phone", header), columns=columns)
        assert mapping.consent.revoked == ((2,) if "consent_revoked" in columns else ())


@pytest.mark.parametrize(
    "header",
    ["Do Not Contact", "DNC Status", "HasOptedOutOfCall", "Do not call (Phone)", "DoNotCall", "DO_NOT_CALL", "DNC"],
)
def test_a_header_that_can_mean_no_calls_alone_counts_by_itself(header: str) -> None:
    """Such a column counts without a word in the campaign, unless that ignores it by name."""
    assert _resolve(("name", "phone", header)).consent.revoked == (2,)
    assert _resolve(("name", "phone", header), columns={"ignore": header}).consent.revoked == ()


def test_every_column_of_no_calls_counts() -> None:
    """Several known ones count together, and none is left out because another is named."""
    header = ("name", "phone", "DNC", "Do Not Contact", "Opt Out")

    assert _resolve(header, columns={"consent_revoked": "Opt Out"}).consent.revoked == (4, 2, 3)


@pytest.mark.parametrize("header", ["Options", "Adopt Outcome", "Call Status", "List price", "Notes", "Laptop outlet"])
def test_an_ordinary_header_asks_nothing(header: str) -> None:
    """Letters that stand in another word are no wish."""
    assert _resolve(("name", "phone", header)).consent.revoked == ()


def test_what_is_ignored_must_be_there() -> None:
    """A header that the campaign ignores and the sheet lacks is a slip, and it is no variable where it is there."""
    assert "ignore names the column" in _refusal(("name", "phone"), columns={"ignore": ["Opt Out"]})
    mapping = _resolve(("name", "phone", "Opt Out"), columns={"ignore": ["Opt Out"]}, variables={"*": "*"})
    assert mapping.variables == ()
    assert mapping.unmapped == ()
