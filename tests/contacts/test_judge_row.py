"""What one row is: a contact, or held back with the reason."""

import zoneinfo
from datetime import date
from typing import Any

import pytest

from dialer.campaign.tables import Columns, Contacts
from dialer.contacts.contact import Contact, ExcludedRow
from dialer.contacts.judge_row import judge_row
from dialer.contacts.resolve_columns import resolve_columns
from dialer.reasons import Reason, Status
from dialer.sheets.sheet import SheetRow

TODAY = date(2026, 11, 24)
HEADER = ("Full Name", "Mobile", "E-mail", "Time zone", "Balance", "Account")
GOOD = ("Ada Example", "(415) 555-0123", "ada@example.com", "America/Chicago", " 12.50 ", "A-1")
ZONES = frozenset(zoneinfo.available_timezones())


def _judge(cells: tuple[str, ...], **contacts: Any) -> Contact | ExcludedRow:
    campaign = Contacts.model_validate({"region": "US", "variables": {"balance": "Balance"}, **contacts})
    mapping = resolve_columns(HEADER, campaign, where="sheet.csv")
    return judge_row(SheetRow(7, cells), mapping, campaign, zones=ZONES, today=TODAY)


def _with_cell(column: str, text: str) -> tuple[str, ...]:
    return tuple(text if header == column else cell for header, cell in zip(HEADER, GOOD, strict=True))


def test_a_good_row_is_a_contact() -> None:
    """Every cell arrives stripped, the number in E.164 and the key equal to it."""
    assert _judge(GOOD) == Contact(
        row=7,
        key="+14155550123",
        phone="+14155550123",
        region="US",
        name="Ada Example",
        email="ada@example.com",
        variables=(("balance", "12.50"),),
        timezone="America/Chicago",
        phone_column="Mobile",
    )


def test_optional_cells_may_be_empty() -> None:
    """Without e-mail and time zone a contact is still one."""
    verdict = _judge(("Ada", "+14155550123", " ", "", "", ""))

    assert isinstance(verdict, Contact)
    assert (verdict.email, verdict.timezone, verdict.variables) == (None, None, (("balance", ""),))


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Mobile", "", Reason.PHONE_MISSING),
        ("Mobile", "555-0123", Reason.PHONE_INVALID),
        ("Mobile", "+44 20 7946 0123", Reason.REGION_NOT_ALLOWED),
        ("Full Name", "  ", Reason.NAME_MISSING),
        ("Time zone", "Central", Reason.ZONE_INVALID),
        ("Time zone", "america/chicago", Reason.ZONE_INVALID),
    ],
)
def test_a_bad_cell_rejects_the_row_and_names_the_column(column: str, text: str, reason: Reason) -> None:
    """One wrong cell is enough; its column is in the message and its content is not."""
    verdict = _judge(_with_cell(column, text))

    assert isinstance(verdict, ExcludedRow)
    assert (verdict.status, verdict.reason) == (Status.REJECTED, reason)
    assert f'"{column}"' in verdict.message
    assert not text.strip() or text not in verdict.message


BAD_ADDRESSES = ["ada", "ada@example.com, bob@example.com", "ada@@example.com", "N/A", "\u200b", "-"]


@pytest.mark.parametrize("text", BAD_ADDRESSES)
def test_a_bad_address_is_left_out(text: str) -> None:
    """A call needs none: the person is called without, and it is told that there was one."""
    verdict = _judge(_with_cell("E-mail", text))

    assert isinstance(verdict, Contact)
    assert (verdict.email, verdict.has_bad_email, verdict.phone) == (None, True, "+14155550123")


@pytest.mark.parametrize("text", [*BAD_ADDRESSES, " "])
def test_a_bad_address_rejects_the_row_where_one_is_required(text: str) -> None:
    """So does an empty cell; the message names the column and not what it holds."""
    verdict = _judge(_with_cell("E-mail", text), email="required")

    assert isinstance(verdict, ExcludedRow)
    assert (verdict.status, verdict.reason, verdict.column) == (Status.REJECTED, Reason.EMAIL_INVALID, "E-mail")
    assert text.strip() not in verdict.message or len(text.strip()) < 2


def test_a_bad_address_is_no_part_of_a_key() -> None:
    """What identifies a contact must be there."""
    verdict = _judge(_with_cell("E-mail", "N/A"), key=["email"])
    assert isinstance(verdict, ExcludedRow)
    assert verdict.reason == Reason.KEY_MISSING


@pytest.mark.parametrize("cells", [GOOD[:-1], (*GOOD, "more"), ()])
def test_a_ragged_row_is_rejected(cells: tuple[str, ...]) -> None:
    """With a cell too many or too few, no cell can be trusted to stand in its column."""
    verdict = _judge(cells)

    assert isinstance(verdict, ExcludedRow)
    assert verdict.reason == Reason.ROW_RAGGED
    assert "beside the last header" in verdict.message  # a workbook has no separators
    assert f"{len(cells)} cells and the header 6" in verdict.message


def test_a_required_variable_must_not_be_empty() -> None:
    """The default fills an empty cell first; only what is still empty rejects the row."""
    empty = _with_cell("Balance", " ")
    required = {"balance": {"column": "Balance", "required": True}}
    filled = {"balance": {"column": "Balance", "required": True, "default": "nothing"}}

    verdict = _judge(empty, variables=required)
    assert isinstance(verdict, ExcludedRow)
    assert verdict.reason == Reason.VARIABLE_MISSING
    assert '"Balance"' in verdict.message
    verdict = _judge(empty, variables=filled)
    assert isinstance(verdict, Contact)
    assert verdict.variables == (("balance", "nothing"),)


def test_the_key_may_be_several_columns() -> None:
    """Each part of the key counts, in the campaign's order."""
    verdict = _judge(GOOD, key=["phone", "account", "email", "name"])

    assert isinstance(verdict, Contact)
    assert verdict.key == "+14155550123\x1fA-1\x1fada@example.com\x1fAda Example"


@pytest.mark.parametrize(("column", "key"), [("Account", "account"), ("E-mail", "email")])
def test_an_empty_part_of_the_key_rejects_the_row(column: str, key: str) -> None:
    """A contact that cannot be told from others could be called twice, so it is not called."""
    verdict = _judge(_with_cell(column, ""), key=["phone", key])

    assert isinstance(verdict, ExcludedRow)
    assert verdict.reason == Reason.KEY_MISSING
    assert verdict.phone == "+14155550123"


def test_a_separator_inside_a_key_cell_forges_no_other_key() -> None:
    """Two rows with different cells never share a key by way of the separator."""
    first = _judge(_with_cell("Account", "a\x1fb"), key=["account", "name"])
    second = _judge(_with_cell("Account", "a"), key=["account", "name"])

    assert isinstance(first, Contact)
    assert isinstance(second, Contact)
    assert first.key.count("\x1f") == second.key.count("\x1f") == 1


def test_held_rows_keep_a_readable_number() -> None:
    """A row rejected for another cell still tells its number, and one without a number tells none."""
    nameless, numberless = _judge(_with_cell("Full Name", "")), _judge(_with_cell("Mobile", ""))

    assert isinstance(nameless, ExcludedRow)
    assert isinstance(numberless, ExcludedRow)
    assert (nameless.phone, numberless.phone) == ("+14155550123", None)


PLACES = ("Name", "Phone", "State", "ZIP Code", "Consent", "Do not call")


def _judge_place(*cells: str, **contacts: Any) -> Contact | ExcludedRow:
    campaign = Contacts.model_validate({"region": "US", **contacts})
    return judge_row(
        SheetRow(2, cells),
        resolve_columns(PLACES, campaign, where="sheet.csv"),
        campaign,
        zones=ZONES,
        today=TODAY,
    )


def test_state_and_postal_code_come_as_written() -> None:
    """Where a person lives is kept as the sheet writes it, and an empty cell is none."""
    verdict = _judge_place("Ada", "+14155550123", " tx ", "00501", "", "")
    assert isinstance(verdict, Contact)
    assert (verdict.state, verdict.postal_code) == ("tx", "00501")
    verdict = _judge_place("Ada", "+14155550123", "", " ", "", "")
    assert isinstance(verdict, Contact)
    assert (verdict.state, verdict.postal_code) == (None, None)


def test_consent_is_asked_for_where_the_campaign_requires_it() -> None:
    """Without a recorded consent the row is rejected, and its number is told; otherwise a clear no alone counts."""
    row = ("Ada", "+14155550123", "", "", "no", "")
    verdict = _judge_place(*row, consent="required")

    assert isinstance(verdict, ExcludedRow)
    assert (verdict.status, verdict.reason) == (Status.REJECTED, Reason.CONSENT_MISSING)
    assert verdict.phone == "+14155550123"
    assert isinstance(_judge_place("Ada", "+14155550123", "", "", "", ""), Contact)
    refused = _judge_place(*row)
    assert isinstance(refused, ExcludedRow)
    assert (refused.reason, refused.column) == (Reason.CONSENT_REVOKED, "Consent")
    assert isinstance(_judge_place(*row[:4], "yes", "", consent="required"), Contact)


def test_a_revoked_consent_comes_before_every_problem() -> None:
    """Nobody is asked to mend the number of a person who is not to be called."""
    verdict = _judge_place("", "12", "", "", "yes", "2026-11-01")

    assert isinstance(verdict, ExcludedRow)
    assert (verdict.status, verdict.reason) == (Status.SKIPPED, Reason.CONSENT_REVOKED)


TWO = ("First name", "Last name", "Mobile", "Home")


def _judge_two(*cells: str, **contacts: Any) -> Contact | ExcludedRow:
    columns = {"phone": ["Mobile", "Home"]}
    campaign = Contacts.model_validate({"region": "US", "columns": columns, **contacts})
    return judge_row(
        SheetRow(2, cells),
        resolve_columns(TWO, campaign, where="s", worksheet="S"),
        campaign,
        zones=ZONES,
        today=TODAY,
    )


@pytest.mark.parametrize(
    ("mobile", "home", "phone"),
    [
        ("+14155550123", "+14155550124", "+14155550123"),
        ("", "+14155550124", "+14155550124"),
        ("1.41556E+10", "+14155550124", "+14155550124"),
        ("+442079460123", "+14155550124", "+14155550124"),
    ],
)
def test_the_first_phone_that_may_be_called_counts(mobile: str, home: str, phone: str) -> None:
    """In the order of the campaign file; one that is empty, damaged or not allowed is passed over."""
    verdict = _judge_two("Ada", "Example", mobile, home)

    assert isinstance(verdict, Contact)
    assert (verdict.phone, verdict.name) == (phone, "Ada Example")


def test_without_a_phone_to_call_the_first_problem_is_told() -> None:
    """An empty cell is no problem where the other holds something wrong; the cell is named."""
    verdict = _judge_two("Ada", "Example", "", "12")
    assert isinstance(verdict, ExcludedRow)
    assert (verdict.reason, verdict.column) == (Reason.PHONE_INVALID, "Home")
    assert verdict.message.startswith("S!D2: ")
    verdict = _judge_two("Ada", "Example", "", "")
    assert isinstance(verdict, ExcludedRow)
    assert (verdict.reason, verdict.column) == (Reason.PHONE_MISSING, "Mobile")


@pytest.mark.parametrize(("cells", "name"), [(("Ada", ""), "Ada"), (("", "Example"), "Example")])
def test_half_a_name_is_one(cells: tuple[str, str], name: str) -> None:
    """A person with only one of the two names is called by it."""
    verdict = _judge_two(*cells, "+14155550123", "")

    assert isinstance(verdict, Contact)
    assert verdict.name == name


ABROAD = ("Name", "Mobile", "Home", "Country")


def _judge_abroad(mobile: str, country: str, *, home: str = "", **contacts: Any) -> Contact | ExcludedRow:
    campaign = Contacts.model_validate(
        {"region": "US", "regions": ["US", "MX", "DE"], "columns": {"phone": ["Mobile", "Home"]}, **contacts}
    )
    mapping = resolve_columns(ABROAD, campaign, where="sheet.csv")
    return judge_row(SheetRow(2, ("Luis", mobile, home, country)), mapping, campaign, zones=ZONES, today=TODAY)


@pytest.mark.parametrize(
    ("mobile", "country", "phone", "code"),
    [
        ("55 1234 5678", "Mexico", "+525512345678", "MX"),
        ("55 1234 5678", "M\u00e9xico", "+525512345678", "MX"),
        ("+52 55 1234 5678", "MX", "+525512345678", "MX"),
        ("030 12345678", "+49", "+493012345678", "DE"),
        ("030 12345678", "49", "+493012345678", "DE"),
        ("(415) 555-0123", "", "+14155550123", None),
        ("(415) 555-0123", "1", "+14155550123", None),
        ("+14155550123", "USA", "+14155550123", "US"),
    ],
)
def test_a_number_is_read_in_the_country_of_its_row(mobile: str, country: str, phone: str, code: str | None) -> None:
    """The column is taken by its header; an empty cell leaves the number to the campaign's region."""
    verdict = _judge_abroad(mobile, country)

    assert isinstance(verdict, Contact)
    assert (verdict.phone, verdict.country) == (phone, code)


@pytest.mark.parametrize(
    ("mobile", "country", "reason", "told"),
    [
        ("+14155550123", "Mexico", Reason.COUNTRY_MISMATCH, "is of US"),
        ("+525512345678", "Germany", Reason.COUNTRY_MISMATCH, "says DE"),
        ("+14155550123", "Atlantis", Reason.COUNTRY_INVALID, "no country that is known"),
        ("(415) 555-0123", "n/a", Reason.COUNTRY_INVALID, "no country that is known"),
        ("020 7946 0123", "UK", Reason.REGION_NOT_ALLOWED, "GB"),
    ],
)
def test_a_country_that_contradicts_or_cannot_be_read_is_told(
    mobile: str, country: str, reason: Reason, told: str
) -> None:
    """Neither the number nor the country is guessed away: both are named, or the cell that names none."""
    verdict = _judge_abroad(mobile, country)

    assert isinstance(verdict, ExcludedRow)
    assert verdict.reason == reason
    assert told in verdict.message


def test_luis_is_not_called_in_new_jersey() -> None:
    """Where the campaign calls the USA alone, a Mexican's number without + is nobody's there."""
    verdict = _judge_abroad("55 1234 5678", "Mexico", regions=[])

    assert isinstance(verdict, ExcludedRow)
    assert verdict.reason == Reason.REGION_NOT_ALLOWED


@pytest.mark.parametrize("first", ["call me", "602-555-01"])
def test_a_first_cell_that_holds_no_number_is_told(first: str) -> None:
    """The number of the next column is called, and what stands in the first one is not passed over in silence."""
    verdict = _judge_abroad(first, "", home="+14155550123")

    assert isinstance(verdict, Contact)
    assert verdict.phone_column == "Home"
    assert verdict.passed_over is not None
    assert '"Mobile"' in verdict.passed_over


def test_an_empty_first_cell_is_nothing_to_tell() -> None:
    """Most sheets leave a column empty where another holds the number."""
    verdict = _judge_abroad("", "", home="+14155550123")

    assert isinstance(verdict, Contact)
    assert (verdict.phone_column, verdict.passed_over) == ("Home", None)


@pytest.mark.parametrize("first", ["do not call", "DNC", "Nicht anrufen!"])
def test_a_wish_in_the_phone_cell_is_heard(first: str) -> None:
    """Whoever wrote it there is not called at another number."""
    verdict = _judge_abroad(first, "", home="+14155550123")

    assert isinstance(verdict, ExcludedRow)
    assert verdict.reason == Reason.CONSENT_REVOKED


@pytest.mark.parametrize("text", ["stop", "Remove!", "(deceased)", "DNC", "2125550120 - do not use"])
def test_a_refusal_in_the_place_of_a_number_is_heard(text: str) -> None:
    """The person's next number is not rung either."""
    contacts = Contacts(region="US", columns=Columns(phone=("Mobile", "Home")))
    mapping = resolve_columns(("Name", "Mobile", "Home"), contacts, where="a.csv")
    verdict = judge_row(SheetRow(2, ("Ada", text, "+12125550101")), mapping, contacts, zones=frozenset(), today=TODAY)

    assert isinstance(verdict, ExcludedRow)
    assert verdict.reason == Reason.CONSENT_REVOKED
