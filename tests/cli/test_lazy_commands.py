"""The command line knows its commands by name and sentence, and imports only the one that is used."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.cli.main import COMMANDS, load_command
from tests.cli.command_line import dialer, environment
from tests.support import ANY_HOUR, FAST, CampaignFolder, number

ROOT = Path(__file__).parents[2]
LIBRARIES = {"asyncio", "httpx", "openpyxl", "pandas", "phonenumbers", "pydantic", "rich", "sqlalchemy", "uvicorn"}

PROGRAM = f"""#!{sys.executable}
import sys
from dialer.cli import main
sys.exit(main())
"""
"""The console script as an installation writes it."""

NOBODY = "http://127.0.0.1:1"
"""Where nobody answers: what is measured asks nobody."""

IMPORTED = """
import atexit, sys
atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))
from dialer.cli import main
main()
"""
"""The command line, which lists on stderr at its end what it has imported."""

IMPORTED_BY_EACH = """
import atexit, os, pkgutil, sys
from importlib import import_module
import dialer
for found in pkgutil.walk_packages(dialer.__path__, "dialer."):
    if not found.name.startswith("dialer.cli") and not found.name.endswith("__main__"):
        import_module(found.name)
from dialer.cli import main
for name in sys.argv[1:]:
    if not os.fork():
        sys.argv = ["dialer", name, "--help"]
        atexit.register(lambda: print(name, *sorted(sys.modules), file=sys.stderr))
        main()
    os.wait()
"""
"""The same for the help of each command that is named; all else that takes long to import is imported once."""


def imported_by(*arguments: str) -> set[str]:
    """Return the modules that a process of the command line has imported."""
    command = [sys.executable, "-c", IMPORTED, *arguments]
    ended = subprocess.run(command, env=environment(NOBODY), capture_output=True, text=True, check=True, timeout=60)
    return set(ended.stderr.split())


def commands_among(modules: set[str]) -> set[str]:
    """Return the commands whose modules are among *modules*."""
    return {name for name in COMMANDS if f"dialer.cli.{name.replace('-', '_')}" in modules}


def test_every_command_of_the_package_is_listed() -> None:
    """A module that says it is `dialer NAME` is listed by that name: no command is forgotten, none listed in vain."""
    texts = {path.stem.replace("_", "-"): path.read_text("utf-8") for path in (ROOT / "dialer/cli").glob("*.py")}
    assert {name for name, text in texts.items() if text.startswith(f'"""`dialer {name}`: ')} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_sentence_of_the_listing_is_the_commands_own(name: str) -> None:
    """What the listing says of a command is the first sentence of its docstring, or of its group's help."""
    sentence = re.match(r".+?\.(?=\s|$)", " ".join(load_command(name).help.split()))
    assert sentence is not None
    assert sentence[0] == COMMANDS[name]


def test_the_listing_shows_every_command_with_its_sentence() -> None:
    """`dialer --help` lists all commands in their order, each with as much of its sentence as a line holds."""
    listing = dialer("--help").stdout.split("Commands:\n")[1].splitlines()
    shown = dict(line.split(maxsplit=1) for line in listing)
    assert list(shown) == list(COMMANDS)
    assert all(COMMANDS[name].startswith(text.removesuffix("...")) for name, text in shown.items())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_the_listing_imports_no_command_and_no_library(arguments: tuple[str, ...]) -> None:
    """What needs no command is shown at once: neither a command's module nor a library of one is imported."""
    modules = imported_by(*arguments)
    assert not commands_among(modules)
    assert not modules & LIBRARIES


@pytest.mark.slow
def test_a_command_imports_no_other_command() -> None:
    """Asked for its help, a command shows it in full, and of all commands' modules only its own is imported."""
    command = [sys.executable, "-c", IMPORTED_BY_EACH, *COMMANDS]
    ended = subprocess.run(command, env=environment(None), capture_output=True, text=True, check=True, timeout=60)
    imported = {name: set(modules) for name, *modules in map(str.split, ended.stderr.splitlines())}
    assert {name: commands_among(modules) for name, modules in imported.items()} == {name: {name} for name in COMMANDS}


NOT_FOR_A_SHEET = {
    "sqlalchemy.dialects.postgresql",
    "chardet",
    "concurrent.futures.process",
    "email_validator",
    "h11",
    "httpx",
    "openpyxl",
    "pandas",
    "psycopg",
}
OF_OTHERS = {
    "status": {
        "sqlalchemy.dialects.postgresql",
        "cchardet",
        "chardet",
        "email_validator",
        "h11",
        "holidays",
        "httpx",
        "jinja2",
        "openpyxl",
        "pandas",
    },
    "check": NOT_FOR_A_SHEET,
    "plan": NOT_FOR_A_SHEET,
}
"""Libraries that a command has no use for, where its sheet is a CSV without addresses and its ledger a file."""


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_OTHERS)
def test_a_command_imports_no_library_that_it_does_not_use(name: str, folder: CampaignFolder) -> None:
    """Most of a short command's time are its imports: those of other commands' libraries are none of it."""
    modules = imported_by(name, str(folder.campaign_file))
    assert "sqlalchemy" in modules
    assert not modules & {*OF_OTHERS[name], "dialer.sandbox", "uvicorn", "starlette"}


@pytest.mark.slow
def test_a_run_with_nothing_to_send_imports_nothing_to_send_with(folder: CampaignFolder) -> None:
    """A run that calls nobody asks the API nothing, and imports neither its client nor the readers of other files."""
    listed = folder.sheet(["Phone"], [[number(index)] for index in range(3)], "never.csv")
    folder.campaign(f'{ANY_HOUR}{FAST}\n[suppression]\nfiles = ["{listed.name}"]\n')
    modules = imported_by("run", str(folder.campaign_file), "--yes", "--quiet", "--accept-earlier-calls")
    assert "dialer.jobs.sending.execution" in modules
    assert not modules & {"h11", "holidays", "httptools", "httpx", "openpyxl", "pandas", "psycopg", "python_calamine"}
    assert not modules & {
        *(
            "chardet",
            "dateutil",
            "dialer.sandbox",
            "lark",
            "rich",
            "sqlalchemy.dialects.postgresql",
            "starlette",
            "uvicorn",
            "xlsxwriter",
        )
    }


@pytest.mark.slow
@pytest.mark.parametrize("extra", [("webhooks", "--help"), ("webhooks", "serve", "--help"), ("run", "--help")])
def test_help_needs_no_extra(extra: tuple[str, ...]) -> None:
    """The help of a command that needs an optional extra is shown without importing the extra."""
    assert not imported_by(*extra) & {"uvicorn", "starlette"}


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [(("chek",), "'check', 'schema'"), (("reconcil",), "'reconcile'"), (("suppress", "lst"), "'list'")],
)
def test_a_misspelt_command_names_the_nearest_one(arguments: tuple[str, ...], nearest: str) -> None:
    """A slip of the fingers ends with 2, and the command that was meant is named."""
    ended = dialer(*arguments)
    assert ended.returncode == 2
    assert f"No such command '{arguments[-1]}'. Did you mean {nearest}?" in ended.stderr


@pytest.mark.slow
def test_shells_complete_commands_and_options(tmp_path: Path) -> None:
    """After `--install-completion`, bash completes the commands, a group's own commands, and a command's options."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not there")
    program = tmp_path / "bin/dialer"
    program.parent.mkdir()
    program.write_text(PROGRAM, "utf-8")
    program.chmod(0o700)
    home = environment(None) | {"HOME": str(tmp_path), "PATH": f"{program.parent}:{os.environ['PATH']}"}

    def in_bash(script: str) -> list[str]:
        ended = subprocess.run([bash, "-c", script], env=home, capture_output=True, text=True, check=True, timeout=60)
        return ended.stdout.split()

    def completed(*words: str) -> list[str]:
        typed = " ".join(f"'{word}'" for word in words)
        return in_bash(
            f"source ~/.bash_completions/dialer.sh; COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1};"
            ' _dialer_completion dialer; echo "${COMPREPLY[@]}"'
        )

    in_bash("dialer --install-completion; exit $?")
    assert completed("dialer", "") == list(COMMANDS)
    assert completed("dialer", "re") == [name for name in COMMANDS if name.startswith("re")]
    assert completed("dialer", "suppress", "") == ["add", "import", "remove", "list", "check"]
    assert completed("dialer", "run", "--dry") == ["--dry-run"]
