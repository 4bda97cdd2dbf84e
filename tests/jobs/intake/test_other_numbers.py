"""Who must not be called at one number is called at no other: the same rule whoever says so, and whenever."""

from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete

from dialer.calls.outcome import Outcome
from dialer.campaign.file import Campaign, load_campaign
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.suppress import suppress, unsuppress
from dialer.jobs.sync import sync_campaign
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import contact_numbers
from dialer.nightly.folder import NightlyOptions, run_nightly
from dialer.sandbox import NO_FAULTS, CallLifecycle, End, Faults, Sandbox
from tests.jobs.test_run import hurried, settings_for
from tests.jobs.test_sync import LaterClock
from tests.jobs.virtual import Taking, run_virtually
from tests.simulation.world import World
from tests.support import ANY_HOUR, FAST, CampaignFolder, column, number, read_results

HEADER = ("Name", "Mobile", "Home", "Consent")
TWO_NUMBERS = """
[contacts.columns]
name = "Name"
phone = ["Mobile", "Home"]
consent = "Consent"
"""
LIST = '[suppression]\nfiles = ["stop.csv"]\n'
ORDERLY = "[submit]\nrequests_per_second = 2000\nconcurrency = 1\n"
COUNT = 12


def mobile(index: int) -> str:
    """Return the number at which a person is called."""
    return number(index)


def home(index: int) -> str:
    """Return the person's other number."""
    return number(1_000 + index)


def people(folder: CampaignFolder, count: int = COUNT, *, name: str = "contacts.csv") -> None:
    """Write a sheet of people with two numbers each, and an empty list of numbers never to call."""
    folder.sheet(HEADER, [[f"Person {at}", mobile(at), home(at), "yes"] for at in range(count)], name)
    stop(folder, [])


def stop(folder: CampaignFolder, phones: Sequence[str]) -> None:
    """Write the list."""
    folder.sheet(["Phone"], [[phone] for phone in phones], "stop.csv")


def numbered(folder: CampaignFolder, name: str, tables: str = ANY_HOUR + FAST + LIST + TWO_NUMBERS) -> Campaign:
    """Write a campaign of that name on the sheet of that name."""
    folder.campaign(tables)
    text = folder.campaign_file.read_text("utf-8").replace("contacts.csv", f"{name}.csv")
    path = folder.path / f"{name}.toml"
    path.write_text(text, "utf-8")
    return load_campaign(path)


def called(sandbox: Sandbox) -> list[str]:
    """Return the numbers of all calls that exist, as the API tells them."""
    return [str(call["toPhoneNumber"]) for call in sandbox.created]


def reasons(summary: RunSummary) -> list[str]:
    """Return the reason of each row of the results."""
    return column(read_results(summary.results or Path()), "dialer_reason")


def by_list(_folder: CampaignFolder, location: str) -> None:
    """Say so by `suppress add`."""
    with Ledger.open(location) as ledger:
        suppress(ledger, [home(1)], reason="asked")


def by_file(folder: CampaignFolder, _location: str) -> None:
    """Say so in a suppression file."""
    stop(folder, [home(1)])


def by_consent(folder: CampaignFolder, _location: str) -> None:
    """Say so in another row, further down, which holds the number that is called second."""
    folder.sheet(
        HEADER,
        [*([f"Person {at}", mobile(at), home(at), "yes"] for at in range(3)), ["No", number(2_000), mobile(1), "no"]],
    )


def by_a_call(folder: CampaignFolder, location: str) -> None:
    """Say so in a call of another campaign, whose sheet shows both numbers and has the other one first."""
    folder.sheet(HEADER, [["Person 1", home(1), mobile(1), "yes"]], "earlier.csv")
    clock = LaterClock(hurried=True)
    life = CallLifecycle(script={home(1): (End.DO_NOT_CALL,)})
    earlier = numbered(folder, "earlier", ANY_HOUR + FAST + TWO_NUMBERS)
    with Sandbox(life=life, now_ms=clock.now_ms) as sandbox:
        runtime = Runtime(settings=settings_for(sandbox), clock=clock)
        run_campaign(earlier, options=RunOptions(ledger=location), runtime=runtime)
        clock.advance(3600)
        sync_campaign(earlier, ledger=location, runtime=runtime)


@pytest.mark.slow
@pytest.mark.parametrize("says_so", [by_list, by_file, by_consent, by_a_call])
def test_nobody_is_called_at_another_number(
    folder: CampaignFolder, location: str, says_so: Callable[[CampaignFolder, str], None]
) -> None:
    """Whoever says so: the person's row is skipped, the others are called, and the results say why."""
    people(folder, 3)
    says_so(folder, location)
    with Sandbox() as sandbox:
        runtime = hurried(sandbox)
        campaign = folder.campaign(ANY_HOUR + FAST + LIST + TWO_NUMBERS)
        summary = run_campaign(campaign, options=RunOptions(ledger=location), runtime=runtime)
        again = run_campaign(campaign, options=RunOptions(ledger=location), runtime=runtime)
        assert sorted(called(sandbox)) == sorted([mobile(0), mobile(2)])
    assert reasons(summary)[:3] == ["", "suppressed", ""]
    assert reasons(again)[:3] == ["already_created", "suppressed", "already_created"]


class Adding(SilentListener):
    """Puts everybody's other number on the list when the third call is made."""

    def __init__(self, location: str) -> None:
        self._location = location
        self.made: list[Outcome] = []

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Count, and add."""
        del final
        self.made.append(outcome)
        if len(self.made) == 3:
            with Ledger.open(self._location) as ledger:
                suppress(ledger, [home(at) for at in range(COUNT)], reason="asked")


@pytest.mark.slow
def test_list_that_grows_during_a_run_counts_at_once(folder: CampaignFolder, location: str) -> None:
    """Everybody is planned when the numbers are added; no claim is made for anybody afterwards."""
    people(folder)
    listener = Adding(location)
    with Sandbox() as sandbox:
        summary = run_campaign(
            folder.campaign(ANY_HOUR + ORDERLY + TWO_NUMBERS),
            options=RunOptions(ledger=location),
            listener=listener,
            runtime=hurried(sandbox),
        )
        assert 3 <= len(called(sandbox)) <= 4  # the fourth may have been claimed
    assert reasons(summary).count("suppressed") == COUNT - len(called(sandbox))


@pytest.mark.slow
def test_file_that_grows_during_a_run_counts_within_a_second(folder: CampaignFolder, tmp_path: Path) -> None:
    """Everybody's other number is written into the file after the third of forty calls, two seconds long."""
    people(folder, 40)
    taking = Taking()

    async def serve(request: httpx.Request) -> httpx.Response:
        if len(taking.created) == 3:
            stop(folder, [home(at) for at in range(40)])
        return await taking.serve(request)

    slowly = "[submit]\nrequests_per_second = 5\nconcurrency = 1\n"
    campaign = folder.campaign(ANY_HOUR + slowly + LIST + TWO_NUMBERS)
    options = RunOptions(ledger=tmp_path / "ledger.db")
    summary = run_virtually(campaign, World(1), serve, options=options)
    assert len(taking.created) < 12
    assert reasons(summary).count("suppressed") == 40 - len(taking.created)


def failed_run(folder: CampaignFolder, location: str) -> Campaign:
    """Leave three people whose calls the API refused."""
    folder.sheet(HEADER, [["Refused", mobile(at), home(at), "yes"] for at in range(3)])
    stop(folder, [])
    campaign = folder.campaign(ANY_HOUR + FAST + LIST + TWO_NUMBERS)
    with Sandbox(faults=Faults(refuse_name="Refused")) as sandbox:
        run_campaign(
            campaign,
            options=RunOptions(ledger=location),
            runtime=hurried(sandbox),
        )
    return campaign


@pytest.mark.slow
@pytest.mark.parametrize("says_so", [by_list, by_file, by_a_call])
@pytest.mark.parametrize("is_old", [False, True])
def test_retry_calls_nobody_at_another_number(
    folder: CampaignFolder,
    location: str,
    says_so: Callable[[CampaignFolder, str], None],
    *,
    is_old: bool,
) -> None:
    """Said after the run and before its retry; also where an earlier program has read the rows, and kept one number."""
    campaign = failed_run(folder, location)
    says_so(folder, location)
    if is_old:
        with Ledger.open(location) as ledger, ledger.write() as tx:
            tx.execute(delete(contact_numbers))
    with Sandbox() as sandbox:
        runtime = hurried(sandbox)
        summary = retry_campaign(campaign, options=RunOptions(ledger=location), runtime=runtime)
        assert sorted(called(sandbox)) == sorted([mobile(0), mobile(2)])
    assert reasons(summary) == ["", "suppressed", ""]


@pytest.mark.slow
def test_redial_and_nightly_call_nobody_at_another_number(folder: CampaignFolder, location: str) -> None:
    """Both were not answered and are due again; one has asked for no call at the other number meanwhile."""
    folder.sheet(HEADER, [[f"Person {at}", mobile(at), home(at), "yes"] for at in range(2)], "nightly.csv")
    nightly = '[redial]\non = ["noAnswer"]\nwait = "4h"\n[nightly]\nenabled = true\nat = "00:00"\n'
    nightly += 'timezone = "UTC"\n[limits]\nper_number = []\n'
    numbered(folder, "nightly", ANY_HOUR + FAST + TWO_NUMBERS + nightly)
    folder.campaign_file.unlink()
    clock = LaterClock(hurried=True)
    life = CallLifecycle(script={mobile(at): (End.NO_ANSWER, End.NORMAL) for at in range(2)})
    with Sandbox(life=life, now_ms=clock.now_ms, faults=NO_FAULTS) as sandbox:
        runtime = Runtime(settings=settings_for(sandbox), clock=clock)
        options = NightlyOptions(ledger=location)
        run_nightly(folder.path, options=options, runtime=runtime)
        assert sorted(called(sandbox)) == sorted([mobile(0), mobile(1)])
        with Ledger.open(location) as ledger:
            added = suppress(ledger, [home(1)], reason="asked", clock=LaterClock(-60))
        clock.advance(24 * 3600)
        run_nightly(folder.path, options=options, runtime=runtime)
        assert sorted(called(sandbox)) == sorted([mobile(0), mobile(0), mobile(1)])
    assert len(added.open_calls) == 1


@pytest.mark.slow
def test_colleagues_share_an_office_and_not_a_wish(folder: CampaignFolder, location: str) -> None:
    """One says no in the sheet, another in a call: the office that both name is not called, and a colleague is."""
    office = number(2_000)
    folder.sheet(
        HEADER,
        [
            ["No", mobile(0), office, "no"],
            ["Yes", mobile(1), office, "yes"],
            ["Office", office, "", "yes"],
        ],
    )
    with Sandbox() as sandbox:
        summary = run_campaign(
            folder.campaign(ANY_HOUR + FAST + TWO_NUMBERS),
            options=RunOptions(ledger=location),
            runtime=hurried(sandbox),
        )
        assert called(sandbox) == [mobile(1)]
    assert reasons(summary) == ["consent_revoked", "", "suppressed"]


@pytest.mark.slow
def test_number_taken_off_the_list_frees_its_person(folder: CampaignFolder, location: str) -> None:
    """Nothing else remembers that the person could not be called: the next run does."""
    people(folder, 3)
    by_list(folder, location)
    campaign, options = folder.campaign(ANY_HOUR + FAST + TWO_NUMBERS), RunOptions(ledger=location)
    with Sandbox() as sandbox:
        runtime = hurried(sandbox)
        run_campaign(campaign, options=options, runtime=runtime)
        with Ledger.open(location) as ledger:
            unsuppress(ledger, [home(1)])
        run_campaign(campaign, options=options, runtime=runtime)
        assert sorted(called(sandbox)) == sorted(mobile(at) for at in range(3))


@pytest.mark.slow
def test_rehearsal_knows_the_rule(folder: CampaignFolder, tmp_path: Path) -> None:
    """A dry run on a copy of the ledger holds whom the run would hold, by what another campaign's sheet shows, too."""
    people(folder, 1)
    location = str(tmp_path / "ledger.db")
    by_a_call(folder, location)
    folder.sheet(["Name", "Mobile", "Home", "Consent"], [["Person 1", mobile(1), "", "yes"]])
    options = RunOptions(ledger=location, dry_run=True, results=tmp_path / "rehearsal.csv")
    summary = run_campaign(folder.campaign(ANY_HOUR + FAST + TWO_NUMBERS), options=options)
    assert reasons(summary) == ["suppressed"]
