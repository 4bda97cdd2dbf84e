"""Tells the cells whose value is a formula's: where it decides who is rung, one that is out of date rings a stranger.

Pure.
"""

from collections.abc import Mapping

Formulas = Mapping[int, frozenset[int]]
"""By 0-based column, the numbers of the rows whose cell is a formula."""

NO_FORMULAS: Formulas = {}


def formula_problem(formulas: Formulas, *, row: int, column: int, header: str) -> str | None:
    """Word what is wrong with a cell that is one of the *formulas*; `None` for any other."""
    if row not in formulas.get(column, ()):
        return None
    return (
        f'Column "{header}" holds a formula or an error: what a program calculated last may be another value by now.'
        " Copy the column, and paste it in its place as values."
    )
