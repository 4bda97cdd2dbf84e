"""A run does not start with a ledger or a key by which people would be called again."""

import shutil
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from dialer.campaign.file import load_campaign
from dialer.clock import SYSTEM_CLOCK
from dialer.errors import CampaignError, LedgerUnusable, UsageError
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.purge import PurgeOptions, purge_campaign
from dialer.jobs.reconcile import ReconcileOptions, reconcile_campaign
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.run_mark import mark_path
from dialer.jobs.runtime import Runtime
from dialer.jobs.safeguards import Traces, adopt_ledger, open_known, refuse_forgotten, refuse_other_key, refuse_stranger
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.jobs.sending.preview import RunPreview
from dialer.jobs.sync import sync_campaign
from dialer.ledger.database.copy_guard import sign_rows
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import campaign_places
from dialer.ledger.runs import SheetFacts, begin_run
from dialer.nightly.folder import NightlyOptions, run_nightly
from dialer.reasons import Reason, Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.stories import LEFT_BY_A_KILL, BackedUpThenKilled, Backup, killed, run, rung
from tests.jobs.test_run import settings_for
from tests.ledger.postgres import Server
from tests.support import ANY_HOUR, CampaignFolder, HurriedClock, number

pytestmark = LEFT_BY_A_KILL

ONE_BY_ONE = ANY_HOUR + '[submit]\nrequests_per_second = 2000\nconcurrency = 1\nsettle_time = "0s"\n'
RUN = "campaign-20261201T170000Z.csv"


def ran(ledger: Ledger, *key: str, campaign: str = "campaign") -> None:
    """Let a campaign have run, knowing people by *key*."""
    sheet = SheetFacts("contacts.csv", "0" * 64, ("Name", "Phone"))
    with ledger.write() as tx:
        begin_run(tx, run_id="r1", campaign=campaign, sheet=sheet, started_at_ms=1, facts={"key": list(key)})


@pytest.mark.parametrize("name", [RUN, "campaign-20261201T170000Z-2.csv", "campaign-2026-12-01.csv"])
def test_a_ledger_that_is_gone_is_missed(folder: CampaignFolder, name: str) -> None:
    """Results tell that there was one: without it everybody would be called again."""
    (folder.path / name).touch()
    with pytest.raises(LedgerUnusable, match=r"missing.*has run before"):
        refuse_forgotten(Traces(folder.campaign(), folder.path), folder.path / "gone.db")


@pytest.mark.parametrize(
    "name", ["other-20261201T170000Z.csv", "campaign-plan.csv", "campaign-2026.csv", "campaign-20261201T170000Z.xlsx"]
)
def test_other_files_are_no_run_of_the_campaign(folder: CampaignFolder, name: str) -> None:
    """A first run is not held up by a file that somebody keeps there, nor by a folder that is not there yet."""
    (folder.path / name).touch()
    refuse_forgotten(Traces(folder.campaign(), folder.path), folder.path / "gone.db")
    refuse_forgotten(Traces(folder.campaign(), folder.path / "nowhere"), folder.path / "gone.db")


def test_a_ledger_that_is_there_or_on_a_server_is_not_missed(folder: CampaignFolder) -> None:
    """A server's ledger has no file to look for."""
    (folder.path / RUN).touch()
    (folder.path / "ledger.db").touch()
    refuse_forgotten(Traces(folder.campaign(), folder.path), folder.path / "ledger.db")
    refuse_forgotten(Traces(folder.campaign(), folder.path), "postgresql://dialer@db.example.com/ledger")


def test_a_ledger_of_somebody_else_is_refused(folder: CampaignFolder, tmp_path: Path) -> None:
    """It knows nobody whom the campaign has called; one that knows the campaign, or a first run, may go on."""
    campaign = folder.campaign()
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        refuse_stranger(ledger, Traces(campaign, folder.path))
        (folder.path / RUN).touch()
        ran(ledger, "phone", campaign="other")
        with pytest.raises(LedgerUnusable, match=r"does not know campaign.*--ledger"):
            refuse_stranger(ledger, Traces(campaign, folder.path))
    with Ledger.open(tmp_path / "own.db") as ledger:
        ran(ledger, "phone")
        refuse_stranger(ledger, Traces(campaign, folder.path))


def test_another_key_recognises_nobody(folder: CampaignFolder, tmp_path: Path) -> None:
    """A campaign keeps the key that it has run with; the message names both."""
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        refuse_other_key(ledger, folder.campaign())
        ran(ledger, "phone")
        refuse_other_key(ledger, folder.campaign())
        changed = folder.campaign(contacts='region = "US"\nkey = ["name"]')
        with pytest.raises(CampaignError, match=r"\['name'\].*\['phone'\]"):
            refuse_other_key(ledger, changed)


def in_folder(path: Path) -> CampaignFolder:
    """Make a folder of its own with a campaign named `campaign`."""
    path.mkdir()
    return CampaignFolder(path)


@pytest.mark.slow
def test_a_lost_ledger_is_missed_wherever_the_results_went(folder: CampaignFolder, tmp_path: Path) -> None:
    """The mark beside the campaign tells that it has run, under what and when: nobody is called, nothing is made."""
    elsewhere, kept = tmp_path / "mine.csv", tmp_path / "kept/ledger.db"
    with Sandbox() as sandbox:
        run(sandbox, folder.campaign(), kept, results=elsewhere)
        for location in (None, tmp_path / "new.db"):
            with pytest.raises(LedgerUnusable, match=rf"campaign\.ran: on 20.* under {kept}.*--ledger.*--adopt"):
                run(sandbox, folder.campaign(), location, results=elsewhere)
        kept.unlink()
        with pytest.raises(LedgerUnusable, match="has run before"):
            open_known(folder.campaign(), kept)
        with pytest.raises(LedgerUnusable, match="has run before"):
            run(sandbox, folder.campaign(), kept, dry_run=True)
    assert set(rung(sandbox).values()) == {1}
    assert not (tmp_path / "new.db").exists()
    assert not (folder.path / ".dialer").exists()


@pytest.mark.slow
def test_another_ledger_is_refused_although_it_knows_a_campaign_of_that_name(tmp_path: Path, location: str) -> None:
    """The mark names the one ledger that knows who has been called."""
    mine, yours = in_folder(tmp_path / "mine"), in_folder(tmp_path / "yours")
    with Sandbox() as sandbox:
        run(sandbox, yours.campaign(), location)
        mine.people(5)
        run(sandbox, mine.campaign())
        with pytest.raises(LedgerUnusable, match=r"another ledger than campaign has run with: .*mine/\.dialer"):
            run(sandbox, mine.campaign(), location)


def test_results_of_nights_are_traces_too(folder: CampaignFolder) -> None:
    """Where no mark is, the nights' own pattern is looked for, its folders among them."""
    campaign = folder.campaign('[nightly]\nresults = "nights/{date}/{name}.csv"\n')
    (folder.path / "nights/2026-11-20").mkdir(parents=True)
    refuse_forgotten(Traces(campaign, folder.path), folder.path / "gone.db")
    (folder.path / "nights/2026-11-20/campaign.csv").touch()
    refuse_forgotten(Traces(campaign, folder.path, rehearsal=True), folder.path / "gone.db")
    with pytest.raises(LedgerUnusable, match="has run before"):
        refuse_forgotten(Traces(campaign, folder.path), folder.path / "gone.db")


@pytest.mark.slow
def test_a_run_that_claimed_nothing_leaves_no_trace(folder: CampaignFolder) -> None:
    """Whoever looks at the plan and says no may begin again with any ledger: nobody has been called."""

    class Refusing(SilentListener):
        def planned(self, preview: RunPreview) -> bool:
            return preview.facts.planned == 0

    with Sandbox() as sandbox:
        with pytest.raises(UsageError, match="not confirmed"):
            run(sandbox, folder.campaign(), listener=Refusing())
        (folder.path / ".dialer/ledger.db").unlink()
        assert run(sandbox, folder.campaign(), folder.path / "other.db").exit_code == 0


@pytest.mark.slow
def test_a_namesake_in_another_folder_is_refused_by_every_command(tmp_path: Path, location: str) -> None:
    """A campaign is its name and where it lies: the second would call and count the people of the first."""
    first, second = in_folder(tmp_path / "first"), in_folder(tmp_path / "second")
    with Sandbox(faults=Faults(refuse_name="Person 1")) as sandbox:
        run(sandbox, first.campaign(), location)
        campaign, runtime = second.campaign(), Runtime(settings=settings_for(sandbox), clock=HurriedClock())
        both = rf"{second.path}/campaign\.toml.*another campaign named campaign: {first.path}/campaign\.toml"
        for job in (
            partial(run, sandbox, campaign, location),
            partial(run, sandbox, campaign, location, dry_run=True),
            partial(plan_campaign, campaign, options=PlanOptions(ledger=location), runtime=runtime),
            partial(retry_campaign, campaign, options=RunOptions(ledger=location), runtime=runtime),
            partial(reconcile_campaign, campaign, options=ReconcileOptions(ledger=location), runtime=runtime),
            partial(sync_campaign, campaign, ledger=location, runtime=runtime),
            partial(purge_campaign, campaign, options=PurgeOptions(ledger=location), runtime=runtime),
            partial(open_known, campaign, location),
            partial(open_known, campaign, location, from_anywhere=True),
        ):
            with pytest.raises(LedgerUnusable, match=both):
                job()
        second.campaign("[nightly]\nenabled = true\n")
        night = run_nightly(second.path, options=NightlyOptions(ledger=location), runtime=runtime)
        assert (night.exit_code, len(sandbox.created)) == (2, 2)
        adopt_ledger(location, campaign, clock=SYSTEM_CLOCK)
        assert run(sandbox, campaign, location).counts[Status.CREATED] == 0
        with pytest.raises(LedgerUnusable, match="another campaign"):
            run(sandbox, first.campaign(), location)


@pytest.mark.slow
@pytest.mark.parametrize("with_mark", [True, False])
def test_a_campaign_that_was_moved_goes_on_with_a_note(tmp_path: Path, location: str, with_mark: bool) -> None:  # noqa: FBT001 - a parameter
    """The old path holds the file no more, so it is the same campaign; the next run has nothing to say."""
    first = in_folder(tmp_path / "first")
    with Sandbox() as sandbox:
        run(sandbox, first.campaign(), location)
        moved = tmp_path / "moved"
        first.path.rename(moved)
        if not with_mark:
            (moved / "campaign.ran").unlink()
        campaign = load_campaign(moved / "campaign.toml")
        summary, again = run(sandbox, campaign, location), run(sandbox, campaign, location)
    assert set(rung(sandbox).values()) == {1}
    assert summary.exit_code == 0
    assert [note for note in summary.notes if f"lay at {first.path}" in note]
    assert again.notes == ()


@pytest.mark.slow
def test_on_several_machines_the_mark_decides(tmp_path: Path, location: str) -> None:
    """A copy of the folder on another machine is the same campaign, its mark says so; without it nobody can tell."""
    here, there = in_folder(tmp_path / "here"), tmp_path / "there"
    with Sandbox() as sandbox:
        run(sandbox, here.campaign(), location)
        with Ledger.open(location) as ledger, ledger.write() as tx:
            tx.execute(update(campaign_places).values(host="another-machine"))
        shutil.copytree(here.path, there)
        assert run(sandbox, load_campaign(there / "campaign.toml"), location).exit_code == 0
        with Ledger.open(location) as ledger, ledger.write() as tx:
            tx.execute(update(campaign_places).values(host="another-machine"))
        (here.path / "campaign.ran").unlink()
        with pytest.raises(LedgerUnusable, match="on another-machine"):
            run(sandbox, here.campaign(), location)


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_breaks_no_run(folder: CampaignFolder, tmp_path: Path) -> None:
    """Without the mark a guard is missing, and the run says so; the calls are created all the same."""
    sheet = folder.path / "contacts.csv"
    campaign = folder.campaign().with_contacts(sheet)
    campaign = campaign.model_copy(update={"path": tmp_path / "gone/campaign.toml"})
    with Sandbox() as sandbox:
        for _ in range(2):
            summary = run(sandbox, campaign, tmp_path / "ledger.db", results=tmp_path / "results.csv")
            assert summary.exit_code == 0
            assert "cannot be written" in summary.notes[-1]
    assert len(sandbox.created) == 3


@pytest.mark.slow
def test_a_purge_leaves_no_older_state(folder: CampaignFolder, location: str) -> None:
    """Claims that a purge has erased still count: the campaign runs on, and calls only who is new."""
    with Sandbox() as sandbox:
        for count in (3, 4, 5):
            folder.people(count)
            assert run(sandbox, folder.campaign(), location).exit_code == 0
            purge_campaign(folder.campaign(), options=PurgeOptions(ledger=location))
    assert rung(sandbox) == dict.fromkeys(map(number, range(5)), 1)


@pytest.mark.slow
def test_a_rehearsal_leaves_no_mark_and_heeds_none(folder: CampaignFolder) -> None:
    """It has a ledger and calls of its own, and may be begun anew at any time."""
    with Sandbox() as sandbox:
        run(sandbox, folder.campaign())
        rehearsal = Runtime(settings=settings_for(sandbox), clock=HurriedClock(), rehearsal=True)
        before = (folder.path / "campaign.ran").read_bytes()
        options = RunOptions(ledger=folder.path / ".dialer/sandbox.db", results_folder=folder.path / "results/sandbox")
        assert run_campaign(folder.campaign(), options=options, runtime=rehearsal).counts[Status.CREATED] == 3
    assert (folder.path / "campaign.ran").read_bytes() == before


def test_a_pattern_without_a_date_tells_of_no_night(folder: CampaignFolder) -> None:
    """Any file may have that name, the campaign's own sheet among them."""
    campaign = folder.campaign('[nightly]\nresults = "{name}.csv"\n')
    (folder.path / "campaign.csv").touch()
    refuse_forgotten(Traces(campaign, folder.path / "results"), folder.path / "gone.db")


@pytest.mark.slow
def test_backup_whose_mark_is_lost_is_held_against_the_listing(folder: CampaignFolder, location: str) -> None:
    """A backup made and put back within one run fits its own file, and only the mark would have told."""
    folder.people(8)
    campaign, backup = folder.campaign(ONE_BY_ONE), Backup(location)
    with Sandbox() as sandbox:
        with killed():
            run(sandbox, campaign, location, listener=BackedUpThenKilled(backup, backup_after=2, kill_after=6))
        backup.put_back()
        mark_path(campaign).unlink()
        with Ledger.open(location) as ledger, ledger.write() as tx:
            sign_rows(tx, anew=True)  # or else the server's rows tell
        after = run(sandbox, campaign, location)
    assert rung(sandbox) == dict.fromkeys(map(number, range(8)), 1)
    assert after.tally.reasons[Reason.CALLED_BEFORE_ELSEWHERE] == 3  # and one was claimed when it was backed up
    assert after.exit_code != 0


@pytest.mark.slow
def test_server_that_was_set_back_or_replaced_is_recognised(
    folder: CampaignFolder, database: str, postgres: Server
) -> None:
    """Its rows are as they were written, but it begins a new timeline: what the other machine made may be missing."""
    campaign = folder.campaign(ONE_BY_ONE)
    with Sandbox() as sandbox:
        run(sandbox, campaign, database, limit=1)
        postgres.branch()
        with pytest.raises(LedgerUnusable, match=r"older state.*another machine.*--adopt"):
            run(sandbox, campaign, database)
        adopt_ledger(database, campaign, clock=SYSTEM_CLOCK)
        for _ in range(2):
            run(sandbox, campaign, database)
    assert rung(sandbox) == dict.fromkeys(map(number, range(3)), 1)
