"""At 80 columns every command shows whole words: no table and no sentence breaks inside one, in whatever script."""

import os
import re
from pathlib import Path

import pytest

from dialer.cli.terminal import cells, shortened, wrapped
from dialer.sandbox import CallLifecycle, Faults, Sandbox
from tests.cli.command_line import on_terminal
from tests.docs.test_json_schemas import CAMPAIGN, FAILING, STORY
from tests.support import CampaignFolder, number

WIDTH = 80
WIDE = 4000

NAMES = (
    "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Adolph Blaine Charles David Earl Frederick Gerald",
    "محمد عبد الرحمن بن عبد العزيز آل سعود الشيخ المحترم من مدينة الرياض في المملكة العربية السعودية",
    "山田 太郎 鈴木 花子 佐藤 一郎 高橋 三郎 田中 次郎 渡辺 四郎 伊藤 五郎 中村 六郎 小林 七郎 加藤 八郎",
    "Александр Константинович Преображенский-Вознесенский из города Санкт-Петербурга",
    "नरेन्द्र कुमार श्रीवास्तव और उनके परिवार के सभी सदस्य जो लखनऊ में रहते हैं",
)
HEADERS = (
    "Имя и отчество контактного лица",
    "電話番号 携帯",
    "प्रधान योजना का पूरा नाम",
    "Remarques générales de cette équipe",
)


def folder_of(path: Path) -> CampaignFolder:
    """Write a campaign whose headers and names are long and of many scripts, with rows of every kind."""
    path.mkdir()
    folder = CampaignFolder(path)
    columns = f'[contacts.columns]\nname = "{HEADERS[0]}"\nphone = "{HEADERS[1]}"\n'
    columns += f'[contacts.variables]\nplan = "{HEADERS[2]}"\n'
    folder.campaign(columns + CAMPAIGN)
    people = [[name, number(at), name, ""] for at, name in enumerate(NAMES)]
    folder.sheet(HEADERS, [*people, [NAMES[0], number(1), "", ""], *([name, "12", name, ""] for name in NAMES)])
    folder.sheet(["Phone"], [[number(4)], [number(9)]], "numbers.csv")
    return folder


def words(shown: str, folder: Path) -> set[str]:
    """Return the words of what a terminal showed; bars, instants, ids and figures differ from run to run."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\n", shown).replace(str(folder), "FOLDER")
    text = re.sub(r"(?<=Z)-\d+(?=\.csv)", "", text)  # a second file of the same second
    text = re.sub(r"[0-9a-f]{6,}|\d+(?:[.,:]\d+)*", "0", text)
    return {word for word in text.split() if not set(word) <= set("\\…━╸╺▁▂▃▄▅▆▇█▉▊▋▌▍▎▏")} - {"n"}  # an answer


def lines(shown: str) -> list[str]:
    """Return the lines that a terminal showed; behind a question the echo of its answer, a new line, is not there."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "\n")
    return re.sub(r"(?m)(^Your number.*?|\)): ", r"\1:\n", text).splitlines()


def story(folder: CampaignFolder, width: int) -> list[tuple[str, str]]:
    """Run every command once, with the mistakes that each can make, and return what the terminal showed."""
    os.environ["DIALER_LEDGER"] = str(folder.path / ".dialer/ledger.db")
    found = []
    with Sandbox(life=CallLifecycle(seed=1, speed=10_000.0), faults=Faults(refuse_name=NAMES[2])) as sandbox:
        for arguments in (*(words for _, words in STORY), *FAILING.values()):
            if arguments[:2] == ("webhooks", "serve") or arguments[0] == "sandbox":
                continue
            answer = {"suppress": f"{number(3)}\n\x04", "init": "\n" * 9}.get(arguments[0], "n\n")
            extra = {"COLUMNS": str(width)}
            code, shown = on_terminal(*arguments, answer=answer, url=sandbox.url, extra=extra, cwd=folder.path)
            found.append((" ".join(arguments), f"{code}\n{shown}"))
    return found


@pytest.mark.slow
def test_no_command_breaks_a_word(tmp_path: Path) -> None:
    """What a narrow terminal shows are the words of a wide one, and no line is wider than it but for one word alone."""
    narrow, wide = folder_of(tmp_path / "one"), folder_of(tmp_path / "two")
    wrong = []
    for (command, shown), (_, whole) in zip(story(narrow, WIDTH), story(wide, WIDE), strict=True):
        too_wide = [
            line for line in lines(shown) if cells(line.rstrip()) > WIDTH and len(line.rstrip(" \\").split()) > 1
        ]
        wrong += [
            (command, found) for found in (words(shown, narrow.path) - words(whole, wide.path), too_wide) if found
        ]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [20, 40, 80])
def test_lines_are_broken_by_what_a_terminal_draws(name: str, width: int) -> None:
    """A character of East Asia takes two columns, and a mark above another none; each word stays whole."""
    said = wrapped(f"  {name}, {name}\n", width).splitlines()
    assert [word for line in said for word in line.split()] == f"{name}, {name}".split()
    assert all(cells(line) <= width or len(line.split()) == 1 for line in said)
    cut = shortened(name, width)
    assert cells(cut) <= width or " " not in cut.removesuffix(" …")
    assert name.startswith(cut.removesuffix(" …").rstrip("…"))


def test_columns_are_counted_as_terminals_do() -> None:
    """By Unicode's own table of widths; a line that fits is left as it is."""
    assert [cells(text) for text in ("abc", "山田", "é", "e\u0301", "محمد", "")] == [3, 4, 1, 1, 4, 0]
    assert shortened("山田 太郎", 9) == "山田 太郎"
    assert shortened("山田 太郎", 8) == "山田 …"
    assert shortened("three words here", 11) == "three …"
