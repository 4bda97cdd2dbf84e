"""Which night is due: from its time on until it is too late, in the campaign's own zone."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dialer.campaign.file import Campaign, parse_campaign
from dialer.fleet.nights import due_night, enabled_campaigns, tonight

NIGHT = date(2026, 11, 26)


def _campaign(**nightly: str) -> Campaign:
    return parse_campaign(
        {"nightly": {"enabled": True, "timezone": "Europe/Berlin", **nightly}}, Path("/c/spring.toml")
    )


@pytest.mark.parametrize(
    ("now", "not_after", "due"),
    [
        ("2026-11-26T20:59", None, None),  # 21:59 in Berlin
        ("2026-11-26T21:00", None, NIGHT),
        ("2026-11-26T23:30", None, NIGHT),  # after midnight there
        ("2026-11-27T03:00", None, NIGHT),
        ("2026-11-27T03:01", None, None),
        ("2026-11-26T22:00", "23:00", NIGHT),
        ("2026-11-26T22:01", "23:00", None),
        ("2026-11-27T01:00", "02:00", NIGHT),
        ("2026-11-27T01:01", "02:00", None),
    ],
)
def test_a_night_is_due_for_some_hours(now: str, not_after: str | None, due: date | None) -> None:
    """From `at` on, until `not_after`, six hours at most; the hour before belongs to the night and is too early."""
    campaign = _campaign(at="22:00", **({"not_after": not_after} if not_after else {}))

    assert due_night(campaign, datetime.fromisoformat(now).replace(tzinfo=UTC)) == due


def test_a_night_that_is_due_is_the_one_that_the_command_runs() -> None:
    """At every minute of a day with two midnights and of the changes of daylight time, `dialer nightly` agrees."""
    campaign = _campaign(at="02:30")
    begins = [datetime(2026, 11, 26, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)]
    for begin in begins:
        moments = [begin.replace(hour=minute // 60, minute=minute % 60) for minute in range(24 * 60)]
        found = [(due_night(campaign, now), tonight(campaign, now)) for now in moments]
        assert {due for due, _ in found if due is not None} == {begin.date()}
        assert all(due in (None, night) for due, night in found)


def test_only_enabled_campaigns_have_nights(tmp_path: Path) -> None:
    """A file that cannot be read is told and keeps no other from its night; the profiles' file is no campaign."""
    (tmp_path / "on.toml").write_text("[nightly]\nenabled = true\n")
    (tmp_path / "off.toml").write_text("")
    (tmp_path / "broken.toml").write_text("[nightly\n")
    (tmp_path / "dialer.toml").write_text("[profiles.acme]\n")

    enabled, unreadable = enabled_campaigns(tmp_path)

    assert [campaign.name for campaign in enabled] == ["on"]
    assert [str(error).partition(":")[0] for error in unreadable] == [str(tmp_path / "broken.toml")]
