"""Who is in which campaign of a fleet's round, and how often the policy calls them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from dialer.nightly.night_date import night_of
from dialer.sandbox import End
from dialer.schedule.places.tz_database import load_zone
from tests.support import ANY_HOUR, TEMPLATE, number

KEYS = ("acme", "beta")
AGAIN = (End.NO_ANSWER, End.NORMAL)
"""How the calls of a person end whom the policy calls again."""

_ALL = """
horizon = "1h"
[submit]
concurrency = 4
read_timeout = "10s"
settle_time = "1s"
max_unknown = 100000
max_failures_in_a_row = 1000
"""
_AGAIN = """
[redial]
on = ["noAnswer"]
wait = "1m"
max_calls = 2
[limits]
per_number = ["2/24h"]
"""
_ONCE = """
[limits]
per_number = ["1/60d"]
"""


@dataclass(frozen=True)
class FleetCampaign:
    """One campaign: its *own* people come to the sheet night by night; those that it *shares* are in another one too.

    A campaign that shares nobody calls each third person again, whose first call nobody answers.
    """

    name: str
    key: str
    own: tuple[int, ...]
    shared: tuple[int, ...] = ()

    def sheet(self, night: int, nights: int) -> tuple[int, ...]:
        """Return who stands in the sheet of the *night*, counted from 0, of so many *nights*."""
        return (*self.own[: len(self.own) * (night + 1) // nights], *self.shared)

    @property
    def template(self) -> str:
        """Its own: a new campaign is refused whose template has calls that may be a page of more."""
        return f"{TEMPLATE[:-2]}{self.name[-2:]}"

    @property
    def tables(self) -> str:
        """What its file says of hours, sending and calls that are repeated."""
        return ANY_HOUR + _ALL + (_ONCE if self.shared else _AGAIN)

    def again(self, nights: int) -> tuple[int, ...]:
        """Return whom the policy calls twice: each third who was called before the last night, and did not answer."""
        return () if self.shared else self.sheet(nights - 2, nights)[::3]


def campaigns_of(count: int, rows: int) -> list[FleetCampaign]:
    """Return *count* campaigns of *rows* people; by turns two keys have two that share a third, and two that redial."""
    made = []
    for index in range(count):
        pair, first = index // 2, index * rows
        meets = pair % 4 < len(KEYS) and pair * 2 + 1 < count
        mates = tuple(range(pair * 2 * rows, pair * 2 * rows + rows // 3)) if meets else ()
        own = tuple(range(first + rows // 3, first + rows)) if meets else tuple(range(first, first + rows))
        made.append(FleetCampaign(f"campaign-{index:02}", KEYS[pair % len(KEYS)], own, mates))
    return made


def wanted(campaigns: list[FleetCampaign], key: str, nights: int) -> Mapping[str, int]:
    """Return how often each number is called with *key* when all nights are over."""
    calls = Counter[str]()
    for campaign in campaigns:
        if campaign.key == key:
            calls |= Counter(map(number, campaign.sheet(nights - 1, nights)))
            calls |= Counter({number(index): 2 for index in campaign.again(nights)})
    return calls


def script(campaigns: list[FleetCampaign], nights: int) -> dict[str, tuple[End, ...]]:
    """Return how the first calls of those end whom the policy calls twice."""
    return {number(index): AGAIN for campaign in campaigns for index in campaign.again(nights)}


@dataclass(frozen=True)
class Business:
    """What a campaign file says of its night, so that it is that of *night* now."""

    night: date
    at: time
    timezone: str

    @property
    def table(self) -> str:
        """The table of a campaign file."""
        return f'[nightly]\nenabled = true\nat = "{self.at:%H:%M}"\ntimezone = "{self.timezone}"\n'


def three_nights(now: datetime) -> Iterator[Business]:
    """Yield three business dates in a row that all hold *now*, and for an hour on: by time zones a whole day apart.

    West of the date line it is one date or the one before by the night's `at`, east of it already the next.
    """
    west = max((10, 11, 12), key=lambda hours: (22 - (now.hour - hours)) % 24)  # the farthest from a change of date
    zones = (f"Etc/GMT+{west}", f"Etc/GMT-{24 - west}")
    for at, zone in ((time(23, 59), zones[0]), (time(0, 0), zones[0]), (time(0, 0), zones[1])):
        yield Business(night_of(now.astimezone(UTC), at=at, zone=load_zone(zone)), at, zone)
