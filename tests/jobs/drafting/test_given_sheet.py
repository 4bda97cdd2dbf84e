"""A campaign file is drafted for a sheet that lies in no file, and `check` takes it as it is."""

import sqlite3
from contextlib import chdir, closing
from pathlib import Path

import pytest

from dialer.campaign.address import Address
from dialer.campaign.file import load_campaign
from dialer.errors import CampaignError, UsageError
from dialer.jobs.check import check_campaign
from dialer.jobs.drafting.given_sheet import GivenSheet, given_sheet
from dialer.jobs.init import init_campaign
from tests.sheets.sources.test_web import serving

QUERY = 'SELECT name, mobile, plan\nFROM people -- all\nORDER BY "id"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a database of one person, and a query in a file."""
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection, connection:
        connection.execute("CREATE TABLE people (id INTEGER, name TEXT, mobile TEXT, plan TEXT)")
        connection.execute("INSERT INTO people VALUES (1, 'Ada', '+12125550100', 'gold')")
    (tmp_path / "people.sql").write_text(QUERY)
    return tmp_path


def _checked(given: GivenSheet, output: Path | None = None) -> tuple[int, dict[str, str]]:
    """Draft a campaign, and return how many it can call, and what its columns mean."""
    drafted = init_campaign(given, output, ask=lambda *_: None, ask_region=lambda _: None)
    summary = check_campaign(load_campaign(drafted.path))
    assert (drafted.sheet, drafted.is_complete) == (given.label, True)
    return summary.callable_rows, summary.mapping


def test_a_query_is_drafted_from(folder: Path) -> None:
    """Its columns are found as those of a file, it stands in the campaign as it was given, and paths begin there."""
    meant = {"name": "name", "phone": "mobile", "variables.plan": "plan"}
    with chdir(folder):
        assert _checked(given_sheet("sqlite:///crm.db", query=QUERY)) == (1, meant)
        by_file = given_sheet("sqlite:///crm.db", query_file=Path("people.sql"))
        assert _checked(by_file, Path("spring.toml")) == (1, meant)
    first, second = (load_campaign(folder / name).contacts for name in ("campaigns/crm.toml", "spring.toml"))
    assert (first.file, first.query) == ("sqlite:///../crm.db", QUERY)
    assert (second.file, second.query_file) == ("sqlite:///crm.db", Path("people.sql"))


def test_the_web_is_drafted_from(tmp_path: Path) -> None:
    """What was allowed to be read stands in the campaign, too, and a secret only by its name."""
    with serving({"/people": (200, {}, b"Name,Phone\nAda,+12125550100\n")}) as server, chdir(tmp_path):
        address = f"http://{server.place}/people?key=${{HOME}}"
        assert _checked(given_sheet(address, allow=["http", "private"]))[0] == 1
    contacts = load_campaign(tmp_path / "campaigns" / "people.toml").contacts
    assert (contacts.file, contacts.allow) == (address, ("http", "private"))


def test_what_names_no_sheet_is_told(folder: Path) -> None:
    """A database needs a query, a password stays out of the command line, and nothing is written."""
    with pytest.raises(UsageError, match=r"crm: is a database.*--query"):
        given_sheet("postgresql://reader:${PASSWORD}@db.example.com/crm")
    with pytest.raises(UsageError, match="SHEET: holds a password"):
        given_sheet("postgresql://reader:hunter2@db.example.com/crm", query="SELECT 1")
    with pytest.raises(CampaignError, match="'http' or 'private'"):
        init_campaign(GivenSheet(Address("-"), allow=("all",)), ask=lambda *_: None, ask_region=lambda _: None)
    assert sorted(path.name for path in folder.iterdir()) == ["crm.db", "people.sql"]
