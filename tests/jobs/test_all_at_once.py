"""One campaign that says all that a campaign can: people from a query, rows that differ, and an end by itself."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dialer.campaign.file import Campaign, load_campaign
from dialer.errors import CampaignPaused
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.summary import RunSummary
from dialer.reasons import Status
from dialer.sandbox import CallLifecycle, End, Sandbox
from tests.jobs.test_run import settings_for
from tests.jobs.test_sync import LaterClock, sandbox_at
from tests.support import ANY_HOUR, FAST, TEAM, TEMPLATE, number

MORNING = datetime(2026, 12, 7, 15, 0, tzinfo=UTC)
"""Ten in the morning in New York and New Jersey, on a Monday."""

GERMAN = "363573667364666473667334"
NEW_JERSEY, WASHINGTON = number(99), number(199)
PEOPLE, PILOT = 60, 20
ASKS, RINGS_OUT, CLOSED = 3, 55, 7
"""People by their index: one asks for a time, one's first phone rings out, one's account is closed."""

CAMPAIGN = f"""
[call]
team_id = "{TEAM}"
call_template_id = "{TEMPLATE}"

[call.by.language]
de = {{ call_template_id = "{GERMAN}" }}
en = {{ call_template_id = "{TEMPLATE}" }}

[contacts]
file = "sqlite:///crm.db"
query = "SELECT name, mobile, home, language, plan, balance, call_at FROM people ORDER BY id"
region = "US"
where = "plan == 'gold' and balance > 0"
priority = "balance"
columns = {{ phone = ["mobile", "home"], call_at = "call_at" }}

[[from_numbers]]
number = "{NEW_JERSEY}"

[[from_numbers]]
number = "{WASHINGTON}"

[redial]
next_phone = true
another_time = true
[redial.noAnswer]
wait = ["2h"]

[limits]
per_number = ["2/24h"]

[pilot]
calls = {PILOT}
wait = "2h"

[stop_when]
DO_NOT_CALL = 0.2
after = 50
{ANY_HOUR}{FAST}"""  # noqa: S608 - a query of our own


def home(index: int) -> str:
    """Return the second phone of a person."""
    return number(1_000 + index)


def mobile(index: int) -> str:
    """Return the first phone of a person: in New Jersey, or in Washington."""
    return number(index if index < PEOPLE // 2 else 100 + index)


def hold(path: Path, people: range) -> None:
    """Add *people* to the database, the later the richer."""
    rows = [
        (
            f"Person {index}",
            mobile(index),
            home(index),
            "de" if index % 2 else "EN ",
            "closed" if index == CLOSED else "gold",
            100 + index,
            "2026-12-07 20:00" if index == ASKS else "",
        )
        for index in people
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS people"
            " (id INTEGER PRIMARY KEY, name, mobile, home, language, plan, balance, call_at)"
        )
        connection.executemany(
            "INSERT INTO people (name, mobile, home, language, plan, balance, call_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


def ran(sandbox: Sandbox, campaign: Campaign, clock: LaterClock) -> RunSummary:
    """Run *campaign* at the clock's time."""
    return run_campaign(
        campaign, runtime=Runtime(settings=settings_for(sandbox), clock=LaterClock(clock.shift_seconds, hurried=True))
    )


def slot(call: dict[str, Any]) -> datetime:
    """Return when a call rings."""
    return datetime.fromisoformat(call["callDelayedUntil"])


@pytest.mark.slow
def test_a_campaign_says_all_that_it_can(tmp_path: Path) -> None:
    """People of a query are called in their language, from near, the best first and at their hour; then it stops.

    Who did not answer in the morning is rung in the evening at the second phone. When more than a fifth of fifty and
    more have asked never to be called again, nobody else is.
    """
    hold(tmp_path / "crm.db", range(PEOPLE))
    (tmp_path / "campaign.toml").write_text(CAMPAIGN, "utf-8")
    campaign = load_campaign(tmp_path / "campaign.toml")
    clock = LaterClock((MORNING - datetime.now(UTC)).total_seconds())
    ends = {mobile(index): (End.DO_NOT_CALL if 10 <= index < 25 else End.NORMAL,) for index in range(PEOPLE)}
    ends |= {mobile(RINGS_OUT): (End.NO_ANSWER,), home(RINGS_OUT): (End.NORMAL,)}
    with sandbox_at(clock, life=CallLifecycle(script=ends)) as sandbox:
        pilot = ran(sandbox, campaign, clock)
        clock.advance(9.5 * 3600)
        evening = ran(sandbox, campaign, clock)
        hold(tmp_path / "crm.db", range(PEOPLE, PEOPLE + 5))
        clock.advance(2 * 3600)
        with pytest.raises(CampaignPaused, match="15 of 60 ended calls were DO_NOT_CALL"):
            ran(sandbox, campaign, clock)
        calls = sorted(sandbox.created, key=slot)

    called = [int(call["nameOfHuman"].removeprefix("Person ")) for call in calls]
    rest = [index for index in range(PEOPLE - PILOT) if index != CLOSED]
    assert [pilot.counts[Status.CREATED], evening.counts[Status.CREATED]] == [PILOT, len(rest) + 1]
    assert called == [
        *range(PEOPLE - 1, PEOPLE - 1 - PILOT, -1),
        RINGS_OUT,
        *(i for i in reversed(rest) if i != ASKS),
        ASKS,
    ]
    assert [call["toPhoneNumber"] for call in calls if call["nameOfHuman"] == f"Person {RINGS_OUT}"] == [
        mobile(RINGS_OUT),
        home(RINGS_OUT),
    ]
    assert timedelta(0) <= slot(calls[-1]) - datetime(2026, 12, 8, 1, 0, tzinfo=UTC) < timedelta(minutes=30)
    for index, call in zip(called, calls, strict=True):
        assert call["callTemplateId"] == (GERMAN if index % 2 else TEMPLATE)
        assert call["fromPhoneNumber"] == (NEW_JERSEY if index < PEOPLE // 2 else WASHINGTON)
