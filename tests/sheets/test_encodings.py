# ruff: noqa: RUF001 - names in their own letters are what is tested
"""A text's encoding is known by its mark or because it fits; the one guess that is made is told with samples."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.errors import SheetError
from dialer.sheets.encodings import find_encoding, read_lines

NAMES = "name,phone\nZo\u00eb M\u00fcller,+14155550100\nAda,+14155550101\nJos\u00e9,+14155550102\n"


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "people.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marked_and_utf8_texts_need_no_guess(tmp_path: Path, encoding: str) -> None:
    """Their lines are read as written, and nothing has to be said."""
    path = _file(tmp_path, NAMES.encode(encoding))
    found, note = find_encoding(path)

    assert note is None
    assert "".join(read_lines(path, found)) == NAMES


def test_western_text_is_read_and_told_aloud(tmp_path: Path) -> None:
    """What an older Excel wrote is read; the note shows the words that a wrong guess would garble, and no number."""
    path = _file(tmp_path, NAMES.encode("cp1252"))
    found, note = find_encoding(path)

    assert "".join(read_lines(path, found)) == NAMES
    assert note is not None
    assert "cp1252" in note
    assert 'line 2 "Zo\u00eb", line 4 "Jos\u00e9"' in note
    assert "415" not in note


PEOPLE = {
    "cp1250": "Imię,Telefon\nŁukasz Wiśniewski,{}\nMałgorzata Dąbrowska,{}\nŻaneta Świątek,{}\nJózef Gołąb,{}\n",
    "iso8859-2": "Imię,Telefon\nŁukasz Wiśniewski,{}\nMałgorzata Dąbrowska,{}\nŻaneta Świątek,{}\nJózef Gołąb,{}\n",
    "cp1251": "Имя,Телефон\nИван Петров,{}\nНаталья Соколова,{}\nСергей Кузнецов,{}\nОльга Морозова,{}\n",
    "koi8-r": "Имя,Телефон\nИван Петров,{}\nНаталья Соколова,{}\nСергей Кузнецов,{}\nОльга Морозова,{}\n",
    "cp866": "Имя,Телефон\nИван Петров,{}\nНаталья Соколова,{}\nСергей Кузнецов,{}\nОльга Морозова,{}\n",
    "cp1252": "Name,Telefon\nJürgen Müller,{}\nBjörn Schäfer,{}\nKäthe Größ,{}\nJörg Weiß,{}\n",
    "cp1253": "Όνομα,Τηλέφωνο\nΓιώργος Παπαδόπουλος,{}\nΜαρία Νικολάου,{}\nΕλένη Δημητρίου,{}\n",
    "cp1254": "Ad Soyad,Telefon\nAyşe Yılmaz,{}\nÇağrı Öztürk,{}\nGülşen Şahin,{}\nİsmail Doğan,{}\n",
    "cp1255": "שם,טלפון\nיעקב כהן,{}\nשרה לוי,{}\nמשה מזרחי,{}\nרבקה פרץ,{}\n",
    "cp1256": "الاسم,الهاتف\nمحمد العلي,{}\nفاطمة الحسن,{}\nخالد المنصور,{}\n",
    "cp1257": "Vardas,Telefonas\nŽivilė Kazlauskienė,{}\nČeslovas Žukauskas,{}\nRūta Šimkutė,{}\n",
    "cp874": "ชื่อ,โทรศัพท์\nสมชาย ใจดี,{}\nสุดา ศรีสุข,{}\nประเสริฐ ทองคำ,{}\n",
    "cp932": "氏名,電話番号\n佐藤 太郎,{}\n鈴木 花子,{}\n高橋 けんじ,{}\nタナカ ヨシコ,{}\n",
    "gb18030": "姓名,电话,城市\n王伟,{},北京市\n李秀英,{},上海市\n张敏的母亲,{},广州市天河区\n刘洋,{},深圳市\n",
    "big5": "姓名,電話,城市\n陳怡君,{},臺北市\n林志明,{},高雄市\n黃淑芬,{},新竹縣\n張家豪,{},臺中市\n",
    "cp949": "이름,전화번호,도시\n김민수,{},서울특별시\n이영희,{},부산광역시\n박지훈,{},대구광역시 수성구\n",
}
"""Sheets of names as they are written where each encoding is."""


@pytest.mark.parametrize("encoding", PEOPLE)
@pytest.mark.parametrize("times", [1, 40])
def test_the_letters_of_many_languages_are_known(tmp_path: Path, encoding: str, times: int) -> None:
    """Sixteen encodings, on a few rows and on many: the names are read as they were written, and words are shown."""
    header, _, rows = PEOPLE[encoding].replace("{}", "+14155550100").partition("\n")
    content = header + "\n" + rows * times
    path = _file(tmp_path, content.encode(encoding))
    found, note = find_encoding(path)

    assert "".join(read_lines(path, found)) == content
    assert note is not None
    foreign = next(word for word in content.replace("\n", ",").replace(" ", ",").split(",") if not word.isascii())
    assert found in note
    assert foreign in note


def test_text_that_can_be_read_in_two_ways_is_asked_about(tmp_path: Path) -> None:
    """Both encodings are named, with the word as each reads it and the line to write; with that line it is read."""
    text = "name,phone\nIbañez,+14155550100\nNuñez,+14155550101\n"
    path = _file(tmp_path, text.encode("mac-roman"))
    with pytest.raises(SheetError) as caught:
        find_encoding(path)

    told = str(caught.value)
    assert f"{path}: is not UTF-8, and nobody can tell in which encoding it was written: line 2 reads " in told
    assert '"Ibañez" as mac-roman' in told
    assert 'encoding = "mac-roman"' in told
    assert "415" not in told
    assert "".join(read_lines(path, "mac-roman")) == text


@pytest.mark.parametrize(
    "content", ["name\nZo\u00eb\n".encode() + "Jos\u00e9\n".encode("cp1252"), b"name\n\x81\x8d\xff\xfe\x00\x81\n"]
)
def test_what_is_neither_is_refused_with_the_line(tmp_path: Path, content: bytes) -> None:
    """Two encodings in one file, and bytes that are no text, are not guessed at."""
    path = _file(tmp_path, content)
    with pytest.raises(SheetError, match=r"line \d holds (bytes that are not UTF-8 text.*leave encoding out|NUL)"):
        list(read_lines(path, find_encoding(path)[0]))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("marks", [1, 3])
def test_the_mark_of_the_end_is_no_part_of_a_text(tmp_path: Path, encoding: str, marks: int) -> None:
    """Old programs write 0x1A behind the last line, on a line of its own; within a text it stays."""
    path = _file(tmp_path, (NAMES + "\x1a" * marks).encode(encoding))
    assert "".join(read_lines(path, encoding)) == NAMES
    path = _file(tmp_path, (NAMES.rstrip("\n") + "\x1a" * marks).encode(encoding))
    assert "".join(read_lines(path, encoding)) == NAMES.rstrip("\n")
    path = _file(tmp_path, f"a\x1a\n{NAMES}".encode(encoding))
    assert "".join(read_lines(path, encoding)) == f"a\x1a\n{NAMES}"


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever the bytes, every one of them is in a line, or the file is refused."""
    path = _file(tmp_path_factory.mktemp("bytes"), content)
    try:
        encoding, _ = find_encoding(path)
        lines = list(read_lines(path, encoding))
    except SheetError:
        return
    whole = content.removeprefix(b"\xef\xbb\xbf").rstrip(b"\x1a")
    assert "".join(lines).encode(encoding).removeprefix(b"\xef\xbb\xbf") == whole or (
        encoding.startswith("utf-") and content[:2] in {b"\xff\xfe", b"\xfe\xff"}
    )


def test_letters_are_no_doubt_where_digits_alone_count(tmp_path: Path) -> None:
    """The text that is asked about as a sheet of people is read as a list of numbers, with every digit."""
    path = _file(tmp_path, "name,phone\nIba\u00f1ez,+14155550100\nNu\u00f1ez,+14155550101\n".encode("mac-roman"))
    lines = list(read_lines(path, find_encoding(path, digits_alone=True)[0]))

    assert [line.rstrip().rpartition(",")[2] for line in lines] == ["phone", "+14155550100", "+14155550101"]
