"""A campaign file is drafted from a sheet, and `check` accepts it at once where the sheet is clear."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialer.campaign.file import load_campaign
from dialer.contacts.resolve_columns import Question
from dialer.errors import SheetError, UsageError
from dialer.jobs.check import check_campaign
from dialer.jobs.init import Drafted, campaign_name, init_campaign


def _nobody(_question: Question, _headers: tuple[str, ...]) -> None:
    return None


def _no_region(_guess: str | None) -> None:
    return None


def _sheet(folder: Path, text: str, name: str = "My people (2026).csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def _drafted(folder: Path, text: str, region: str | None = None) -> Drafted:
    return init_campaign(
        _sheet(folder, text), folder / "campaigns" / "spring.toml", region=region, ask=_nobody, ask_region=_no_region
    )


CLEAR = "First name,Last name,Mobile,E-mail,Balance Due,City\nAda,Example,+14155550100,ada@example.com,$12.50,Rome\n"


def test_a_clear_sheet_needs_no_question(tmp_path: Path) -> None:
    """The file that is written can be checked as it is, from any folder, and calls everybody."""
    drafted = _drafted(tmp_path, CLEAR)

    assert drafted.is_complete
    assert drafted.columns == {"name": "First name, Last name", "phone": "Mobile", "email": "E-mail"}
    assert drafted.variables == {"balance_due": "Balance Due", "city": "City"}
    summary = check_campaign(load_campaign(drafted.path))
    assert (summary.callable_rows, summary.rejected, summary.unmapped) == (1, 0, ())
    assert not Path(load_campaign(drafted.path).contacts.file or "/").is_absolute()


def test_one_row_is_shown_as_it_would_be_called(tmp_path: Path) -> None:
    """The example holds the name, the address and the variables, and of the number its ends alone."""
    example = _drafted(tmp_path, CLEAR).example

    assert example == {
        "row": "2",
        "name": "Ada Example",
        "phone": "+1\u202600",
        "email": "ada@example.com",
        "balance_due": "$12.50",
        "city": "Rome",
    }


def test_numbers_without_a_country_are_asked_about(tmp_path: Path) -> None:
    """Nobody is there to answer: the question stands in the file, with the country that most numbers fit."""
    drafted = _drafted(tmp_path, "Name,Phone\nAda,(415) 555-0100\nBob,+14155550101\n")

    assert drafted.questions == ("which country numbers without + are of",)
    assert "# QUESTION: some numbers are written without +" in drafted.path.read_text("utf-8")
    assert '\n# region = "US"\n' in drafted.path.read_text("utf-8")
    assert load_campaign(drafted.path).contacts.region is None
    assert drafted.example is None


def test_a_country_can_be_said(tmp_path: Path) -> None:
    """With the country given, nothing is open, and other countries seen are proposed and not allowed by themselves."""
    drafted = _drafted(tmp_path, "Name,Phone\nAda,(415) 555-0100\nBob,+442079460101\n", region="US")

    assert drafted.is_complete
    assert '\n# regions = ["US", "GB"]\n' in drafted.path.read_text("utf-8")
    assert check_campaign(load_campaign(drafted.path)).reasons == {"region_not_allowed": 1}


def test_a_person_is_asked_what_the_headers_leave_open(tmp_path: Path) -> None:
    """One question for each unclear field, with the columns that could be meant; the answers make the file complete."""
    asked: list[tuple[str, tuple[tuple[str, ...], ...]]] = []

    def ask(question: Question, headers: tuple[str, ...]) -> tuple[str, ...]:
        asked.append((question.field, question.candidates))
        return question.candidates[-1] if question.candidates else (headers[0],)

    sheet = _sheet(tmp_path, "Who,Tel,Mobile\nAda,,(415) 555-0100\n")
    drafted = init_campaign(sheet, tmp_path / "spring.toml", region=None, ask=ask, ask_region=lambda guess: guess)

    assert asked == [("phone", (("Tel",), ("Mobile",), ("Tel", "Mobile"))), ("name", ())]
    assert drafted.is_complete
    assert load_campaign(drafted.path).contacts.columns.phone == ("Tel", "Mobile")
    assert load_campaign(drafted.path).contacts.region == "US"
    assert check_campaign(load_campaign(drafted.path)).callable_rows == 1


def test_what_nobody_answers_stays_in_the_file_as_a_question(tmp_path: Path) -> None:
    """Every way it could be meant stands there to be uncommented, and until then nothing can be called."""
    drafted = _drafted(tmp_path, "Name,Tel,Mobile\nAda,+14155550100,+14155550101\n")
    text = drafted.path.read_text("utf-8")

    assert drafted.questions == ("which column is the phone",)
    assert '# phone = "Tel"\n# phone = "Mobile"' in text
    with pytest.raises(SheetError, match="could each be the phone"):
        check_campaign(load_campaign(drafted.path))
    drafted.path.write_text(text.replace('# phone = "Mobile"', 'phone = "Mobile"'), "utf-8")
    assert check_campaign(load_campaign(drafted.path)).callable_rows == 1


def test_what_is_open_keeps_nothing_else_from_being_found(tmp_path: Path) -> None:
    """With one line uncommented the file is whole: name, e-mail and country are not asked about afterwards."""
    sheet = "First Name,Last Name,Mobile,Home Phone,E-mail,Plan\nAda,Example,,415-555-0100,ada@example.com,Gold\n"
    drafted = _drafted(tmp_path, sheet, region="US")
    text = drafted.path.read_text("utf-8")

    assert drafted.questions == ("which column is the phone",)
    assert drafted.variables == {"plan": "Plan"}
    line = 'phone = ["Mobile", "Home Phone"]'
    drafted.path.write_text(text.replace(f"# {line}", line), "utf-8")
    summary = check_campaign(load_campaign(drafted.path))
    assert (summary.callable_rows, summary.mapping["name"]) == (1, "First Name, Last Name")
    assert summary.mapping["email"] == "E-mail"


def test_a_country_is_asked_for_together_with_the_phone(tmp_path: Path) -> None:
    """Both questions stand in the file at once."""
    drafted = _drafted(tmp_path, "Name,Tel,Mobile\nAda,,(415) 555-0100\n")
    assert drafted.questions == ("which column is the phone", "which country numbers without + are of")
    assert '# region = "US"' in drafted.path.read_text("utf-8")


def test_a_campaign_file_is_never_written_over(tmp_path: Path) -> None:
    """What somebody has written stays."""
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "spring.toml").write_text("mine", "utf-8")

    with pytest.raises(UsageError, match="is there already"):
        _drafted(tmp_path, CLEAR)
    assert (tmp_path / "campaigns" / "spring.toml").read_text("utf-8") == "mine"


def test_a_sheet_that_cannot_be_read_leaves_no_file(tmp_path: Path) -> None:
    """Nothing is drafted from a damaged sheet."""
    with pytest.raises(SheetError):
        _drafted(tmp_path, 'Name,Phone\nAda,"1\n')
    assert not (tmp_path / "campaigns").exists()


@pytest.mark.parametrize(
    ("stem", "name"), [("My people (2026)", "my-people-2026"), ("a.b", "a.b"), ("\u540d\u524d", "campaign")]
)
def test_the_campaign_is_named_after_the_sheet(stem: str, name: str) -> None:
    """By what a campaign's name may hold."""
    assert campaign_name(Path(f"{stem}.csv")) == name


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@example(headers=["\x7f"], region=None)
@given(headers=st.lists(st.text(max_size=10), max_size=5), region=st.sampled_from([None, "US"]))
def test_whatever_the_headers_the_file_is_valid(
    tmp_path_factory: pytest.TempPathFactory, headers: list[str], region: str | None
) -> None:
    """A quote, a backslash, a line end in a header: what is written is read back, or the sheet is refused."""
    folder = tmp_path_factory.mktemp("init")
    cells = ["Name", "Phone", *(text.replace("\0", "") for text in headers)]
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    with (folder / "people.csv").open("w", encoding="utf-8", errors="replace", newline="") as file:
        file.write(f"{quoted}\nAda,+14155550100{',x' * len(headers)}\n")
    try:
        drafted = init_campaign(
            folder / "people.csv", folder / "people.toml", region=region, ask=_nobody, ask_region=_no_region
        )
    except SheetError:
        return
    assert drafted.is_complete or drafted.questions
    assert load_campaign(drafted.path).sheet_path == Path(os.path.normpath(folder / "people.csv"))
