"""Conditions of `where`: what they are read as, and what is said of what they are not."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from dialer.campaign.where import LONGEST, Column, Comparison, Not, Several, columns_of, parse_where

PLAN, BALANCE = Column("Plan"), Column("Balance")
GOLD = Comparison(PLAN, "==", "gold")
OWES = Comparison(BALANCE, ">", Decimal(0))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Plan == 'gold'", GOLD),
        ('Plan=="gold"', GOLD),
        ("Plan == 'gold' and Balance > 0", Several((GOLD, OWES), any=False)),
        ("Plan == 'gold' OR Balance > 0", Several((GOLD, OWES), any=True)),
        ("Plan == 'gold' or Plan == 'gold' and Balance > 0",
         Several((GOLD, Several((GOLD, OWES), any=False)), any=True)),
        ("(Plan == 'gold' or Balance > 0) and not Balance > 0",
         Several((Several((GOLD, OWES), any=True), Not(OWES)), any=False)),
        ("not not Balance > 0", OWES),
        ("Plan in ['gold']", GOLD),
        ("Plan in ('gold', 'basic')", Several((GOLD, Comparison(PLAN, "==", "basic")), any=True)),
        ("Plan not in ['gold',]", Not(GOLD)),
        ("`Balance Due` <= -1.50", Comparison(Column("Balance Due"), "<=", Decimal("-1.50"))),
        ("0 < Balance", Comparison(Decimal(0), "<", BALANCE)),
        ("Paid < Due", Comparison(Column("Paid"), "<", Column("Due"))),
        ("order == inn", Comparison(Column("order"), "==", Column("inn"))),
        ("Größe != 1", Comparison(Column("Größe"), "!=", Decimal(1))),
        ("Since < '2026-12-01'", Comparison(Column("Since"), "<", date(2026, 12, 1))),
        ("Since < '2026-12-01 09:30'", Comparison(Column("Since"), "<", datetime(2026, 12, 1, 9, 30))),  # noqa: DTZ001 - a cell says no zone
        ("Zip == '02139'", Comparison(Column("Zip"), "==", "02139")),
        ("Since == '2026-02-30'", Comparison(Column("Since"), "==", "2026-02-30")),
    ],
)  # fmt: skip
def test_a_condition_is_read_as_it_is_written(text: str, condition: object) -> None:
    """`and` binds more than `or`, words count in any case, a text that is a day is one."""
    assert parse_where(text) == condition


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at its end"),
        ("Plan ==", "at its end"),
        ("Plan = 'gold'", 'at "= '),
        ("Balance Due > 0", 'at "Due > 0"'),
        ("Plan == 'it''s'", "'s'"),
        ("__import__('os')", "('os')"),
        ("Plan.upper == 'A'", ".upper"),
        ("Plan", "at its end"),
        ("Plan in []", 'at "]"'),
        ("1 < 2", "no column"),
        ("Balance > '100'", "without quotes"),
        ("Plan in ['gold'", "at its end"),
        ("not " * LONGEST + "Plan == 'gold'", "2,000 characters"),
    ],
)
def test_what_is_no_condition_is_told_with_its_place(text: str, said: str) -> None:
    """Nothing but comparisons can be written, and the message says where it stopped and how they look."""
    with pytest.raises(ValueError, match=r".") as raised:
        parse_where(text)
    assert said in str(raised.value)


def test_the_deepest_condition_is_read() -> None:
    """What is as long as may be is followed to its ground."""
    deep = "(" * 250 + "not (Plan == 1 and " * 70 + "Plan == 'b'" + ")" * 320
    assert len(deep) < LONGEST
    assert columns_of(deep) == ("Plan",)


def test_columns_come_once_each_in_order() -> None:
    """They are those that the sheet must have."""
    assert columns_of("B == 1 and (A > C or not B in [2])") == ("B", "A", "C")
    assert columns_of(None) == ()
