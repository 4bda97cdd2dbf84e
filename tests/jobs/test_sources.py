"""Campaigns whose people are in a database, against the sandbox: as with a sheet, and no secret comes to light."""

import csv
import logging
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url

from dialer.campaign.file import Campaign, load_campaign
from dialer.errors import PlanRefused, UsageError
from dialer.jobs.check import check_campaign
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.retry import RetryOptions, retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.options import RunOptions
from dialer.reasons import Status
from dialer.sandbox import Sandbox
from tests.jobs.test_run import hurried
from tests.nightly.nights import EVERY_NIGHT, Folder
from tests.support import ANY_HOUR, FAST, CampaignFolder, column, number, read_results

QUERY = "SELECT name, phone FROM people ORDER BY id"
SECRET = "canary-5b1e"  # noqa: S105 - of nobody


def _hold(path: Path, people: Sequence[tuple[str, str]]) -> None:
    """Let the database hold these people and no others."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY, name TEXT, phone TEXT)")
        connection.execute("DELETE FROM people")
        connection.executemany("INSERT INTO people (name, phone) VALUES (?, ?)", people)


def _campaign(folder: CampaignFolder, file: str = "sqlite:///crm.db") -> Campaign:
    folder.campaign(ANY_HOUR + FAST)
    text = folder.campaign_file.read_text("utf-8").replace('"contacts.csv"', f'"{file}"\nquery = "{QUERY}"')
    folder.campaign_file.write_text(text, "utf-8")
    return load_campaign(folder.campaign_file)


@pytest.mark.slow
def test_people_of_a_server_are_called_once(
    folder: CampaignFolder, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever is new in the answer is called, nobody again, and the password is in no file, log or message."""
    caplog.set_level(logging.DEBUG)
    url = make_url(database)
    url = url.set(drivername="postgresql", password=url.password or SECRET)  # which the tests' own server does not ask
    os.environ["CRM"] = url.render_as_string(hide_password=False)
    campaign = _campaign(folder, "${CRM}")
    engine = create_engine(database, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE people (id serial, name text, phone text)")
        connection.exec_driver_sql(f"INSERT INTO people (name, phone) VALUES ('Ada', '{number(0)}'), ('Bob', '?')")  # noqa: S608
    with Sandbox() as sandbox:
        first = run_campaign(campaign, runtime=hurried(sandbox))
        with engine.begin() as connection:
            connection.exec_driver_sql(f"INSERT INTO people (id, name, phone) VALUES (0, 'Cid', '{number(1)}')")  # noqa: S608
        second = run_campaign(campaign, runtime=hurried(sandbox))
        called = [call["toPhoneNumber"] for call in sandbox.created]

    assert called == [number(0), number(1)]
    rows = read_results(second.results or Path())
    assert column(rows, "name") == ["Cid", "Ada", "Bob"]
    assert column(rows, "dialer_row") == ["2", "3", "4"]
    assert column(rows, "dialer_reason") == ["", "already_created", "phone_invalid"]
    assert first.counts[Status.CREATED] == 1
    kept = b"".join(path.read_bytes() for path in folder.path.rglob("*") if path.is_file()).decode("utf-8", "replace")
    assert f":{url.password}@" not in kept + caplog.text + repr(campaign) + repr(second)
    assert SECRET not in kept + caplog.text + repr(campaign) + repr(second)


@pytest.mark.slow
def test_a_plan_of_a_query_is_followed_while_its_answer_is_the_same(folder: CampaignFolder) -> None:
    """The rows have a fingerprint as a sheet has: another answer makes the plan out of date."""
    _hold(folder.path / "crm.db", [("Ada", number(0)), ("Bob", number(1))])
    campaign, plan = _campaign(folder), folder.path / "plan.csv"
    with Sandbox() as sandbox:
        runtime = hurried(sandbox)
        unordered = campaign.contacts.model_copy(update={"query": "SELECT name, phone FROM people"})
        summary = plan_campaign(campaign.model_copy(update={"contacts": unordered}), runtime=runtime)
        assert "The query has no ORDER BY" in summary.notes[0]
        plan_campaign(campaign, options=PlanOptions(output=plan), runtime=runtime)
        _hold(folder.path / "crm.db", [("Ada", number(0)), ("Cid", number(1))])
        with pytest.raises(PlanRefused, match="the sheet has changed"):
            run_campaign(campaign, options=RunOptions(plan=plan), runtime=runtime)
        _hold(folder.path / "crm.db", [("Ada", number(0)), ("Bob", number(1))])
        ran = run_campaign(campaign, options=RunOptions(plan=plan), runtime=runtime)
    assert ran.counts[Status.CREATED] == 2


@pytest.mark.slow
def test_rows_of_a_query_are_mended_in_their_results(folder: CampaignFolder) -> None:
    """`retry --from` takes a results file of a database's rows as of any sheet's, and the next run knows the mended."""
    _hold(folder.path / "crm.db", [("Ada", number(0)), ("Bob", "?")])
    campaign, mended = _campaign(folder), folder.path / "mended.csv"
    with Sandbox() as sandbox:
        first = run_campaign(campaign, runtime=hurried(sandbox))
        rows = read_results(first.results or Path())
        rows[1]["phone"] = number(1)
        with mended.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        retry_campaign(campaign, retry=RetryOptions(mended=mended), runtime=hurried(sandbox))
        third = run_campaign(campaign, runtime=hurried(sandbox))
        called = [call["toPhoneNumber"] for call in sandbox.created]
    assert called == [number(0), number(1)]
    assert third.counts[Status.CREATED] == third.counts[Status.REJECTED] == 0


def test_a_database_is_not_written_over(folder: CampaignFolder) -> None:
    """Neither a plan nor the rejected rows may take the place of what the campaign reads."""
    database, query = folder.path / "crm.db", folder.path / "people.sql"
    _hold(database, [("Ada", number(0))])
    query.write_text(QUERY)
    campaign = _campaign(folder)
    of_file = campaign.contacts.model_copy(update={"query": None, "query_file": Path("people.sql")})
    with pytest.raises(UsageError, match=r"crm\.db: the campaign reads this file"):
        plan_campaign(campaign, options=PlanOptions(output=database))
    with pytest.raises(UsageError, match=r"people\.sql: the campaign reads this file"):
        check_campaign(campaign.model_copy(update={"contacts": of_file}), problems=query)
    assert (query.read_text(), check_campaign(campaign).callable_rows) == (QUERY, 1)


@pytest.mark.slow
def test_whoever_has_vanished_is_not_called_the_next_night(tmp_path: Path) -> None:
    """Of two who waited for a later night, the one who is no longer in the answer is left alone."""
    folder = Folder(tmp_path)
    tables = EVERY_NIGHT.replace("[schedule]", '[schedule]\ndaily_limit = 1\nhorizon = "12h"')
    folder.campaign("spring", [], tables, file=f'sqlite:///crm.db"\nquery = "{QUERY}')
    people = [(f"Person {index}", number(index)) for index in range(3)]
    _hold(folder.path / "crm.db", people)
    first = folder.night()
    _hold(folder.path / "crm.db", [people[0], people[2]])
    folder.clock.advance(24 * 3600)
    second = folder.night()
    folder.clock.advance(24 * 3600)
    third = folder.night()
    assert [night.nights[0].exit_code for night in (first, second, third)] == [0, 0, 0]
    assert folder.called == [number(0), number(2)]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("-", "nobody pipes a sheet into a night"),
        ("https://example.com/people.csv", "max_age under [nightly] is for files"),
    ],
)
def test_a_night_needs_a_sheet_that_it_can_judge(tmp_path: Path, file: str, said: str) -> None:
    """A pipe that nobody fills, and an age that nobody tells, end the night with what to mend."""
    folder = Folder(tmp_path)
    folder.campaign("spring", [], f'{EVERY_NIGHT}max_age = "12h"\n', file=file)
    (night,) = folder.night().nights
    assert (night.exit_code, folder.called) == (2, [])
    assert said in night.message
