"""What a campaign file may say, and what is said about one that says something else."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dialer.campaign.call_table import Webhook
from dialer.campaign.file import Campaign, load_campaign, parse_campaign
from dialer.campaign.schedule_table import MAX_HORIZON
from dialer.campaign.tables import Variable
from dialer.campaign.toml_file import MAX_BYTES
from dialer.errors import CampaignError

PATH = Path("/campaigns/spring.toml")

WHOLE = """
name = "spring-renewals"

[call]
team_id = "363573667364666473667332"
call_template_id = "363573667364666473667333"
phone_number_id = "363573667364666473667334"
from_phone_number = "+12015550100"
telephony_provider = "telnyx"
record = false
[[call.webhooks]]
url = "https://hooks.example.com/"
event = "phoneCall.completed"
secret_env = "HOOK_SECRET"
[[call.webhooks]]
url = "https://hooks.example.com/2"

[contacts]
file = "../people.xlsx"
region = "us"
regions = ["US", "CA"]
sheet = "Sheet 2"
header_row = 3
encoding = "cp1252"
delimiter = ";"
key = ["Account"]
[contacts.columns]
name = "Full Name"
phone = "Mobile"
email = "E-mail"
timezone = "Zone"
[contacts.variables]
customer_name = "Full Name"
balance = { column = "Balance Due", required = true, default = "0" }
"*" = "*"

[schedule]
start = "2026-12-01T09:00:00-05:00"
end = 2026-12-05T17:00:00Z
calls_per_minute = 12.5
window = "09:00-12:00, 14:00-18:00"
days = ["mon", "sat"]
horizon = "48h"
[schedule.windows]
sat = "10:00-12:00"
sun = ""

[submit]
requests_per_second = 0.5
concurrency = 2
max_attempts = 3
max_failures_in_a_row = 4
max_unknown = 5
settle_time = "0s"
read_timeout = "90s"

[suppression]
files = ["do_not_call.csv", "/lists/more.csv"]
"""


def written(folder: Path, text: str | bytes, name: str = "spring.toml") -> Path:
    """Write a campaign file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    """Load a campaign file that cannot be used; return what is said about it, without the file's name."""
    path = written(folder, text)
    with pytest.raises(CampaignError) as caught:
        load_campaign(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    return "\n".join(line.removeprefix(f"{path}: ") for line in lines)


def test_every_key_is_read(tmp_path: Path) -> None:
    """A file with every key of the reference says what it says."""
    campaign = load_campaign(written(tmp_path, WHOLE))
    call, contacts, schedule, submit = campaign.call, campaign.contacts, campaign.schedule, campaign.submit

    assert campaign.name == "spring-renewals"
    assert (call.team_id, call.call_template_id) == ("363573667364666473667332", "363573667364666473667333")
    assert (call.phone_number_id, call.from_phone_number) == ("363573667364666473667334", "+12015550100")
    assert (call.telephony_provider, call.record) == ("telnyx", False)
    assert call.webhooks == (
        Webhook(url="https://hooks.example.com/", event="phoneCall.completed", secret_env="HOOK_SECRET"),  # noqa: S106 - a variable's name
        Webhook(url="https://hooks.example.com/2"),
    )
    assert (contacts.region, contacts.regions, contacts.allowed_regions) == ("US", ("US", "CA"), ("US", "CA"))
    assert (contacts.sheet, contacts.header_row) == ("Sheet 2", 3)
    assert (contacts.encoding, contacts.delimiter, contacts.key) == ("cp1252", ";", ("Account",))
    assert contacts.columns.model_dump(exclude_defaults=True) == {
        "name": ("Full Name",),
        "phone": ("Mobile",),
        "email": "E-mail",
        "timezone": "Zone",
    }
    assert contacts.variables == {
        "customer_name": Variable(column="Full Name"),
        "balance": Variable(column="Balance Due", required=True, default="0"),
        "*": Variable(column="*"),
    }
    assert schedule.start == datetime(2026, 12, 1, 14, tzinfo=UTC)
    assert schedule.end == datetime(2026, 12, 5, 17, tzinfo=UTC)
    assert (schedule.calls_per_minute, schedule.horizon) == (12.5, timedelta(hours=48))
    assert schedule.week == {0: ((540, 720), (840, 1080)), 5: ((600, 720),), 6: ()}
    assert (submit.requests_per_second, submit.concurrency, submit.max_attempts) == (0.5, 2, 3)
    assert (submit.max_failures_in_a_row, submit.max_unknown) == (4, 5)
    assert (submit.settle_time, submit.read_timeout) == (timedelta(0), timedelta(seconds=90))
    assert campaign.suppression.files == (Path("do_not_call.csv"), Path("/lists/more.csv"))


def test_an_empty_file_has_the_promised_defaults(tmp_path: Path) -> None:
    """Everything may be left out; the name is the file's."""
    campaign = load_campaign(written(tmp_path, ""))

    assert campaign.name == "spring"
    assert campaign.call.record is None
    assert campaign.contacts.key == ("phone",)
    assert campaign.contacts.allowed_regions == ()
    assert campaign.schedule.start == "now"
    assert campaign.schedule.calls_per_minute == 10
    assert campaign.schedule.week == dict.fromkeys(range(5), ((540, 1050),))
    assert campaign.schedule.horizon == timedelta(hours=24)
    assert (campaign.submit.requests_per_second, campaign.submit.concurrency) == (5, None)
    assert (campaign.submit.max_attempts, campaign.submit.read_timeout) == (4, timedelta(seconds=60))
    assert campaign.submit.settle_time == timedelta(minutes=2)


def test_only_the_region_may_be_called_where_no_regions_are_given() -> None:
    """A campaign for the United States does not ring other countries by accident."""
    assert parse_campaign({"contacts": {"region": "US"}}, PATH).contacts.allowed_regions == ("US",)


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("[shedule]", "shedule", "schedule"),
        ("[call]\nteamid = 'x'", "call.teamid", "team_id"),
        ("[[call.webhooks]]\nurl = 'https://example.com'\nevnt = 'x'", "call.webhooks (no. 1).evnt", "event"),
        ("[contacts]\nregoin = 'US'", "contacts.regoin", "region"),
        ("[contacts.columns]\nphones = 'Mobile'", "contacts.columns.phones", "phone"),
        ("[contacts.variables]\na = {column = 'A', requird = true}", "contacts.variables.a.requird", "required"),
        (
            "[contacts.variables]\ndefault = {column = 'A', defualt = ''}",
            "contacts.variables.default.defualt",
            "default",
        ),
        ("[schedule]\ncall_per_minute = 3", "schedule.call_per_minute", "calls_per_minute"),
        ("[submit]\nrequest_per_second = 3", "submit.request_per_second", "requests_per_second"),
        ("[suppression]\nfile = ['x']", "suppression.file", "files"),
    ],
)
def test_an_unknown_key_is_answered_with_the_nearest_right_one(
    text: str, key: str, nearest: str, tmp_path: Path
) -> None:
    """A misspelt key never silently means its default."""
    assert refusal(tmp_path, text) == f"{key}: there is no such key. Did you mean {nearest}?"


def test_a_key_near_to_nothing_is_answered_with_all_there_are(tmp_path: Path) -> None:
    """Where no name is near, the table's names are listed; the file's own path is none of them."""
    assert (
        refusal(tmp_path, "[suppression]\nxyz = 1")
        == "suppression.xyz: there is no such key. There are: files, max_age."
    )
    tables = (
        "budget, call, contacts, from_numbers, limits, name, nightly, pilot, profile, redial, report, schedule,"
        " stop_when, submit, suppression"
    )
    assert f": {tables}." in refusal(tmp_path, "zzzz = 1")
    assert refusal(tmp_path, "path = '/x'") == "path: there is no such key."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 3", "name: must be text in quotes."),
        ("name = '../up'", "name: "),
        ("name = ''", "name: "),
        ("call = 3", "call: must be a table."),
        ("[call]\nteam_id = 3", "call.team_id: must be text in quotes."),
        ("[call]\nteam_id = ''", "call.team_id: "),
        ("[call]\nrecord = 'perhaps'", "call.record: must be true or false, without quotes."),
        ("[call]\ntelephony_provider = 'skype'", "call.telephony_provider: must be 'twilio', 'plivo' or 'telnyx'."),
        ("[call]\nfrom_phone_number = '2015550100'", "call.from_phone_number: "),
        (
            "[call]\nfrom_phone_number = '+1\u0664\u0661\u0665\u0665\u0665\u0665\u0660\u0661'",
            "call.from_phone_number: ",
        ),
        (
            "[call]\nwebhooks = 'https://example.com'",
            "call.webhooks: stands as tables, each with its header in double square brackets: [[call.webhooks]].",
        ),
        ("[call.webhooks]\nurl = 'https://example.com'", "call.webhooks: stands as tables, each with its header in"),
        ("[from_numbers]\nnumber = '+12015550100'", "from_numbers: stands as tables, each with its header in"),
        ("[[call.webhooks]]\nevent = 'x'", "call.webhooks (no. 1).url: is missing."),
        ("[[call.webhooks]]\nurl = 'ftp://example.com'", "call.webhooks (no. 1).url: "),
        (
            "[contacts]\nkey = 'phone'",
            "contacts.key: must be a list in square brackets, with commas between its values.",
        ),
        ("[contacts.key]\nphone = true", "contacts.key: must be a list in square brackets"),
        ("[contacts]\nkey = []", "contacts.key: "),
        ("[contacts]\nheader_row = 0", "contacts.header_row: must be at least 1."),
        ("[contacts]\nheader_row = 1.5", "contacts.header_row: must be a whole number."),
        ("[contacts]\ndelimiter = ';;'", "contacts.delimiter: "),
        (
            "[contacts]\nregion = 'UK'",
            "contacts.region: 'UK' is no country code; write two ISO 3166 letters, here \"GB\"",
        ),
        ("[contacts]\nregions = ['US', 'UK']", "contacts.regions (no. 2): 'UK' is no country code"),
        ("[contacts.variables]\na = 3", "contacts.variables.a: write the header of its column in quotes"),
        ("[contacts.variables]\na = {}", "contacts.variables.a.column: is missing."),
        ("[schedule]\nstart = '2026-12-01T09:00'", "schedule.start: 2026-12-01T09:00:00 has no zone; add Z"),
        ("[schedule]\nstart = 2026-12-01T09:00:00", "schedule.start: 2026-12-01T09:00:00 has no zone; add Z"),
        ("[schedule]\nstart = 2026-12-01", "schedule.start: write an ISO date and time with a zone."),
        ("[schedule]\nend = '2026-12-01T09:00'", "schedule.end: 2026-12-01T09:00:00 has no zone; add Z"),
        ("[schedule]\ncalls_per_minute = 0", "schedule.calls_per_minute: must be greater than 0."),
        ("[schedule]\ncalls_per_minute = nan", "schedule.calls_per_minute: "),
        ("[schedule]\ncalls_per_minute = inf", "schedule.calls_per_minute: "),
        ("[schedule]\ncalls_per_minute = 'many'", "schedule.calls_per_minute: must be a number"),
        ("[schedule]\nwindow = '09:00-12:00, 11:00-13:00'", "schedule.window: two of these windows overlap."),
        ("[schedule]\nwindow = '22:00-06:00'", "schedule.window: '22:00-06:00' ends before it begins"),
        ("[schedule]\ndays = []", "schedule.days: "),
        ("[schedule]\ndays = ['monday']", "schedule.days (no. 1): must be 'mon', 'tue'"),
        ("[schedule.windows]\nmond = '09:00-10:00'", "schedule.windows.mond: must be 'mon', 'tue'"),
        ("[schedule]\nhorizon = '8d'", "schedule.horizon: must be at most 7 days."),
        ("[schedule]\nhorizon = '0h'", "schedule.horizon: must be greater than 0 seconds."),
        ("[schedule]\nhorizon = 24", "schedule.horizon: write a number and a unit"),
        ("[schedule]\nhorizon = '99999999999999d'", "schedule.horizon: is longer than any campaign."),
        ("[submit]\nrequests_per_second = -1", "submit.requests_per_second: must be greater than 0."),
        ("[submit]\nconcurrency = 0", "submit.concurrency: "),
        ("[submit]\nconcurrency = 2049", "submit.concurrency: "),
        ("[submit]\nmax_attempts = 0", "submit.max_attempts: "),
        ("[submit]\nmax_unknown = 0", "submit.max_unknown: "),
        ("[submit]\nread_timeout = '500ms'", "submit.read_timeout: must be at least 1 second"),
        ("[submit]\nsettle_time = '25h'", "submit.settle_time: must be at most 1 day"),
        (
            "[suppression]\nfiles = 'x.csv'",
            "suppression.files: must be a list in square brackets, with commas between its values.",
        ),
        (
            "[schedule]\nstart = 2026-12-02T09:00:00Z\nend = 2026-12-02T09:00:00Z",
            "the file: schedule.end lies before schedule.start.",
        ),
    ],
)
def test_a_wrong_value_is_answered_with_its_key_and_what_is_wrong(text: str, said: str, tmp_path: Path) -> None:
    """Each mistake names the file and the key, in one line or two."""
    answer = refusal(tmp_path, text)

    assert any(line.startswith(said) for line in answer.splitlines()), answer


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Nobody mends a file one error message at a time."""
    lines = refusal(tmp_path, "[call]\nteam = 1\n[contacts]\nregion = 'UK'\n[schedule]\nhorizon = '8d'").splitlines()

    assert [line.split(":")[0] for line in lines] == ["call.team", "contacts.region", "schedule.horizon"]


def test_the_longest_horizon_is_a_week() -> None:
    """A week is allowed, to the second."""
    assert parse_campaign({"schedule": {"horizon": "7d"}}, PATH).schedule.horizon == MAX_HORIZON


@pytest.mark.parametrize("end", ["2026-12-01T00:00:00Z", None])
def test_an_end_without_a_start_is_fine(end: str | None) -> None:
    """A campaign that starts now may end at any time, or never."""
    schedule = {"end": end} if end else {}

    assert parse_campaign({"schedule": schedule}, PATH).schedule.start == "now"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """The folder one stands in never changes the answer."""
    campaign = load_campaign(written(tmp_path, "[contacts]\nfile = '../people.csv'"))

    assert campaign.path == tmp_path / "spring.toml"
    assert campaign.sheet == tmp_path.parent / "people.csv"
    assert campaign.resolve(Path("list.csv")) == tmp_path / "list.csv"
    assert campaign.resolve(Path("/lists/list.csv")) == Path("/lists/list.csv")


def test_a_sheet_given_by_the_caller_is_relative_to_where_they_stand() -> None:
    """`--contacts` is a path of the command line, not of the file."""
    campaign = parse_campaign({"contacts": {"file": "people.csv", "region": "US"}}, PATH)
    other = campaign.with_contacts(Path("other.csv"))

    assert other.sheet == Path.cwd() / "other.csv"
    assert other.contacts.region == "US"
    assert campaign.sheet == Path("/campaigns/people.csv")


def test_a_missing_sheet_is_told_with_both_ways_to_give_one() -> None:
    """Neither the file nor the caller names one."""
    with pytest.raises(CampaignError, match=r"spring\.toml: \[contacts\] file is missing.*--contacts"):
        _ = parse_campaign({}, PATH).sheet


def test_ids_come_from_the_file_or_else_from_the_environment() -> None:
    """The file wins; what it leaves out is filled in."""
    campaign = parse_campaign({"call": {"team_id": "from-file"}}, PATH)
    whole = campaign.with_ids(team_id="from-environment", call_template_id="from-environment")

    assert (whole.call.team_id, whole.call.call_template_id) == ("from-file", "from-environment")
    assert campaign.call.call_template_id is None


@pytest.mark.parametrize("key", ["team_id", "call_template_id"])
@pytest.mark.parametrize("empty", [None, ""])
def test_an_id_in_neither_place_is_told_with_both(key: str, empty: str | None) -> None:
    """The API requires both ids; the error names the key and the variable."""
    ids: dict[str, Any] = {"team_id": "x", "call_template_id": "x", key: empty}

    with pytest.raises(CampaignError, match=rf"spring\.toml: \[call\] {key} is missing.*AICALLER_{key.upper()}"):
        parse_campaign({}, PATH).with_ids(**ids)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    assert load_campaign(written(tmp_path, b"\xef\xbb\xbfname = 'x'\r\n")).name == "x"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name = 'é'".encode("cp1252"), "is not UTF-8 text. Save it as UTF-8."),
        ("name = 'x'".encode("utf-16"), "is not UTF-8 text. Save it as UTF-8."),
        ("name = 'x'".encode("utf-16-le"), "is not UTF-8 text. Save it as UTF-8."),
        (b"name = 'x'\n[call\n", "line 2: a bracket"),
    ],
)
def test_a_file_that_is_no_text_or_no_toml_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    """Wrong bytes and wrong syntax are told apart."""
    assert refusal(tmp_path, content).startswith(said)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A wrong path and a folder are errors of the campaign file too."""
    with pytest.raises(CampaignError, match=r"missing\.toml: there is no such campaign file"):
        load_campaign(tmp_path / "missing.toml")
    with pytest.raises(CampaignError, match=r"is a folder\. Name the campaign's \.toml file"):
        load_campaign(tmp_path)


DEEP = 5_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a = " + "[" * DEEP + "]" * DEEP, "lie too deep"),
        ("a = " + "{a = " * DEEP + "1" + "}" * DEEP, "lie too deep"),
        ("[contacts.variables]\na = " + "[" * DEEP, "lie too deep"),
        ("a = " + "9" * DEEP, "a number in it has thousands of digits"),
        (".".join("a" * DEEP) + " = 1", "there is no such key"),
        ("[contacts.variables." + ".".join("a" * DEEP) + "]", "there is no such key"),
        ("\0" * DEEP, "is not UTF-8 text"),
        ("#" * MAX_BYTES + "\n", "at most 1,048,576"),
    ],
    ids=["lists", "tables", "open lists", "digits", "a key's parts", "a table's parts", "no text", "size"],
)
def test_a_hostile_file_is_an_error_of_the_campaign_file(tmp_path: Path, content: str, said: str) -> None:
    """Whatever is written there, it is told as what is wrong with this file, and is no bug."""
    assert said in refusal(tmp_path, content)


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """Nobody writes into the pipe, and the device never ends: both are refused at once."""
    os.mkfifo(tmp_path / "pipe.toml")
    for path in (tmp_path / "pipe.toml", Path("/dev/zero")):
        with pytest.raises(CampaignError, match="is no file"):
            load_campaign(path)


def test_a_campaign_cannot_be_changed() -> None:
    """What was judged is what is run."""
    campaign = parse_campaign({}, PATH)

    assert isinstance(campaign, Campaign)
    with pytest.raises(ValueError, match="frozen"):
        campaign.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(("text", "age"), [("31d", 744), ("36h", 36), ("90m", 1.5), ("1.5d", 36)])
def test_the_age_of_a_list_is_a_duration_like_any_other(tmp_path: Path, text: str, age: float) -> None:
    """Days, hours and minutes; a number without its unit and less than an hour are refused."""
    content = "[suppression]\nmax_age = {}\n"

    assert load_campaign(written(tmp_path, content.format(f'"{text}"'))).suppression.max_age == timedelta(hours=age)
    assert "max_age" in refusal(tmp_path, content.format("5000"))
    assert "max_age" in refusal(tmp_path, content.format('"59m"'))


def test_no_header_may_be_ignored_by_name(tmp_path: Path) -> None:
    """What the reference calls the default can be written, and one header needs no brackets."""
    assert load_campaign(written(tmp_path, "[contacts.columns]\nignore = []\n")).contacts.columns.ignore == ()
    one = load_campaign(written(tmp_path, '[contacts.columns]\nignore = "Opt Out"\n'))
    assert one.contacts.columns.ignore == ("Opt Out",)


@pytest.mark.parametrize(
    ("content", "told", "problems"),
    [
        ({"schedule": {"start": "2026-12-01T09:00:00"}}, "has no zone", 1),
        ({"schedule": {"window": ""}}, "leave no hours on any day", 1),
        ({"schedule": {"windows": dict.fromkeys(["mon", "tue", "wed", "thu", "fri"], "")}}, "leave no hours", 1),
        ({"contacts": {"columns": {"phone": ["Phone", " phone"]}}}, "names one of them twice", 1),
        ({"contacts": {"region": "+12125550100"}}, "(a number of 11 digits)", 1),
        ({"contacts": {"columns": {"2125550100": "Phone"}}}, "(a number of 10 digits)", 1),
    ],
)
def test_one_mistake_is_told_once_and_tells_nobodys_number(content: dict[str, Any], told: str, problems: int) -> None:
    """A start without a zone, a week without hours, a header named twice, a number in the place of a name."""
    with pytest.raises(CampaignError) as refused:
        parse_campaign(content, Path("spring.toml"))

    assert told in str(refused.value)
    assert len(str(refused.value).splitlines()) == problems
    assert "2125550100" not in str(refused.value)
