"""What a benchmark comes to: figures, each a ratio with its target, and how times grow with the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio *value* against the *target* that it keeps to: at most that, or at least where *is_least*."""

    name: str
    value: float
    target: float
    is_least: bool = False

    @property
    def is_held(self) -> bool:
        """Whether the figure keeps to its target."""
        return self.share_of_target <= 1

    @property
    def share_of_target(self) -> float:
        """How much of what the target allows is used: above 1 it is missed."""
        return self.target / self.value if self.is_least else self.value / self.target


Lines = Mapping[str, Mapping[int, float]]
"""The seconds of a processor by name of the command, then by rows of the sheet."""


def as_table(figures: Sequence[Figure]) -> str:
    """Write the figures as a table for a terminal."""
    width = max(len(figure.name) for figure in figures)
    lines = [f"{'figure':{width}}  {'value':>7}  {'target':>9}  held"]
    for figure in figures:
        target = f"{'>=' if figure.is_least else '<='} {figure.target:g}"
        lines.append(f"{figure.name:{width}}  {figure.value:7.2f}  {target:>9}  {'yes' if figure.is_held else 'NO'}")
    return "\n".join(lines)
