"""From a campaign file and a sheet to judged rows."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dialer.campaign.file import Campaign, parse_campaign
from dialer.contacts.contact import Contact, ExcludedRow, JudgedRow
from dialer.contacts.loader import load_contacts
from dialer.errors import CampaignError, SheetError
from dialer.reasons import Reason, Status
from tests.support import NOON_MS


def _write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _campaign(folder: Path, **contacts: Any) -> Campaign:
    content = {"contacts": {"file": "people.csv", "region": "US", **contacts}}
    return parse_campaign(content, folder / "spring.toml")


def _load(folder: Path, rows: Sequence[Sequence[str]], **contacts: Any) -> list[JudgedRow]:
    _write_csv(folder / "people.csv", rows)
    return list(load_contacts(_campaign(folder, **contacts), now_ms=NOON_MS).rows())


def _reason(judged: JudgedRow) -> Reason | None:
    return judged.verdict.reason if isinstance(judged.verdict, ExcludedRow) else None


def test_rows_come_in_order_with_their_numbers(tmp_path: Path) -> None:
    """Good and bad rows are told one after the other, numbered as a spreadsheet program shows them."""
    rows = _load(tmp_path, [["name", "phone"], ["Ada", "+14155550100"], [], ["Bob", "12"], ["Cid", "+14155550101"]])

    assert [(judged.row.number, _reason(judged)) for judged in rows] == [
        (2, None),
        (4, Reason.PHONE_INVALID),
        (5, None),
    ]


def test_the_first_of_equal_contacts_counts(tmp_path: Path) -> None:
    """A number written in another way is the same contact; the later rows name the first."""
    rows = _load(
        tmp_path,
        [["name", "phone"], ["Ada", "+14155550100"], ["Bob", "(415) 555-0100"], ["Cid", "1-415-555-0100"]],
    )

    assert [_reason(judged) for judged in rows] == [None, Reason.DUPLICATE_OF_ROW, Reason.DUPLICATE_OF_ROW]
    for judged in rows[1:]:
        assert isinstance(judged.verdict, ExcludedRow)
        assert judged.verdict.status == Status.SKIPPED
        assert "row 2" in judged.verdict.message
        assert judged.verdict.phone == "+14155550100"


def test_a_rejected_row_is_nobodys_first(tmp_path: Path) -> None:
    """A row that cannot be called does not keep a later, good one from being called."""
    rows = _load(tmp_path, [["name", "phone"], ["", "+14155550100"], ["Ada", "+14155550100"]])

    assert [_reason(judged) for judged in rows] == [Reason.NAME_MISSING, None]


def test_the_campaigns_key_decides_what_is_equal(tmp_path: Path) -> None:
    """Two accounts at one number are two contacts when the key says so."""
    sheet = [["name", "phone", "account"], ["A", "+14155550100", "1"], ["A", "+14155550100", "2"]]

    assert [_reason(judged) for judged in _load(tmp_path, sheet)] == [None, Reason.DUPLICATE_OF_ROW]
    assert [_reason(judged) for judged in _load(tmp_path, sheet, key=["phone", "account"])] == [None, None]


def test_suppressed_numbers_are_skipped(tmp_path: Path) -> None:
    """A number on a list beside the campaign file is skipped wherever it appears in the sheet."""
    (tmp_path / "stop.csv").write_text("(415) 555-0100\n", "utf-8")
    _write_csv(
        tmp_path / "people.csv",
        [["name", "phone"], ["A", "+14155550100"], ["A", "4155550100"], ["B", "+14155550101"]],
    )
    content = {"contacts": {"file": "people.csv", "region": "US"}, "suppression": {"files": ["stop.csv"]}}
    rows = list(load_contacts(parse_campaign(content, tmp_path / "spring.toml"), now_ms=NOON_MS).rows())

    assert [_reason(judged) for judged in rows] == [Reason.SUPPRESSED, Reason.SUPPRESSED, None]
    held = [judged.verdict for judged in rows if isinstance(judged.verdict, ExcludedRow)]
    assert [verdict.key for verdict in held] == ["+14155550100"] * 2


def test_who_asked_for_no_call_is_not_called_at_another_number(tmp_path: Path) -> None:
    """Where a row has several phones, each of them is looked for on the list."""
    (tmp_path / "stop.csv").write_text("(415) 555-0101\n", "utf-8")
    _write_csv(
        tmp_path / "people.csv",
        [["name", "mobile", "home"], ["A", "+14155550100", "4155550101"], ["B", "+14155550102", "x"]],
    )
    contacts = {"file": "people.csv", "region": "US", "columns": {"phone": ["mobile", "home"]}}
    content = {"contacts": contacts, "suppression": {"files": ["stop.csv"]}}
    rows = list(load_contacts(parse_campaign(content, tmp_path / "spring.toml"), now_ms=NOON_MS).rows())

    assert [_reason(judged) for judged in rows] == [Reason.SUPPRESSED, None]


def test_rows_can_be_streamed_again(tmp_path: Path) -> None:
    """A second pass judges afresh: its first contact is no duplicate of the first pass."""
    _write_csv(tmp_path / "people.csv", [["name", "phone"], ["Ada", "+14155550100"]])
    loaded = load_contacts(_campaign(tmp_path), now_ms=NOON_MS)

    assert list(loaded.rows()) == list(loaded.rows())
    assert isinstance(next(loaded.rows()).verdict, Contact)


def test_a_results_file_is_a_sheet(tmp_path: Path) -> None:
    """Its own columns stay aside and the apostrophes it added are gone."""
    rows = _load(
        tmp_path,
        [
            ["name", "phone", "note", "dialer_row", "dialer_phone"],
            ["Ada", "+14155550100", "'=1+1", "2", "+14155550100"],
        ],
        variables={"*": "*"},
    )

    assert isinstance(rows[0].verdict, Contact)
    assert rows[0].verdict.variables == (("note", "=1+1"),)


def test_system_files_are_no_time_zones(tmp_path: Path) -> None:
    """`localtime` is the operator's zone, never the contact's."""
    sheet = [
        ["name", "phone", "time zone"],
        ["A", "+14155550100", "localtime"],
        ["B", "+14155550101", "Asia/Tokyo"],
    ]

    assert [_reason(judged) for judged in _load(tmp_path, sheet)] == [Reason.ZONE_INVALID, None]


def test_a_revoked_row_is_nobodys_first(tmp_path: Path) -> None:
    """Only people whose consent stands are called; the rows that are held back say which of the two it is."""
    sheet = [
        ["name", "phone", "consent", "do not call"],
        ["A", "+14155550100", "yes", "x"],
        ["B", "+14155550101", "", ""],
        ["C", "+14155550102", "2026-11-01", "no"],
    ]

    assert [_reason(judged) for judged in _load(tmp_path, sheet, consent="required")] == [
        Reason.CONSENT_REVOKED,
        Reason.CONSENT_MISSING,
        None,
    ]
    assert [_reason(judged) for judged in _load(tmp_path, sheet)] == [Reason.CONSENT_REVOKED, None, None]


def test_a_bad_header_names_the_file(tmp_path: Path) -> None:
    """An error about columns tells which file they are in."""
    with pytest.raises(SheetError, match=r"people\.csv: no column is known to be the phone"):
        _load(tmp_path, [["name", "city"], ["Ada", "Rome"]])


def test_a_campaign_without_a_sheet_is_the_campaigns_error(tmp_path: Path) -> None:
    """Where no sheet is named, the campaign file is what needs mending."""
    with pytest.raises(CampaignError):
        load_contacts(parse_campaign({"contacts": {"region": "US"}}, tmp_path / "spring.toml"), now_ms=NOON_MS)


CELLS = st.one_of(
    st.text(max_size=8).filter(lambda text: "\0" not in text and not any(0xD800 <= ord(c) <= 0xDFFF for c in text)),
    st.integers(0, 9).map(lambda line: f"+1415555010{line}"),
    st.integers(0, 9).map(lambda line: f"(415) 555-010{line}"),
    st.sampled_from(["", " ", "Ada", "5550123", "1.21E+10", "a\nb", 'a"b', "a,b;c"]),
)
ROWS = st.lists(st.lists(CELLS, max_size=4), max_size=30)


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(rows=ROWS)
def test_every_row_is_told_exactly_once(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    """Whatever the rows, each that holds text comes out once, in order, and no two contacts share a key."""
    folder = tmp_path_factory.mktemp("sheet")
    sheet = [["name", "phone", "note"], *rows, ["Eve", "+12125550100", ""]]

    judged = _load(folder, sheet)

    filled = [number for number, cells in enumerate(sheet, start=1) if any(cell.strip() for cell in cells)]
    assert [item.row.number for item in judged] == filled[1:]
    contacts = [item.verdict for item in judged if isinstance(item.verdict, Contact)]
    assert len({contact.key for contact in contacts}) == len(contacts)
    callable_numbers = {item.verdict.phone for item in judged if _reason(item) in {None, Reason.DUPLICATE_OF_ROW}}
    assert {contact.phone for contact in contacts} == callable_numbers


def test_hidden_rows_are_skipped_unless_asked_for(tmp_path: Path) -> None:
    """Whom a filter hides is not called, is told as hidden, and keeps nobody else from being called."""
    book = Workbook()
    for row in [["name", "phone"], ["A", "+14155550100"], ["B", "+14155550101"], ["A", "+14155550100"]]:
        book.active.append(row)
    book.active.row_dimensions[2].hidden = True
    book.create_sheet("Other").row_dimensions[3].hidden = True
    book.save(tmp_path / "people.xlsx")

    def reasons(**contacts: Any) -> list[Reason | None]:
        loaded = load_contacts(_campaign(tmp_path, file="people.xlsx", **contacts), now_ms=NOON_MS)
        return [_reason(judged) for judged in loaded.rows()]

    assert reasons() == [Reason.ROW_HIDDEN, None, None]
    assert reasons(hidden_rows=True) == [None, None, Reason.DUPLICATE_OF_ROW]


def test_a_second_number_is_looked_for_in_the_country_of_its_row(tmp_path: Path) -> None:
    """A Mexican's number without + that is on the list spares the row of a campaign in the USA."""
    (tmp_path / "stop.csv").write_text("phone\n+525512345678\n", "utf-8")
    (tmp_path / "people.csv").write_text(
        "Name,Mobile,Home,Country\nLuis,+525587654321,55 1234 5678,Mexico\nAna,+525587654322,,Mexico\n", "utf-8"
    )
    content = {
        "contacts": {
            "file": "people.csv", "region": "US", "regions": ["US", "MX"], "columns": {"phone": ["Mobile", "Home"]}
        },
        "suppression": {"files": ["stop.csv"]},
    }  # fmt: skip
    loaded = load_contacts(parse_campaign(content, tmp_path / "spring.toml"), now_ms=NOON_MS)

    reasons = [row.verdict.reason if isinstance(row.verdict, ExcludedRow) else None for row in loaded.rows()]
    assert reasons == [Reason.SUPPRESSED, None]
