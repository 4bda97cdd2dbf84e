"""The numbers never to call: every one is read, or nothing starts."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer.campaign.tables import Contacts
from dialer.contacts.suppression_files import load_suppressed, refuse_old_lists
from dialer.errors import SheetError
from dialer.sheets.sheet import open_sheet
from tests.sheets.xlsb import Calculated, HiddenRow, write_xlsb

CONTACTS = Contacts(region="US")


def _write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def _refusal(path: Path) -> str:
    with pytest.raises(SheetError) as caught:
        load_suppressed([path], CONTACTS)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "phone\n(415) 555-0123\n+442079460123\n",
        "(415) 555-0123\n+442079460123\n",
        "name;phone number\nAda;415-555-0123\nBob;+44 20 7946 0123\n",
        "reason,Mobile,until,note\nasked,+14155550123,,x,\n,0044 20 7946 0123,,,\n",
        "\ufeffTelephone\n4155550123\n\n+442079460123",
    ],
)
def test_numbers_are_found_in_any_usual_file(tmp_path: Path, text: str) -> None:
    """With a known header or without any, alone or among other columns, each number is read in E.164."""
    path = _write(tmp_path / "stop.csv", text)

    assert load_suppressed([path], CONTACTS) == {"+14155550123", "+442079460123"}


def test_several_files_and_workbooks_add_up(tmp_path: Path) -> None:
    """All files count together, whatever their kind."""
    book = Workbook()
    for value in ("Phone", 14155550123):
        book.active.append([value])
    book.save(tmp_path / "stop.xlsx")
    other = _write(tmp_path / "stop.csv", "phone\n+1 212 555 0100\n")

    assert load_suppressed([tmp_path / "stop.xlsx", other], CONTACTS) == {"+14155550123", "+12125550100"}


def test_all_phone_columns_count(tmp_path: Path) -> None:
    """Whoever asked not to be called is not called at the other number either."""
    path = _write(tmp_path / "stop.csv", "Home phone,Mobile\n+14155550123,+12125550100\n,+13125550100\n")

    assert load_suppressed([path], CONTACTS) == {"+14155550123", "+12125550100", "+13125550100"}


def test_any_type_of_number_can_be_suppressed(tmp_path: Path) -> None:
    """Toll-free, drama and unassigned numbers are entries like any other."""
    path = _write(tmp_path / "stop.csv", "+18005550199\n+447700900123\n")

    assert load_suppressed([path], CONTACTS) == {"+18005550199", "+447700900123"}


def test_no_entry_yet_is_no_error(tmp_path: Path) -> None:
    """A list that holds its header alone, and no list at all, suppress nobody."""
    assert load_suppressed([_write(tmp_path / "stop.csv", "phone\n")], CONTACTS) == frozenset()
    assert load_suppressed([], CONTACTS) == frozenset()


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("phone\n+14155550123\n5550123\n", 3),
        ("phone\n\n\n1.21E+10\n", 4),
        ("name,phone\nAda,\n", 2),
        ("name,phone\nAda\n", 2),
        ("Numbers to skip\n+14155550123\n5550123\n", 3),
        ("+14155550123\nsee above\n", 2),
    ],
)
def test_an_unreadable_entry_stops_everything(tmp_path: Path, text: str, row: int) -> None:
    """Losing one entry would ring someone who asked for silence: file and row are named instead."""
    message = _refusal(_write(tmp_path / "stop.csv", text))

    assert str(tmp_path / "stop.csv") in message
    assert f"row {row}" in message
    assert "5550123" not in message


@pytest.mark.parametrize(
    "header",
    ["Blacklisted", "Opt-out number", "Numara", "Номер телефона", "전화번호", "رقم الهاتف", "N° de téléphone", "To"],
)
def test_the_header_of_a_single_column_may_be_any_words(tmp_path: Path, header: str) -> None:
    """A cell without a digit is nobody's number, so it is the header, whatever it says and in whatever language."""
    file = _write(tmp_path / "stop.csv", f"{header}\n+14155550123\n")

    assert load_suppressed([file], Contacts(region="US")) == {"+14155550123"}


@pytest.mark.parametrize(
    "header", ["phone2", "Alt. Phone", "Mobile (2)", "Zweite Telefonnummer", "Otro celular", "携帯2"]
)
def test_a_second_column_of_bare_digits_under_a_word_for_telephones_is_not_passed_over(
    tmp_path: Path, header: str
) -> None:
    """Whoever has that number asked for no call either: the file is refused until the column is one that is read."""
    file = _write(tmp_path / "stop.csv", f"phone,{header}\n4155550123,4155550124\n4155550125,4155550126\n")

    with pytest.raises(SheetError, match="seems to hold numbers too"):
        load_suppressed([file], Contacts(region="US"))


def test_a_file_without_a_phone_column_is_refused(tmp_path: Path) -> None:
    """Among several unknown columns none is taken for the number."""
    assert '"who", "what"' in _refusal(_write(tmp_path / "stop.csv", "who,what\nAda,+14155550123\n"))


@pytest.mark.parametrize("content", [None, ""])
def test_a_missing_or_empty_file_is_refused(tmp_path: Path, content: str | None) -> None:
    """A list that vanished, or was cut to nothing, must not look like an empty one."""
    path = tmp_path / "stop.csv"
    if content is not None:
        _write(path, content)

    assert str(path) in _refusal(path)


def test_national_numbers_need_the_campaigns_region(tmp_path: Path) -> None:
    """Without a region, a number without + names its row and the setting that is missing."""
    path = _write(tmp_path / "stop.csv", "phone\n4155550123\n")

    with pytest.raises(SheetError, match=r"row 2: .*set region"):
        load_suppressed([path], Contacts())


def test_every_visible_worksheet_counts(tmp_path: Path) -> None:
    """A list that is kept by the year is kept whole; an empty worksheet, as new workbooks have, is no error."""
    book = Workbook()
    book.active.title = "2025"
    for name, phone in (("2025", "+14155550100"), ("2026", "+14155550101")):
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        sheet.append(["Phone"])
        sheet.append([phone])
    book.create_sheet("Empty")
    book.save(tmp_path / "dnc.xlsx")
    assert load_suppressed([tmp_path / "dnc.xlsx"], Contacts(region="US")) == {"+14155550100", "+14155550101"}


def test_a_worksheet_that_is_no_list_is_refused(tmp_path: Path) -> None:
    """Nobody knows whether it names people: the message names it."""
    book = Workbook()
    book.active.append(["Phone"])
    book.active.append(["+14155550100"])
    other = book.create_sheet("More")
    other.append(["Who", "Number at home"])
    other.append(["Ada", "+14155550101"])
    book.save(tmp_path / "dnc.xlsx")
    assert 'worksheet "More": no column is known to hold the numbers' in _refusal(tmp_path / "dnc.xlsx")


def test_numbers_under_another_header_are_not_passed_over(tmp_path: Path) -> None:
    """Whoever wrote two numbers for a person wants neither called; other columns are of no interest."""
    path = _write(tmp_path / "dnc.csv", "Name,Mobile,Festnetz\nAda,+14155550100,\nBob,+14155550101,(415) 555-0102\n")
    assert 'the column "Festnetz" seems to hold numbers too' in _refusal(path)
    path = _write(tmp_path / "dnc.csv", "Name,Mobile,Since\nAda,+14155550100,2026-11-24\nBob,+14155550101,\n")
    assert len(load_suppressed([path], Contacts(region="US"))) == 2


def test_a_calculated_number_is_refused(tmp_path: Path) -> None:
    """It may be another by now, and the person who asked not to be called is called."""
    path = write_xlsb(tmp_path / "dnc.xlsb", {"List": [("Phone",), ("+14155550100",), (Calculated("+14155550101"),)]})
    assert "row 3: the number is a formula" in _refusal(path)


def test_hidden_entries_count(tmp_path: Path) -> None:
    """A filter on the list lets nobody be called."""
    path = write_xlsb(tmp_path / "dnc.xlsb", {"List": [("Phone",), HiddenRow(("+14155550100",))]})
    assert load_suppressed([path], Contacts(region="US")) == {"+14155550100"}


@pytest.mark.parametrize(
    ("region", "text"),
    [
        ("US", "phone number,raw\n4158672671,14158672671\n"),
        ("US", "phone,national format\n4155550100,(415) 555-0100\n"),
        ("DE", "phone,date added\n+14155550100,20240110\n"),
        ("DE", "phone,id\n+14155550100,12345678\n"),
        ("AT", "phone,added\n+14155550100,15-01-24\n"),
    ],
)
def test_ids_dates_and_the_same_number_again_are_no_other_numbers(tmp_path: Path, region: str, text: str) -> None:
    """Lists as they are exported have such columns beside the number."""
    assert len(load_suppressed([_write(tmp_path / "dnc.csv", text)], Contacts(region=region))) == 1


def test_a_worksheet_of_blanks_is_no_list(tmp_path: Path) -> None:
    """Cells with nothing but spaces hold nobody."""
    book = Workbook()
    book.active.append(["Phone"])
    book.active.append(["+14155550100"])
    book.create_sheet("Blank")["B2"] = " "
    book.save(tmp_path / "dnc.xlsx")
    assert load_suppressed([tmp_path / "dnc.xlsx"], Contacts(region="US")) == {"+14155550100"}


@pytest.mark.slow
def test_a_workbook_that_asks_for_all_memory_is_refused(tmp_path: Path) -> None:
    """It is tried in a process of its own here, too; an empty one is told as what it is."""
    assert "is not a whole workbook" in _refusal(Path(__file__).parents[1] / "sheets" / "files" / "fuzz-endless.xls")
    assert "is empty" in _refusal(_write(tmp_path / "dnc.xlsx", ""))


@pytest.mark.parametrize("header", ["Number", "DNC Number", "Contact", "DNC", "Numéro", "番号"])
def test_a_list_may_call_its_numbers_simply_so(tmp_path: Path, header: str) -> None:
    """In a file of numbers never to call, "Number" can mean but one thing; a known phone column comes first."""
    assert load_suppressed([_write(tmp_path / "a.csv", f"{header},Since\n+14155550123,x\n")], CONTACTS) == {
        "+14155550123"
    }
    both = _write(tmp_path / "b.csv", f"{header},Phone\nAda,+14155550123\n")
    assert load_suppressed([both], CONTACTS) == {"+14155550123"}


@pytest.mark.parametrize(
    "text",
    [
        "415,5550123\n212,5550100\n",
        "415,5550123\n212,5550100",
        "415,5550123,2026-10-01,A\n212,5550100,2026-10-02,a\n305,5550100,2026-10-03,D\n",
    ],
)
@pytest.mark.parametrize("region", ["US", "DE", None])
def test_the_us_registry_is_read_as_it_is_downloaded(tmp_path: Path, text: str, region: str | None) -> None:
    """Area code and number parted by a comma; a change list but for what it deletes; whatever the campaign's region."""
    for suffix in (".txt", ".csv"):
        path = _write(tmp_path / f"list{suffix}", text)
        assert load_suppressed([path], Contacts(region=region)) == {"+14155550123", "+12125550100"}


@pytest.mark.parametrize(
    "text",
    [
        "Area Code,Number\n415,5550123\n212,555-0100\n",
        'phone\n"415,5550123"\n="2125550100"\n',
        "phone\n4155550123.0\n1.2125550100E10\n",
    ],
)
def test_numbers_are_found_as_programs_leave_them(tmp_path: Path, text: str) -> None:
    """An area code in a column of its own, a comma in the cell, `="…"`, and decimals that have lost no digit."""
    assert load_suppressed([_write(tmp_path / "stop.csv", text)], CONTACTS) == {"+14155550123", "+12125550100"}


def test_a_broken_line_of_the_registry_stops_everything(tmp_path: Path) -> None:
    """A list that was cut, or is none of the registry's further down, is not half read."""
    assert "row 2" in _refusal(_write(tmp_path / "list.txt", "415,5550123\n212,55501\n"))


@pytest.mark.parametrize(
    "entries",
    [
        '<ac val="415"><ph val="5550123"/></ac><ac val="212"><ph val="5550100"/></ac>',
        "<ac>415<ph>5550123</ph></ac><ac>212<ph>5550100</ph></ac>",
        '<ac val="415"><ph val="5550123" t="A"/><ph val="5550101" t="D"/></ac><ac val="212"><ph val="5550100"/></ac>',
        "<AC>415<PH>5550123<C>A</C></PH></AC><AC>212<PH>5550100</PH><PH>5550101<C>D</C></PH></AC>",
    ],
)
def test_the_us_registry_is_read_in_its_tagged_form(tmp_path: Path, entries: str) -> None:
    """Numbers within their area codes, in attributes or texts; what a change list deletes is left out."""
    path = _write(tmp_path / "list.xml", f'<?xml version="1.0"?><list type="full">{entries}</list>')

    assert load_suppressed([path], CONTACTS) == {"+14155550123", "+12125550100"}


def test_the_us_registry_is_read_in_its_list_of_one_area_code(tmp_path: Path) -> None:
    """Programs that import such files find the area code at the list itself, and the numbers at once below it."""
    path = _write(tmp_path / "list.xml", "<list val='415'>\n<ph val='5550123' />\n<ph val='5550124'/>\n</list>")

    assert load_suppressed([path], CONTACTS) == {"+14155550123", "+14155550124"}


def test_a_change_that_is_not_clearly_a_deletion_is_held(tmp_path: Path) -> None:
    """Of the items behind a number none is known but a D alone: whatever else they say, nobody is called for them."""
    path = _write(tmp_path / "changes.txt", "415,5550123,2026-11-01,A\n415,5550124,2026-11-01,D\n415,5550125,D,A\n")

    assert load_suppressed([path], CONTACTS) == {"+14155550123", "+14155550125"}


@pytest.mark.parametrize(
    "text",
    [
        "<list/>",
        '<list><ac val="415"><ph val="555"/></ac></list>',
        '<list><ac val="415"><ph val="5550123"/>',
        '<!DOCTYPE list [<!ENTITY a "5550123">]><list><ac val="415"><ph>&a;</ph></ac></list>',
        '<?xml version="1.0" encoding="x"?><list/>',
        '<?xml version="1.0" encoding="shift_jis"?><list/>',
    ],
)
def test_a_tagged_list_that_is_not_whole_stops_everything(tmp_path: Path, text: str) -> None:
    """No number, half a number, half a file, a document type, an unknown encoding: refused by the file's name."""
    assert "list.xml" in _refusal(_write(tmp_path / "list.xml", text))


def test_a_country_code_without_plus_is_held_in_both_readings(tmp_path: Path) -> None:
    """A list of 4917612345678 holds +4917612345678, and whoever else the digits may mean."""
    path = _write(tmp_path / "stop.csv", "phone\n4917612345678\n")

    assert load_suppressed([path], Contacts(region="DE")) == {"+4917612345678", "+494917612345678"}


def test_numbers_side_by_side_are_all_held(tmp_path: Path) -> None:
    """The header of a list may stop before its numbers do; a word beyond it is a note."""
    path = _write(tmp_path / "stop.csv", "phone\n4155550123,4155550124,asked twice,+44 20 7946 0123\n4155550125\n")
    held = {"+14155550123", "+14155550124", "+442079460123", "+14155550125"}
    assert load_suppressed([path], CONTACTS) == held


@pytest.mark.parametrize(
    ("entry", "region", "held"),
    [
        ("011 359 2 121 033", "BG", "+3592121033"),
        ("0011 598 2123 0751", "UY", "+59821230751"),
        ("010 44 20 7946 0123", "GB", "+442079460123"),
    ],
)
def test_a_list_may_come_from_where_another_prefix_is_dialled(
    tmp_path: Path, entry: str, region: str, held: str
) -> None:
    """011 is dialled in North America, 0011 in Australia, 010 in Japan, and lists are bought there."""
    path = _write(tmp_path / "stop.csv", f"phone\n{entry}\n")
    assert held in load_suppressed([path], Contacts(region=region))


def test_a_list_past_its_age_is_refused(tmp_path: Path) -> None:
    """31 days by the file's time, to the second; without a limit any list counts; a missing one is told elsewhere."""
    path = _write(tmp_path / "stop.csv", "phone\n")
    os.utime(path, (1_000_000, 1_000_000))
    last = 1_000_000 + 31 * 86_400
    limit = timedelta(days=31)

    refuse_old_lists([path, tmp_path / "none.csv"], limit, now_ms=last * 1000)
    refuse_old_lists([path], None, now_ms=last * 2000)
    with pytest.raises(SheetError, match="max_age"):
        refuse_old_lists([path], limit, now_ms=last * 1000 + 1)


def test_a_list_with_countries_is_read_in_them(tmp_path: Path) -> None:
    """A number without + is held in its row's country and the campaign's; a country nobody knows stops everything."""
    path = _write(tmp_path / "stop.csv", "phone,Country\n55 1234 5678,Mexico\n+442079460123,\n030 123456,DE\n")
    held = load_suppressed([path], CONTACTS)

    assert {"+525512345678", "+442079460123", "+4930123456"} <= held
    assert "row 2" in _refusal(_write(tmp_path / "stop.csv", "phone,Country\n+442079460123,Atlantis\n"))


def test_a_contact_beside_a_number_is_a_name(tmp_path: Path) -> None:
    """Alone "Contact" may head the numbers; beside "Number" it does not."""
    path = _write(tmp_path / "stop.csv", "Contact,Number\nAda,+14155550123\n")

    assert load_suppressed([path], CONTACTS) == {"+14155550123"}


@pytest.mark.parametrize(("code", "held"), [('"+"0', {"+16592345678", "+6592345678"}), ("General", {"+16592345678"})])
def test_both_numbers_of_a_cell_are_held(tmp_path: Path, code: str, held: set[str]) -> None:
    """A cell that holds one number and shows another spares both people; a format nobody can read stops everything."""
    book = Workbook()
    book.active.append(["Phone"])
    book.active.append([6592345678])
    book.active["A2"].number_format = code
    book.save(tmp_path / "stop.xlsx")
    assert load_suppressed([tmp_path / "stop.xlsx"], CONTACTS) == held

    book.active["A2"].number_format = "# ?/8"
    book.save(tmp_path / "stop.xlsx")
    assert "number format that cannot be read here" in _refusal(tmp_path / "stop.xlsx")


def test_a_list_is_read_in_every_country_that_is_called(tmp_path: Path) -> None:
    """The contacts' sheet may name a row's country; the list of the same digits seldom does, and spares the person."""
    path = _write(tmp_path / "stop.csv", "phone\n2079460018\n")

    assert load_suppressed([path], Contacts(region="US", regions=("US", "GB"))) == {"+12079460018", "+442079460018"}


def test_a_doubt_about_the_letters_of_a_list_asks_nobody(tmp_path: Path) -> None:
    """Where every encoding that the list may have reads the same digits, its numbers count, whatever its names are."""
    text = "name,phone\nIbañez,+14155550123\nNuñez,+12125550100\n"
    path = tmp_path / "stop.csv"
    path.write_bytes(text.encode("mac-roman"))
    with pytest.raises(SheetError, match="nobody can tell in which encoding"):
        open_sheet(path, CONTACTS)

    assert load_suppressed([path], CONTACTS) == {"+14155550123", "+12125550100"}


@pytest.mark.parametrize(
    "content",
    [
        b"phone,name\n+14155550123,\xff\x80\x81\x8d\n\xe9\xe8\n\xc3\xa9\n",
        "phone\n+14155550123\n".encode("utf-16-le"),
        b"\n\nphone\n+14155550123\n",
        b'phone,name\n"\xd0\xbd,\xff\n',
        b"phone;a,b\n1;2,3\n",
    ],
    ids=["no text", "UTF-16", "no header", "half a text", "two delimiters"],
)
def test_what_is_wrong_with_a_list_is_never_mended_by_a_key_of_the_sheet(tmp_path: Path, content: bytes) -> None:
    """What `[contacts]` says of a file is said of the sheet: whoever set it for a list would break the sheet."""
    (tmp_path / "stop.csv").write_bytes(content)
    assert "[contacts]" not in _refusal(tmp_path / "stop.csv")


@pytest.mark.parametrize("name", ["list.csv", "list.xml", "list.xlsx"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    """Nobody writes into it: it is refused at once, whatever its name."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(SheetError, match="is no file"):
        load_suppressed([tmp_path / name], Contacts(region="US"))
