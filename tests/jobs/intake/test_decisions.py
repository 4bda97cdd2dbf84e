"""What a person found out about unknown calls, against the sandbox: recorded, and never against what the API lists."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dialer.campaign.file import Campaign
from dialer.errors import LedgerHeld, UsageError
from dialer.jobs.intake.decisions import checked_name, parse_decisions, whoever_runs
from dialer.jobs.reconcile import ReconcileOptions, ReconcileSummary, reconcile_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.status import read_standings
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_run import run_at, settings_for
from tests.support import ANY_HOUR, FAST, CampaignFolder, HurriedClock, column, number, read_results

AT_ONCE = ANY_HOUR + FAST + 'settle_time = "0s"\n'


class Lost:
    """A campaign whose calls may exist: the API took them (*kept*) or not, and no reply came back."""

    def __init__(self, folder: CampaignFolder, *, kept: bool, tables: str = AT_ONCE) -> None:
        self.folder = folder
        self.campaign: Campaign = folder.campaign(tables)
        self.journal = folder.path / "calls.jsonl"
        faults = Faults(drop_after=1.0) if kept else Faults(drop_before=1.0)
        with Sandbox(faults=faults, journal=self.journal) as sandbox:
            run_at(sandbox, self.campaign, clock=HurriedClock())
            self.ids = {call["toPhoneNumber"]: call["_id"] for call in sandbox.created}

    def decide(self, *texts: str, faults: Faults | None = None, release: bool = False) -> ReconcileSummary:
        """Reconcile with these decisions."""
        options = ReconcileOptions(decisions=parse_decisions(texts), by="ada@office", release=release)
        with Sandbox(journal=self.journal, faults=faults or Faults()) as sandbox:
            runtime = Runtime(settings=settings_for(sandbox), clock=HurriedClock())
            return reconcile_campaign(self.campaign, options=options, runtime=runtime)

    def run_again(self) -> tuple[list[dict[str, str]], list[str]]:
        """Run, and return the results with all numbers that were called, in order."""
        with Sandbox(journal=self.journal) as sandbox:
            summary = run_at(sandbox, self.campaign, clock=HurriedClock())
            return read_results(summary.results or Path()), sorted(call["toPhoneNumber"] for call in sandbox.created)


UNREADABLE = Faults(list_errors=1.0)


@pytest.mark.slow
def test_rows_that_no_listing_settles_are_decided_by_hand(folder: CampaignFolder) -> None:
    """One has its call, one has none and is called by the next run, one stays unknown; each person is rung once."""
    lost = Lost(folder, kept=False)
    summary = lost.decide("2=call-from-the-website", "3=none", faults=UNREADABLE)
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        (standing,) = read_standings(ledger)
    with Sandbox(journal=lost.journal, faults=UNREADABLE) as sandbox:
        again = run_at(sandbox, lost.campaign, clock=HurriedClock())
        called = [call["toPhoneNumber"] for call in sandbox.created]

    assert (summary.decided, summary.unknown, summary.exit_code) == (2, 1, 4)
    assert summary.as_json()["decided"] == 2
    assert sum(summary.findings.values()) == 1
    assert {decision.partition(":")[0] for decision in standing.decisions} == {"row 2", "row 3"}
    assert called == [number(1)]
    assert [again.counts[status] for status in (Status.SKIPPED, Status.CREATED, Status.UNKNOWN)] == [1, 1, 1]
    assert len(standing.decisions) == len(standing.as_json()["decisions"]) == 2
    assert all(re.match(r"row [23]: Decided by hand by ada@office at 20\S+Z: ", text) for text in standing.decisions)


@pytest.mark.slow
def test_the_listing_has_the_last_word(folder: CampaignFolder) -> None:
    """A call that the API lists cannot be decided away: its row is created, and the decision is refused."""
    lost = Lost(folder, kept=True)
    with pytest.raises(UsageError, match=rf"row 2 is not unknown any more: its call is {lost.ids[number(0)]}"):
        lost.decide("2=none")
    results, called = lost.run_again()

    assert column(results, "dialer_status") == ["skipped"] * 3
    assert called == sorted(map(number, range(3)))


@pytest.mark.slow
def test_what_the_listing_says_too_may_be_decided(folder: CampaignFolder) -> None:
    """Right is right, whoever found it first."""
    lost = Lost(folder, kept=True)

    assert lost.decide(f"2={lost.ids[number(0)]}").exit_code == 0


@pytest.mark.slow
def test_an_id_of_nobody_or_of_somebody_else_is_refused(folder: CampaignFolder) -> None:
    """The API's listing, where it is whole, must hold the call, with the row's number."""
    lost = Lost(folder, kept=False)
    with pytest.raises(UsageError, match="the API lists no call call-of-nobody"):
        lost.decide("2=call-of-nobody", "3=none")
    results, called = lost.run_again()

    assert called == []
    assert column(results, "dialer_status") == ["unknown"] * 3


@pytest.mark.slow
def test_a_row_that_is_not_unknown_cannot_be_decided(folder: CampaignFolder) -> None:
    """Nor can one that does not exist; the message lists the unknown ones, and nothing was decided."""
    lost = Lost(folder, kept=False)
    for text in ("1=none", "99=call-1"):
        with pytest.raises(UsageError, match=r"row \d+ is not unknown\. Unknown rows: 2, 3, 4\."):
            lost.decide("2=none", text, faults=UNREADABLE)
    assert lost.decide(faults=UNREADABLE).unknown == 3


@pytest.mark.slow
def test_a_young_call_is_not_decided_away(folder: CampaignFolder) -> None:
    """Before the settle time it may still appear; that there is one can be said at once."""
    lost = Lost(folder, kept=False, tables=AT_ONCE.replace("0s", "1h"))
    with pytest.raises(UsageError, match="too young"):
        lost.decide("2=none")
    assert lost.decide("2=call-1").decided == 1


@pytest.mark.slow
def test_decisions_wait_for_the_end_of_a_run(folder: CampaignFolder) -> None:
    """While somebody else holds the campaign nothing is decided."""
    lost = Lost(folder, kept=False)
    since = datetime.fromisoformat("2026-11-23T17:00:00+00:00") + timedelta()
    with (
        Ledger.open(folder.path / ".dialer/ledger.db") as ledger,
        ledger.lock(what="a run", since=since, campaign=lost.campaign.name),
        pytest.raises(LedgerHeld),
    ):
        lost.decide("2=none")


@pytest.mark.parametrize(
    "texts",
    [
        ["4"],
        ["=none"],
        ["4="],
        ["0=none"],
        ["x=none"],
        ["4=a b"],
        ["4=a/b"],
        ["4=none", "4=x"],
        ["4=x", "5=x"],
    ],
)
def test_anything_else_is_no_decision(texts: list[str]) -> None:
    """A row, and none or an id; each once."""
    with pytest.raises(UsageError, match="--decide"):
        parse_decisions(texts)


def test_who_decides_is_recorded_with_a_name_that_can_be_read() -> None:
    """The account and machine, unless somebody gives a name."""
    assert re.fullmatch(r"\S+@\S+", whoever_runs())
    assert (checked_name(None), checked_name(" Ada ")) == (whoever_runs(), "Ada")
    for name in ("", " ", "a\nb", "x" * 101):
        with pytest.raises(UsageError, match="--by"):
            checked_name(name)
