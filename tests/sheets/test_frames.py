"""A DataFrame in place of a sheet: every value becomes the text that a sheet would hold, row by row."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.frames import cell_text, open_frame


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("+12125550100", "+12125550100"),
        (12125550100, "12125550100"),
        (12125550100.0, "12125550100"),
        (np.float64(12125550100), "12125550100"),
        (np.int64(7), "7"),
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


@pytest.fixture
def contacts() -> Contacts:
    """Return the settings of a sheet."""
    return Contacts(region="US")
