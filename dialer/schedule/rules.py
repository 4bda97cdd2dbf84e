"""The hours and caps that countries and states set, as data (`rules/*.toml`): what applies to whom, and until when.

They are engineering defaults, not legal advice. A country without a row, a state that is not known, and a row that has
expired get the strictest hours and caps of all.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from dialer.campaign.values import Cap, Hours, parse_cap, parse_hours
from dialer.schedule.places.regions import UNKNOWN

STRICTEST = "strictest"
"""The name, in place of a region, of the row for whoever has no other."""

EXPIRE_SOON = timedelta(days=60)
"""How long before their end rules are named to people: somebody has to read their sources again."""

_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_RuleHours = Annotated[Hours, BeforeValidator(parse_hours)]
_Caps = tuple[Annotated[Cap, BeforeValidator(parse_cap), PlainSerializer(str, return_type=str)], ...]


class Rule(BaseModel):
    """One row: when people of a *region* (`US`, `US-FL`) may be called, in their own local time.

    - `friday`: its hours where they are not those of the days before it.
    - `holidays` are the hours of a public holiday of the region; None: those of its weekday. `eve_of_holidays` are
      those of the day before one. What counts as one is decided by `dialer.schedule.public_holidays`.
    - `legal_holidays` name the holidays that the rule's own text means, as their calendar writes them. Each has to be
      found there (`dialer rules --check`); one that the library lacks stands in this folder with its source.
    - `regional_holidays`: where the state is not known, the holidays of every state of the country count.
    - `caps` hold for one number. `consent` and `note` are for people, and nothing is decided by them.
    - `consent_first`: a sales call without the person's consent is forbidden, whatever the hour. It holds nobody back,
      for nobody here knows what a campaign sells; `dialer check` and `dialer plan` say it aloud.
    - `reading` tells whether the rule's own text was read, or a summary of it; `read` when.
    - `expires` is the last day on which the row stands alone; from the next day on the strictest hours apply besides.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Annotated[str, Field(pattern=r"^([A-Z]{2}(-[A-Z]{2,3})?|strictest)$")]
    name: str
    monday_to_friday: _RuleHours
    friday: _RuleHours | None = None
    saturday: _RuleHours
    sunday: _RuleHours
    holidays: _RuleHours | None = None
    eve_of_holidays: _RuleHours | None = None
    legal_holidays: tuple[str, ...] = ()
    regional_holidays: bool = False
    caps: _Caps = ()
    consent: str = ""
    consent_first: bool = False
    note: str = ""
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    reading: Literal["primary", "secondary"]
    read: date
    effective: date | None = None
    expires: date

    def hours_on(self, day: date, *, holiday: bool, eve: bool) -> Hours:
        """Return the hours of a *day* that is, or comes before, a public *holiday* of the region; expiry set aside."""
        if holiday and self.holidays is not None:
            return self.holidays
        friday = self.monday_to_friday if self.friday is None else self.friday
        by_weekday = {_FRIDAY: friday, _SATURDAY: self.saturday, _SUNDAY: self.sunday}
        hours = by_weekday.get(day.weekday(), self.monday_to_friday)
        return common_hours(hours, self.eve_of_holidays) if eve and self.eve_of_holidays is not None else hours

    def is_expired(self, day: date) -> bool:
        """Return whether nobody has confirmed the row for *day*."""
        return day > self.expires


def common_hours(one: Hours, other: Hours) -> Hours:
    """Return the hours that lie in both."""
    spans = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple((first, last) for first, last in spans if first < last)


@cache
def all_rules() -> dict[str, Rule]:
    """Return every row by its region, the countries and states in order, the strictest last."""
    rules = [Rule.model_validate(row) for row in rule_tables("rules")]
    return {rule.region: rule for rule in sorted(rules, key=lambda rule: (rule.region == STRICTEST, rule.region))}


def rules_expiring(today: date, within: timedelta) -> list[Rule]:
    """Return the rows that have expired on *today* or end *within* a time from then, the first to end first."""
    return sorted((rule for rule in all_rules().values() if rule.expires <= today + within), key=_end)


def rules_for(regions: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules that hold for a person of *regions* (`dialer.schedule.places.regions`); all are satisfied.

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
    """Return the countries among *regions* that have no row, and the states that are not known."""
    return [region for region in regions if region not in all_rules() and ("-" not in region or UNKNOWN in region)]


def consent_notes(regions: Iterable[str]) -> list[str]:
    """Return a sentence for each of *regions* where a sales call without the person's consent is forbidden."""
    rules = (rule for region, rule in all_rules().items() if region in set(regions) and rule.consent_first)
    return [_consent_note(rule) for rule in rules]


@cache
def rules_digest() -> str:
    """Return a fingerprint of every row, so that a plan can tell whether the rules have changed since."""
    return hashlib.sha256("\0".join(_texts()).encode()).hexdigest()


def rules_fingerprint() -> str:
    """Return a fingerprint of the rules and of the data that hours are made of."""
    return hashlib.sha256("\0".join([rules_digest(), *data_versions().values()]).encode()).hexdigest()


@cache
def data_versions() -> dict[str, str]:
    """Return the versions of the packages whose data decide when people are called."""
    return {name: version(name) for name in ("tzdata", "phonenumbers", "holidays")}


@cache
def rule_tables(name: str) -> tuple[dict[str, Any], ...]:
    """Return the tables called *name* (`rules`, `holidays`) of every file of the folder, as they are written."""
    return tuple(table for text in _texts() for table in tomllib.loads(text).get(name, ()))


def _consent_note(rule: Rule) -> str:
    since = "" if rule.effective is None else f" since {rule.effective}"
    return (
        f"{rule.region}: a sales call without the person's consent is forbidden there{since}, and this campaign asks"
        ' for none. Write consent = "required" under [contacts], or be sure that these calls sell nothing new.'
    )


def _end(rule: Rule) -> tuple[date, str]:
    return rule.expires, rule.region


@cache
def _texts() -> tuple[str, ...]:
    folder = files(__package__).joinpath("rules")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(folder.joinpath(name).read_text("utf-8") for name in names)
