"""Which rows `where` means, by their cells."""

from itertools import product

import pytest

from dialer.campaign.where import columns_of
from dialer.contacts.choosing.where import why_not_chosen
from dialer.reasons import Reason

LEFT_OUT, UNCLEAR = Reason.LEFT_OUT_BY_WHERE, Reason.WHERE_UNCLEAR


def judged(where: str, *cells: str) -> Reason | None:
    """Judge a row whose *cells* stand under the headers of *where*, in their order."""
    why_not = why_not_chosen(where, cells, {header: at for at, header in enumerate(columns_of(where))})
    return None if why_not is None else why_not.reason


@pytest.mark.parametrize(
    ("where", "cell", "reason"),
    [
        ("A == 'gold'", " Gold ", None),
        ("A == 'gold'", "basic", LEFT_OUT),
        ("A == 'gold'", "", LEFT_OUT),
        ("A != 'gold'", "", None),
        ("A == ''", "", None),
        ("A in ['gold', 'basic']", "basic", None),
        ("A not in ['gold', 'basic']", "basic", LEFT_OUT),
        ("A != 'Köln'", "Ko\u0308ln", LEFT_OUT),
        ("A != 'Ko\u0308ln'", "KÖLN", LEFT_OUT),
        ("A != 'gold'", "go\u200bld", LEFT_OUT),
        ("Gro\u0308ße > 0", "1", None),
        ("A == '02139'", "2139", LEFT_OUT),
        ("A == 2139", "02139", None),
        ("A == 10", "10.00", None),
        ("A > 9", "10", None),
        ("A > 1000", "1,234.50", None),
        ("A > 1000", "1.234,50", None),
        ("A > 1000", "$999.99", LEFT_OUT),
        ("A > 1000", "1,234", UNCLEAR),
        ("A > 0", "1,234", None),
        ("A > 10000", "1.234", LEFT_OUT),
        ("A > 0", "n/a", UNCLEAR),
        ("A > 0", "#N/A", UNCLEAR),
        ("A == 'gold'", "#REF!", UNCLEAR),
        ("A > 0", "", LEFT_OUT),
        ("A <= 0", "", LEFT_OUT),
        ("A == 0", "", LEFT_OUT),
        ("A != 0", "", None),
        ("A < '2026-12-01'", "2026-11-30T23:59:00", None),
        ("A <= '2026-12-01'", "2026-12-01T15:00:00", None),
        ("A == '2026-12-01'", "1.12.2026", None),
        ("A < '2026-12-01'", "12/31/2025", None),
        ("A > '2026-12-01'", "03/04/2027", None),
        ("A > '2026-03-15'", "03/04/2026", UNCLEAR),
        ("A > '2026-03-15'", "9", UNCLEAR),
        ("A > '2026-12-01 09:30'", "2026-12-01", LEFT_OUT),
        ("A > '2026-12-01 09:30'", "2026-12-01 09:31", None),
    ],
)
def test_a_cell_is_compared_as_what_it_is_compared_with(where: str, cell: str, reason: Reason | None) -> None:
    """Numbers as numbers, days as days, texts without regard to case; what nobody can tell is nobody's guess."""
    assert judged(where, cell) == reason


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (("9", "10"), None),
        (("1.000,50", "999.00"), LEFT_OUT),
        (("2026-01-09", "10.1.2026"), None),
        (("2026-01-09 10:00", "2026-01-09 09:00"), LEFT_OUT),
        (("", "10"), LEFT_OUT),
        (("ten", "9"), UNCLEAR),
        (("a", "b"), UNCLEAR),
    ],
)
def test_two_columns_are_compared_as_what_both_are(cells: tuple[str, str], reason: Reason | None) -> None:
    """Two numbers, or two days; nothing else is more or less than another."""
    assert judged("A < B", *cells) == reason


def test_two_texts_are_the_same_or_not() -> None:
    """Two columns of words can be held against each other, and two numbers count as such."""
    assert judged("A == B", "Ann", "ann") is None
    assert judged("A == B", "Ann", "Bob") == LEFT_OUT
    assert judged("A == B", "1,0", "1.00") is None


@pytest.mark.parametrize("one", ["yes", "no", "?"])
@pytest.mark.parametrize("two", ["yes", "no", "?"])
def test_a_doubt_counts_only_where_it_decides(one: str, two: str) -> None:
    """`and`, `or` and `not` come to what they come to whichever way every doubtful cell is read, in either order."""
    value = {"yes": "5", "no": "1", "?": "n/a"}
    for where, holds in (("A > 3 and B > 3", all), ("A > 3 or B > 3", any)):
        possible = {
            holds(parts)
            for parts in product(*([True, False] if cell == "?" else [cell == "yes"] for cell in (one, two)))
        }
        expected = UNCLEAR if len(possible) > 1 else None if True in possible else LEFT_OUT
        assert judged(where, value[one], value[two]) == expected
        opposite = {None: LEFT_OUT, LEFT_OUT: None}.get(expected, UNCLEAR)
        assert judged(f"not ({where})", value[one], value[two]) == opposite


def test_the_message_names_the_cell_and_what_is_wrong() -> None:
    """Who mends it knows where, and what it may mean."""
    why_not = why_not_chosen("A > 1000", ["1,234"], {"A": 0})
    assert why_not is not None
    assert 'Column "A" may hold 1.234 or 1234' in why_not.message
    assert why_not.column == "A"
