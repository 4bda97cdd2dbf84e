"""The man pages: one for each command, as complete as its help, and well-formed for those who read them."""

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dialer.cli.main import COMMANDS, app
from dialer.cli.man import ManPage, man_pages
from docs.generate.blocks import help_of

TODAY = date(2026, 11, 26)


@pytest.mark.slow
def test_every_command_has_its_page_with_every_option() -> None:
    """Commands of groups have theirs, too; each option that the help tells of stands there."""
    pages = {page.name: page for page in man_pages()}
    assert {f"dialer-{name}" for name in COMMANDS} | {"dialer", "dialer-suppress-add"} <= set(pages)
    for page in pages.values():
        if page.name != "dialer-sandbox":  # its options are those of another program
            options = set(re.findall(r"--[a-z][a-z-]+", help_of(*page.command[1:])))
            assert options <= set(re.findall(r"--[a-z][a-z-]+", page.roff(TODAY).replace("\\-", "-"))), page.name
        assert set(page.also) <= set(pages)


def test_no_text_is_taken_for_a_request() -> None:
    """A dot, a quote, a backslash and a dash of the help are told as they are."""
    page = ManPage(("dialer", "x"), "[OPTIONS]", ".dialer is a folder", (("--a-b", "'one' \\ two"),), ("dialer",))
    told = page.roff(TODAY).splitlines()
    assert "\\&.dialer is a folder" in told
    assert "\\&'one' \\e two" in told
    assert ".B \\-\\-a\\-b" in told


def test_the_pages_are_written_and_well_formed(tmp_path: Path) -> None:
    """The command makes the folder and says where it is; a formatter, where there is one, complains of nothing."""
    folder = tmp_path / "man1"
    done = CliRunner().invoke(app, ["man", str(folder)])
    assert (done.exit_code, done.stdout.strip()) == (0, str(folder))
    judge = shutil.which("mandoc")
    if judge is None:
        pytest.skip("mandoc judges man pages, and this machine has none")
    files = sorted(folder.glob("*.1"))
    assert len(files) > len(COMMANDS)
    judged = subprocess.run([judge, "-Tlint", "-Wwarning", *files], capture_output=True, text=True, check=False)
    assert judged.stdout == ""
