"""A retry after the campaign file was corrected: judged by what the sandbox was asked for."""

from pathlib import Path

import pytest

from dialer.campaign.file import Campaign
from dialer.errors import SheetError
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.summary import RunSummary
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_run import hurried, run_at
from tests.support import ANY_HOUR, FAST, TEMPLATE, CampaignFolder, column, number, read_results

WRONG, RIGHT = "363573667364666473667337", "363573667364666473667338"
CALLER = "+12125550188"
PEOPLE = [["Eva", number(0), "čeština", ""], ["Ian", number(1), "slovenčina", CALLER]]


def campaign_of(folder: CampaignFolder, words: str, column_of_words: str = "Jazyk") -> Campaign:
    """Write the campaign with these *words* of a column."""
    columns = 'region = "US"\ncolumns = { from_phone_number = "Caller" }\n'
    return folder.campaign(f"{ANY_HOUR}{FAST}[call.by.{column_of_words}]\n{words}", columns)


def refused(folder: CampaignFolder) -> None:
    """Let the API refuse everybody's call, which has the wrong template."""
    folder.sheet(("Name", "Phone", "Jazyk", "Caller"), PEOPLE)
    words = f'"čeština" = {{ call_template_id = "{WRONG}" }}\n"slovenčina" = {{ call_template_id = "{WRONG}" }}\n'
    with Sandbox(faults=Faults(refuse=1.0)) as sandbox:
        run_at(sandbox, campaign_of(folder, words))
        assert sandbox.created == []


def retried(campaign: Campaign) -> tuple[RunSummary, dict[str, dict[str, object]]]:
    """Retry by *campaign*; return what was asked for, by number."""
    with Sandbox() as sandbox:
        summary = retry_campaign(campaign, runtime=hurried(sandbox))
        return summary, {str(call["toPhoneNumber"]): call for call in sandbox.created}


def test_a_retry_says_what_the_words_stand_for_by_now(folder: CampaignFolder) -> None:
    """The template of a word was wrong, so the API refused its calls: it is corrected, and not sent once more."""
    refused(folder)
    words = f'"čeština" = {{ call_template_id = "{RIGHT}" }}\n"SLOVENČINA" = {{ record = true }}\n'
    summary, asked = retried(campaign_of(folder, words))
    assert {phone: call["callTemplateId"] for phone, call in asked.items()} == {number(0): RIGHT, number(1): TEMPLATE}
    assert (asked[number(1)]["record"], asked[number(1)]["fromPhoneNumber"]) == (True, CALLER)
    assert column(read_results(summary.results or Path()), "dialer_call_template_id") == [RIGHT, TEMPLATE]


def test_a_word_that_was_taken_out_is_not_called_with_what_it_stood_for(folder: CampaignFolder) -> None:
    """Its row is told as any run tells it, and a run calls it once the word is there again; nobody is called twice."""
    refused(folder)
    summary, asked = retried(campaign_of(folder, f'"čeština" = {{ call_template_id = "{RIGHT}" }}\n'))
    told = read_results(summary.results or Path())
    assert set(asked) == {number(0)}
    assert column(told, "dialer_reason") == ["", "call_value_unknown"]
    assert 'Column "Jazyk"' in told[1]["dialer_message"]

    words = "".join(f'"{word}" = {{ call_template_id = "{RIGHT}" }}\n' for word in ("čeština", "slovenčina"))
    with Sandbox() as sandbox:
        run_campaign(campaign_of(folder, words), runtime=hurried(sandbox))
        assert [call["toPhoneNumber"] for call in sandbox.created] == [number(1)]


def test_a_column_that_the_rows_lack_is_told(folder: CampaignFolder) -> None:
    """Nothing is sent by a campaign that names a column which was not there when the sheet was read."""
    refused(folder)
    with pytest.raises(SheetError, match=r"\[call.by\] names the column \"Sprache\".*run the sheet|read the sheet"):
        retried(campaign_of(folder, '"cs" = { record = true }\n', "Sprache"))
