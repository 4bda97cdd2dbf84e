"""One thing is one, and thousands are parted in one way."""

import ast
import errno
import re
import shlex
from pathlib import Path

import pytest

import dialer
from dialer import errors
from dialer.cli.main import COMMANDS
from dialer.words import command, counted, masked, trouble


def test_a_noun_follows_its_number() -> None:
    """Nought and two are many; a plural of another kind is given."""
    assert [counted(count, "call") for count in (0, 1, 2, 1234)] == ["0 calls", "1 call", "2 calls", "1,234 calls"]
    assert [counted(count, "person", "people") for count in (1, 2)] == ["1 person", "2 people"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("+1 (212) 555-0100", "(a number of 11 digits)"),
        ("call 2125550100 or 212.555.0101", "call (a number of 10 digits) or (a number of 10 digits)"),
        ("room 12345", "room 12345"),
        ("rings at 2026-11-23T17:00:00.000Z", "rings at 2026-11-23T17:00:00.000Z"),
        ("2026-11-23, 2125552026-11-23T17:00", "(a number of 8 digits), (a number of 14 digits)T17:00"),
        ("", ""),
    ],
)
def test_a_number_is_told_by_its_length(text: str, told: str) -> None:
    """However it is written, and whatever stands around it."""
    assert masked(text) == told


@pytest.mark.parametrize("path", ["spring.toml", "my camp/Spring_1.toml", "it's $HOME;`x`.toml", "größe.toml", ""])
def test_a_command_can_be_pasted(path: str) -> None:
    """A shell reads back the very words, whatever a path holds; a rehearsal's command goes on with the rehearsal."""
    assert shlex.split(command("run", Path(path) if path else path)) == ["dialer", "run", path]
    assert shlex.split(command("status", path, sandbox=True)) == ["dialer", "status", path, "--sandbox"]


@pytest.mark.slow
def test_no_message_builds_a_command_by_hand() -> None:
    """Nowhere does a text name a command and put a value behind it that has not been quoted."""
    by_hand = re.compile(rf"dialer ({'|'.join(COMMANDS)}) ([^`.;:,()]* )?$")
    root = Path(dialer.__file__).parent
    found = [
        f"{path.relative_to(root)}:{text.lineno}"
        for path in sorted(root.rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for before, value in zip(text.values, text.values[1:], strict=False)
        if isinstance(before, ast.Constant) and isinstance(value, ast.FormattedValue)
        if by_hand.search(str(before.value)) and ast.unparse(value.value) != "command"  # a fixed word of suppress
    ]
    assert found == []


@pytest.mark.parametrize("name", ["EACCES", "ENOSPC", "EROFS", "EISDIR", "ENOTDIR", "EDQUOT", "ENAMETOOLONG", "EIO"])
def test_what_the_system_refuses_is_told_with_what_to_do(name: str) -> None:
    """In our words, after a colon and before a full stop: what it is, and what to do."""
    error = OSError(getattr(errno, name), "the system's own words", "x")

    assert re.fullmatch(r"[a-z][^.;]*; [^.;]*(\(ulimit -.\))?", trouble(error))
    assert "own words" not in trouble(error)


def test_a_rare_refusal_is_told_in_the_systems_words() -> None:
    """As such; one without words is named."""
    assert trouble(OSError(errno.EXDEV, "Invalid cross-device link")) == "the system says: Invalid cross-device link"
    assert trouble(OSError("odd")) == "the system says: OSError"


def test_no_message_is_made_of_the_systems_words_elsewhere() -> None:
    """They say no more than what happened."""
    package = Path(dialer.__file__).parent

    assert [path.name for path in package.rglob("*.py") if "strerror" in path.read_text("utf-8")] == ["words.py"]


def test_no_message_is_made_of_a_librarys_words() -> None:
    """What a parser, a driver or the system says of an error is told in our words; its own may quote a row or a key."""
    package = Path(dialer.__file__).parent
    ours = {name for name, value in vars(errors).items() if isinstance(value, type)} | {
        "ValueError",  # of our own values, such as a country's code
        "UnclearWorksheet",
        "DisorderError",
        "_RefusedError",
        "TyperException",
    }
    told = [
        f"{path.relative_to(package)}:{handler.lineno}"
        for path in package.rglob("*.py")
        if "sandbox" not in path.parts and path.name != "rule_faults.py"  # another program's stand-in; our own data
        for handler in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(handler, ast.ExceptHandler) and handler.type is not None
        if not {part.id for part in ast.walk(handler.type) if isinstance(part, ast.Name)} <= ours
        if any(is_told(part, handler.name) for statement in handler.body for part in ast.walk(statement))
    ]

    assert not told, told


def is_told(part: ast.AST, name: str | None) -> bool:
    """Return whether *part* makes a text of the exception that has this *name*."""
    if isinstance(part, ast.FormattedValue):
        return isinstance(part.value, ast.Name) and part.value.id == name
    if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in {"str", "repr"}:
        return any(isinstance(argument, ast.Name) and argument.id == name for argument in part.args)
    return False
