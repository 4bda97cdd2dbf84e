"""What others wrote, in every place in which they can write, moves no terminal: each command prints it neutral."""

import io
import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from dialer.cli import terminal
from dialer.cli.terminal import Neutral, neutral
from dialer.sandbox import Faults, Sandbox
from tests.cli.command_line import dialer, on_terminal
from tests.support import ANY_HOUR, FAST, TEAM, TEMPLATE, CampaignFolder, number

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egpj.exe\u2066\u200b\u2028\x08[/red][bold]{task}\x7f"
BUG = "this is a bug"


def unseen(shown: str) -> set[str]:
    """Return the characters of *shown* that a terminal would obey, or not show."""
    return {char for char in shown if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}} - {"\n", "\t"}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Write a campaign whose every name, header, value and file name is hostile, and return its file."""
    sheet = tmp_path / f"sheet {HOSTILE.replace('/', '')}.csv"
    header = ["Name", "Phone", f"Note {HOSTILE}", f"Email {HOSTILE}"]
    rows = [
        [f"Person {HOSTILE}", number(0), HOSTILE, HOSTILE],
        [f"Other {HOSTILE}", f"12{HOSTILE}", HOSTILE, ""],
        ["Third", number(1), HOSTILE, "x"],
    ]
    quoted = [",".join(f'"{cell}"' for cell in row) for row in [header, *rows]]
    sheet.write_text("\n".join(quoted) + "\n", "utf-8")
    suppressed = tmp_path / "never.csv"
    suppressed.write_text(f'phone,reason\n{number(1)},"{HOSTILE}"\n', "utf-8")
    campaign = tmp_path / "campaign.toml"
    campaign.write_text(
        f'name = {json.dumps("spring")}\n[call]\nteam_id = "{TEAM}"\ncall_template_id = "{TEMPLATE}"\n'
        f'[contacts]\nfile = {json.dumps(sheet.name)}\nregion = "US"\n'
        '[contacts.columns]\nname = "Name"\nphone = "Phone"\n'
        f"[contacts.variables]\nnote = {json.dumps(header[2])}\n"
        f"{json.dumps('v ' + HOSTILE)} = {json.dumps(header[3])}\n"
        f'{ANY_HOUR}{FAST}settle_time = "0s"\n[suppression]\nfiles = ["never.csv"]\n',
        "utf-8",
    )
    return campaign


def commands(campaign: Path) -> Iterator[tuple[str | Path, ...]]:
    """Return every command that reads, sends, tells or keeps something of others."""
    folder = campaign.parent
    sheet = next(folder.glob("sheet*"))
    yield "init", sheet, "--output", folder / "drafted.toml"
    yield "init", sheet, "--json", "--output", folder / "drafted-2.toml"
    for command in ("check", "plan", "run", "status", "retry", "reconcile", "sync", "results"):
        for more in ((), ("--json",)):
            yield (command, campaign, *more, *(("--yes",) if command in {"run", "retry"} else ()))
    yield "check", campaign, "--preview", "2"
    yield "plan", campaign, "--why", "3"
    yield "suppress", "add", number(7), "--reason", HOSTILE, "--campaign", campaign
    yield "suppress", "list", "--campaign", campaign
    yield "suppress", "list", "--json", "--campaign", campaign
    yield "suppress", "check", number(7), "--campaign", campaign
    yield "check", folder / f"{HOSTILE.replace('/', '')}.toml"
    yield "check", campaign, "--contacts", folder / f"{HOSTILE.replace('/', '')}.csv"
    yield "retry", campaign, "--yes", "--only", HOSTILE
    yield "retry", campaign, "--yes", "--from", sheet
    yield "run", campaign, "--yes", f"--{HOSTILE}"
    yield (HOSTILE,)
    yield "nightly", folder, "--yes"
    yield "nightly", folder, "--json"
    yield "purge", campaign, "--yes"


@pytest.mark.slow
def test_no_command_lets_others_text_move_the_terminal(hostile: Path) -> None:
    """Headers, names, variables, files, reasons, options: shown, with nothing that a terminal would obey."""
    with Sandbox(faults=Faults(refuse=0.3, seed=4)) as sandbox:
        for command in commands(hostile):
            ended = dialer(*command, url=sandbox.url, cwd=hostile.parent)
            shown = ended.stdout + ended.stderr
            assert not unseen(shown), (command, unseen(shown))
            assert BUG not in shown, (command, shown)
            assert ended.returncode != 1, (command, shown)


@contextmanager
def serving(status: int, content: Any) -> Iterator[str]:
    """Serve an API on loopback that answers every POST so and has no calls; return its address."""
    body = json.dumps(content).encode()

    class Answering(BaseHTTPRequestHandler):
        """Answers one connection."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """List nothing, and know no call."""
            listed = "?" in self.path
            self._answer(*((200, b'{"data": []}') if listed else (404, b"{}")))

        def do_POST(self) -> None:
            """Read the call and answer as told."""
            self.rfile.read(int(self.headers["content-length"]))
            self._answer(status, body)

        def _answer(self, code: int, written: bytes) -> None:
            self.send_response(code)
            self.send_header("content-length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def answers() -> list[tuple[int, Any]]:
    """Return replies of an API that is not one: its messages and ids are hostile."""
    return [
        (400, {"message": HOSTILE}),
        (400, {"message": "[/red]"}),
        (401, {"message": ["[/red]", HOSTILE]}),
        (402, {"error": HOSTILE}),
        (500, {"message": HOSTILE}),
        (200, {"data": {"_id": HOSTILE}}),
        (200, {"data": {"_id": "id-1", "toPhoneNumber": HOSTILE, "callDelayedUntil": HOSTILE}}),
        (200, {"data": {"_id": "[/red]"}}),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("answer", answers(), ids=lambda answer: f"{answer[0]} {ascii(answer[1])[:24]}")
def test_what_the_api_says_is_shown_and_not_obeyed(answer: tuple[int, Any], tmp_path: Path) -> None:
    """A message such as `[/red]` is text, the reason to stop is told, and no reply is a bug of the program."""
    folder = CampaignFolder(tmp_path)
    folder.campaign(ANY_HOUR + FAST + "max_failures_in_a_row = 2\n")
    status, content = answer
    with serving(status, content) as url:
        for command in (("run", "--yes"), ("status",), ("results",)):
            name, *more = command
            ended = dialer(name, folder.campaign_file, *more, url=url, cwd=tmp_path)
            shown = ended.stdout + ended.stderr
            assert not unseen(shown), unseen(shown)
            assert BUG not in shown
            assert ended.returncode != 1
            if name == "run" and status in {400, 401, 402} and "[/red]" in str(content):
                assert "[/red]" in shown


@pytest.mark.slow
def test_a_terminal_shows_foreign_text_as_text(tmp_path: Path) -> None:
    """With a bar drawn, the only escape sequences are those of the bar: no title, no colour, no markup of others."""
    folder = CampaignFolder(tmp_path)
    with serving(401, {"message": f"[/red]{HOSTILE}"}) as url:
        _, shown = on_terminal("run", folder.campaign_file, answer="y\n", url=url)

    assert "[/red]" in shown
    assert BUG not in shown
    assert not re.search("\x1b\\]|\x9b|\u202e|\u200b", shown)


@pytest.mark.parametrize(
    "char", [chr(code) for code in (*range(32), *range(127, 160), 0xAD, 0x61C, *range(0x200B, 0x2010))]
)
def test_no_control_or_hidden_character_is_neutral(char: str) -> None:
    """Both ranges of control characters, and what changes the direction or has no width, but for breaks and tabs."""
    assert neutral(f"a{char}b") == (f"a{char}b" if char in "\n\t" else f"a{json.dumps(char)[1:-1]}b")


@pytest.mark.parametrize("text", ["Zoë Müller", "李雷", "50\u00a0%", "שלום", "a\nb\tc", "👋", "É"])
def test_what_people_write_stays_as_it_is(text: str) -> None:
    """Letters of every script, marks and no-break spaces are no danger."""
    assert neutral(text) == text


def test_a_name_that_is_no_text_can_be_shown() -> None:
    """A file's name may hold bytes that are no UTF-8: they are shown, and are no reason to fail."""
    stream = io.TextIOWrapper(io.BytesIO(), "utf-8")
    Neutral(stream).write("file \udcff.csv")
    stream.flush()
    assert stream.buffer.getvalue() == b"file \\udcff.csv"


def test_json_stays_json() -> None:
    """What is written into JSON text is the same value when it is read."""
    value = {"header": f"a{HOSTILE}\U000e0001"}
    shown = neutral(json.dumps(value, ensure_ascii=False))
    assert not unseen(shown)
    assert json.loads(shown) == value


def test_nothing_else_draws_on_the_terminal() -> None:
    """Rich's own console, and the streams behind the guarded ones, are reached through one module each."""
    package = Path(terminal.__file__).parent.parent
    for path in package.rglob("*.py"):
        text = path.read_text("utf-8")
        if path.name != "console.py":
            assert not re.search(r"\bConsole\(", text), path
        assert not re.search(r"sys\.__std|os\.write\(1|os\.write\(2", text), path
