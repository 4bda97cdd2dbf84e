"""How large a fleet's round is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How large a round is: *campaigns* of so many *rows*, keys of a *rate* (calls a second), events after *gaps* (s).

    There are so many *hosts* and *nights*. A worker that is silent for *lease* seconds is taken for dead; None leaves
    that to the other workers, for which a killed one has been silent for a minute. A night may last *longest* seconds.
    """

    hosts: int = 3
    nights: int = 3

    campaigns: int = 40
    rows: int = 12
    rate: int = 15
    gaps: tuple[float, float] = (2.0, 8.0)
    lease: float | None = 15.0
    longest: float = 900.0
    accidents: int | None = None
    """How many accidents of a night there are; None: as long as it lasts."""
