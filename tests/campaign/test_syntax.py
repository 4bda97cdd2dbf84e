"""Whatever somebody writes that is no TOML, the answer names the place and what to write, in plain words."""

import re
import tomllib
from pathlib import Path

import pytest

from dialer.campaign.syntax import explain_syntax

EXAMPLE = Path(__file__).parents[2] / "campaigns" / "examples" / "two-countries.toml"

FOREIGN = re.compile(
    r"toml|invalid|expected|statement|illegal|unterminated|unescaped|overwrite|mutable|namespace|declar|document|array|"
    r"inline|unicode|scalar|parse|syntax|key/value|hex",
    re.IGNORECASE,
)
"""Words of the parser."""

QUOTE, STRAIGHT = "put quotation marks around this value", "this quotation mark is not a straight one"
BEHIND, OPEN_QUOTE = (
    "only a comment, which begins with #, may stand behind the value",
    "this quotation mark is never closed",
)
KEY, ESCAPED = "a key with other characters", "write / for each \\ of a path"
MISTAKES = [
    # a text without its quotation marks, or with the wrong ones
    ("name = spring", "line 1, column 8", QUOTE),
    ('name = spring"', "line 1, column 8", QUOTE),
    ("x = Spring Renewals # ours", "line 1, column 5", QUOTE),
    ("horizon = 24h", "line 1, column 13", QUOTE),
    ("window = 09:00-17:30", "line 1, column 11", QUOTE),
    ("test_number = +1 202 555 0100", "line 1, column 18", QUOTE),
    ("test_number = (202) 555-0100", "line 1, column 15", QUOTE),
    ("key = $API_KEY", "line 1, column 7", QUOTE),
    ('[call]\nname = "spring', "line 2, column 8", OPEN_QUOTE),
    ("name = 'spring\nother = 1", "line 1, column 8", OPEN_QUOTE),
    ('"Full Name = "x"', "line 1", KEY),
    ("days = [\n'mon', # don't\n'tue,\n]", "line 3, column 1", OPEN_QUOTE),
    ('name = "a\nb"', "line 1, column 8", OPEN_QUOTE),
    ('x = """a\nb', "line 1", "the text that begins with"),
    ("name = \u201cspring\u201d", "line 1, column 8", STRAIGHT),
    ('name = "spring\u201d', "line 1, column 15", STRAIGHT),
    ("name = \u201espring\u201c", "line 1, column 8", STRAIGHT),
    ("name = \u00abspring\u00bb", "line 1, column 8", STRAIGHT),
    ("name = \u2018spring\u2019", "line 1, column 8", STRAIGHT),
    ("name = `spring`", "line 1, column 8", STRAIGHT),
    ('days = ["mon", \u201ctue\u201d]', "line 1, column 16", STRAIGHT),
    ('name = "say "hi""', "line 1, column 14", "of the other kind"),
    ("name = 'it's'", "line 1, column 12", "of the other kind"),
    # paths of Windows
    ('file = "C:\\Users\\ada.xlsx"', "line 1, column", ESCAPED),
    ('file = "C:\\data\\ada.xlsx"', "line 1, column", ESCAPED),
    ('file = "\\\\server\\share\\"', "line 1, column", ESCAPED),
    ('files = ["C:\\lists\\a.csv"]', "line 1, column", ESCAPED),
    # between key and value
    ('name "spring"', "line 1", "write one = between"),
    ("name", "line 1", "write one = between"),
    ('name == "spring"', "line 1", "write one = between"),
    ('name => "spring"', "line 1", "write one = between"),
    ('[call]\nname: "spring"', "line 2", "write = in place of the colon"),
    ('"name": "spring",', "line 1", "write = in place of the colon"),
    ("call:\n  team_id: x", "line 1", "write a table in brackets"),
    ('name := "spring"', "line 1", "write = in place of the colon"),
    ('= "spring"', "line 1", "Write the key there"),
    ("name =", "line 1, column 7", "the value is missing"),
    ("name = # ours\n[call]", "line 1, column 8", "the value is missing"),
    ('customer name = "Full Name"', "line 1", KEY),
    ('gr\u00f6\u00dfe = "Size"', "line 1", KEY),
    # twice
    ('name = "a"\n\nname = "b"', "line 3", "the key name has a value in line 1 already"),
    ("[a]\nx = 1\n[b]\nx = 1\nx = 2\n", "line 5", "the key x has a value in line 4 already"),
    ("days = [\n1,\n]\ndays = [\n2,\n]\n", "line 4", "the key days has a value in line 1 already"),
    ("[call]\nrecord = true\n[contacts]\n[call]\n", "line 4", "the table [call] stands in line 1 already"),
    ("[[call.webhooks]]\n[call.webhooks]\n", "line 2", "write [[call.webhooks]], as in line 1"),
    ("call = 1\n[call]\n", "line 2", "the name call is taken already"),
    ("a = { b = 1, b = 2 }", "line 1, column", "the key b stands twice in these braces"),
    # tables
    ("[call", "line 1", "a bracket of this table is never closed"),
    ("[[call.webhooks]\nurl = 1", "line 1", "a bracket of this table is never closed"),
    ("[call settings]", "line 1, column 7", "the name of a table"),
    ('[call] record = "x"', "line 1, column 8", "stands alone on its line"),
    # what stands beside or between
    ("// ours", "line 1", "a comment begins with #"),
    ("; ours", "line 1", "a comment begins with #"),
    ('name = "x" // ours', "line 1, column 12", BEHIND),
    ('name = "x";', "line 1, column 11", BEHIND),
    ("a = 1, b = 2", "line 1, column 6", BEHIND),
    ("a = 1 b = 2", "line 1, column 7", BEHIND),
    ('name\u00a0= "x"', "line 1, column 5", "an invisible character stands here (U+00A0)"),
    ('[call]\n\u200bname = "x"', "line 2, column 1", "an invisible character stands here (U+200B)"),
    ('\ufeffname = "x"', "line 1, column 1", "an invisible character stands here (U+FEFF)"),
    ("a = 1\rb = 2\r", "line 1, column 6", "old Macintosh"),
    ("- mon", "line 1", "cannot be understood"),
    ("{", "line 1", "cannot be understood"),
    ("<!DOCTYPE html>", "line 1", "cannot be understood"),
    ("<<<<<<< HEAD", "line 1", "cannot be understood"),
]


def said_of(text: str) -> str | None:
    """Return what is said of *text*, None of one that is sound."""
    try:
        tomllib.loads(text)
    except ValueError as error:
        return explain_syntax(text, error)
    return None


@pytest.mark.parametrize(("text", "place", "sentence"), MISTAKES, ids=[text for text, *_ in MISTAKES])
def test_a_usual_mistake_is_told_with_its_place_and_what_to_write(text: str, place: str, sentence: str) -> None:
    """Whoever has never seen such a file can go there and mend it, also with lines before and behind."""
    assert str(said_of(text)).startswith(place)
    assert sentence.casefold() in str(said_of(text)).casefold()
    if not text.startswith(("\ufeff", "{")):
        further = str(said_of(f"first = 1\n\n# more\n{text}\n\n"))
        assert re.sub(r"\d+", "", sentence).casefold() in re.sub(r"\d+", "", further).casefold()


def test_every_slip_of_a_finger_is_told_in_plain_words() -> None:
    """A character left out, doubled or hit beside its key, anywhere in a campaign file: a place and a sentence."""
    text = "\n".join(line for line in EXAMPLE.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    slips = [
        text[:at] + instead + text[at + 1 :] for at in range(len(text)) for instead in ("", text[at] * 2, "'", "]")
    ]
    said = {answer for slip in slips if (answer := said_of(slip)) is not None}

    assert len(said) > 200, "few slips are told apart"
    assert [answer for answer in said if not re.fullmatch(r"line \d+(, column \d+)?: \S.*\.", answer)] == []
    assert [answer for answer in said if FOREIGN.search(answer)] == []


def test_no_value_is_repeated() -> None:
    """It may be a key or a person's number."""
    for text in ("api_key = sk-0123456789", 'test_number = "+12025550123', "2025550123 = x", "x = 2025550123 4"):
        assert not re.search(r"sk-|2025550123", str(said_of(text)))


@pytest.mark.parametrize("text", ["x = " + "1, " * 50_000, "x = [" + "\n1," * 6_000, " " * 90_000 + "x", '"' * 90_000])
def test_a_long_file_is_told_of_soon(text: str) -> None:
    """It is no reason to wait, however it is built: a second is more than any of these takes."""
    assert str(said_of(text)).startswith("line ")
