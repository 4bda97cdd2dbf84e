"""What decides a verdict decides the fingerprint, and nothing else does."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta

import pytest

from dialer.clock import MILLISECOND
from dialer.contacts.loader import Judge, load_contacts
from dialer.jobs.intake.verdict_inputs import fingerprint_of
from tests.support import ANY_HOUR, FAST, NOON_MS, CampaignFolder, number

DAY_MS = timedelta(days=1) // MILLISECOND
LIST = '[suppression]\nfiles = ["stop.csv"]\n'
CONSENT = '[contacts.columns]\nconsent = "Consent"\n'


def fingerprint(folder: CampaignFolder, tables: str = LIST, *, now_ms: int = NOON_MS) -> str:
    """Return that of the folder's sheet under a campaign with these tables."""
    campaign = folder.campaign(ANY_HOUR + FAST + tables, 'region = "US"\nexclude = ["others.csv"]')
    return fingerprint_of(load_contacts(campaign, now_ms=now_ms))


@pytest.fixture
def people(folder: CampaignFolder) -> CampaignFolder:
    """Return a folder with a sheet of consenting people and a list of one who must not be called."""
    folder.sheet(["Name", "Phone", "Consent"], [["Ann", number(1), "yes"], ["Ben", number(2), "yes"]])
    for name in ("stop.csv", "others.csv"):
        folder.sheet(["Phone"], [[number(3)]], name)
    return folder


CHANGES: dict[str, Callable[[CampaignFolder], str]] = {
    "a cell": lambda folder: _after(folder, [["Ann", number(1), "yes"], ["Eve", number(2), "yes"]]),
    "a key of the campaign": lambda folder: fingerprint(folder, LIST + "[limits]\nper_number = ['1/24h']\n"),
    "a suppressed number": lambda folder: _listing(folder, "stop.csv"),
    "an excluded number": lambda folder: _listing(folder, "others.csv"),
    "how the sheet is read": lambda folder: fingerprint(folder, LIST + '[contacts.variables]\nwho = "Name"\n'),
}


def _after(folder: CampaignFolder, rows: list[list[str]]) -> str:
    folder.sheet(["Name", "Phone", "Consent"], rows)
    return fingerprint(folder)


def _listing(folder: CampaignFolder, name: str) -> str:
    folder.sheet(["Phone"], [[number(3)], [number(4)]], name)
    return fingerprint(folder)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_decides_a_verdict_changes_it(people: CampaignFolder, change: str) -> None:
    """Another cell, key, suppressed number or meaning of a column makes another fingerprint."""
    assert CHANGES[change](people) != fingerprint_before(people)


def fingerprint_before(folder: CampaignFolder) -> str:
    """Return that of the folder as the fixture wrote it."""
    for name in ("stop.csv", "others.csv"):
        folder.sheet(["Phone"], [[number(3)]], name)
    return _after(folder, [["Ann", number(1), "yes"], ["Ben", number(2), "yes"]])


def test_the_day_counts_where_consent_may_lie_ahead(people: CampaignFolder) -> None:
    """A date of consent is judged by the day, so the next day judges anew; without such a column it does not."""
    with_consent = [fingerprint(people, LIST + CONSENT, now_ms=NOON_MS + day * DAY_MS) for day in (0, 1)]
    people.sheet(["Name", "Phone"], [["Ann", number(1)]])
    without = [fingerprint(people, now_ms=NOON_MS + day * DAY_MS) for day in (0, 1)]
    assert with_consent[0] != with_consent[1]
    assert without[0] == without[1]


def test_everything_that_a_row_is_judged_by_is_thought_of() -> None:
    """What is new in the judge must come into the fingerprint, or follow from what is in it."""
    inside = {"suppressed", "excluded", "today", "zones"}
    follows_from_file_and_campaign = {"mapping", "contacts", "hidden", "faults"}
    assert {field.name for field in fields(Judge)} == inside | follows_from_file_and_campaign
