"""Erasing a campaign's people after real runs against the sandbox: nothing of them is left, nobody is rung again."""

from pathlib import Path

import pytest

from dialer.errors import LedgerHeld, LedgerUnusable, UsageError
from dialer.jobs.check import check_campaign
from dialer.jobs.purge import PurgeOptions, PurgeSummary, purge_campaign
from dialer.jobs.results import rebuild_results
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.status import read_standings
from dialer.jobs.suppress import suppression_list
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import State
from dialer.reasons import Status
from dialer.results.report.compose import Scope
from dialer.results.report.write import write_report
from dialer.sandbox import Faults, Sandbox
from dialer.settings import Settings
from tests.jobs.test_run import run_at
from tests.jobs.test_sync import HOUR, LaterClock, ran, sandbox_at, synced
from tests.support import MONDAY_NOON, NOON_MS, CampaignFolder, column, number, read_results

CANARIES = ["Zoë Canary", "canary-b", "canary.a@example.com", "canary.b@example.com", "canary-note", "canary-other"]
MAPPED = 'region = "US"\nkey = ["Key"]\n[contacts.variables]\n"*" = "*"'


def _sheet(folder: CampaignFolder) -> None:
    header = ["Name", "Phone", "Email", "Key", "Note"]
    rows = [
        ["Zoë Canary", number(0), "canary.a@example.com", "canary-key-a", "canary-note"],
        ["canary-b", number(1), "canary.b@example.com", "canary-key-b", "canary-other"],
        ["canary-b", "123", "", "canary-key-c", ""],
    ]
    folder.sheet(header, rows)


def _left(folder: CampaignFolder) -> list[str]:
    """Search every file but the sheet, byte by byte, for what is known of the people."""
    files = [path for path in folder.path.rglob("*") if path.is_file() and path.name != "contacts.csv"]
    content = b"".join(path.read_bytes() for path in files)
    wanted = [*CANARIES, "canary-key-a", "canary-key-b", "canary-key-c"]
    wanted += [number(index)[start:] for index in (0, 1) for start in (0, 1, 2)]
    return [text for text in wanted if text.encode() in content]


@pytest.mark.slow
def test_no_byte_of_the_people_is_left_and_nobody_is_rung_again(folder: CampaignFolder) -> None:
    """After runs, a check and a results file, a purge leaves no byte; the same sheet then creates no call."""
    campaign = folder.campaign(contacts=MAPPED)
    _sheet(folder)
    with Sandbox() as sandbox:
        run_at(sandbox, campaign)
        run_id = run_at(sandbox, campaign).run_id
        with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
            for name in ("campaign", f"campaign-{run_id}"):
                write_report(ledger, campaign, folder.path / f"results/{name}.html", Scope(NOON_MS, unmasked=True))
        check_campaign(campaign)
        with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
            rebuild_results(ledger, campaign.name, folder.path / "results/campaign.xlsx")
        (folder.path / "results/.campaign-20261123T170000Z.csv.a1b2.part").write_text(number(0), "utf-8")
        assert len(_left(folder)) > 10

        summary = purge_campaign(campaign, runtime=Runtime(settings=Settings()))
        left = _left(folder)
        again = run_at(sandbox, campaign)
        posts = sandbox.requests["POST"]

    assert left == []
    assert (summary.contacts[State.CREATED], summary.sheet_rows, summary.runs, summary.remembered) == (2, 3, 2, 2)
    assert len(summary.files) == 7
    assert posts == 2
    rows = read_results(again.results or Path())
    assert column(rows, "dialer_reason") == ["already_created", "already_created", "phone_invalid"]
    assert "before the campaign's people were purged" in rows[0]["dialer_message"]


@pytest.mark.slow
def test_what_calls_brought_back_is_erased_too(folder: CampaignFolder) -> None:
    """Values, recordings and opt-outs' ends are gone from every file; who asked for no more calls stays suppressed."""
    clock = LaterClock()
    campaign = folder.campaign()
    campaign = campaign.model_copy(update={"call": campaign.call.model_copy(update={"record": True})})
    with sandbox_at(clock) as sandbox:
        ran(sandbox, campaign, clock)
        clock.advance(HOUR)
        synced(sandbox, campaign, clock)
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        rebuild_results(ledger, campaign.name, folder.path / "results/campaign.csv")
    brought = (b"is =1+1", b"recordings.example.com", b"interested", b"ENDED_NORMALLY")

    def content() -> bytes:
        return b"".join(path.read_bytes() for path in folder.path.rglob("*") if path.is_file())

    assert all(text in content() for text in brought)
    purge_campaign(campaign, runtime=Runtime(settings=Settings()))
    assert not any(text in content() for text in brought)
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        assert len(suppression_list(ledger)) == 1


@pytest.mark.slow
def test_who_surely_had_no_call_may_be_called_after_a_purge(folder: CampaignFolder) -> None:
    """A limit left two people out; after the purge a run on the sheet calls exactly them."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign(), RunOptions(limit=1))
        purge_campaign(folder.campaign(), runtime=Runtime(settings=Settings()))
        summary = run_at(sandbox, folder.campaign())
        numbers = [call["toPhoneNumber"] for call in sandbox.created]
    assert summary.counts[Status.CREATED] == 2
    assert sorted(numbers) == [number(0), number(1), number(2)]


@pytest.mark.slow
def test_files_of_other_campaigns_and_people_stay(folder: CampaignFolder) -> None:
    """A campaign whose name begins alike, and a file that a person put there, are not touched."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())
    kept = ["campaign-two-20261123T170000Z.csv", "campaign-two.csv", "campaign-notes.txt", "campaign-20261123.csv"]
    for name in kept:
        (folder.path / "results" / name).touch()
    purge_campaign(folder.campaign(), runtime=Runtime(settings=Settings()))
    assert sorted(path.name for path in (folder.path / "results").iterdir()) == sorted(kept)


@pytest.mark.slow
def test_calls_in_doubt_are_not_erased_unless_forced(folder: CampaignFolder) -> None:
    """An unknown call stops the purge and is told how to be reconciled; forced, it counts as called for ever."""
    with Sandbox(faults=Faults(drop_after=1.0)) as dropping:
        run_at(dropping, folder.campaign())
    with pytest.raises(UsageError, match=r"3 calls may or may not exist.*dialer reconcile"):
        purge_campaign(folder.campaign(), runtime=Runtime(settings=Settings()))
    assert list((folder.path / "results").iterdir())

    summary = purge_campaign(folder.campaign(), options=PurgeOptions(force=True), runtime=Runtime(settings=Settings()))
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())
        posts = sandbox.requests.get("POST", 0)
    assert summary.remembered == 3
    assert posts == 0


@pytest.mark.slow
def test_purge_waits_for_no_run_and_stops_none(folder: CampaignFolder) -> None:
    """While a run holds the ledger nothing is erased."""
    with Sandbox() as sandbox:
        results = run_at(sandbox, folder.campaign()).results or Path()
    with (
        Ledger.open(folder.path / ".dialer/ledger.db") as ledger,
        ledger.lock(what="a run of test", since=MONDAY_NOON),
        pytest.raises(LedgerHeld, match="a run of test"),
    ):
        purge_campaign(folder.campaign(), runtime=Runtime(settings=Settings()))
    assert results.exists()


@pytest.mark.slow
def test_purge_that_is_not_confirmed_erases_nothing(folder: CampaignFolder) -> None:
    """Who is asked sees what would go, and saying no keeps all of it."""
    with Sandbox() as sandbox:
        results = run_at(sandbox, folder.campaign()).results or Path()
    asked: list[PurgeSummary] = []

    def refuse(summary: PurgeSummary) -> bool:
        asked.append(summary)
        return False

    with pytest.raises(UsageError, match="not confirmed"):
        purge_campaign(folder.campaign(), confirm=refuse, runtime=Runtime(settings=Settings()))
    assert (asked[0].contacts[State.CREATED], asked[0].files) == (3, (results,))
    assert results.exists()


def test_purge_of_a_campaign_never_run_takes_its_problems_file(folder: CampaignFolder) -> None:
    """Without a ledger none is made; the rejected rows that a check wrote are erased all the same."""
    folder.sheet(["Name", "Phone"], [["A", "123"]])
    problems = check_campaign(folder.campaign()).problems_file
    summary = purge_campaign(folder.campaign(), runtime=Runtime(settings=Settings()))
    assert summary.files == (problems,)
    assert not (folder.path / ".dialer").exists()
    assert purge_campaign(folder.campaign(), runtime=Runtime(settings=Settings())).files == ()


@pytest.mark.slow
def test_missing_ledger_is_not_covered_up(folder: CampaignFolder) -> None:
    """With its ledger gone, the results are all that tells who was called: they are kept and the loss is said."""
    with Sandbox() as sandbox:
        results = run_at(sandbox, folder.campaign()).results or Path()
    (folder.path / ".dialer/ledger.db").unlink()
    with pytest.raises(LedgerUnusable, match="missing"):
        purge_campaign(folder.campaign(), runtime=Runtime(settings=Settings()))
    assert results.exists()


@pytest.mark.slow
def test_standing_and_results_say_that_people_were_erased(folder: CampaignFolder) -> None:
    """Afterwards the status counts the erased, lists the runs, and there is no table to write."""
    campaign = folder.campaign()
    with Sandbox() as sandbox:
        run_id = run_at(sandbox, campaign).run_id
    purge_campaign(campaign, runtime=Runtime(settings=Settings()))
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        (standing,) = read_standings(ledger)
        with pytest.raises(UsageError, match="erased"):
            rebuild_results(ledger, campaign.name, folder.path / "all.csv")
    assert (standing.standing.purged, standing.runs[0].id, sum(standing.standing.counts.values())) == (3, run_id, 0)
    assert "erased" in standing.advice
    assert standing.as_json()["purged"] == 3
