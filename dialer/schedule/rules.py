"""The hours and caps that countries and states set, as data (`rules/*.toml`): what applies to whom, and until when.

They are engineering defaults, not legal advice. A country without a row, a state that is not known, and a row that has
expired get the strictest hours and caps of all.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from dialer.campaign.values import Cap, Hours, parse_cap, parse_hours
from dialer.schedule.regions import UNKNOWN

STRICTEST = "strictest"
"""The name, in place of a region, of the row for whoever has no other."""

_SATURDAY, _SUNDAY = 5, 6
_RuleHours = Annotated[Hours, BeforeValidator(parse_hours)]
_Caps = tuple[Annotated[Cap, BeforeValidator(parse_cap)], ...]


class Rule(BaseModel):
    """One row: when people of a *region* (`US`, `US-FL`) may be called, in their own local time.

    - `holidays` are the hours of a public holiday of the region; None: those of its weekday. `eve_of_holidays` are
      those of the day before one.
    - `regional_holidays`: where the state is not known, the holidays of every state of the country count.
    - `caps` hold for one number. `consent` and `note` are for people, and nothing is decided by them.
    - `reading` tells whether the rule's own text was read, or a summary of it; `read` when.
    - `expires` is the last day on which the row stands alone; from the next day on the strictest hours apply besides.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Annotated[str, Field(pattern=r"^([A-Z]{2}(-[A-Z]{2,3})?|strictest)$")]
    name: str
    monday_to_friday: _RuleHours
    saturday: _RuleHours
    sunday: _RuleHours
    holidays: _RuleHours | None = None
    eve_of_holidays: _RuleHours | None = None
    regional_holidays: bool = False
    caps: _Caps = ()
    consent: str = ""
    note: str = ""
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    reading: Literal["primary", "secondary"]
    read: date
    effective: date | None = None
    expires: date

    def hours_on(self, day: date, *, holiday: bool, eve: bool) -> Hours:
        """Give the hours of a *day* that is, or comes before, a public *holiday* of the region; expiry set aside."""
        if holiday and self.holidays is not None:
            return self.holidays
        weekday = day.weekday()
        hours = {_SATURDAY: self.saturday, _SUNDAY: self.sunday}.get(weekday, self.monday_to_friday)
        return common_hours(hours, self.eve_of_holidays) if eve and self.eve_of_holidays is not None else hours

    def is_expired(self, day: date) -> bool:
        """Tell whether nobody has confirmed the row for *day*."""
        return day > self.expires


def common_hours(one: Hours, other: Hours) -> Hours:
    """Give the hours that lie in both."""
    spans = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple((first, last) for first, last in spans if first < last)


@cache
def all_rules() -> dict[str, Rule]:
    """Give every row by its region, the countries and states in order, the strictest last."""
    rules = [Rule.model_validate(row) for text in _texts() for row in tomllib.loads(text)["rules"]]
    return {rule.region: rule for rule in sorted(rules, key=lambda rule: (rule.region == STRICTEST, rule.region))}


def rules_for(regions: Sequence[str]) -> tuple[Rule, ...]:
    """Give the rules that hold for a person of *regions* (see `dialer.schedule.regions.Place`); all are satisfied.

    A country without a row has the strictest, and so has a state that is not known; a state without a row has only
    its country's.
    """
    rules, strictest = all_rules(), False
    found = []
    for region in regions:
        if region in rules and region != STRICTEST:
            found.append(rules[region])
        elif "-" not in region or region.endswith(f"-{UNKNOWN}"):
            strictest = True
    return (*found, rules[STRICTEST]) if strictest or not found else tuple(found)


def regions_without_rule(regions: Sequence[str]) -> list[str]:
    """Name the countries among *regions* that have no row, and the states that are not known."""
    return [region for region in regions if region not in all_rules() and ("-" not in region or UNKNOWN in region)]


@cache
def rules_digest() -> str:
    """Give a fingerprint of every row, so that a plan can tell whether the rules have changed since."""
    return hashlib.sha256("\0".join(_texts()).encode()).hexdigest()


def rules_fingerprint() -> str:
    """Return a fingerprint of the rules and of the data that hours are made of."""
    return hashlib.sha256("\0".join([rules_digest(), *data_versions().values()]).encode()).hexdigest()


def data_versions() -> dict[str, str]:
    """Return the versions of the packages whose data decide when people are called."""
    return {name: version(name) for name in ("tzdata", "phonenumbers", "holidays")}


@cache
def _texts() -> tuple[str, ...]:
    folder = files(__package__).joinpath("rules")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(folder.joinpath(name).read_text("utf-8") for name in names)
