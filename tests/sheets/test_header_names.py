"""Headers are matched whole, likeness is only ever a question, and a person's number is never quoted."""

import tomllib
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.sheets.header_names import ALIASES, holds_number, nearest, nearest_alias, normalise, quoted, shown


@pytest.mark.parametrize("header", ["E-mail", "e mail", "EMAIL", "E.Mail", "\uff25-mail", "\u00e9-mail"])
def test_case_marks_and_accents_do_not_matter(header: str) -> None:
    """One word is recognised however it is written."""
    assert normalise(header) == "email"


HEADERS = """
    tr Ad Soyad; Cep Telefonu, ru ФИО; Номер телефона, uk ПІБ; Номер телефону,
    pl Imię i nazwisko; Numer telefonu,
    cs Jméno; Telefon, sk Meno; Telefón, hu Név; Telefonszám, ro Nume; Număr de telefon,
    hr Ime i prezime; Broj telefona, el Ονοματεπώνυμο; Τηλέφωνο, he שם מלא; טלפון,
    ar الاسم; رقم الجوال, hi नाम; मोबाइल नंबर, th ชื่อ; เบอร์โทร,
    id Nama lengkap; No HP, vi Họ và tên; Số điện thoại, ja お名前; 携帯番号, zh 姓名; 手机号码, zh-Hant 姓名; 手機號碼,
    ko 성명; 휴대폰, fi Nimi; Puhelin, sv Namn; Mobilnummer, da Navn; Telefonnr., nl Naam; Mobiel, de Name; Handynr.,
    fr Nom; Tél. portable, es Nombre; Celular, pt Nome; Telemóvel, it Nome; Cellulare
"""
"""What sheets call a person's name and number, by language."""


@pytest.mark.parametrize("line", [line.strip() for line in HEADERS.split(",")])
def test_name_and_number_are_known_in_the_large_languages(line: str) -> None:
    """Nobody has to say which columns they are."""
    name, phone = line.partition(" ")[2].split(";")

    assert normalise(name) in ALIASES["name"]
    assert normalise(phone) in ALIASES["phone"]


def test_no_header_means_two_things() -> None:
    """Else the first of two fields would take the other's column."""
    for (one, ours), (other, theirs) in combinations(ALIASES.items(), 2):
        assert not ours & theirs, (one, other)


@pytest.mark.parametrize("header", ["Email consent", "Phone type", "Company name", "Phone 2", "Estado", "Region", ""])
def test_a_header_that_only_holds_a_word_means_nothing(header: str) -> None:
    """A header matches as a whole or not at all: these columns hold something else."""
    assert not [field for field, aliases in ALIASES.items() if normalise(header) in aliases]


def test_the_likest_header_is_asked_about() -> None:
    """A slip of the pen finds its header as that is written; what resembles nothing finds none."""
    headers = ["Full Name", "Mobile Phone", "City"]

    assert nearest("moble phone", headers) == "Mobile Phone"
    assert nearest("xyz", headers) is None
    assert nearest("Name", []) is None
    assert nearest_alias("phone", ["Phne number", "City"]) == "Phne number"
    assert nearest_alias("email", ["qqqq"]) is None
    assert nearest_alias("email", []) is None


@pytest.mark.parametrize(
    ("cells", "holds"), [(["Ada", "555-0100"], True), (["555010"], False), (["1 2 3 4 5 6 7"], True), ([], False)]
)
def test_seven_digits_may_be_somebodys_number(cells: list[str], *, holds: bool) -> None:
    """A local number has seven; a row that holds one is no header."""
    assert holds_number(cells) is holds


def test_a_number_in_the_place_of_a_header_is_not_shown() -> None:
    """A message tells how long it is, and no more."""
    assert shown("+1 212 555 0100") == "(a number of 11 digits)"
    assert shown("Phone 1") == '"Phone 1"'


@given(st.text(st.characters(codec="utf-8")))
def test_any_header_can_be_pasted_into_a_campaign_file(header: str) -> None:
    """What is quoted reads back as it was, as TOML."""
    assert tomllib.loads(f"{quoted(header)} = {quoted(header)}") == {header: header}
