"""A campaign file is drafted from a sheet, and `check` accepts it at once where the sheet is clear."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dialer.campaign.file import load_campaign
from dialer.contacts.columns.column_questions import Question
from dialer.errors import SheetError, UsageError
from dialer.jobs.check import check_campaign
from dialer.jobs.drafting.drafted import Drafted
from dialer.jobs.init import campaign_name, init_campaign


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


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """With where else the file may go."""
    (tmp_path / "campaigns").touch()
    with pytest.raises(UsageError, match=r"spring\.toml: cannot be written: .*choose another place with --output"):
        _drafted(tmp_path, CLEAR)


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

    with pytest.raises(UsageError, match="already exists"):
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
    assert load_campaign(drafted.path).sheet == Path(os.path.normpath(folder / "people.csv"))


OPT_OUT = "Name,Phone,Opt Out,Opt Out Email\nAda,+14155550100,,yes\nBob,+14155550101,yes,\n"


def test_who_wants_no_call_is_asked_about(tmp_path: Path) -> None:
    """Nobody is there to answer: both answers stand in the file, and until one is given nobody is called."""
    drafted = _drafted(tmp_path, OPT_OUT)
    text = drafted.path.read_text("utf-8")

    assert drafted.questions == ("which columns say who is not to be called",)
    assert '# consent_revoked = ["Opt Out", "Opt Out Email"]\n# ignore = ["Opt Out", "Opt Out Email"]' in text
    with pytest.raises(SheetError, match="want no call"):
        check_campaign(load_campaign(drafted.path))
    drafted.path.write_text(text.replace("# consent_revoked = [", "consent_revoked = ["), "utf-8")
    assert check_campaign(load_campaign(drafted.path)).reasons == {"consent_revoked": 2}


@pytest.mark.parametrize(("chosen", "held"), [((), {}), (("Opt Out",), {"consent_revoked": 1})])
def test_a_person_says_which_columns_count(tmp_path: Path, chosen: tuple[str, ...], held: dict[str, int]) -> None:
    """The columns chosen are heard, the others are ignored by name, and the file is complete."""
    sheet = _sheet(tmp_path, OPT_OUT)
    drafted = init_campaign(
        sheet, tmp_path / "spring.toml", region=None, ask=lambda _question, _headers: chosen, ask_region=_no_region
    )

    assert drafted.is_complete
    assert drafted.variables == {}
    assert check_campaign(load_campaign(drafted.path)).reasons == held


def test_a_column_of_countries_answers_the_question_of_the_region(tmp_path: Path) -> None:
    """Where every row names its country, numbers without + need no other; the column is shown and written down."""
    sheet = "Name,Phone,Land\nAda,030 123456,Deutschland\nBob,(415) 555-0100,USA\n"
    drafted = _drafted(tmp_path, sheet)

    assert drafted.is_complete
    assert drafted.columns["country"] == "Land"
    assert drafted.variables == {}
    assert check_campaign(load_campaign(drafted.path)).callable_rows == 2


def test_a_row_without_its_country_still_asks(tmp_path: Path) -> None:
    """One empty cell leaves a number whose country nobody has said."""
    drafted = _drafted(tmp_path, "Name,Phone,Country\nAda,030 123456,Germany\nBob,(415) 555-0100,\n")

    assert drafted.questions == ("which country numbers without + are of",)


def test_no_column_is_proposed_for_two_fields(tmp_path: Path) -> None:
    """A header that is like a name and like a phone is guessed once; nothing is blamed that nobody wrote."""
    drafted = _drafted(tmp_path, "Contact,City\n+14155550100,Rome\n")
    text = drafted.path.read_text("utf-8")
    assert drafted.questions == ("which column is the phone", "which column is the name")
    assert [line for line in text.splitlines() if line.startswith("#") and '"Contact"' in line] == [
        '# phone = "Contact"'
    ]


def test_a_column_that_was_answered_is_not_offered_again(tmp_path: Path) -> None:
    """Who said which column is the phone is asked for the name among the others."""
    offered: list[tuple[str, str | None, tuple[str, ...]]] = []

    def ask(question: Question, headers: tuple[str, ...]) -> tuple[str, ...]:
        offered.append((question.field, question.guess, headers))
        return ("Contact",) if question.field == "phone" else ("Who",)

    sheet = _sheet(tmp_path, "Contact,Who\n+14155550100,Ada\n")
    drafted = init_campaign(sheet, tmp_path / "spring.toml", ask=ask, ask_region=_no_region)
    assert [(field, headers) for field, _, headers in offered] == [("phone", ("Contact", "Who")), ("name", ("Who",))]
    assert offered[1][1] != "Contact"
    assert drafted.columns == {"phone": "Contact", "name": "Who"}


def _book(path: Path, *lists: str) -> Path:
    book = Workbook()
    book.active.title = "Export Summary"
    book.active.append(["Exported", "2026-11-23"])
    for name in lists:
        sheet = book.create_sheet(name)
        sheet.append(["Name", "Phone"])
        sheet.append(["Ada", "+14155550100"])
    book.save(path)
    return path


def test_a_summary_before_the_list_hides_nobody(tmp_path: Path) -> None:
    """The worksheet that looks like a list is named in the file; a campaign without it is told what to write."""
    path = _book(tmp_path / "export.xlsx", "Contacts")
    drafted = init_campaign(path, tmp_path / "spring.toml", ask=_nobody, ask_region=_no_region)
    assert 'sheet = "Contacts"' in drafted.path.read_text("utf-8")
    assert check_campaign(load_campaign(drafted.path)).callable_rows == 1

    (tmp_path / "bare.toml").write_text('[contacts]\nfile = "export.xlsx"\n', "utf-8")
    with pytest.raises(
        SheetError, match='the first worksheet, "Export Summary", has no header that means a phone'
    ) as told:
        check_campaign(load_campaign(tmp_path / "bare.toml"))
    assert str(told.value).endswith('\nsheet = "Contacts"')


def test_a_person_is_asked_which_of_several_lists_is_meant(tmp_path: Path) -> None:
    """All that look like one are named."""
    path = _book(tmp_path / "export.xlsx", "North", "South")
    asked: list[tuple[str, ...]] = []

    def ask_sheet(lists: tuple[str, ...]) -> str:
        asked.append(lists)
        return "South"

    drafted = init_campaign(path, tmp_path / "spring.toml", ask=_nobody, ask_region=_no_region, ask_sheet=ask_sheet)
    assert asked == [("North", "South")]
    assert 'sheet = "South"' in drafted.path.read_text("utf-8")


def test_a_list_whose_phones_have_unknown_headers_is_not_hidden_by_a_cover(tmp_path: Path) -> None:
    """A cover of one cell has no rows below it; the worksheet that speaks of phones is read, and asked about."""
    book = Workbook()
    assert book.active is not None
    book.active.append(["Report"])
    book.create_sheet("People").append(["Name", "Telefon (neu)"])
    book["People"].append(["Ada", "+14155550100"])
    book.save(tmp_path / "export.xlsx")
    drafted = init_campaign(tmp_path / "export.xlsx", tmp_path / "spring.toml", ask=_nobody, ask_region=_no_region)
    assert 'sheet = "People"' in drafted.path.read_text("utf-8")
    assert drafted.questions == ("which column is the phone",)


def test_other_columns_of_numbers_are_told(tmp_path: Path) -> None:
    """The line that has each tried stands in the file, ready to take; ids and empty columns are none."""
    rows = "Ada,+14155550100,,00123,\nBob,,+14155550101,00124,\nCy,,+14155550102,00125,x\n"
    drafted = _drafted(tmp_path, f"Name,Mobile 1,Office,Id,Note\n{rows}")
    assert drafted.columns["phone"] == "Mobile 1"
    text = drafted.path.read_text("utf-8")
    assert '# phone = ["Mobile 1", "Office"]' in text
    assert any('Numbers stand in "Office", too.' in note for note in drafted.notes)
    drafted.path.write_text(text.replace('\nphone = "Mobile 1"', "").replace("# phone", "phone"), "utf-8")
    assert check_campaign(load_campaign(drafted.path)).callable_rows == 3


def test_a_doubled_header_makes_no_variable(tmp_path: Path) -> None:
    """Nobody could tell which of the two is meant."""
    drafted = _drafted(tmp_path, "Name,Phone,Notes,Plan,Notes\nAda,+14155550100,a,Gold,b\n")
    assert drafted.variables == {"plan": "Plan"}
    assert check_campaign(load_campaign(drafted.path)).callable_rows == 1


def test_a_cell_without_a_digit_asks_for_no_region(tmp_path: Path) -> None:
    """Where every number has its +, "none" and a dash are no numbers of any country."""
    drafted = _drafted(tmp_path, "Name,Phone\nAda,+14155550100\nBob,none\nCy,-\n")
    assert drafted.questions == ()


def test_a_single_list_is_taken_without_a_question(tmp_path: Path) -> None:
    """Where one worksheet alone looks like a list there is nothing to choose, and the file names it."""
    path = _book(tmp_path / "export.xlsx", "North")

    def ask_sheet(lists: tuple[str, ...]) -> str:
        raise AssertionError(lists)

    drafted = init_campaign(path, tmp_path / "spring.toml", ask=_nobody, ask_region=_no_region, ask_sheet=ask_sheet)
    assert 'sheet = "North"' in drafted.path.read_text("utf-8")
