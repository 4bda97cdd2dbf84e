"""A DataFrame in place of a sheet: every value becomes the text that a sheet would hold, row by row."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from dialer.campaign.tables import Contacts
from dialer.contacts.loader import load_contacts
from dialer.errors import SheetError
from dialer.sheets.sources.frames import cell_text, open_frame
from tests.support import NOON_MS, CampaignFolder, number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("+12125550100", "+12125550100"),
        (12125550100, "12125550100"),
        (12125550100.0, "12125550100"),
        (np.float64(12125550100), "12125550100"),
        (np.int64(7), "7"),
        (np.float32(7), "7"),
        (np.float32(0.5), "0.5"),
        (np.bool_(True), "True"),
        (float("inf"), "inf"),
        (Decimal("120.50"), "120.50"),
        (["a", "b"], "['a', 'b']"),
        (pd.Timestamp("2026-11-23 17:30", tz="UTC"), "2026-11-23 17:30:00+00:00"),
        (0.5, "0.5"),
        (float("nan"), ""),
        (None, ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (True, "True"),
        (pd.Timestamp("2026-11-23"), "2026-11-23"),
        (datetime(2026, 11, 23, 17, 30), "2026-11-23 17:30:00"),  # noqa: DTZ001 - a cell knows no zone
        (date(2026, 11, 23), "2026-11-23"),
        ("", ""),
    ],
)
def test_a_value_is_told_as_a_sheet_tells_it(value: object, text: str) -> None:
    """A number that pandas made a float of has no point, and nothing missing becomes a word."""
    assert cell_text(value) == text


def test_rows_are_counted_as_in_a_sheet(contacts: Contacts) -> None:
    """The columns are row 1, empty lines count and are left out, the index is no column."""
    frame = pd.DataFrame({"Name": ["Ada", None, "Bob"], "Phone": [1.0, None, 2.0]}, index=[7, 8, 9])
    sheet = open_frame(frame, contacts)
    assert (sheet.header, sheet.height, sheet.where) == (("Name", "Phone"), 4, "DataFrame")
    assert [(row.number, row.cells) for row in sheet.rows()] == [(2, ("Ada", "1")), (4, ("Bob", "2"))]


@pytest.mark.parametrize("kind", ["object", "string", "category", "Int64", "Float64", "int64", "float64"])
def test_numbers_are_the_same_in_every_type_of_column(kind: str, contacts: Contacts) -> None:
    """Text, categories, whole numbers and floats, with and without missing values, are one number."""
    whole = pd.Series([12125550100, 12125550101])
    text = kind in {"object", "string", "category"}
    column: Any = (whole.astype(str) if text else whole).astype(cast("Any", kind))
    missing = column.where(pd.Series([True, False])) if kind != "int64" else column
    for phones, last in ((column, "12125550101"), (missing, "12125550101" if kind == "int64" else "")):
        found = open_frame(pd.DataFrame({"Name": ["Ada", "Bob"], "Phone": phones}), contacts)
        assert [row.cells[1] for row in found.rows()] == ["12125550100", last]


@pytest.mark.parametrize(
    ("columns", "header"),
    [
        (pd.MultiIndex.from_tuples([("Person", "Name"), ("Phone", "")]), ("Person Name", "Phone")),
        ([0, 1.0], ("0", "1")),
        ([None, "Phone"], ("", "Phone")),
        ([pd.Timestamp("2026-11-23"), "Phone"], ("2026-11-23", "Phone")),
    ],
)
def test_columns_are_headers(columns: Any, header: tuple[str, str], contacts: Contacts) -> None:
    """Levels are joined, numbers are texts, and a column without a name has an empty header."""
    assert open_frame(pd.DataFrame([["Ada", "1"]], columns=columns), contacts).header == header


def test_two_columns_of_a_name_are_refused_where_they_are_used(folder: CampaignFolder) -> None:
    """Nobody guesses which of them is meant."""
    frame = pd.DataFrame([["Ada", number(0), number(1)]], columns=["Name", "Phone", "Phone"])
    with pytest.raises(SheetError, match='same header "Phone"'):
        load_contacts(folder.campaign(), now_ms=NOON_MS, contacts=frame)


def test_an_index_with_a_name_is_told(contacts: Contacts) -> None:
    """Whoever has made a column the index learns why it is missing; a plain index is nothing to tell."""
    frame = pd.DataFrame({"Name": ["Ada"], "Phone": ["1"]})
    assert open_frame(frame, contacts).notes == ()
    (note,) = open_frame(frame.set_index("Phone"), contacts).notes
    assert note == "The index (Phone) is not read. If it is a column, give frame.reset_index()."


def test_what_becomes_of_the_frame_later_changes_nothing(contacts: Contacts) -> None:
    """The same values have the same fingerprint, others another; a frame that is changed is not read again."""
    frame = pd.DataFrame({"Name": ["Ada"], "Phone": ["1"]})
    sheet = open_frame(frame, contacts)
    frame.loc[0, "Phone"] = "2"
    assert [row.cells for row in sheet.rows()] == [("Ada", "1")]
    assert sheet.sha256 != open_frame(frame, contacts).sha256


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame(columns=["Name", "Phone"])])
def test_a_frame_of_nobody_is_refused(frame: pd.DataFrame, contacts: Contacts) -> None:
    """As an empty sheet is."""
    with pytest.raises(SheetError, match=r"^DataFrame: "):
        open_frame(frame, contacts)


@pytest.mark.parametrize("text", ["\0", "\ud800", "Ada\udfff"])
@pytest.mark.parametrize("place", ["a header", "a cell"])
def test_what_no_text_holds_is_refused_by_its_row(place: str, text: str, contacts: Contacts) -> None:
    """No file can hold it either, nor can a ledger or a request: nothing is read, and no traceback comes."""
    frame = pd.DataFrame([[text if place == "a cell" else "Ada"]], columns=[text if place == "a header" else "Name"])
    with pytest.raises(SheetError, match=f"row {2 if place == 'a cell' else 1} holds a NUL"):
        open_frame(frame, contacts)


@pytest.fixture
def contacts() -> Contacts:
    """Return the settings of a sheet."""
    return Contacts(region="US")


@pytest.mark.parametrize("given", [[1, 2], pd.Series(["+12125550100"]), {"Phone": ["+12125550100"]}, "people.csv"])
def test_what_is_no_frame_is_told(given: object) -> None:
    """A list, a single column, a mapping or a path in its place ends with a sentence of our own."""
    with pytest.raises(SheetError, match=rf"contacts is a {type(given).__name__}\. Give a pandas DataFrame\."):
        open_frame(given, Contacts())  # type: ignore[arg-type] # what a notebook may give
