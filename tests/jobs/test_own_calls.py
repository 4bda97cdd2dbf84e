"""Rows that differ in how their people are called, judged by what the sandbox was asked for and lists."""

from pathlib import Path

import pytest

from dialer.calls.reconciliation import Finding
from dialer.campaign.file import Campaign
from dialer.cli.question import details
from dialer.errors import UsageError
from dialer.jobs.check import check_campaign, preview_call
from dialer.jobs.purge import purge_campaign
from dialer.jobs.reconcile import reconcile_campaign
from dialer.jobs.retry import RetryOptions, retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.options import SilentListener
from dialer.jobs.sending.preview import RunPreview
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.intake.test_earlier_calls import forget
from tests.jobs.test_run import hurried, run_at
from tests.jobs.test_sync import HOUR, LaterClock, ran, sandbox_at, synced
from tests.support import ANY_HOUR, FAST, TEMPLATE, CampaignFolder, column, number, read_results

HEADER = ("Name", "Phone", "Language", "Template", "Caller ID", "Record")
COLUMNS = """
columns = { call_template_id = "Template", from_phone_number = "Caller ID", record = "Record" }
region = "US"
"""
BY = """
[call.by.Language]
de = { call_template_id = "german", phone_number_id = "berlin", telephony_provider = "telnyx" }
en = { record = true }
"""


def campaign_of(folder: CampaignFolder, *rows: tuple[str, str, str, str], tables: str = "") -> Campaign:
    """Write a sheet with a row for each of *rows*, the cells after the phone, and its campaign."""
    people = [[f"Person {index}", number(index), *cells] for index, cells in enumerate(rows)]
    folder.sheet(HEADER, people)
    return folder.campaign(ANY_HOUR + FAST + tables + BY, COLUMNS)


def test_every_call_has_what_its_row_says(folder: CampaignFolder) -> None:
    """The stand-in was asked for each person's own template, number, carrier and recording, and for `[call]`'s else."""
    caller = "+12015550150"
    campaign = campaign_of(
        folder, ("", "", "", ""), ("De", "", "", "no"), ("de", "mine", caller, ""), ("en", "", "", "")
    )
    with Sandbox() as sandbox:
        summary = run_at(sandbox, campaign)
        asked = {call["toPhoneNumber"]: call for call in sandbox.created}

    told = read_results(summary.results or Path())
    assert column(told, "dialer_call_template_id") == [TEMPLATE, "german", "mine", TEMPLATE]
    assert column(told, "dialer_from_number") == ["", "berlin", caller, ""]
    names = ("callTemplateId", "phoneNumberId", "fromPhoneNumber", "telephonyProvider", "record")
    assert summary.exit_code == 0
    assert [tuple(asked[number(index)].get(name) for name in names) for index in range(4)] == [
        (TEMPLATE, None, None, None, None),
        ("german", "berlin", None, "telnyx", False),
        ("mine", None, caller, "telnyx", None),
        (TEMPLATE, None, None, None, True),
    ]


def test_a_row_with_an_unknown_word_or_value_is_rejected(folder: CampaignFolder) -> None:
    """It is told with its row, its column and the words that are known; the others are called, and it once mended."""
    campaign = campaign_of(folder, ("de", "", "", ""), ("fr", "", "", ""), ("", "", "5550100", ""))
    checked = check_campaign(campaign)
    with Sandbox() as sandbox:
        first = run_at(sandbox, campaign)
        rows = read_results(first.results or Path())
        again = campaign_of(folder, ("de", "", "", ""), ("en", "", "", ""), ("", "", "5550100", ""))
        run_at(sandbox, again)
        asked = {call["toPhoneNumber"]: call for call in sandbox.created}

    assert [(problem.row, problem.column, problem.reason) for problem in checked.first_problems] == [
        (3, "Language", "call_value_unknown"),
        (4, "Caller ID", "call_value_unknown"),
    ]
    assert column(rows, "dialer_status") == ["created", "rejected", "rejected"]
    assert "C3" in rows[1]["dialer_message"]
    assert "it knows de, en" in rows[1]["dialer_message"]
    assert set(asked) == {number(0), number(1)}
    assert asked[number(1)]["record"] is True


def test_a_preview_shows_what_the_row_would_be_asked_for(folder: CampaignFolder) -> None:
    """`check --preview` shows the whole body, and `check` names the columns that decide about it."""
    campaign = campaign_of(folder, ("de", "", "", "yes"))
    body = preview_call(campaign, 2, slot_ms=0).decode()
    assert '"callTemplateId":"german"' in body
    assert '"record":true' in body
    assert check_campaign(campaign).mapping["call.by.Language"] == "Language"


@pytest.mark.parametrize("batch", ["", "batch_size = 3\n"])
def test_unknown_calls_are_looked_for_under_their_own_templates(
    folder: CampaignFolder, tmp_path: Path, batch: str
) -> None:
    """Each call whose reply was lost is found where the API lists it, whatever the row and `[call]` say by then."""
    tables = f'settle_time = "0s"\n{batch}'
    rows = (("de", "", "", ""), ("", "", "", ""), ("", "mine", "", ""))
    campaign, journal = campaign_of(folder, *rows, tables=tables), tmp_path / "calls.jsonl"
    with Sandbox(faults=Faults(drop_after=1.0), journal=journal) as dropping:
        first = run_at(dropping, campaign)
    later = campaign_of(folder, *(("en", "other", "", "") for _ in rows), tables=tables)
    with Sandbox(journal=journal) as sandbox:
        found = reconcile_campaign(later, runtime=hurried(sandbox))
        second = run_at(sandbox, later)
        posts = sandbox.requests.get("POST", 0)

    assert first.counts[Status.UNKNOWN] == 3
    assert (found.findings, found.unknown, posts) == ({Finding.CREATED: 3}, 0, 0)
    assert set(column(read_results(second.results or Path()), "dialer_reason")) == {"already_created"}


def test_what_a_refused_batch_created_is_found_under_each_template(folder: CampaignFolder) -> None:
    """A batch holds calls of several templates; those that it created before it was refused are never sent again."""
    rows = tuple(("de" if index % 2 else "", "", "", "") for index in range(6))
    campaign = campaign_of(folder, *rows, tables='settle_time = "0s"\nbatch_size = 6\n')
    sheet = folder.path / "contacts.csv"
    sheet.write_text(sheet.read_text("utf-8").replace("Person 4,", "Nobody,"), "utf-8")
    with Sandbox(faults=Faults(refuse_name="Nobody", split_batches=True)) as sandbox:
        summary = run_at(sandbox, campaign)
        created = sandbox.created

    assert (summary.counts[Status.CREATED], summary.counts[Status.FAILED]) == (5, 1)
    assert sorted(call["toPhoneNumber"] for call in created) == [number(index) for index in (0, 1, 2, 3, 5)]


def test_ends_are_asked_for_under_their_own_templates(folder: CampaignFolder) -> None:
    """`sync` finds every call in the listing of its template, and asks for no single one."""
    clock = LaterClock()
    campaign = campaign_of(folder, ("de", "", "", ""), ("", "", "", ""), ("", "mine", "", ""))
    with sandbox_at(clock) as sandbox:
        ran(sandbox, campaign, clock)
        clock.advance(HOUR)
        before = sandbox.requests["GET"]
        summary = synced(sandbox, campaign, clock)
        asked = sandbox.requests["GET"] - before

    assert sum(summary.ended.values()) == 3
    assert (asked, summary.gone) == (4, 0)  # the probe and three listings


def test_a_lost_ledger_holds_whom_any_template_lists(folder: CampaignFolder) -> None:
    """Whoever was called under a template of a row or a word is held, as whoever was under `[call]`'s."""
    rows = (("de", "", "", ""), ("", "", "", ""), ("", "mine", "", ""))
    with Sandbox() as sandbox:
        run_at(sandbox, campaign_of(folder, *rows))
        forget(folder)
        summary = run_at(sandbox, campaign_of(folder, ("en", "", "", ""), *rows[1:], ("", "", "", "")))
        created = sandbox.created

    assert (summary.counts[Status.PENDING], summary.counts[Status.CREATED]) == (3, 1)
    assert len(created) == 4


def test_a_mended_row_is_called_as_it_says_then(folder: CampaignFolder) -> None:
    """A row that is given back in a results file takes its new word, and a duplicate what the first row says."""
    campaign = campaign_of(folder, ("fr", "", "", ""), ("de", "", "", ""))
    with Sandbox() as sandbox:
        first = run_at(sandbox, campaign)
        mended = first.results or Path()
        mended.write_text(mended.read_text("utf-8-sig").replace('"fr"', '"de"'), "utf-8")
        retry_campaign(campaign, retry=RetryOptions(mended=mended), runtime=hurried(sandbox))
        asked = {call["toPhoneNumber"]: call["callTemplateId"] for call in sandbox.created}

    assert asked == {number(0): "german", number(1): "german"}


def test_a_purge_leaves_nothing_of_it(folder: CampaignFolder) -> None:
    """What single people were to be told is erased with them."""
    with Sandbox() as sandbox:
        campaign = campaign_of(folder, ("de", "", "", ""), ("", "mine", "", ""))
        run_at(sandbox, campaign)
    purge_campaign(campaign)
    content = b"".join(path.read_bytes() for path in (folder.path / ".dialer").glob("ledger.db*"))
    assert b"mine" not in content
    assert b"german" not in content


def test_who_agrees_to_a_run_is_told_of_other_templates(folder: CampaignFolder) -> None:
    """Before anything is sent: the template of most rows, and those of the others."""
    with Sandbox() as sandbox:
        campaign = campaign_of(folder, ("de", "", "", ""), ("", "mine", "", ""), ("", "", "", ""))
        asked: list[str] = []

        class Listener(SilentListener):
            def planned(self, preview: RunPreview) -> bool:
                """Note what a person would read."""
                asked.extend(details(preview))
                return False

        with pytest.raises(UsageError):
            run_campaign(campaign, listener=Listener(), runtime=hurried(sandbox))
        created = sandbox.created
    assert f"  template  {TEMPLATE}; of some rows german, mine" in asked
    assert created == []
