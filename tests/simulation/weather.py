"""How bad things are during one run: which faults there are, and how often."""

from dataclasses import dataclass, replace
from random import Random

from tests.simulation.world import Death

MOMENTS = {
    "claim: before its commit": 10,
    "claim: committed": 10,
    "look: leaves": 6,
    "request: leaves": 10,
    "request: taken by the API": 10,
    "reply: read": 10,
    "outcome: before its commit": 10,
    "outcome: committed": 10,
    "ledger: transaction begins": 25,
    "ledger: before a commit": 15,
    "results: being written": 3,
}
"""The moments at which a process may die, each with how often it may come first."""


@dataclass(frozen=True)
class Weather:
    """The chances, 0 to 1, of what may befall each request; and what befalls the whole run.

    *oldest_only* is after how many calls every listing ends.
    *full_from* and *failing_from* count transactions and statements that write, from the start of the process;
    *revoked_from* and *broke_from* count POSTs, and so does *shifts_from*: calls are created five hours late then.
    """

    not_connected: float = 0.0
    dropped_before: float = 0.0
    dropped_after: float = 0.0
    timeout: float = 0.0
    truncated: float = 0.0
    garbage: float = 0.0
    slow: float = 0.0
    error_before: float = 0.0
    error_after: float = 0.0
    unavailable: float = 0.0
    refused: float = 0.0
    listing_unreadable: float = 0.0
    listing_cut: float = 0.0
    listing_stale: float = 0.0
    id_repeated: float = 0.0
    refused_after: float = 0.0
    oldest_only: int | None = None
    shifts_from: int | None = None
    slow_disk: float = 0.0
    requests_per_second: float = 1_000.0
    revoked_from: int | None = None
    broke_from: int | None = None
    full_from: int | None = None
    failing_from: int | None = None
    failing_times: int = 0
    death: Death | None = None


CALM = Weather()

_CHANCES = (
    ("not_connected", 0.3),
    ("dropped_before", 0.2),
    ("dropped_after", 0.2),
    ("timeout", 0.15),
    ("truncated", 0.1),
    ("garbage", 0.1),
    ("slow", 0.2),
    ("error_before", 0.2),
    ("error_after", 0.2),
    ("unavailable", 0.2),
    ("refused", 0.2),
    ("listing_unreadable", 0.5),
    ("listing_cut", 0.5),
    ("listing_stale", 0.7),
    ("slow_disk", 0.2),
)


PAGES = {10}
"""A cut at such a length shows."""


def lying(weather: Weather) -> Weather:
    """Return the *weather* of an API that creates calls and refuses them, while its listing can be had."""
    honest: dict[str, float] = dict.fromkeys(
        ("listing_unreadable", "listing_cut", "listing_stale", "not_connected"), 0.0
    )
    return replace(weather, **honest, oldest_only=None, refused_after=0.3)  # type: ignore[arg-type] # by name


def shifting(weather: Weather, random: Random) -> Weather:
    """Return the *weather* of an API that creates calls at another time, and says so in every reply."""
    told = ("dropped_after", "timeout", "truncated", "garbage", "error_after", "id_repeated", "refused_after")
    honest: dict[str, float] = dict.fromkeys(told, 0.0)
    return replace(weather, **honest, death=None, shifts_from=random.randint(1, 6))  # type: ignore[arg-type] # by name


def draw(random: Random) -> Weather:
    """Draw the weather of one run."""
    chances = {name: random.uniform(0, most) for name, most in _CHANCES if random.random() < 0.35}
    chances["listing_stale"] = random.choice((0.0, 0.7))
    if random.random() < 0.2:
        chances["id_repeated"] = random.uniform(0, 0.4)
    oldest_only = random.randint(2, 14) if random.random() < 0.15 else None
    return Weather(
        **chances,
        oldest_only=None if oldest_only in PAGES else oldest_only,
        shifts_from=None,
        requests_per_second=random.choice((2.0, 5.0, 1_000.0, 1_000.0)),
        revoked_from=_sometimes(random, 0.1, 8),
        broke_from=_sometimes(random, 0.1, 8),
        full_from=_sometimes(random, 0.1, 40),
        failing_from=_sometimes(random, 0.15, 120),
        failing_times=random.choice((1, 1, 2, 1_000)),
        death=_death(random) if random.random() < 0.6 else None,
    )


def _sometimes(random: Random, chance: float, latest: int) -> int | None:
    at = random.randint(1, latest)
    return at if random.random() < chance else None


def _death(random: Random) -> Death:
    moment = random.choice(list(MOMENTS))
    return Death(moment, random.randint(1, MOMENTS[moment]))
