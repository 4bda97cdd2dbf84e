"""Whatever somebody writes in the place of a value, the answer says what stands there and what to write."""

import pytest

from tests.campaign.test_syntax import BEHIND, QUOTE, said_of

OPEN_LIST, LISTED = "the list that begins here is never closed", "several values stand in square brackets"
DAY, POINT = "a day is written as 2026-12-24", "a number is written with a point"
BRACES = "a table in braces stands on one line"
MISTAKES = [
    # numbers, days, words
    ("calls_per_minute = 2,5", "line 1, column 21", POINT),
    ("max_calls = 1,000", "line 1, column 14", POINT),
    ("cost = .5", "line 1, column 8", POINT),
    ("code = 02134", "line 1, column 9", "a number does not begin with 0"),
    ("start = 01.12.2026", "line 1, column", DAY),
    ("start = 12/24/2026 09:00", "line 1, column", DAY),
    ("start = 2026-1-5", "line 1, column", DAY),
    ("start = 2026-02-30", "line 1, column", DAY),
    ("closed = [2026-12-24, 25.12.2026]", "line 1, column", DAY),
    ("record = True", "line 1, column 10", "write true or false"),
    ("record = no", "line 1, column 10", "write true or false"),
    ("end = null", "line 1, column 7", "nothing stands for no value"),
    # lists and tables
    ('days = ["mon", "tue"', "line 1", OPEN_LIST),
    ('x = 1\ndays = [\n  "mon",\n  "tue"\n[call]\n', "line 2", OPEN_LIST),
    ('days = ["mon",\n\n[call]\n', "line 1", OPEN_LIST),
    ('days = ["mon"\nname = "x"', "line 1", OPEN_LIST),
    ('days = ["mon" "tue"]', "line 1, column 15", "a comma, or a quotation mark"),
    ('days = [\n  "mon"\n  "tue"\n]', "line 3, column 3", "a comma, or a quotation mark"),
    ('days = ["mon, "tue"]', "line 1, column 16", "a comma, or a quotation mark"),
    ("days = [mon, tue]", "line 1, column 9", QUOTE),
    ('days = ["mon", "tue")', "line 1, column 21", "a list is closed by ]"),
    ('days = ["mon"]]', "line 1, column 15", BEHIND),
    ('days = ("mon", "tue")', "line 1, column 8", LISTED),
    ('days = "mon", "tue"', "line 1, column 13", LISTED),
    ('x = { column = "a"', "line 1, column 19", BRACES),
    ('x = { column = "a",\n required = true }', "line 1, column", BRACES),
    ('x = { column = "a", }', "line 1, column", BRACES),
    ('x = { column: "a" }', "line 1, column 13", "write = in place of the colon"),
    ("x = { column = a }", "line 1, column 16", QUOTE),
]


@pytest.mark.parametrize(("text", "place", "sentence"), MISTAKES, ids=[text for text, *_ in MISTAKES])
def test_a_wrong_value_is_told_with_its_place_and_what_to_write(text: str, place: str, sentence: str) -> None:
    """Numbers, days, words, lists and tables as other programs and countries write them."""
    said = str(said_of(text))

    assert said.startswith(place)
    assert sentence in said
