"""A slot is looked at once more before its call is sent: a wrong one in the ledger rings nobody."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from dialer.calls.attempt import PlannedCall
from dialer.clock import to_ms
from dialer.jobs.sending.options import SilentListener
from dialer.jobs.sending.preview import RunPreview
from dialer.jobs.sending.slot_guard import BEYOND_CAP, OUTSIDE_HOURS, TOO_SOON, SlotGuard
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import contacts
from dialer.ledger.slots import Page
from dialer.schedule.compliance import Compliance
from dialer.schedule.places.whereabouts import Whereabouts
from tests.jobs.virtual import Taking, run_virtually
from tests.simulation.world import World
from tests.support import FAST, MONDAY_NOON, CampaignFolder, column, number, read_results

NEW_YORK = Whereabouts(("America/New_York",), ("US", "US-NY"))
NOON_MS = to_ms(MONDAY_NOON)
HOUR_MS = 3_600_000


class Planting(SilentListener):
    """Changes what the ledger says of one contact, after the plan and before the sending."""

    def __init__(self, ledger: Path, **values: object) -> None:
        self._ledger = ledger
        self._values = values

    def planned(self, preview: RunPreview) -> bool:
        """Change it."""
        with Ledger.open(self._ledger) as ledger, ledger.write() as tx:
            tx.execute(update(contacts).where(contacts.c.phone == number(1)).values(**self._values))
        return preview.facts.planned == 3


NEXT_NIGHT = to_ms(datetime(2027, 1, 5, 8, 0, tzinfo=UTC))  # 03:00 in New York: a year of slots is planned before
NEW_YEAR = to_ms(datetime(2027, 1, 1, 17, 0, tzinfo=UTC))  # noon in New York, a Friday and a holiday


@pytest.mark.slow
@pytest.mark.parametrize(
    "planted",
    [
        {"slot_ms": NEXT_NIGHT},
        {"slot_ms": NEW_YEAR},
        {"zones": ""},
        {"zones": "Asia/Tokyo|America/New_York"},
        {"call_times": "||2027-01-05T15:00"},
    ],
    ids=["at night", "on a holiday", "no zone", "another zone", "asked for another time"],
)
def test_a_wrong_slot_in_the_ledger_is_not_sent(folder: CampaignFolder, planted: dict[str, object]) -> None:
    """Whatever a bug or a hand has written into the ledger, the call is held, said so, and the others are sent."""
    hours = '[schedule]\nwindow = "00:00-24:00"\ndays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n'
    campaign = folder.campaign(hours + "calls_per_minute = 600\n" + FAST)
    api, planting = Taking(), Planting(folder.path / ".dialer/ledger.db", **planted)
    summary = run_virtually(campaign, World(1), api.serve, listener=planting)
    called = {call["toPhoneNumber"] for call in api.created}

    assert called == {number(0), number(2)}
    rows = read_results(summary.results or Path())
    assert column(rows, "dialer_reason") == ["", "slot_refused", ""]
    assert "outside the permitted hours" in rows[1]["dialer_message"]


def guard(folder: CampaignFolder, *, under_way: int = 10) -> SlotGuard:
    """Return a guard with the default hours and caps."""
    campaign = folder.campaign("")
    return SlotGuard(Compliance(campaign.schedule, campaign.limits), under_way=under_way)


def call(contact_id: int, slot_ms: int, phone: str = "+12125550100") -> PlannedCall:
    """Return a planned call."""
    return PlannedCall(contact_id, phone, "{}", slot_ms, 0)


def page(*calls: PlannedCall, made_ms: dict[str, list[int]] | None = None) -> Page:
    """Return a page of calls to New York."""
    return Page(list(calls), {one.contact_id: NEW_YORK for one in calls}, made_ms or {})


def test_a_call_too_many_is_refused(folder: CampaignFolder) -> None:
    """A call of the number within a day, in whichever campaign, holds this one; one of a day ago does not."""
    wanted = call(1, NOON_MS)
    day = timedelta(days=1) // timedelta(milliseconds=1)

    assert guard(folder).refusal(wanted, page(wanted, made_ms={wanted.phone: [NOON_MS - day + 1]})) == BEYOND_CAP
    assert guard(folder).refusal(wanted, page(wanted, made_ms={wanted.phone: [NOON_MS + HOUR_MS]})) == BEYOND_CAP
    assert guard(folder).refusal(wanted, page(wanted, made_ms={wanted.phone: [NOON_MS - day]})) is None


def test_a_call_just_handed_over_counts_before_the_ledger_has_it(folder: CampaignFolder) -> None:
    """Two rows of one number in one page cannot both be sent at once; a claim that moved its slot is the same call."""
    first, second, other = call(1, NOON_MS), call(2, NOON_MS + HOUR_MS), call(3, NOON_MS, "+12125550101")
    one = guard(folder)

    assert one.refusal(first, page(first, second, other)) is None
    assert one.refusal(second, page(first, second, other)) == BEYOND_CAP
    assert one.refusal(other, page(first, second, other)) is None
    next_week = call(4, NOON_MS + 7 * 24 * HOUR_MS)
    assert one.refusal(next_week, page(next_week, made_ms={first.phone: [NOON_MS + 5]})) is None


def test_only_calls_under_way_are_remembered(folder: CampaignFolder) -> None:
    """Memory stays flat: what was handed over long ago is in the ledger, and asked from there."""
    one = guard(folder, under_way=1)
    first, other, again = call(1, NOON_MS), call(2, NOON_MS, "+12125550101"), call(3, NOON_MS + HOUR_MS)

    assert [one.refusal(each, page(each)) for each in (first, other, again)] == [None, None, None]


@pytest.mark.parametrize("slot_ms", [NOON_MS - 4 * HOUR_MS, NOON_MS + 6 * HOUR_MS])
def test_the_campaigns_own_hours_are_looked_at_too(folder: CampaignFolder, slot_ms: int) -> None:
    """08:00 and 18:00 in New York are outside 09:00-17:30."""
    wanted = call(1, slot_ms)

    assert guard(folder).refusal(wanted, page(wanted)) == OUTSIDE_HOURS


def test_a_contact_nobody_knows_the_place_of_is_refused(folder: CampaignFolder) -> None:
    """Without a place there is no hour."""
    wanted = call(1, NOON_MS)

    assert guard(folder).refusal(wanted, Page([wanted], {}, {})) == OUTSIDE_HOURS


def test_a_call_that_comes_again_too_soon_is_not_sent(folder: CampaignFolder) -> None:
    """Who is redialled after a wait is not called before it is over, whatever slot the ledger holds."""
    wait_ms = {1: NOON_MS + HOUR_MS}
    page = Page([], {1: NEW_YORK}, {}, wait_ms)
    assert guard(folder).refusal(call(1, NOON_MS + HOUR_MS - 1), page) == TOO_SOON
    assert guard(folder).refusal(call(1, NOON_MS + HOUR_MS), page) is None


def test_every_clock_has_to_allow_the_slot(folder: CampaignFolder) -> None:
    """Half past nine in New York is before seven in Los Angeles: somebody who may be in either is not rung then."""
    both = Whereabouts(("America/New_York", "America/Los_Angeles"), ("US", "US-NY", "US-CA"))
    morning_ms = to_ms(datetime(2026, 11, 24, 14, 30, tzinfo=UTC))
    assert guard(folder).refusal(call(1, morning_ms), Page([], {1: both}, {})) == OUTSIDE_HOURS
    assert guard(folder).refusal(call(1, morning_ms), Page([], {1: NEW_YORK}, {})) is None
