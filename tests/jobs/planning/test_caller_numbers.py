"""A pool of numbers to call from, judged by what the sandbox was asked for, over runs and campaigns of a ledger."""

from collections import Counter
from pathlib import Path

import pytest

from dialer.campaign.call_table import FromNumber
from dialer.campaign.file import Campaign, load_campaign
from dialer.errors import CampaignError
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.planning.caller_numbers import read_callers
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.choices.own_choices import set_pool_numbers
from dialer.ledger.database.open import Ledger
from dialer.ledger.slots import CLOCKS_APART_MS
from dialer.reasons import Reason, Status
from dialer.sandbox import CallLifecycle, End, Sandbox
from tests.jobs.test_run import hurried, run_at, settings_for
from tests.jobs.test_sync import HOUR, LaterClock, sandbox_at
from tests.ledger.books import NOON_MS, person, planned, take_in
from tests.support import ANY_HOUR, FAST, CampaignFolder, column, read_results

NEW_YORK, TEXAS, BERLIN = "+12125550199", "+15125550199", "+493012345678"
OWN = "+13035550199"
TODAY = ANY_HOUR + 'horizon = "2h"\n'
PEOPLE = ("+12125550101", "+15125550101", "+17165550101", "+12125550102", "+13035550101")


def pool(*numbers: str, a_day: int | None = None) -> str:
    """Write the tables of *numbers*, each with the same cap."""
    cap = "" if a_day is None else f"calls_per_day = {a_day}\n"
    return "".join(f'[[from_numbers]]\nnumber = "{number}"\n{cap}' for number in numbers)


def campaign_of(folder: CampaignFolder, tables: str, people: tuple[str, ...] = PEOPLE, *, more: str = "") -> Campaign:
    """Write a sheet of *people*, by their numbers, and its campaign."""
    folder.sheet(["Name", "Phone", "Own"], [[f"Person {at}", phone, ""] for at, phone in enumerate(people)])
    return folder.campaign(TODAY + FAST + more + tables, 'region = "US"')


def used(sandbox: Sandbox) -> dict[str, list[str]]:
    """Return the numbers that each person was called from, as the stand-in was asked."""
    found: dict[str, list[str]] = {}
    for call in sandbox.created:
        found.setdefault(call["toPhoneNumber"], []).append(call.get("fromPhoneNumber", call.get("phoneNumberId", "")))
    return found


def ran(sandbox: Sandbox, campaign: Campaign, clock: LaterClock) -> RunSummary:
    """Run *campaign* at the clock's time."""
    runtime = Runtime(settings=settings_for(sandbox), clock=LaterClock(clock.shift_seconds, hurried=True))
    return run_campaign(campaign, options=RunOptions(accept_earlier_calls=True), runtime=runtime)


def test_everybody_is_called_from_the_nearest_number(folder: CampaignFolder) -> None:
    """By area code, by state, and in turn where none is near; the results tell which number it was."""
    campaign = campaign_of(folder, pool(NEW_YORK, TEXAS))
    with Sandbox() as sandbox:
        summary = run_at(sandbox, campaign)
        asked = used(sandbox)

    rows = read_results(summary.results or Path())
    assert [asked[phone] for phone in PEOPLE[:4]] == [[NEW_YORK], [TEXAS], [NEW_YORK], [NEW_YORK]]
    assert asked[PEOPLE[4]][0] in {NEW_YORK, TEXAS}
    assert column(rows, "dialer_from_number") == [asked[phone][0] for phone in PEOPLE]


def test_the_plan_is_what_is_sent(folder: CampaignFolder) -> None:
    """`plan` counts the calls of each number, and tells of a row the number that its call then comes from."""
    campaign = campaign_of(folder, pool(NEW_YORK, TEXAS))
    summaries = [plan_campaign(campaign, options=PlanOptions(why=row)) for row in range(2, 7)]
    with Sandbox() as sandbox:
        run_at(sandbox, campaign)
        asked = used(sandbox)

    counted = Counter(number for numbers in asked.values() for number in numbers)
    assert summaries[0].by_from_number == dict(counted)
    told = [summary.as_json()["why"]["call"] for summary in summaries if summary.explanation is not None]  # type: ignore[index]
    assert told == [[f"from {asked[phone][0]}, of [[from_numbers]]"] for phone in PEOPLE]


def test_a_plan_file_is_sent_with_numbers_too(folder: CampaignFolder) -> None:
    """A run that follows a plan file chooses by its slots, and commits no more than the caps allow."""
    campaign = campaign_of(folder, pool(NEW_YORK, a_day=2))
    plan = folder.path / "plan.csv"
    plan_campaign(campaign, options=PlanOptions(output=plan))
    with Sandbox() as sandbox:
        run_at(sandbox, campaign, RunOptions(plan=plan))
        asked = used(sandbox)
    assert list(asked.values()) == [[NEW_YORK]] * 2


def test_who_is_called_again_is_called_from_the_same_number(folder: CampaignFolder) -> None:
    """By the redial, although a nearer number has joined the pool, and in another campaign of the ledger."""
    clock = LaterClock()
    redial = '\n[redial]\non = ["noAnswer"]\nwait = "1h"\n[limits]\nper_number = []\n'
    person = PEOPLE[:1]
    life = CallLifecycle(script={person[0]: (End.NO_ANSWER,) * 3})
    with sandbox_at(clock, life=life) as sandbox:
        ran(sandbox, campaign_of(folder, redial + pool(TEXAS), person), clock)
        clock.advance(24 * HOUR)
        campaign = campaign_of(folder, redial + pool(NEW_YORK, TEXAS), person)
        ran(sandbox, campaign, clock)
        other = folder.path / "other.toml"
        other.write_text(campaign.path.read_text("utf-8"), "utf-8")
        ran(sandbox, load_campaign(other), clock)
        asked = used(sandbox)
    assert asked == {person[0]: [TEXAS] * 3}


def test_caps_hold_over_runs_and_campaigns(folder: CampaignFolder) -> None:
    """Nobody beyond the cap is called, whichever campaign asks; they are told why, and a later day's run calls them."""
    clock = LaterClock()
    with sandbox_at(clock) as sandbox:
        campaign = campaign_of(folder, "\n[limits]\nper_number = []\n" + pool(NEW_YORK, a_day=2))
        first = ran(sandbox, campaign, clock)
        again = ran(sandbox, campaign, clock)
        other = folder.path / "other.toml"
        other.write_text(campaign.path.read_text("utf-8"), "utf-8")
        elsewhere = ran(sandbox, load_campaign(other), clock)
        same_day = len(sandbox.created)
        clock.advance(25 * HOUR)
        later = ran(sandbox, campaign, clock)
        created = len(sandbox.created)

    reasons = Counter(column(read_results(elsewhere.results or Path()), "dialer_reason"))
    assert reasons == {Reason.FROM_NUMBERS_USED: 2, Reason.BEYOND_HORIZON: 3}
    assert (first.counts[Status.CREATED], again.counts[Status.CREATED], elsewhere.counts[Status.CREATED]) == (2, 0, 0)
    assert (same_day, created, later.counts[Status.CREATED]) == (2, 4, 2)


def test_calls_that_another_machine_may_still_send_count(folder: CampaignFolder) -> None:
    """Its clock is behind: what is late by this one's clock is not late by its own, and comes from the same number."""
    numbers = (FromNumber(number=NEW_YORK, calls_per_day=1),)
    with Ledger.open(folder.path / "ledger.db") as ledger:
        take_in(ledger.engine, "r1", [person(2)])
        take_in(ledger.engine, "s1", [person(3)], campaign="summer")
        planned(ledger.engine, "s1", [3])
        with ledger.write() as tx:
            set_pool_numbers(tx, "s1", [(3, NEW_YORK)])
            soon = read_callers(tx, "r1", numbers, now_ms=NOON_MS + CLOCKS_APART_MS)
            later = read_callers(tx, "r1", numbers, now_ms=NOON_MS + CLOCKS_APART_MS + 1)
    assert (soon.used_ms, later.used_ms) == ({NEW_YORK: [NOON_MS]}, {})


def test_a_rows_own_number_counts_before_the_pool_and_towards_its_cap(folder: CampaignFolder) -> None:
    """A number that is none of the pool's has no cap; one that is uses it up for the others."""
    tables = pool(NEW_YORK, a_day=1)
    folder.sheet(
        ["Name", "Phone", "Own"], [["Ada", PEOPLE[4], OWN], ["Ben", PEOPLE[1], NEW_YORK], ["Cyd", PEOPLE[0], ""]]
    )
    campaign = folder.campaign(TODAY + FAST + tables, 'region = "US"\ncolumns = { from_phone_number = "Own" }\n')
    with Sandbox() as sandbox:
        summary = run_at(sandbox, campaign)
        asked = used(sandbox)

    assert asked[PEOPLE[4]] == [OWN]
    assert [numbers for phone, numbers in asked.items() if phone != PEOPLE[4]] == [[NEW_YORK]]
    assert summary.counts[Status.PENDING] == 1


def test_calls_of_a_campaign_with_one_number_count_too(folder: CampaignFolder) -> None:
    """A campaign whose `[call]` names the number has used it up for the pool of another one."""
    plain = campaign_of(folder, "", PEOPLE[:2])
    text = plain.path.read_text("utf-8").replace("[call]\n", f'[call]\nfrom_phone_number = "{NEW_YORK}"\n')
    plain.path.write_text(text, "utf-8")
    with Sandbox() as sandbox:
        run_at(sandbox, load_campaign(plain.path))
        pooled = campaign_of(folder, pool(NEW_YORK, a_day=3), PEOPLE[2:])
        other = folder.path / "other.toml"
        other.write_text(pooled.path.read_text("utf-8"), "utf-8")
        summary = run_at(sandbox, load_campaign(other), RunOptions(accept_earlier_calls=True))
    assert (summary.counts[Status.CREATED], summary.counts[Status.PENDING]) == (1, 2)


def test_a_number_taken_out_of_the_pool_is_used_no_more(folder: CampaignFolder) -> None:
    """What was chosen for a plan that was not sent is forgotten with it."""
    with Sandbox() as sandbox:
        campaign = campaign_of(folder, pool(NEW_YORK), more="max_attempts = 1\n")
        run_at(sandbox, campaign, RunOptions(limit=1))
        run_at(sandbox, campaign_of(folder, ""))
        asked = used(sandbox)
    assert sorted(numbers[0] for numbers in asked.values()) == ["", "", "", "", NEW_YORK]


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ("[[from_numbers]]\ncalls_per_day = 5\n", "names no number: write number, id, or both"),
        (pool(TEXAS) + pool(TEXAS), f"has {TEXAS} twice"),
        ('[[from_numbers]]\nnumber = "0123"\n', "must be a number with + and its country code"),
        (pool(TEXAS, a_day=0), "must be at least 1"),
        ("[[from_numbers]]\nnumbr = 1\n", "Did you mean number?"),
    ],
)
def test_a_pool_that_nobody_could_use_is_refused(folder: CampaignFolder, tables: str, told: str) -> None:
    """It names the number that is wrong, and what is right."""
    with pytest.raises(CampaignError, match="from_numbers") as refused:
        folder.campaign(tables)
    assert told in str(refused.value)


def test_a_pool_beside_a_number_of_all_calls_is_refused(folder: CampaignFolder) -> None:
    """Nobody could tell which of them calls come from."""
    folder.campaign()
    text = folder.campaign_file.read_text("utf-8").replace("[call]\n", '[call]\nphone_number_id = "one"\n')
    folder.campaign_file.write_text(text + pool(TEXAS), "utf-8")
    with pytest.raises(CampaignError, match="from_numbers chooses the number to call from"):
        load_campaign(folder.campaign_file)


def test_an_id_is_sent_as_such(folder: CampaignFolder) -> None:
    """With a number, both are sent; alone, the id is."""
    tables = f'[[from_numbers]]\nnumber = "{TEXAS}"\nid = "texas"\n[[from_numbers]]\nid = "somewhere"\n'
    campaign = campaign_of(folder, tables, (PEOPLE[1], "+12125550101"))
    with Sandbox() as sandbox:
        run_campaign(campaign, runtime=hurried(sandbox))
        asked = {call["toPhoneNumber"]: call for call in sandbox.created}
    assert (asked[PEOPLE[1]]["fromPhoneNumber"], asked[PEOPLE[1]]["phoneNumberId"]) == (TEXAS, "texas")
    assert {call.get("phoneNumberId") for call in asked.values()} <= {"texas", "somewhere"}


def test_two_rows_of_one_number_may_be_called_from_different_ones(folder: CampaignFolder) -> None:
    """A row's own number is no number of the pool for another row of the same household; without one both are alike."""
    rows = [["Ada", PEOPLE[4], OWN], ["Ben", PEOPLE[4], ""], ["Cyd", PEOPLE[0], ""], ["Dan", PEOPLE[0], ""]]
    folder.sheet(["Name", "Phone", "Own"], rows)
    contacts = 'region = "US"\nkey = ["name"]\ncolumns = { from_phone_number = "Own" }\n'
    tables = "[limits]\nper_number = []\n" + pool(TEXAS, BERLIN)
    campaign = folder.campaign(TODAY + FAST + tables, contacts)
    with Sandbox() as sandbox:
        run_at(sandbox, campaign)
        asked = used(sandbox)

    assert set(asked[PEOPLE[4]]) == {OWN, TEXAS}
    assert asked[PEOPLE[0]] == [TEXAS] * 2


def test_a_number_is_the_same_by_its_id(folder: CampaignFolder) -> None:
    """What a row says by the id that the pool gives a number counts towards that number's cap, and is bound by it."""
    people = [["Ada", PEOPLE[0], "berlin"], ["Ben", PEOPLE[1], "berlin"], ["Cyd", PEOPLE[2], ""]]
    folder.sheet(["Name", "Phone", "Number"], people)
    tables = f'[[from_numbers]]\nnumber = "{BERLIN}"\nid = "berlin"\ncalls_per_day = 1\n'
    campaign = folder.campaign(TODAY + FAST + tables, 'region = "US"\ncolumns = { phone_number_id = "Number" }\n')
    with Sandbox() as sandbox:
        first = run_at(sandbox, campaign)
        run_at(sandbox, campaign)
        asked = used(sandbox)
    assert asked == {PEOPLE[0]: ["berlin"]}
    assert first.counts[Status.PENDING] == 2


def test_a_person_keeps_the_number_at_their_next_phone(folder: CampaignFolder) -> None:
    """The second phone of a row is of another area, which has a number of its own: the person knows the first one."""
    clock = LaterClock()
    mobile, home = PEOPLE[0], PEOPLE[1]
    folder.sheet(["Name", "Mobile", "Home"], [["Ada", mobile, home], ["Ben", "", "+15125550102"]])
    redial = '[redial]\non = ["noAnswer"]\nwait = "1h"\nnext_phone = true\n[limits]\nper_number = []\n'
    columns = 'region = "US"\ncolumns = { phone = ["Mobile", "Home"] }\n'
    campaign = folder.campaign(TODAY + FAST + redial + pool(NEW_YORK, TEXAS), columns)
    with sandbox_at(clock, life=CallLifecycle(script={mobile: (End.NO_ANSWER,), home: (End.NORMAL,)})) as sandbox:
        ran(sandbox, campaign, clock)
        clock.advance(6 * HOUR)
        ran(sandbox, campaign, clock)
        asked = used(sandbox)
    assert asked == {mobile: [NEW_YORK], home: [NEW_YORK], "+15125550102": [TEXAS]}
