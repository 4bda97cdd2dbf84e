"""A test call: to oneself, now, with a row's values; nobody on the sheet counts as called."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.campaign.file import Campaign
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_OK, EXIT_UNKNOWN
from dialer.jobs.call_oneself import call_oneself, read_test_number
from dialer.jobs.doctor import diagnose
from dialer.jobs.readiness.finding import Level
from dialer.jobs.readiness.lost_test_calls import ledger_of_test_calls
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.status import never_run, with_lost_test_calls
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import campaign_names
from dialer.sandbox import NO_FAULTS, Faults, Sandbox
from dialer.settings import Settings
from tests.jobs.test_sync import LaterClock
from tests.support import FAST, CampaignFolder, number

OWN = "+12125550199"
CLOSED = '[schedule]\nwindow = "03:00-03:30"\ndays = ["sun"]\n' + FAST
TABLES = CLOSED + '[limits]\nper_number = ["1/24h"]\n[budget]\nmax_calls = 0\n'


@pytest.fixture
def campaign(folder: CampaignFolder) -> Campaign:
    """Return a campaign that may call nobody now, and has no money left."""
    folder.sheet(
        ["Name", "Phone", "E-mail", "Plan"],
        [["Ada", number(0), "ada@example.com", "Gold"], ["Bob", "12", "", "Silver"]],
    )
    return folder.campaign(TABLES, 'region = "US"\n[contacts.variables]\nplan = "Plan"\n')


def call(sandbox: Sandbox, campaign: Campaign, row: int = 2) -> RunSummary:
    """Call oneself with a row of the sheet."""
    settings = Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))
    return call_oneself(campaign, row=row, number=OWN, runtime=Runtime(settings=settings))


def test_it_rings_oneself_now_with_the_values_of_the_row(campaign: Campaign) -> None:
    """Name and variables are the row's, the number is one's own, and no address of the person goes along."""
    with Sandbox() as sandbox:
        summary = call(sandbox, campaign)
        (made,) = sandbox.created

    assert summary.exit_code == EXIT_OK
    assert (made["toPhoneNumber"], made["nameOfHuman"]) == (OWN, "Ada")
    assert made["promptVariableValues"] == [{"key": "plan", "value": "Gold"}]
    assert "toEmailAddress" not in made
    slot = datetime.fromisoformat(made["callDelayedUntil"])
    assert abs((slot - datetime.now(UTC)).total_seconds()) < 120


@pytest.mark.slow
def test_nobody_counts_as_called(campaign: Campaign, folder: CampaignFolder) -> None:
    """The campaign's ledger is not even begun; a run afterwards calls the person of the row, and oneself not again."""
    with Sandbox() as sandbox:
        call(sandbox, campaign)
        call(sandbox, campaign)
        assert not (folder.path / ".dialer/ledger.db").exists()
        assert not (folder.path / "results").exists()
        any_hour = folder.campaign(contacts='region = "US"\n')
        settings = Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))
        run_campaign(any_hour, runtime=Runtime(settings=settings))
        called = [made["toPhoneNumber"] for made in sandbox.created]

    assert called == [OWN, OWN, number(0)]


def test_it_is_claimed_before_it_is_sent_and_an_unknown_one_is_told(campaign: Campaign) -> None:
    """A reply that is lost leaves the test call unknown, in the ledger of its own, and nothing is repeated."""
    with Sandbox(faults=Faults(drop_after=1.0)) as sandbox:
        summary = call(sandbox, campaign)
        made = len(sandbox.created)

    assert (summary.exit_code, made) == (EXIT_UNKNOWN, 1)
    with Ledger.open(ledger_of_test_calls(campaign.folder, None)) as ledger, ledger.read() as tx:
        assert campaign_names(tx) == [campaign.name]


@pytest.mark.slow
def test_a_lost_reply_is_looked_for_before_another_call(campaign: Campaign, folder: CampaignFolder) -> None:
    """Too early it is refused; once the call is found no other rings; then one may call oneself once more."""
    journal, clock = folder.path / "calls.jsonl", LaterClock(hurried=True)

    def again(faults: Faults = NO_FAULTS) -> tuple[RunSummary, int]:
        with Sandbox(faults=faults, journal=journal, now_ms=clock.now_ms) as sandbox:
            settings = Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))
            made = call_oneself(campaign, row=2, number=OWN, runtime=Runtime(settings=settings, clock=clock))
            return made, len(sandbox.created)

    lost, _ = again(Faults(drop_after=1.0))
    with pytest.raises(UsageError, match="too early to look for"):
        again()
    clock.advance(3600)
    found, rang = again()
    assert (found.idle, found.exit_code, rang) == (True, EXIT_OK, 1)
    assert again()[1] == 2
    for summary in (lost, found):
        assert summary.next_step is not None
        assert summary.next_step.command == f"dialer test-call {folder.campaign_file} --row 2"


@pytest.mark.slow
def test_a_test_call_that_the_api_never_lists_is_named(campaign: Campaign, folder: CampaignFolder) -> None:
    """By the next test call, which does ring, the doctor and the status; no later test call keeps silent of it."""
    clock = LaterClock(hurried=True)
    for faults in (Faults(drop_before=1.0), NO_FAULTS, NO_FAULTS):
        with Sandbox(faults=faults, now_ms=clock.now_ms) as sandbox:
            runtime = Runtime(Settings(base_url=sandbox.url, api_key=SecretStr("a-key")), clock)
            summary = call_oneself(campaign, row=2, number=OWN, runtime=runtime)
            doctor = diagnose(campaign, folder.path / ".dialer/ledger.db", runtime=runtime)
            status = with_lost_test_calls(never_run(campaign, clock=clock), folder.path / ".dialer/ledger.db")
        assert "lost" in str(summary.next_step)
        clock.advance(3600)

    said = "The reply to an earlier test call was lost, and it has not been found at the API: made by "
    assert said in str(summary.next_step)
    assert [finding.level for finding in doctor.findings if said in finding.message] == [Level.WARNING]
    assert len(status.as_json()["lost_test_calls"]) == 1


@pytest.mark.parametrize(("row", "said"), [(3, "Row 3 is not called: phone_invalid"), (9, "there is no row 9")])
def test_a_row_that_is_not_called_is_told(campaign: Campaign, row: int, said: str) -> None:
    """Nothing is sent for a row that no run would call."""
    with Sandbox() as sandbox, pytest.raises(UsageError, match=said):
        call(sandbox, campaign, row)


@pytest.mark.parametrize("text", ["(212) 555-0199", OWN, "0012125550199"])
def test_the_number_is_read_as_in_a_sheet(campaign: Campaign, text: str) -> None:
    """With or without +, as people write it."""
    assert read_test_number(campaign, text) == OWN


@pytest.mark.parametrize("text", ["911", "nobody", "+1 900 555 0199"])
def test_a_number_that_cannot_be_called_is_refused(campaign: Campaign, text: str) -> None:
    """The message holds no whole number."""
    with pytest.raises(UsageError) as refused:
        read_test_number(campaign, text)
    assert "900 555 0199" not in str(refused.value)
    assert "column" not in str(refused.value)


@pytest.mark.parametrize(
    ("ledger", "kept"),
    [(None, ".dialer/test-calls-ledger.db"), ("postgresql://host/name", ".dialer/test-calls-ledger.db")],
)
def test_their_ledger_is_beside_the_campaigns(
    campaign: Campaign, folder: CampaignFolder, ledger: str | None, kept: str
) -> None:
    """A file of its own, also where the campaign's ledger is a server's."""
    assert ledger_of_test_calls(campaign.folder, ledger) == folder.path / kept
    assert ledger_of_test_calls(campaign.folder, Path("/x/sandbox.db")) == Path("/x/test-calls-sandbox.db")
