"""What the text around the place of a mistake looks like, whether it is right or wrong."""

import pytest

from dialer.campaign.syntax_place import Place, begins_statement, header_in, is_sound, pair_in


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ('name = "x"', ("name", '"x"')),
        ('  "a = b" = 1', ('"a = b"', "1")),
        ("customer name =", ("customer name", "")),
        ("= 1", ("", "1")),
        ("name", None),
    ],
)
def test_a_key_and_its_value_are_told_apart(line: str, pair: tuple[str, str] | None) -> None:
    """Wrong ones too; an = between quotation marks is part of a key."""
    assert pair_in(line) == pair


def test_a_table_and_what_is_behind_it_are_told_apart() -> None:
    """One of a list has two brackets; a line that begins otherwise has none."""
    assert header_in(" [ call ] # ours") == ("call", "# ours")
    assert header_in("[[call.webhooks]]") == ("call.webhooks", "")
    assert header_in("days = []") is None
    assert header_in("[call") is None


def test_a_line_of_a_list_begins_no_statement() -> None:
    """By this it shows where a list was left open."""
    assert [line for line in ('"a",', "1", "a.b = 1", "[call]", '["x"]', "]") if begins_statement(line)] == [
        "a.b = 1",
        "[call]",
    ]


def test_a_place_counts_from_one() -> None:
    """As an editor does; a sentence of a whole line names no column."""
    place = Place(["a = 1", "b = x"], begin=2, line=2, column=5)

    assert (place.statement, place.before, place.rest) == ("b = x", "b = ", "x")
    assert place.say("So.") == "line 2, column 5: So."
    assert place.say("So.", line=1) == "line 1: So."
    assert not is_sound("\n".join(place.lines))
