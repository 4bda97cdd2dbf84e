"""What calls will speak is shown before they do: kinds, the longest value, and what stands for nothing."""

from pathlib import Path

import pytest

from dialer.campaign.tables import Contacts, Variable
from dialer.contacts.resolve_columns import resolve_columns
from dialer.jobs.intake.spoken_values import SpokenValues
from dialer.sheets.sheet import SheetRow


def seen(values: list[str]) -> SpokenValues:
    """Look at a column of values in chunks of two."""
    contacts = Contacts(file=Path("a.csv"), variables={"balance": Variable(column="Balance Due")})
    spoken = SpokenValues(resolve_columns(("Name", "Phone", "Balance Due"), contacts, where="a.csv"))
    rows = [SheetRow(number, ("Ada", "+12125550100", value)) for number, value in enumerate(values, start=2)]
    for at in range(0, len(rows), 2):
        spoken.look(rows[at : at + 2])
    return spoken


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("$12.50", "amounts"), ("12,50 €", "amounts"), ("EUR 1.000,00", "amounts"), ("-£3", "amounts"),
        ("($12.50)", "amounts"), ("12.5 %", "percentages"), ("1,234", "numbers"), ("00501", "numbers"),
        ("2026-12-01", "dates"), ("01.12.2026", "dates"), ("12/1/26", "dates"), ("1 December 2026", "dates"),
        ("Dec 1, 2026", "dates"), ("2026-12-01 14:00", "dates"), ("14:30", "times"), ("2:30 PM", "times"),
        ("https://example.com/a", "links"), ("Gold", "texts"), ("TRUE", "texts"), ("A380", "texts"),
        ("", "empty"), (" \u00a0", "empty"), ("n/a", "placeholders"), (" TBD ", "placeholders"), ("-", "placeholders"),
        ("#N/A", "placeholders"), ("\u2014", "placeholders"), ("Dear {{first_name}}", "templates"),
    ],
)  # fmt: skip
def test_each_value_is_of_one_kind(value: str, kind: str) -> None:
    """As a person would call it who reads the column."""
    assert seen([value]).as_json()["balance"]["kinds"] == {kind: 1}


@pytest.mark.parametrize(
    "value",
    [
        *[
            "(blank)",
            "????",
            "...",
            "k.A.",
            "keine Angabe",
            "non renseigné",
            "por definir",
            "não informado",
            "da definire",
        ],
        *["nvt", "brak danych", "bilinmiyor", "н/д", "нет данных", "未定", "不明", "暂无", "없음", "غير متوفر"],
    ],
)
def test_what_stands_for_nothing_is_known_in_the_large_languages(value: str) -> None:
    """A call would speak it as if it were the value."""
    assert seen([value]).as_json()["balance"]["kinds"] == {"placeholders": 1}


@pytest.mark.parametrize(
    "value",
    ["0000-00-00", "0000-00-00T00:00:00", "00.00.0000", "1/0/1900", "1899-12-30", "NaT", "<NA>", "\\N", "Invalid Date"],
)
def test_what_programs_write_for_nothing_is_a_placeholder(value: str) -> None:
    """MySQL's zero date and NULL, a spreadsheet's day nought, what pandas and JavaScript make of no date."""
    assert seen([value]).as_json()["balance"]["kinds"] == {"placeholders": 1}


@pytest.mark.parametrize("value", ["Dear [name]", "%first_name%", "Hi {name}", "<<plan>>"])
def test_a_place_that_another_program_was_to_fill_is_no_value(value: str) -> None:
    """In the marks of mail merges and templates."""
    assert seen([value]).as_json()["balance"]["kinds"] == {"templates": 1}


def test_a_column_is_shown_in_one_line() -> None:
    """Counts by kind, the most frequent first, over all chunks, and the longest value."""
    spoken = seen(["$1.00", "$1,234.00", "", "n/a", "$2.00"])
    assert spoken.described() == {"balance": "3 amounts, 1 empty, 1 placeholder; longest 9 characters"}


def test_what_stands_for_nothing_is_named_with_its_rows() -> None:
    """At most ten cells are shown, and how many there are; a column without any is not spoken of."""
    (note,) = seen(["$1.00", "n/a"] * 12).notes()
    assert 'Column "Balance Due" holds what seems to stand for nothing in 12 rows (row 3: "n/a", row 5' in note
    assert "row 21" in note
    assert "row 23" not in note
    assert ", \u2026)" in note
    assert list(seen(["$1.00", ""]).notes()) == []
