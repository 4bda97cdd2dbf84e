"""Which rows are called, and in what order: the sandbox tells who was, and when."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from dialer.campaign.file import Campaign, load_campaign
from dialer.errors import CampaignError, SheetError
from dialer.jobs.check import check_campaign
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.planning.summary import PlanSummary
from dialer.jobs.retry import RetryOptions, retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.reasons import Status
from dialer.sandbox import CallLifecycle, End, Faults, Sandbox
from tests.jobs.test_run import hurried, settings_for
from tests.jobs.test_sync import HOUR, LaterClock, sandbox_at
from tests.support import ANY_HOUR, FAST, CampaignFolder, FakeClock, column, number, read_results

HEADER = ["Name", "Phone", "Plan", "Balance Due"]


def people(folder: CampaignFolder, *rows: tuple[str, str]) -> None:
    """Write a sheet of people with plan and balance."""
    folder.sheet(HEADER, [[f"P{at}", number(at), plan, balance] for at, (plan, balance) in enumerate(rows)])


def where(condition: str) -> str:
    """Return the keys of `[contacts]` of a campaign that chooses its rows."""
    return f'region = "US"\nwhere = """{condition}"""\n'


@pytest.mark.slow
def test_only_rows_that_are_meant_are_called_and_every_other_is_told(folder: CampaignFolder) -> None:
    """Who is left out is skipped whatever else is wrong, and a doubtful cell is somebody's to mend."""
    people(folder, ("gold", "1,234.50"), ("basic", "5"), ("gold", "n/a"), ("basic", "n/a"), ("gold", "-1"))
    campaign = folder.campaign(contacts=where("Plan == 'gold' and `Balance Due` > 0"))
    with Sandbox() as sandbox:
        summary = run_campaign(campaign, runtime=hurried(sandbox))
        called = [call["toPhoneNumber"] for call in sandbox.created]

    rows = read_results(summary.results or Path())
    assert called == [number(0)]
    assert column(rows, "dialer_status") == ["created", "skipped", "rejected", "skipped", "skipped"]
    left_out = "left_out_by_where"
    assert column(rows, "dialer_reason") == ["", left_out, "where_unclear", left_out, left_out]
    assert check_campaign(campaign).reasons == {left_out: 3, "where_unclear": 1}


@pytest.mark.slow
def test_who_was_called_stays_so_when_the_condition_changes(folder: CampaignFolder) -> None:
    """The row of a call tells of it, though another run would not make it; and a new condition calls who is new."""
    people(folder, ("gold", "1"), ("basic", "1"))
    with Sandbox() as sandbox:
        run_campaign(folder.campaign(contacts=where("Plan == 'gold'")), runtime=hurried(sandbox))
        summary = run_campaign(folder.campaign(contacts=where("Plan == 'basic'")), runtime=hurried(sandbox))
        called = [call["toPhoneNumber"] for call in sandbox.created]

    rows = read_results(summary.results or Path())
    assert called == [number(0), number(1)]
    assert column(rows, "dialer_reason") == ["already_created", ""]
    assert column(rows, "dialer_call_id")[0]


@pytest.mark.slow
def test_a_row_left_out_gives_way_to_a_later_row_of_the_same_person(folder: CampaignFolder) -> None:
    """Nobody is lost because an earlier row, which is not meant, has the same number."""
    folder.sheet(HEADER, [["A", number(0), "basic", "1"], ["B", number(0), "gold", "1"]])
    with Sandbox() as sandbox:
        summary = run_campaign(folder.campaign(contacts=where("Plan == 'gold'")), runtime=hurried(sandbox))

    assert column(read_results(summary.results or Path()), "dialer_status") == ["skipped", "created"]
    assert summary.counts[Status.CREATED] == 1


def test_a_column_that_the_sheet_lacks_is_told_with_the_nearest(folder: CampaignFolder) -> None:
    """Before anybody is called."""
    people(folder, ("gold", "1"))
    with pytest.raises(
        SheetError,
        match=r'where, in which texts stand in quotes, names the column "Balanse due".*Did you mean "Balance Due"',
    ):
        check_campaign(folder.campaign(contacts=where("`Balanse due` > 1")))


@pytest.mark.slow
def test_a_workbooks_cells_are_compared_by_their_values(folder: CampaignFolder) -> None:
    """Neither the places that a number format leaves out nor the order of a shown date come into it."""
    book = openpyxl.Workbook()
    book.active.append(["Name", "Phone", "Score", "Since"])
    for at, (score, day) in enumerate([(0.4, 3), (0.4, 5), (0.2, 5)]):
        book.active.append([f"P{at}", number(at), score])
        book.active.cell(at + 2, 3).number_format = "0"
        book.active.cell(at + 2, 4).value = date(2026, 4, day)
        book.active.cell(at + 2, 4).number_format = "dd/mm/yyyy"
    book.save(folder.path / "people.xlsx")
    campaign = folder.campaign(contacts=where("Score > 0.3 and Since > '2026-04-04'")).with_contacts(
        folder.path / "people.xlsx"
    )

    assert check_campaign(campaign).reasons == {"left_out_by_where": 2}


def order_of(sandbox: Sandbox) -> list[int]:
    """Return the numbers that were called, in the order of their slots."""
    numbers = [number(at) for at in range(20)]
    return [
        numbers.index(call["toPhoneNumber"])
        for call in sorted(sandbox.created, key=lambda call: str(call["callDelayedUntil"]))
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("priority", "order"),
    [
        ('"Balance Due"', [1, 3, 0, 2, 4]),
        ('{ column = "Plan", order = ["basic", "gold"] }', [1, 2, 0, 3, 4]),
    ],
)
def test_the_best_are_called_first(folder: CampaignFolder, priority: str, order: list[int]) -> None:
    """By number or by word, then in the order of the sheet; who has no priority is called last, and told."""
    people(folder, ("gold", "5"), ("basic", "1,000.00"), ("basic", "n/a"), ("gold", "7"), ("", ""))
    campaign = folder.campaign(contacts=f'region = "US"\npriority = {priority}')
    with Sandbox() as sandbox:
        run_campaign(campaign, runtime=hurried(sandbox))
        assert order_of(sandbox) == order

    told = [note for note in check_campaign(campaign).notes if "called last" in note]
    assert bool(told) == ("Balance" in priority)


@pytest.mark.slow
def test_a_limit_takes_the_best(folder: CampaignFolder) -> None:
    """And the next run goes on with the best of those who are left."""
    people(folder, ("gold", "1"), ("gold", "3"), ("gold", "2"))
    campaign = folder.campaign(contacts='region = "US"\npriority = "Balance Due"')
    with Sandbox() as sandbox:
        for _ in range(2):
            run_campaign(campaign, options=RunOptions(limit=1), runtime=hurried(sandbox))
        assert order_of(sandbox) == [1, 2]


def test_the_plan_says_who_comes_first_and_why(folder: CampaignFolder) -> None:
    """In its notes, and of one row its place among the priorities."""
    people(folder, ("gold", "1"), ("gold", "3"), ("gold", "3"))
    campaign = folder.campaign(contacts='region = "US"\npriority = "Balance Due"')
    summary = plan_campaign(campaign, options=PlanOptions(why=2))

    assert any('"Balance Due", the largest number first' in note for note in summary.notes)
    assert summary.explanation is not None
    (stands,) = dict(summary.explanation.topics)["stands"]
    assert "call 3 of 3. Its priority is number 2 of 2" in stands


def beside(folder: CampaignFolder, name: str, contacts: str) -> Campaign:
    """Write another campaign of the same ledger beside the first, with a sheet of its own name, and load it."""
    folder.campaign(contacts=contacts)
    path = folder.path / f"{name}.toml"
    path.write_text(folder.campaign_file.read_text("utf-8").replace("contacts.csv", f"{name}.csv"), "utf-8")
    return load_campaign(path)


BOTH = ["Name", "Phone", "Home"]
TWO_NUMBERS = '[contacts.columns]\nphone = ["Phone", "Home"]\n'


def winter(folder: CampaignFolder, exclude: str) -> Campaign:
    """Return a campaign that leaves somebody out."""
    return beside(folder, "winter", f'region = "US"\nexclude = {exclude}\n{TWO_NUMBERS}')


@pytest.mark.slow
def test_nobody_is_called_whom_another_campaign_has_called(folder: CampaignFolder) -> None:
    """At whichever of their numbers: that which was called, another one of theirs, or one that a row says is theirs."""
    folder.sheet(BOTH, [["A", number(0), number(1)], ["B", number(2), ""], ["C", "12", ""]], "spring.csv")
    family, stranger = ["B's family", number(5), number(2)], ["Stranger", number(6), number(7)]
    folder.sheet(BOTH, [["A", number(0), ""], ["A at home", number(1), ""], family, stranger], "winter.csv")
    spring = beside(folder, "spring", f'region = "US"\n{TWO_NUMBERS}')
    excluding = winter(folder, '["campaign:spring"]')
    with Sandbox() as sandbox:
        run_campaign(spring, runtime=hurried(sandbox))
        assert plan_campaign(excluding).reasons["excluded_number"] == 3
        summary = run_campaign(excluding, runtime=hurried(sandbox))
        called = {call["toPhoneNumber"] for call in sandbox.created}

    rows = read_results(summary.results or Path())
    assert called == {number(0), number(2), number(6)}
    assert column(rows, "dialer_status") == ["skipped", "skipped", "skipped", "created"]
    assert column(rows, "dialer_reason") == [*["excluded_number"] * 3, ""]


@pytest.mark.slow
def test_nobody_is_called_who_is_in_an_excluded_file(folder: CampaignFolder) -> None:
    """With any number of their row, by a run and by a retry, and without the file they are called."""
    folder.sheet(BOTH, [["A", number(0), number(1)], ["B", number(2), ""], ["C", number(3), ""]], "winter.csv")
    folder.sheet(["phone"], [[number(1)]], "returned.csv")
    campaign = winter(folder, '["returned.csv"]')
    assert check_campaign(campaign).reasons == {"excluded_number": 1}
    with Sandbox(faults=Faults(refuse=1.0)) as refusing:
        run_campaign(campaign, runtime=hurried(refusing))
    folder.sheet(["phone"], [[number(1)], [number(2)]], "returned.csv")
    with Sandbox() as sandbox:
        summary = retry_campaign(campaign, runtime=hurried(sandbox))
        assert [call["toPhoneNumber"] for call in sandbox.created] == [number(3)]
        told = column(read_results(summary.results or Path()), "dialer_reason")
        assert told == ["excluded_number", "excluded_number", ""]
        run_campaign(winter(folder, "[]"), runtime=hurried(sandbox))
        assert {call["toPhoneNumber"] for call in sandbox.created} == {number(0), number(2), number(3)}


def test_a_campaign_that_nobody_knows_is_refused(folder: CampaignFolder) -> None:
    """A slip would call all its people; one whose file lies beside may not have run yet."""
    folder.sheet(BOTH, [["A", number(0), ""]], "winter.csv")
    with pytest.raises(CampaignError, match=r'"campaign:summer", and this ledger knows no such campaign'):
        plan_campaign(winter(folder, '["campaign:summer"]'))
    (folder.path / "summer.toml").touch()
    assert plan_campaign(winter(folder, '["campaign:summer"]')).planned == 1


@pytest.mark.parametrize(("exclude", "said"), [('["campaign:"]', "campaign:spring"), ('["campaign:winter"]', "itself")])
def test_what_cannot_be_excluded_is_told(folder: CampaignFolder, exclude: str, said: str) -> None:
    """A name that is none, and the campaign itself."""
    with pytest.raises(CampaignError, match=said):
        winter(folder, exclude)


ASKS = ["Name", "Phone", "Not before", "Not after", "Call at"]
ASKED = 'region = "US"\n[contacts.columns]\nnot_before = "Not before"\nnot_after = "Not after"\ncall_at = "Call at"\n'
NEW_YORK = ZoneInfo("America/New_York")
THURSDAY = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)
"""10:00 in New York."""

TWO_ZONES = "+12085550100"
"""Of Idaho, where the time is that of the mountains or of the coast."""


def planned_at(folder: CampaignFolder, *rows: list[str], tables: str = "", why: int | None = None) -> PlanSummary:
    """Plan rows (phone, not before, not after, call at) on a Thursday at ten in New York."""
    folder.sheet(ASKS, [["P", *row] for row in rows])
    campaign = folder.campaign(tables, contacts=ASKED)
    return plan_campaign(campaign, options=PlanOptions(why=why), runtime=Runtime(clock=FakeClock(THURSDAY)))


@pytest.mark.parametrize(
    ("row", "slot"),
    [
        ([number(0), "", "", "2026-12-03 15:00"], "Thu 2026-12-03 15:00:00 EST"),
        ([number(0), "", "", "15:00"], "Thu 2026-12-03 15:00:00 EST"),
        ([number(0), "", "", "2026-12-04"], "Fri 2026-12-04 09:00:00 EST"),
        ([number(0), "16:15", "", ""], "Thu 2026-12-03 16:15:00 EST"),
        ([number(0), "2026-12-04", "", ""], "Fri 2026-12-04 09:00:00 EST"),
        ([number(0), "", "09:30", ""], "Fri 2026-12-04 09:00:00 EST"),
        ([number(0), "2026-12-03 20:00", "", ""], "Fri 2026-12-04 09:00:00 EST"),
        ([TWO_ZONES, "15:00", "", ""], "Thu 2026-12-03 15:00:00 PST"),
    ],
)
def test_people_are_called_when_they_ask_for_it(folder: CampaignFolder, row: list[str], slot: str) -> None:
    """On their own clock, at the first permitted instant that their cells allow; `--why` says what they ask for."""
    summary = planned_at(folder, row, why=2)

    assert summary.first is not None
    assert slot in summary.first.local
    assert summary.explanation is not None
    (asks,) = dict(summary.explanation.topics)["asks"]
    assert next(filter(None, row[1:])) in asks


@pytest.mark.parametrize(
    ("row", "reason", "said"),
    [
        ([number(0), "", "", "03/04/2026"], "call_time_invalid", "may hold"),
        ([number(0), "18:00", "09:00", ""], "call_time_invalid", "ends the hours before they begin"),
        ([number(0), "", "", "2026-12-03 09:00"], "call_time_impossible", "has passed in America/New_York"),
        ([number(0), "", "2026-12-02", ""], "call_time_impossible", "has passed"),
        ([number(0), "", "", "2026-12-06 12:00"], "call_time_impossible", "lies in no hour that is permitted"),
        ([number(0), "", "", "03:00"], "call_time_impossible", "lies in no hour that is permitted"),
        ([TWO_ZONES, "", "", "15:00"], "call_time_impossible", "never comes at once in all of America/Boise"),
        ([TWO_ZONES, "", "", "2026-12-03 15:00"], "call_time_impossible", "never comes at once in all of"),
        ([TWO_ZONES, "", "", "2026-12-02 15:00"], "call_time_impossible", "has passed in America/Boise"),
        ([number(0), "16:00", "", "15:00"], "call_time_impossible", "leaves no time at all in America/New_York"),
        ([number(0), "2026-12-07", "", "2026-12-04"], "call_time_impossible", "leaves no time at all"),
        ([number(0), "", "2026-12-02", "15:00"], "call_time_impossible", "D2: The row asks"),
        ([number(0), "2028-01-10", "", ""], "call_time_impossible", "lies more than a year ahead"),
        ([number(0), "", "", "2027-12-20 10:00"], "call_time_impossible", "lies more than a year ahead"),
        ([number(0), "", "", "2027-03-14 02:30"], "call_time_impossible", "is a time that clocks skip on that day"),
        ([number(0), "", "", "15:00-17:00"], "call_time_invalid", "two times"),
    ],
)
def test_what_cannot_be_is_told_with_its_row(folder: CampaignFolder, row: list[str], reason: str, said: str) -> None:
    """With its cell and why, in the plan and by check; the others are called."""
    summary = planned_at(folder, row, [number(1), "", "", ""], why=2)

    assert (summary.planned, dict(summary.reasons)) == (1, {reason: 1})
    assert summary.explanation is not None
    assert said in dict(summary.explanation.topics)["stands"][0]
    clock = Runtime(clock=FakeClock(THURSDAY))
    assert check_campaign(folder.campaign("", contacts=ASKED), runtime=clock).reasons == {reason: 1}


def test_more_wishes_than_slots_are_told_and_refuse_no_run(folder: CampaignFolder) -> None:
    """At one call a minute half an hour holds 30; who is left over is no misfit of the campaign's end."""
    rows = [[number(at), "", "", "2026-12-03 15:00"] for at in range(35)] + [[number(40), "", "", "2026-12-07"]]
    end = "[schedule]\ncalls_per_minute = 1\nend = 2026-12-04T22:00:00Z\n"
    summary = planned_at(folder, *rows, tables=end)

    assert (summary.planned, dict(summary.reasons), summary.misfit_text) == (30, {"call_time_full": 6}, "")


@pytest.mark.slow
def test_wishes_hold_in_a_run_and_in_a_retry(folder: CampaignFolder) -> None:
    """The sandbox hears of a call at the time that was asked for, at once or after a refusal."""
    wish = datetime.now(NEW_YORK) + timedelta(hours=3)
    wish = wish.replace(minute=0, second=0, microsecond=0)
    folder.sheet(ASKS, [["A", number(0), "", "", f"{wish:%Y-%m-%d %H:%M}"], ["B", number(1), "", "", ""]])
    campaign = folder.campaign(contacts=ASKED)
    with Sandbox(faults=Faults(refuse=1.0)) as refusing:
        run_campaign(campaign, runtime=hurried(refusing))
    with Sandbox() as sandbox:
        retry_campaign(campaign, runtime=hurried(sandbox))
        delayed = {call["toPhoneNumber"]: call["callDelayedUntil"] for call in sandbox.created}

    rings = datetime.fromisoformat(str(delayed[number(0)]))
    assert timedelta(0) <= rings - wish < timedelta(minutes=30)
    assert datetime.fromisoformat(str(delayed[number(1)])) < wish


def test_what_passes_before_the_campaign_starts_is_told(folder: CampaignFolder) -> None:
    """Though its time is still to come."""
    summary = planned_at(
        folder, [number(0), "", "", "2026-12-04 10:00"], tables="[schedule]\nstart = 2026-12-07T15:00:00Z\n", why=2
    )

    assert summary.explanation is not None
    assert "has passed when the campaign starts in" in dict(summary.explanation.topics)["stands"][0]


@pytest.mark.slow
def test_who_is_called_again_is_called_when_they_ask_for_it(folder: CampaignFolder) -> None:
    """At the same time of another day; whose day is over is told, and called again once the cell is empty."""
    clock = LaterClock()
    wish = datetime.now(NEW_YORK) + timedelta(hours=3)
    hour, day = f"{wish:%H}:00", f"{wish:%Y-%m-%d %H}:00"
    redial = '[redial]\non = ["noAnswer"]\nwait = "1h"\n'
    life = CallLifecycle(script={number(at): (End.NO_ANSWER, End.NORMAL) for at in range(2)})
    folder.sheet(ASKS, [["A", number(0), "", "", hour], ["B", number(1), "", "", day]])
    campaign = folder.campaign(ANY_HOUR + FAST + redial, contacts=ASKED)
    with sandbox_at(clock, life=life) as sandbox:
        reasons = []
        for _ in range(2):
            reasons.append(ran_at(sandbox, campaign, clock).as_json()["reasons"])
            clock.advance(6 * HOUR)
        folder.sheet(ASKS, [["A", number(0), "", "", hour], ["B", number(1), "", "", ""]])
        ran_at(sandbox, campaign, clock)
        slots = {at: slots_of(sandbox, number(at)) for at in range(2)}

    assert reasons == [{}, {"call_time_impossible": 1}]
    first, again = slots[0]
    assert (first.minute, again) == (0, first + timedelta(days=1))
    assert len(slots[1]) == 2
    assert slots[1][0] == first


@pytest.mark.slow
def test_a_mended_time_is_kept_by_retry(folder: CampaignFolder) -> None:
    """Of a row that was told, corrected in the results."""
    clock = LaterClock()
    wish = (datetime.now(NEW_YORK) + timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
    folder.sheet(ASKS, [["A", number(0), "", "", "03/04/2027"], ["B", number(1), "", "", "2026-01-02 10:00"]])
    campaign = folder.campaign(contacts=ASKED)
    with sandbox_at(clock) as sandbox:
        rows = read_results(ran_at(sandbox, campaign, clock).results or Path())
        mended = [[*row.values()] for row in (row | {"Call at": f"{wish:%Y-%m-%d %H:%M}"} for row in rows)]
        path = folder.sheet([*rows[0]], mended, "mended.csv")
        retry_campaign(campaign, retry=RetryOptions(mended=path), runtime=runtime_at(sandbox, clock))
        slots = [slot for at in range(2) for slot in slots_of(sandbox, number(at))]

    assert column(rows, "dialer_reason") == ["call_time_invalid", "call_time_impossible"]
    assert len(slots) == 2
    assert all(timedelta(0) <= slot - wish < timedelta(minutes=30) for slot in slots)


def runtime_at(sandbox: Sandbox, clock: LaterClock) -> Runtime:
    """Point at *sandbox* at the clock's time."""
    return Runtime(settings=settings_for(sandbox), clock=LaterClock(clock.shift_seconds, hurried=True))


def ran_at(sandbox: Sandbox, campaign: Campaign, clock: LaterClock) -> RunSummary:
    """Run *campaign* at the clock's time."""
    return run_campaign(campaign, options=RunOptions(accept_earlier_calls=True), runtime=runtime_at(sandbox, clock))


def slots_of(sandbox: Sandbox, phone: str) -> list[datetime]:
    """Return when the calls to *phone* were to ring, to the second, in order."""
    found = (str(call["callDelayedUntil"]) for call in sandbox.created if call["toPhoneNumber"] == phone)
    return sorted(datetime.fromisoformat(each).replace(microsecond=0).astimezone(NEW_YORK) for each in found)


def test_a_workbooks_times_are_read_by_their_value(folder: CampaignFolder) -> None:
    """However the workbook shows a day, an instant or a time."""
    book = openpyxl.Workbook()
    book.active.append(["Name", "Phone", "Call at"])
    values = [date(2026, 12, 4), datetime(2026, 12, 4, 15, 0), time(15, 0)]  # noqa: DTZ001 - a cell says no zone
    for at, value in enumerate(values):
        book.active.append([f"P{at}", number(at), value])
        book.active.cell(at + 2, 3).number_format = "dd/mm/yy hh:mm"
    book.save(folder.path / "people.xlsx")
    campaign = folder.campaign("", contacts='region = "US"\n[contacts.columns]\ncall_at = "Call at"\n')
    campaign = campaign.with_contacts(folder.path / "people.xlsx")
    lines = folder.path / "plan.csv"
    plan_campaign(campaign, options=PlanOptions(output=lines), runtime=Runtime(clock=FakeClock(THURSDAY)))

    with lines.open(newline="", encoding="utf-8") as file:
        file.readline()
        slots = [line["dialer_call_delayed_until"][:16] for line in csv.DictReader(file)]
    assert slots == ["2026-12-04T14:00", "2026-12-04T20:00", "2026-12-03T20:00"]
