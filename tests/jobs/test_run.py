"""Whole runs against the sandbox: what is created, what is told, what happens the second time."""

import os
import stat
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.campaign.file import Campaign
from dialer.clock import Clock
from dialer.errors import (
    CampaignError,
    LedgerHeld,
    LedgerUnusable,
    ResultsNotWritten,
    SettingsError,
    SheetError,
    UsageError,
)
from dialer.jobs.check import check_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.jobs.sending.outputs import MOST_ROWS_AT_ONCE
from dialer.jobs.sending.preview import RunPreview
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.status import read_standings
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from dialer.settings import Settings
from tests.support import ANY_HOUR, FAST, MONDAY_NOON, CampaignFolder, HurriedClock, column, number, read_results


def run_at(
    sandbox: Sandbox, campaign: Campaign, options: RunOptions | None = None, clock: Clock | None = None
) -> RunSummary:
    """Run *campaign* against *sandbox*, by *clock* or without waiting for anything."""
    runtime = Runtime(settings=settings_for(sandbox), clock=clock or HurriedClock())
    return run_campaign(campaign, options=options, runtime=runtime)


def settings_for(sandbox: Sandbox) -> Settings:
    """Point at *sandbox*, with some key."""
    return Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))


def hurried(sandbox: Sandbox) -> Runtime:
    """Point at *sandbox*, without waiting between two looks at its listing."""
    return Runtime(settings=settings_for(sandbox), clock=HurriedClock())


@pytest.mark.slow
def test_every_callable_row_gets_one_call(folder: CampaignFolder) -> None:
    """Each row is created once, with what the sheet says about the person, and the results hold the API's ids."""
    with Sandbox() as sandbox:
        summary = run_at(sandbox, folder.campaign())
        created = sandbox.created

    rows = read_results(summary.results or Path())
    assert summary.exit_code == 0
    created.sort(key=lambda call: call["toPhoneNumber"])  # several workers send at once
    assert [call["toPhoneNumber"] for call in created] == [number(0), number(1), number(2)]
    assert [call["nameOfHuman"] for call in created] == ["Person 0", "Person 1", "Person 2"]
    assert column(rows, "dialer_call_id") == [call["_id"] for call in created]
    assert column(rows, "dialer_status") == ["created"] * 3
    assert column(rows, "dialer_call_delayed_until") == [call["callDelayedUntil"] for call in created]


@pytest.mark.slow
def test_the_second_run_creates_nothing(folder: CampaignFolder) -> None:
    """Running the same campaign again calls nobody again and tells each row's earlier id."""
    with Sandbox() as sandbox:
        first = run_at(sandbox, folder.campaign())
        second = run_at(sandbox, folder.campaign())
        created = sandbox.created

    assert len(created) == 3
    assert second.exit_code == 0
    rows = read_results(second.results or Path())
    assert set(column(rows, "dialer_reason")) == {"already_created"}
    ids = column(read_results(first.results or Path()), "dialer_call_id")
    assert column(rows, "dialer_call_id") == ids


@pytest.mark.slow
def test_a_reordered_and_grown_sheet_creates_only_what_is_new(folder: CampaignFolder) -> None:
    """People are known by their number, however written and wherever in the sheet."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())
        national = f"({number(0)[2:5]}) {number(0)[5:8]}-{number(0)[8:]}"
        people = [["New", number(50)], ["Second", number(1)], ["First, renamed", national]]
        folder.sheet(["Phone", "Name"], [[phone, name] for name, phone in people])
        summary = run_at(sandbox, folder.campaign())
        created = sandbox.created

    assert sorted(call["nameOfHuman"] for call in created) == ["New", "Person 0", "Person 1", "Person 2"]
    assert summary.counts[Status.CREATED] == 1


@pytest.mark.slow
def test_bad_rows_never_stop_good_ones_and_every_row_is_told(folder: CampaignFolder) -> None:
    """Whatever is wrong with some rows, every row of the sheet stands in the results once, in its order."""
    folder.sheet(
        ["Name", "Phone"],
        [
            ["A", number(0)],
            ["B", "12"],
            ["", number(1)],
            ["D", number(0)],
            ["E", "1.21E+10"],
            ["F", number(2)],
        ],
    )
    with Sandbox() as sandbox:
        summary = run_at(sandbox, folder.campaign())
        created = sandbox.created

    rows = read_results(summary.results or Path())
    assert len(created) == 2
    assert column(rows, "dialer_row") == ["2", "3", "4", "5", "6", "7"]
    assert column(rows, "dialer_status") == [
        "created",
        "rejected",
        "rejected",
        "skipped",
        "rejected",
        "created",
    ]
    assert column(rows, "dialer_reason") == [
        "", "phone_invalid", "name_missing", "duplicate_of_row", "phone_damaged", "",
    ]  # fmt: skip
    assert column(rows, "Name") == ["A", "B", "", "D", "E", "F"]
    assert summary.exit_code == 3


@pytest.mark.slow
def test_a_refused_row_fails_and_is_sent_again_once_mended(folder: CampaignFolder) -> None:
    """A 400 is told on its row, and running again sends that row and no other."""
    with Sandbox(faults=Faults(refuse=1.0)) as refusing:
        first = run_at(refusing, folder.campaign())
    with Sandbox() as sandbox:
        second = run_at(sandbox, folder.campaign())

    rows = read_results(first.results or Path())
    assert set(column(rows, "dialer_status")) == {"failed"}
    assert set(column(rows, "dialer_reason")) == {"api_400"}
    assert first.exit_code == 3
    assert second.counts[Status.CREATED] == 3
    assert column(read_results(second.results or Path()), "dialer_attempts") == ["2"] * 3


@pytest.mark.slow
def test_a_call_that_may_exist_is_never_sent_again(folder: CampaignFolder) -> None:
    """A connection that breaks after the request left makes the row unknown, now and in every later run."""
    with Sandbox(faults=Faults(drop_after=1.0)) as dropping:
        first = run_at(dropping, folder.campaign())
        created = len(dropping.created)
    with Sandbox() as sandbox:
        second = run_at(sandbox, folder.campaign())
        created_again = len(sandbox.created)

    assert created == 3
    assert created_again == 0
    assert first.exit_code == second.exit_code == 4
    assert set(column(read_results(second.results or Path()), "dialer_status")) == {"unknown"}


@pytest.mark.slow
def test_a_rate_limit_is_waited_out(folder: CampaignFolder, caplog: pytest.LogCaptureFixture) -> None:
    """Replies of 429 lose no row: the calls are put off and created later, and the summary tells how it gave way."""
    folder.people(12)
    with Sandbox(faults=Faults(requests_per_second=5)) as sandbox:
        summary = run_at(sandbox, folder.campaign())
        created = sandbox.created

    assert len({call["toPhoneNumber"] for call in created}) == len(created) == 12
    assert summary.exit_code == 0
    pace = summary.as_json()["pace"]
    assert pace is not None
    assert pace["put_off"] > 0
    assert 0.5 <= pace["lowest_share"] <= pace["last_share"] < 1
    (note,) = [note for note in summary.notes if f"{pace['lowest_share']:.0%} of" in note and "429" in note]
    assert note in caplog.text


@pytest.mark.slow
def test_a_refused_key_ends_the_run_before_anything_is_sent(folder: CampaignFolder) -> None:
    """With a wrong key no POST leaves, every row stays pending and the exit code says so."""
    with Sandbox(api_key="another") as sandbox:
        summary = run_at(sandbox, folder.campaign())
        posts = sandbox.requests.get("POST", 0)

    assert posts == 0
    assert summary.exit_code == 5
    assert summary.counts[Status.PENDING] == 3
    assert set(column(read_results(summary.results or Path()), "dialer_reason")) == {"stopped"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [Faults(key_refused_after=3), Faults(no_credit_after=3)],
    ids=["key", "credit"],
)
def test_a_key_or_credit_refused_midway_keeps_the_rest_pending(folder: CampaignFolder, faults: Faults) -> None:
    """What was created stays created, what was not stays pending, and a later run finishes the rest."""
    folder.people(10)
    campaign = folder.campaign(ANY_HOUR + FAST.replace("concurrency = 4", "concurrency = 1"))
    with Sandbox(faults=faults) as sandbox:
        first = run_at(sandbox, campaign)
        before = [call["toPhoneNumber"] for call in sandbox.created]
    with Sandbox() as sandbox:
        second = run_at(sandbox, campaign)
        after = [call["toPhoneNumber"] for call in sandbox.created]

    assert first.exit_code == 5
    assert first.counts[Status.CREATED] == len(before) > 0
    assert first.counts[Status.PENDING] == 10 - len(before)
    assert sorted(before + after) == sorted(number(index) for index in range(10))
    assert second.exit_code == 0


@pytest.mark.slow
def test_an_api_out_of_reach_leaves_every_row_pending(folder: CampaignFolder) -> None:
    """With nobody at the other end nothing is claimed, nothing is lost, and the run says it stopped."""
    with Sandbox() as gone:
        address = gone.url
    campaign = folder.campaign(ANY_HOUR + FAST + "max_attempts = 2\n")
    summary = run_campaign(campaign, runtime=Runtime(settings=Settings(base_url=address, api_key=SecretStr("a-key"))))

    assert summary.exit_code == 5
    assert summary.counts[Status.PENDING] == 3


@pytest.mark.slow
def test_a_limit_takes_the_first_rows(folder: CampaignFolder) -> None:
    """`--limit` creates that many calls, the first of the sheet, and a later run the others."""
    with Sandbox() as sandbox:
        first = run_at(sandbox, folder.campaign(), RunOptions(limit=1))
        created = [call["toPhoneNumber"] for call in sandbox.created]
        second = run_at(sandbox, folder.campaign())

    assert created == [number(0)]
    assert column(read_results(first.results or Path()), "dialer_reason") == [
        "",
        "beyond_limit",
        "beyond_limit",
    ]
    assert first.exit_code == second.exit_code == 0
    assert second.counts[Status.CREATED] == 2


@pytest.mark.slow
def test_a_dry_run_sends_and_stores_nothing(folder: CampaignFolder) -> None:
    """A dry run makes the whole plan, knows what is already created, and leaves no trace."""
    with Sandbox() as sandbox:
        dry = run_at(sandbox, folder.campaign(), RunOptions(dry_run=True))
        untouched = not (folder.path / ".dialer").exists() and not sandbox.requests
        run_at(sandbox, folder.campaign(), RunOptions(limit=1))
        again = run_at(sandbox, folder.campaign(), RunOptions(dry_run=True))
        created = len(sandbox.created)

    assert untouched
    assert dry.counts[Status.PENDING] == 3
    assert dry.tally.reasons == {"waiting": 3}
    assert again.counts[Status.PENDING] == 2
    assert again.counts[Status.SKIPPED] == 1
    assert created == 1


@pytest.mark.slow
def test_slots_beyond_the_horizon_stay_pending(folder: CampaignFolder) -> None:
    """Only what lies within the horizon of the first slot is committed: a created call cannot be recalled."""
    campaign = folder.campaign(ANY_HOUR.replace("6000", "1") + 'horizon = "1m"\n' + FAST)
    with Sandbox() as sandbox:
        summary = run_at(sandbox, campaign)

    assert summary.counts[Status.CREATED] == 2
    assert column(read_results(summary.results or Path()), "dialer_reason") == ["", "", "beyond_horizon"]
    assert summary.exit_code == 0


@pytest.mark.slow
def test_a_second_run_keeps_its_distance_from_slots_already_committed(folder: CampaignFolder) -> None:
    """Two runs together never ring people faster than the campaign's pace."""
    campaign = folder.campaign(ANY_HOUR.replace("6000", "6") + FAST)
    with Sandbox() as sandbox:
        run_at(sandbox, campaign, RunOptions(limit=2))
        run_at(sandbox, campaign)
        slots = sorted(call["callDelayedUntil"] for call in sandbox.created)

    seconds = [int(slot[14:16]) * 60 + float(slot[17:23]) for slot in slots]
    gaps = [(later - earlier) % 3600 for earlier, later in pairwise(seconds)]
    assert min(gaps) >= 10 - 0.001


def test_a_held_ledger_ends_a_second_run_at_once(folder: CampaignFolder) -> None:
    """While one run holds the ledger another is refused and told who holds it."""
    campaign = folder.campaign()
    with (
        Ledger.open(folder.path / ".dialer/ledger.db") as ledger,
        ledger.lock(what="a run of test", since=MONDAY_NOON),
        Sandbox() as sandbox,
        pytest.raises(LedgerHeld, match=rf"a run of test, process {os.getpid()}"),
    ):
        run_at(sandbox, campaign)


def test_a_plan_that_is_not_confirmed_sends_nothing(folder: CampaignFolder) -> None:
    """Saying no leaves every row pending and calls nobody; the API was asked only whether it takes the key."""

    class Refusing(SilentListener):
        def planned(self, preview: RunPreview) -> bool:
            return preview.facts.planned == 0

    with Sandbox() as sandbox, pytest.raises(UsageError, match="not confirmed"):
        run_campaign(folder.campaign(), listener=Refusing(), runtime=Runtime(settings=settings_for(sandbox)))
    assert "POST" not in sandbox.requests


@pytest.mark.slow
def test_files_are_for_the_owner_only(folder: CampaignFolder) -> None:
    """The ledger, its lock and the results hold people's numbers: 0600 in 0700 folders, whatever the umask."""
    before = os.umask(0)
    try:
        with Sandbox() as sandbox:
            run_at(sandbox, folder.campaign())
    finally:
        os.umask(before)

    modes = {
        path.relative_to(folder.path).parts[0] + ("/" if path.is_dir() else ""): stat.S_IMODE(path.stat().st_mode)
        for name in (".dialer", "results")
        for path in [folder.path / name, *(folder.path / name).iterdir()]
    }
    assert modes == {".dialer/": 0o700, ".dialer": 0o600, "results/": 0o700, "results": 0o600}


def test_a_missing_key_is_said_before_anything_is_stored(folder: CampaignFolder) -> None:
    """Without a key nothing is opened, and the message names the variable."""
    with pytest.raises(SettingsError, match="AICALLER_API_KEY"):
        run_campaign(folder.campaign(), runtime=Runtime(settings=Settings()))
    assert not (folder.path / ".dialer").exists()


def test_a_missing_webhook_secret_is_said_by_name(folder: CampaignFolder) -> None:
    """A secret that the environment lacks is named, not sent as nothing."""
    hook = '[[call.webhooks]]\nurl = "https://hooks.example.com/"\nsecret_env = "HOOK_SECRET"\n'
    with pytest.raises(CampaignError, match="HOOK_SECRET"):
        run_campaign(folder.campaign(ANY_HOUR + hook), runtime=Runtime(settings=Settings(api_key=SecretStr("a-key"))))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ("Name,Phone\n", "no rows below the header"),
        ("Name,Note\nA,b\n", "no column is known to be the phone"),
        ("Name,Phone,Mobile\nA,1,2\n", "could each be the phone"),
    ],
    ids=["empty", "headers only", "no phone column", "two phone columns"],
)
def test_a_sheet_that_cannot_be_used_sends_nothing(folder: CampaignFolder, content: str, told: str) -> None:
    """A sheet that nobody could dial from is refused whole, and says what to mend."""
    (folder.path / "contacts.csv").write_text(content, "utf-8")
    with Sandbox() as sandbox, pytest.raises(SheetError, match=told):
        run_at(sandbox, folder.campaign())
    assert not sandbox.requests


def test_a_missing_sheet_is_named(folder: CampaignFolder) -> None:
    """The path that was looked for is in the message."""
    (folder.path / "contacts.csv").unlink()
    with Sandbox() as sandbox, pytest.raises(SheetError, match=r"contacts\.csv"):
        run_at(sandbox, folder.campaign())


@pytest.mark.slow
def test_a_missing_ledger_of_a_campaign_that_has_run_is_refused(folder: CampaignFolder) -> None:
    """Without its ledger a campaign would call everybody again, so it does not start."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())
        for file in (folder.path / ".dialer").iterdir():
            file.unlink()
        with pytest.raises(LedgerUnusable, match="has run before"):
            run_at(sandbox, folder.campaign())
        posts = sandbox.requests["POST"]

    assert posts == 3
    assert not (folder.path / ".dialer/ledger.db").exists()


@pytest.mark.slow
def test_every_step_is_logged_by_action_and_id(folder: CampaignFolder, caplog: pytest.LogCaptureFixture) -> None:
    """A log reader finds what happened by action, run and contact; no whole number and no key is in it."""
    with caplog.at_level("DEBUG", logger="dialer"), Sandbox() as sandbox:
        summary = run_at(sandbox, folder.campaign())

    records = [record for record in caplog.records if record.name.startswith("dialer.jobs") or "submit" in record.name]
    assert [vars(record)["action"] for record in records] == ["planned", "settled", "settled", "settled", "ended"]
    assert {vars(record)["run_id"] for record in records} == {summary.run_id}
    assert {vars(record)["contact_id"] for record in records if vars(record)["action"] == "settled"} == {1, 2, 3}
    assert "a-key" not in caplog.text
    assert not [index for index in range(3) if number(index)[2:] in caplog.text]


@pytest.mark.slow
@pytest.mark.parametrize("dry_run", [False, True])
def test_another_key_after_a_run_is_refused(folder: CampaignFolder, dry_run: bool) -> None:  # noqa: FBT001 - a parameter
    """By another key nobody would be recognised, and everybody called again: the campaign does not start."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())
        other = folder.campaign(ANY_HOUR + FAST, 'region = "US"\nkey = ["phone", "name"]')
        with pytest.raises(CampaignError, match=r"contacts\.key"):
            run_at(sandbox, other, RunOptions(dry_run=dry_run))
        same = run_at(sandbox, folder.campaign())
        created = len(sandbox.created)

    assert created == 3
    assert same.exit_code == 0


@pytest.mark.slow
def test_a_ledger_of_others_is_refused_for_a_campaign_that_has_run(folder: CampaignFolder) -> None:
    """A ledger that exists but has never heard of the campaign would call everybody again, and does not."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())
        Ledger.open(folder.path / "other.db").close()
        with pytest.raises(LedgerUnusable, match="does not know"):
            run_at(sandbox, folder.campaign(), RunOptions(ledger=folder.path / "other.db"))
        posts = sandbox.requests["POST"]

    assert posts == 3


def test_a_guess_about_the_sheet_is_told_before_anybody_is_called(
    folder: CampaignFolder, caplog: pytest.LogCaptureFixture
) -> None:
    """What was guessed of the sheet is a warning of the run, too, and holds nobody's number."""
    folder.path.joinpath("contacts.csv").write_bytes(f"Name,Phone\nZo\u00eb,{number(0)}\n".encode("cp1252"))
    run_campaign(folder.campaign(), options=RunOptions(dry_run=True))

    assert "is read as cp1252" in caplog.text
    assert number(0)[1:] not in caplog.text


def test_results_never_replace_what_the_campaign_reads(folder: CampaignFolder) -> None:
    """Its sheet, its list of numbers never to call, its own file and its ledger stay what they are."""
    (folder.path / "stop.csv").write_text("phone\n", "utf-8")
    campaign = folder.campaign(ANY_HOUR + FAST + '[suppression]\nfiles = ["stop.csv"]\n')
    for name in ("contacts.csv", "stop.csv", "campaign.toml", ".dialer/ledger.db"):
        with pytest.raises(UsageError, match="would be overwritten"):
            run_campaign(
                campaign,
                options=RunOptions(results=folder.path / name),
                runtime=Runtime(settings=Settings(base_url="http://127.0.0.1:9", api_key=SecretStr("a-key"))),
            )
    assert (folder.path / "contacts.csv").read_text("utf-8").startswith("Name,Phone")


def test_a_results_file_of_no_known_kind_is_refused_before_anything(folder: CampaignFolder) -> None:
    """Neither a ledger nor a call is made for a file that could not be written in the end."""
    with Sandbox() as sandbox, pytest.raises(UsageError, match="choose one of these endings"):
        run_at(sandbox, folder.campaign(), options=RunOptions(results=folder.path / "results.pdf"))

    assert not list(folder.path.glob("*.db"))


@pytest.mark.slow
def test_a_run_tells_once_how_many_addresses_were_left_out(
    folder: CampaignFolder, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has an unusable e-mail address is called without it; notes and log say so, as `check` does."""
    rows = [("Ada", number(0), "n/a"), ("Bob", number(1), "x"), ("Eve", number(2), "eve@example.com")]
    folder.sheet(("name", "phone", "email"), rows)
    with Sandbox() as sandbox:
        summary = run_at(sandbox, folder.campaign())

    (note,) = summary.notes
    assert note.startswith('2 rows hold no e-mail address in the column "email", the first is row 2')
    assert caplog.text.count("no e-mail address") == 1
    assert note in check_campaign(folder.campaign()).notes


class InTheWay(SilentListener):
    """Puts a file where the folder of results would be, while somebody is asked."""

    def __init__(self, results: Path) -> None:
        self._results = results

    def planned(self, preview: RunPreview) -> bool:
        """Put it there, and agree."""
        del preview
        self._results.write_text("in the way", "utf-8")
        return True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tables", "nobodies"),
    [("", 0), ("", MOST_ROWS_AT_ONCE), (f'{ANY_HOUR}{FAST}[suppression]\nfiles = ["contacts.csv"]\n', 0)],
)
def test_a_run_whose_results_cannot_be_written_has_ended(folder: CampaignFolder, tables: str, nobodies: int) -> None:
    """It is no run that was killed: the ledger says how it ended, and nothing was sent.

    One that calls nobody writes its results at its end, the others before they send, or look whether they can.
    """
    campaign = folder.campaign(tables) if tables else folder.campaign()
    with (folder.path / "contacts.csv").open("a", encoding="utf-8") as sheet:
        sheet.write("Nobody,\n" * nobodies)
    with Sandbox() as sandbox:
        with pytest.raises(ResultsNotWritten):
            run_campaign(campaign, listener=InTheWay(folder.path / "results"), runtime=hurried(sandbox))
        assert not sandbox.created
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        (standing,) = read_standings(ledger, campaign.name)
    assert [run.exit_code for run in standing.runs] == [5]
