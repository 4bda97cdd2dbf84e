"""What decides a verdict decides the fingerprint, and nothing else does."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dialer.clock import MILLISECOND
from dialer.contacts.loader import load_contacts
from dialer.jobs.intake.verdict_inputs import fingerprint_of
from tests.support import ANY_HOUR, FAST, NOON_MS, CampaignFolder, number

DAY_MS = timedelta(days=1) // MILLISECOND
LIST = '[suppression]\nfiles = ["stop.csv"]\n'
CONSENT = '[contacts.columns]\nconsent = "Consent"\n'


def fingerprint(folder: CampaignFolder, tables: str = LIST, *, now_ms: int = NOON_MS) -> str:
    """Return that of the folder's sheet under a campaign with these tables."""
    return fingerprint_of(load_contacts(folder.campaign(ANY_HOUR + FAST + tables), now_ms=now_ms))


@pytest.fixture
def people(folder: CampaignFolder) -> CampaignFolder:
    """Return a folder with a sheet of consenting people and a list of one who must not be called."""
    folder.sheet(["Name", "Phone", "Consent"], [["Ann", number(1), "yes"], ["Ben", number(2), "yes"]])
    folder.sheet(["Phone"], [[number(3)]], "stop.csv")
    return folder


CHANGES: dict[str, Callable[[CampaignFolder], str]] = {
    "a cell": lambda folder: _after(folder, [["Ann", number(1), "yes"], ["Eve", number(2), "yes"]]),
    "a key of the campaign": lambda folder: fingerprint(folder, LIST + "[limits]\nper_number = ['1/24h']\n"),
    "a suppressed number": lambda folder: _suppressing(folder, [[number(3)], [number(4)]]),
    "how the sheet is read": lambda folder: fingerprint(folder, LIST + '[contacts.variables]\nwho = "Name"\n'),
}


def _after(folder: CampaignFolder, rows: list[list[str]]) -> str:
    folder.sheet(["Name", "Phone", "Consent"], rows)
    return fingerprint(folder)


def _suppressing(folder: CampaignFolder, rows: list[list[str]]) -> str:
    folder.sheet(["Phone"], rows, "stop.csv")
    return fingerprint(folder)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_decides_a_verdict_changes_it(people: CampaignFolder, change: str) -> None:
    """Another cell, key, suppressed number or meaning of a column makes another fingerprint."""
    assert CHANGES[change](people) != fingerprint_before(people)


def fingerprint_before(folder: CampaignFolder) -> str:
    """Return that of the folder as the fixture wrote it."""
    folder.sheet(["Phone"], [[number(3)]], "stop.csv")
    return _after(folder, [["Ann", number(1), "yes"], ["Ben", number(2), "yes"]])


def test_the_day_counts_where_consent_may_lie_ahead(people: CampaignFolder) -> None:
    """A date of consent is judged by the day, so the next day judges anew; without such a column it does not."""
    with_consent = [fingerprint(people, LIST + CONSENT, now_ms=NOON_MS + day * DAY_MS) for day in (0, 1)]
    people.sheet(["Name", "Phone"], [["Ann", number(1)]])
    without = [fingerprint(people, now_ms=NOON_MS + day * DAY_MS) for day in (0, 1)]
    assert with_consent[0] != with_consent[1]
    assert without[0] == without[1]
