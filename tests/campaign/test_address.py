"""Addresses of sheets that lie in no file: which there are, what is filled in, and what people are shown."""

from pathlib import Path

import pytest

from dialer.campaign.address import Address, filled, read_source, seen_from, shown
from dialer.campaign.file import Campaign, parse_campaign
from dialer.errors import CampaignError, SettingsError

SECRET = "pä/ss:w@rd?"  # noqa: S105 - of nobody


def _campaign(**contacts: object) -> Campaign:
    return parse_campaign({"contacts": contacts}, Path("/campaigns/spring.toml"))


@pytest.mark.parametrize(
    ("text", "for_people"),
    [
        ("-", "standard input"),
        ("${CRM_URL}", "${CRM_URL}"),
        ("https://example.com/people.csv?token=1#x", "https://example.com/people.csv"),
        ("HTTPS://user:${PASSWORD}@example.com:8443/a", "https://example.com:8443/a"),
        ("http://[2001:db8::1]:80/a.csv", "http://[2001:db8::1]:80/a.csv"),
        ("s3://bucket/a folder/people.csv", "s3://bucket/a folder/people.csv"),
        ("gs://${BUCKET}/people.csv", "gs://${BUCKET}/people.csv"),
        ("postgresql://reader:${PASSWORD}@db.example.com/crm?sslmode=verify-full", "postgresql://db.example.com/crm"),
        ("postgresql+psycopg:///crm?host=/var/run&password=${PASSWORD}", "postgresql+psycopg:///crm"),
        ("sqlite:///people.db", "sqlite:///people.db"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(text: str, for_people: str) -> None:
    """Neither user nor password, nor what stands behind the path, where tokens are, is in what people read."""
    assert shown(Address(text)) == for_people
    assert read_source(text) == text


@pytest.mark.parametrize(
    "text", ["people.csv", "../exports/spring-*.csv", "C:/people.xlsx", "https:/example.com", "a:b"]
)
def test_everything_else_is_a_path(text: str) -> None:
    """A file's name may hold a colon; only what has a scheme and two slashes is an address."""
    assert read_source(text) == Path(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mysql://example.com/crm", "mysql:// is no address of a sheet"),
        ("https://example.com/?token=${TOKEN", "begins no variable"),
        ("https://example.com/?token=${export-token}", "begins no variable"),
        ("ftp://example.com/people.csv", "ftp:// is no address"),
        ("file:///people.csv", "file:// is no address"),
        ("https:///people.csv", "names no host"),
        ("s3:///people.csv", "names no bucket"),
        ("s3://bucket/spring-*.csv", "name one object"),
        ("gs://bucket/spring-?.csv", "name one object"),
        ("https://example.com:port/", "is no address"),
        ("https://[::1/people.csv", "is no address"),
        ("sqlite://", "names no file of SQLite"),
        ("sqlite:///a.db?mode=rw", "names no file of SQLite"),
        ("sqlite://host/a.db", "names no file of SQLite"),
        ("people\t.csv", "invisible character"),
        ("postgresql://reader:hunter2@example.com/crm", "holds a password"),
        ("postgresql:///crm?password=hunter2", "holds a password"),
        ("https://reader:x${PASSWORD}hunter2@example.com/", "holds a password"),
        ("https://docs.google.com/spreadsheets/d/1a/edit#gid=0", "Publish to web"),
    ],
)
def test_an_address_that_cannot_be_is_refused(text: str, said: str) -> None:
    """The campaign file is refused with the key and the remedy, and a password in it is not repeated."""
    with pytest.raises(CampaignError) as caught:
        _campaign(file=text, query="SELECT 1")
    assert "contacts.file: " in str(caught.value)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_variables_are_filled_in_as_the_part_that_they_are() -> None:
    """A password may hold any character; a whole address an object's key and a path stand as they are."""
    environment = {"PASSWORD": SECRET, "KEY": "a/b c", "CRM": " postgresql://reader@example.com/crm\n"}
    quoted = "p%C3%A4%2Fss%3Aw%40rd%3F"
    assert filled(Address("postgresql://r:${PASSWORD}@h/crm"), environment) == f"postgresql://r:{quoted}@h/crm"
    assert filled(Address("https://h/?key=${PASSWORD}"), environment) == f"https://h/?key={quoted}"
    assert filled(Address("s3://bucket/${KEY}.csv"), environment) == "s3://bucket/a/b c.csv"
    assert filled(Address("sqlite:///${KEY}.db"), environment) == "sqlite:///a/b c.db"
    assert filled(Address("${CRM}"), environment) == "postgresql://reader@example.com/crm"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://h/?key=${LACKING}", "https://h/: the environment lacks LACKING"),
        ("${LACKING}", "the environment lacks LACKING"),
        ("${EMPTY}", "the environment lacks EMPTY"),
        ("${WORD}", "WORD holds no address of a sheet"),
        ("${BROKEN}", "BROKEN holds no address of a sheet"),
        ("${OTHER}", "OTHER holds no address of a sheet"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(text: str, said: str) -> None:
    """The variable is named, and its value, which may be a secret, is not."""
    environment = {"EMPTY": "", "WORD": SECRET, "BROKEN": f"https://[{SECRET}", "OTHER": f"mysql://a:{SECRET}@h/d"}
    with pytest.raises(SettingsError) as caught:
        filled(Address(text), environment)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_database_file_begins_at_the_campaign() -> None:
    """As every path of a campaign does; other addresses stay as they are."""
    folder = Path("/campaigns")
    assert seen_from(folder, "sqlite:///../crm.db") == "sqlite:////crm.db"
    assert seen_from(folder, "sqlite:////data/crm.db") == "sqlite:////data/crm.db"
    assert seen_from(folder, "postgresql:///crm") == "postgresql:///crm"
    assert _campaign(file="sqlite:///crm.db", query="SELECT 1").sheet == "sqlite:////campaigns/crm.db"


@pytest.mark.parametrize(
    ("contacts", "said"),
    [
        ({"file": "postgresql:///crm"}, "names a database and no query"),
        ({"file": "people.csv", "query": "SELECT 1"}, "its file is no database"),
        ({"file": "-", "query": "SELECT 1"}, "its file is no database"),
        ({"file": "https://example.com/a.csv", "query_file": "a.sql"}, "its file is no database"),
        ({"query": "SELECT 1", "query_file": "a.sql"}, "Leave out one"),
        ({"file": "sqlite:///crm.db", "query": ""}, "must not be empty"),
        ({"allow": ["tls"]}, "'http' or 'private'"),
    ],
)
def test_a_query_belongs_to_a_database(contacts: dict[str, object], said: str) -> None:
    """A query that nothing would ask, and a database that is asked nothing, are mistakes that are told."""
    with pytest.raises(CampaignError, match="contacts") as caught:
        _campaign(**contacts)
    assert said in str(caught.value)


def test_another_sheet_takes_the_query_along_only_to_a_database() -> None:
    """What `--contacts` names is read as what it is; a relative path begins where one stands."""
    campaign = _campaign(file="postgresql:///crm", query="SELECT 1", region="US")
    assert campaign.with_contacts("people.csv").contacts.query is None
    assert campaign.with_contacts("-").contacts.query is None
    assert campaign.with_contacts("${OTHER}").contacts.query == "SELECT 1"
    other = campaign.with_contacts("sqlite:///crm.db")
    assert (other.sheet, other.contacts.query) == (f"sqlite:///{Path.cwd()}/crm.db", "SELECT 1")
    with pytest.raises(CampaignError, match="names a database and no query"):
        _campaign(file="people.csv").with_contacts("postgresql:///crm")
    with pytest.raises(CampaignError, match="ftp:// is no address"):
        campaign.with_contacts("ftp://example.com/people.csv")


def test_the_files_of_a_campaign_are_known() -> None:
    """A database of SQLite and the file of a query are read, so that no results may be written over them."""
    campaign = _campaign(file="sqlite:///crm.db", query_file="people.sql")
    names = [path.name for path in campaign.files_read]
    assert names == ["spring.toml", "crm.db", "people.sql"]
    assert _campaign(file="-").files_read == [Path("/campaigns/spring.toml")]
