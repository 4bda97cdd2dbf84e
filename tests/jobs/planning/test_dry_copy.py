"""What a dry run copies of a ledger: enough to plan as the run would, and not the history of other campaigns."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from dialer.calls.outcome import Kind
from dialer.campaign.file import parse_campaign
from dialer.jobs.planning.dry_copy import copy_for_plan
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import attempts, contacts
from tests.ledger.books import NOON_MS, attempt, claims, person, planned, take_in
from tests.support import TEAM, TEMPLATE

_DAY_MS = 86_400_000
_CALL = {"team_id": TEAM, "call_template_id": TEMPLATE}


@pytest.mark.parametrize(
    ("tables", "copied"),
    [
        ({}, 3),  # the longest cap of the built-in rules is of 31 days (Brazil)
        ({"schedule": {"rules": "off"}, "limits": {"per_number": ["1/24h"]}}, 1),
        ({"contacts": {"file": "a.csv", "exclude": ["campaign:summer"]}}, 4),
        ({"from_numbers": [{"number": "+12015550150"}]}, 4),
    ],
)
def test_calls_of_others_come_along_as_far_as_they_count(
    tmp_path: Path, tables: dict[str, object], copied: int
) -> None:
    """Calls beyond the longest cap stay where they are, but those of a campaign left out, or with a pool of numbers."""
    campaign = parse_campaign({"call": _CALL, **tables}, Path("spring.toml"))
    with Ledger.open(tmp_path / "ledger.db") as known, Ledger.open(tmp_path / "copy.db") as copy:
        take_in(known.engine, "s1", [person(row) for row in range(2, 6)], campaign="summer")
        for row, days in enumerate((0, 5, 20, 300), start=2):
            slot_ms = NOON_MS - days * _DAY_MS
            (claim,) = claims("s1", planned(known.engine, "s1", [row], first_ms=slot_ms))
            attempt(known.engine, claim, Kind.CREATED)
        copy_for_plan(known, copy, campaign, now_ms=NOON_MS + 60_000)
        with copy.read() as tx:
            found = [tx.scalar(select(func.count()).select_from(table)) for table in (attempts, contacts)]
    assert found == [copied, copied]
